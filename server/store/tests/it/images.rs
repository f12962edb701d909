//! Studies as the bridge tells of them: applied once, only ever added to, seen within the permit.

use crate::house::{Hospital, House, admitted, hospital, permit};
use benhan_contract::{DeliveryId, InstanceSummary, SeriesSummary, StudyDelivery};
use benhan_domain::access::{LinkStudy, Permit, Place, UnlinkStudy, ViewChart, system, system_writes};
use benhan_domain::id::{EncounterId, StudyId};
use benhan_domain::record::RecordState;
use benhan_store::studies::{self, LinkedBy, Query, Received, Sight};
use benhan_store::{Db, StoreError};
use uuid::Uuid;

stories! {
    a_delivery_is_applied_once_and_later_ones_add,
    what_contradicts_is_kept_out_whole,
    a_study_is_on_one_chart_at_a_time,
    viewers_find_what_their_permit_covers,
}

/// A study of one series, as the bridge tells of it.
pub fn told(study: &str, series: &str, images: &[&str]) -> StudyDelivery {
    let image = |uid: &&str| InstanceSummary {
        sop_uid: (*uid).into(),
        sop_class: "1.2.840.10008.5.1.4.1.1.2".into(),
        transfer_syntax: "1.2.840.10008.1.2.1".into(),
        number: uid.rsplit('.').next().and_then(|n| n.parse().ok()),
        rows: Some(512),
        columns: Some(512),
        frames: 1,
        sha256: "a".repeat(64),
        size: 524_288,
    };
    let series = SeriesSummary {
        series_uid: series.into(),
        modality: "CT".into(),
        number: Some(1),
        description: "Sọ não".into(),
        body_part: "HEAD".into(),
        instances: images.iter().map(image).collect(),
    };
    StudyDelivery {
        id: DeliveryId(Uuid::now_v7()),
        study_uid: study.into(),
        accession: String::new(),
        patient_id: "26.0001".into(),
        issuer: String::new(),
        patient_name: "BUI^VAN HUNG".into(),
        birth_date: "19700312".into(),
        sex: "M".into(),
        study_date: "20261122".into(),
        study_time: "083000".into(),
        description: "CT".into(),
        station_ae: "CT1".into(),
        received_at: 1,
        series: vec![series],
    }
}

async fn tell(db: &Db, delivery: StudyDelivery) -> Received {
    db.write(move |tx| studies::receive(tx, &delivery)).await.expect("an answer")
}

async fn kept(db: &Db, delivery: StudyDelivery) -> StudyId {
    match tell(db, delivery).await {
        Received::Kept(id) => id,
        other => panic!("{other:?}"),
    }
}

/// The one study, its series and how many images each has.
async fn unmatched(db: &Db, hospital: &Hospital) -> Vec<(String, Vec<(String, i64)>)> {
    let may = permit::<LinkStudy>(&hospital.doctor, Place::Facility);
    let read = db.read(move |conn| {
        let found = studies::unmatched(conn, &may, None, 10)?;
        assert_eq!(studies::unmatched_count(conn)?, i64::try_from(found.len()).expect("few"));
        let series = studies::series_of(conn, &found)?;
        let of = |study: &studies::Study| {
            let own = series.iter().filter(|s| s.study == study.id);
            own.map(|s| (s.series_uid.clone(), s.instances)).collect::<Vec<_>>()
        };
        Ok::<_, StoreError>(found.iter().map(|s| (s.study_uid.clone(), of(s))).collect())
    });
    read.await.expect("a list")
}

async fn a_delivery_is_applied_once_and_later_ones_add(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let first = told("1.1", "1.1.1", &["1.1.1.1", "1.1.1.2"]);
    let study = kept(&db, first.clone()).await;
    assert_eq!(tell(&db, first.clone()).await, Received::Duplicate);
    let again = StudyDelivery { id: DeliveryId(Uuid::now_v7()), ..first };
    assert_eq!(kept(&db, again).await, study, "the same told anew adds nothing");
    assert_eq!(unmatched(&db, &hospital).await, [("1.1".into(), vec![("1.1.1".into(), 2)])]);
    let mut more = told("1.1", "1.1.1", &["1.1.1.2", "1.1.1.3"]);
    more.series.push(told("1.1", "1.1.2", &["1.1.2.1"]).series.remove(0));
    more.accession = "CD26000001".into();
    assert_eq!(kept(&db, more).await, study);
    assert_eq!(unmatched(&db, &hospital).await, [("1.1".into(), vec![("1.1.1".into(), 3), ("1.1.2".into(), 1)])]);
    let may = permit::<LinkStudy>(&hospital.doctor, Place::Facility);
    let filled = db.read(move |conn| studies::unmatched_one(conn, &may, study)).await.expect("a study").expect("there");
    assert_eq!(filled.accession, "CD26000001", "what was empty is filled");
}

async fn what_contradicts_is_kept_out_whole(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    kept(&db, told("1.1", "1.1.1", &["1.1.1.1"])).await;
    let stolen_series = told("1.2", "1.1.1", &["1.2.1.1"]);
    assert!(matches!(tell(&db, stolen_series).await, Received::Contradicts(_)));
    let stolen_image = told("1.2", "1.2.1", &["1.1.1.1"]);
    assert!(matches!(tell(&db, stolen_image).await, Received::Contradicts(_)));
    let mut another = told("1.1", "1.1.1", &["1.1.1.2"]);
    another.patient_id = "26.0002".into();
    assert!(matches!(tell(&db, another).await, Received::Contradicts(_)));
    assert_eq!(unmatched(&db, &hospital).await, [("1.1".into(), vec![("1.1.1".into(), 1)])]);
}

async fn link(db: &Db, study: StudyId, stay: EncounterId) -> bool {
    let linked = db.write(move |tx| studies::link(tx, &system::<LinkStudy>(stay), study, None, LinkedBy::Person));
    linked.await.expect("an answer")
}

fn may_unlink(stay: EncounterId) -> Permit<UnlinkStudy> {
    system_writes(stay, RecordState::Active).expect("an active record")
}

async fn a_study_is_on_one_chart_at_a_time(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let his = admitted(&db, &hospital, "26.0001", "Bùi Văn Hùng", hospital.wards[0]).await;
    let hers = admitted(&db, &hospital, "26.0002", "Bùi Thị Hương", hospital.wards[0]).await;
    let study = kept(&db, told("1.1", "1.1.1", &["1.1.1.1"])).await;
    assert!(link(&db, study, his).await);
    assert!(!link(&db, study, hers).await, "somebody was first");
    let read = db.read(move |conn| {
        let (of_his, of_hers) = (system::<ViewChart>(his), system::<ViewChart>(hers));
        let listed = studies::of_stay(conn, &of_his, 0)?;
        Ok::<_, StoreError>((listed.len(), studies::linked(conn, &of_hers, study)?.is_none(), listed[0].linked_by))
    });
    assert_eq!(read.await.expect("charts"), (1, true, Some(LinkedBy::Person)));
    let at = db.read(|conn| studies::whereabouts_of_uid(conn, "1.1")).await.expect("a place").expect("known");
    assert_eq!((at.study, at.encounter), (study, Some(his)));
    let wrong = db.write(move |tx| studies::unlink(tx, &may_unlink(hers), study)).await.expect("an answer");
    let right = db.write(move |tx| studies::unlink(tx, &may_unlink(his), study)).await.expect("an answer");
    assert_eq!((wrong, right), (false, true));
    assert_eq!(unmatched(&db, &hospital).await.len(), 1, "it waits again");
}

async fn viewers_find_what_their_permit_covers(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let his = admitted(&db, &hospital, "26.0001", "Bùi Văn Hùng", hospital.wards[0]).await;
    let hers = admitted(&db, &hospital, "26.0002", "Bùi Thị Hương", hospital.wards[1]).await;
    for (study, stay) in [("1.1", Some(his)), ("1.2", Some(hers)), ("1.3", None)] {
        let id = kept(&db, told(study, &format!("{study}.1"), &[&format!("{study}.1.1")])).await;
        if let Some(stay) = stay {
            assert!(link(&db, id, stay).await);
        }
    }
    let found = |wanted: Query, of_doctor: bool| {
        let (db, hospital) = (db.clone(), hospital.clone());
        async move {
            let actor = if of_doctor { &hospital.doctor } else { &hospital.nurse };
            let charts = permit::<ViewChart>(actor, Place::Facility);
            let unlinked = benhan_domain::access::decide::<LinkStudy>(actor, Place::Facility).ok();
            let read = db.read(move |conn| {
                let sight = Sight { charts: &charts, unlinked: unlinked.as_ref(), readable: &[] };
                studies::search(conn, sight, &wanted, 10, 0)
            });
            let mut found: Vec<_> = read.await.expect("a search").into_iter().collect();
            found.sort_by(|a, b| a.study.study_uid.cmp(&b.study.study_uid));
            found
        }
    };
    let uids = |found: &[studies::Found]| found.iter().map(|f| f.study.study_uid.clone()).collect::<Vec<_>>();
    let all = found(Query::default(), true).await;
    assert_eq!(uids(&all), ["1.1", "1.2", "1.3"]);
    let known: Vec<_> = all.iter().map(|f| f.patient.as_ref().map(|p| p.name.as_str())).collect();
    assert_eq!(known, [Some("Bùi Văn Hùng"), Some("Bùi Thị Hương"), None], "the record's patient, not the modality's");
    assert_eq!(uids(&found(Query::default(), false).await), ["1.1"], "her ward, and nobody's images");
    let hers = Query { study_uids: vec!["1.2".into()], ..Query::default() };
    assert_eq!(uids(&found(hers, false).await), Vec::<String>::new(), "a UID is no permit");
    let of = |patient_id: &str| Query { patient_id: Some(patient_id.into()), ..Query::default() };
    assert_eq!(uids(&found(of("26.0002"), true).await), ["1.2"], "by the record's code");
    assert_eq!(uids(&found(of("26.0001"), true).await), ["1.1", "1.3"], "as sent, where it is on no chart");
    let dated =
        |from: &str, to: &str| Query { from_date: Some(from.into()), to_date: Some(to.into()), ..Query::default() };
    assert_eq!(found(dated("20261122", "20261122"), true).await.len(), 3);
    assert_eq!(found(dated("20261123", "20261130"), true).await.len(), 0);
    let of = |modality: &str| Query { modalities: vec![modality.into()], ..Query::default() };
    assert_eq!((found(of("CT"), true).await.len(), found(of("MR"), true).await.len()), (3, 0));
}
