//! What a chart shows when it is long, and what its author has still to sign.

use crate::house::{Hospital, House, admitted, hospital, permit};
use benhan_domain::access::{ChartVitals, Place, SignRecord, ViewChart, ViewWard};
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::{EncounterId, ObservationSetId, UserId};
use benhan_domain::observation::Status;
use benhan_domain::record::RecordState;
use benhan_store::certificates::{self, NewCertificate};
use benhan_store::observations::{self, NewSet, NewVersion, SetVersion};
use benhan_store::signatures::{self, NewSignature, SubjectKind};
use benhan_store::{Db, StoreError, Tx};

stories! { a_long_chart_keeps_its_newest_sets_whole, a_board_of_many_sets_shows_the_newest, what_i_have_not_signed_follows_me }

fn here(hospital: &Hospital, stay: EncounterId) -> Place {
    Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active }
}

fn version(status: Status, author: Option<UserId>, at: i64) -> NewVersion {
    NewVersion { status, effective_at: at, author, reason_code: None, reason: None, body: "{}".into() }
}

fn open(
    tx: &mut Tx<'_>,
    hospital: &Hospital,
    stay: EncounterId,
    status: Status,
    at: i64,
) -> Result<ObservationSetId, StoreError> {
    let author = (status != Status::Preliminary).then_some(hospital.nurse.user);
    let set = NewSet { set: tx.fresh(), encounter: stay, device: None, inbox: None, slot_key: None };
    let may = permit::<ChartVitals>(&hospital.nurse, here(hospital, stay));
    observations::open(tx, &may, &set, &version(status, author, at))?;
    Ok(set.set)
}

fn current(tx: &mut Tx<'_>, hospital: &Hospital, stay: EncounterId, set: ObservationSetId) -> SetVersion {
    let view = permit::<ViewChart>(&hospital.nurse, here(hospital, stay));
    observations::current(tx.conn(), &view, set).expect("a read").expect("a set")
}

fn amend(
    tx: &mut Tx<'_>,
    hospital: &Hospital,
    stay: EncounterId,
    set: ObservationSetId,
    status: Status,
) -> Result<(), StoreError> {
    let of = current(tx, hospital, stay, set);
    let may = permit::<ChartVitals>(&hospital.nurse, here(hospital, stay));
    let next = version(status, Some(hospital.nurse.user), of.effective_at);
    assert!(observations::amend(tx, &may, &of, &next)?.is_some());
    Ok(())
}

async fn a_long_chart_keeps_its_newest_sets_whole(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let there = hospital.clone();
    let made = db.write(move |tx| {
        let [old, mid, new] = [10, 20, 30].map(|at| open(tx, &there, stay, Status::Final, at).expect("a set"));
        amend(tx, &there, stay, mid, Status::Amended)?;
        amend(tx, &there, stay, old, Status::EnteredInError)?;
        for at in 0..50 {
            let proposed = open(tx, &there, stay, Status::Preliminary, at)?;
            if at % 2 == 0 {
                amend(tx, &there, stay, proposed, Status::Rejected)?;
            }
        }
        Ok::<_, StoreError>([old, mid, new])
    });
    let [old, mid, new] = made.await.expect("a chart");
    let shown = |limit| {
        let view = permit::<ViewChart>(&hospital.nurse, here(&hospital, stay));
        let read = db.read(move |conn| observations::chart_versions(conn, &view, limit));
        async move {
            let versions = read.await.expect("versions");
            versions.into_iter().map(|v| (v.set, v.version)).collect::<Vec<_>>()
        }
    };
    let all = [(old, 1), (old, 2), (mid, 1), (mid, 2), (new, 1)];
    assert_eq!(shown(100).await, all, "what nobody accepted takes no room");
    assert_eq!(shown(3).await, all[2..], "the newest, and corrections with what they correct");
    assert_eq!(shown(2).await, all[4..], "half a set is worse than none");
}

async fn a_board_of_many_sets_shows_the_newest(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let there = hospital.clone();
    let filled = db.write(move |tx| {
        for at in 0..6 {
            open(tx, &there, stay, Status::Final, at)?;
        }
        Ok::<_, StoreError>(())
    });
    filled.await.expect("six sets");
    let view = permit::<ViewWard>(&hospital.nurse, Place::Ward(hospital.wards[0]));
    let read = db.read(move |conn| observations::recent_of(conn, &view, &[stay], 2, 3));
    let at: Vec<_> = read.await.expect("sets").into_iter().map(|s| s.effective_at).collect();
    assert_eq!(at, [3, 4, 5]);
}

async fn unsigned(db: &Db, who: UserId) -> Vec<(ObservationSetId, i64)> {
    let read = db.read(move |conn| observations::unsigned_by(conn, who, 100));
    read.await.expect("a list").into_iter().map(|v| (v.set, v.version)).collect()
}

async fn what_i_have_not_signed_follows_me(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let there = hospital.clone();
    let made = db.write(move |tx| {
        let [one, two, gone] = [10, 20, 30].map(|at| open(tx, &there, stay, Status::Final, at).expect("a set"));
        amend(tx, &there, stay, gone, Status::EnteredInError)?;
        open(tx, &there, stay, Status::Preliminary, 40)?;
        Ok::<_, StoreError>([one, two])
    });
    let [one, two] = made.await.expect("sets");
    assert_eq!(unsigned(&db, hospital.nurse.user).await, [(one, 1), (two, 1)]);
    assert_eq!(unsigned(&db, hospital.doctor.user).await, [], "another's are another's");
    let there = hospital.clone();
    let signed = db.write(move |tx| {
        let certificate = NewCertificate {
            user: Some(there.nurse.user),
            department: None,
            subject: "CN=dd".into(),
            issuer: "CN=CA".into(),
            serial: "1".into(),
            not_before: 0,
            not_after: i64::MAX,
            der: vec![0],
            wrapped_key: None,
            key: KeyPlace::Software,
        };
        let signature = NewSignature {
            kind: SubjectKind::ObservationSet,
            subject_id: one.to_string(),
            subject_version: 1,
            encounter: stay,
            signer: there.nurse.user,
            certificate: certificates::add(tx, certificate)?,
            format: "cms",
            sha256: "00".into(),
            value: vec![1],
            evidence: "{}".into(),
            rules: None,
        };
        let may = permit::<SignRecord>(&there.nurse, here(&there, stay));
        signatures::add(tx, &may, &signature).map(drop)
    });
    signed.await.expect("signed");
    assert_eq!(unsigned(&db, hospital.nurse.user).await, [(two, 1)]);
    let written = db.read(move |conn| observations::written_by(conn, two)).await.expect("a read");
    assert_eq!(written, Some((stay, Some(hospital.nurse.user))));
    let there = hospital.clone();
    db.write(move |tx| amend(tx, &there, stay, one, Status::Amended)).await.expect("corrected");
    assert_eq!(unsigned(&db, hospital.nurse.user).await, [(two, 1), (one, 2)], "a correction is signed anew");
}
