//! Orders, specimens and results: who moved first, what a resend changes, what a correction keeps.

use crate::house::{Hospital, House, admitted, hospital, permit};
use benhan_domain::access::{
    CollectSpecimen, MatchLab, Place, PlaceOrder, ReleaseResult, SeeResults, ViewChart, ViewWard, system_search,
};
use benhan_domain::id::{EncounterId, OrderId, SpecimenId};
use benhan_domain::lab::{Flag, Limits, ResultStatus};
use benhan_domain::order::{OrderKind, OrderState, OrderStep};
use benhan_domain::record::RecordState;
use benhan_store::catalog::{self, Analyte, Item};
use benhan_store::orders::{self, Filter, NewOrder};
use benhan_store::results::{self, Head, Recorded, Source, Value};
use benhan_store::{Db, StoreError};

stories! {
    the_catalog_is_read_as_it_was_written,
    an_order_is_moved_by_one_of_two,
    orders_are_seen_within_the_permit,
    a_resend_changes_nothing_and_a_new_value_is_a_new_version,
    a_correction_after_release_is_new_to_the_ward,
    a_permit_for_one_stay_files_nothing_under_another,
}

fn here(hospital: &Hospital, stay: EncounterId) -> Place {
    Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active }
}

async fn seed(db: &Db) {
    let seeded = db.write(|tx| {
        let item = |code: &str, kind, modality: Option<&str>, specimen: Option<&str>| Item {
            code: code.into(),
            kind,
            name: format!("Dịch vụ {code}"),
            modality: modality.map(str::to_owned),
            specimen_type: specimen.map(str::to_owned),
            position: 1,
        };
        catalog::add_item(tx, &item("DIENGIAI", OrderKind::Lab, None, Some("Máu")))?;
        catalog::add_item(tx, &item("CTSN", OrderKind::Imaging, Some("CT"), None))?;
        let limits = Limits { low: Some(3.5), high: Some(5.1), critical_low: Some(2.5), critical_high: Some(6.5) };
        let potassium = Analyte {
            code: "K".into(),
            item_code: "DIENGIAI".into(),
            name: "Kali".into(),
            loinc: Some("2823-3".into()),
            unit: "mmol/L".into(),
            limits,
            position: 1,
        };
        catalog::add_analyte(tx, &potassium)
    });
    seeded.await.expect("a catalog");
}

async fn order(db: &Db, hospital: &Hospital, stay: EncounterId, barcode: &'static str) -> (OrderId, SpecimenId) {
    let hospital = hospital.clone();
    let placed = db.write(move |tx| {
        let may = permit::<PlaceOrder>(&hospital.doctor, here(&hospital, stay));
        let tube = orders::add_specimen(tx, &may, stay, barcode, "Máu")?;
        let new = NewOrder {
            kind: OrderKind::Lab,
            code: "DIENGIAI".into(),
            name: "Điện giải đồ".into(),
            specimen: Some(tube),
            accession: None,
            study_uid: None,
            modality: None,
        };
        Ok::<_, StoreError>((orders::place(tx, &may, stay, &new)?, tube))
    });
    placed.await.expect("an order")
}

fn potassium(value: &str, flag: Option<Flag>) -> Value {
    Value {
        value: value.into(),
        number: value.parse().ok(),
        unit: "mmol/L".into(),
        reference_range: "3.5 – 5.1".into(),
        flag,
        critical: flag == Some(Flag::HH),
        effective_at: 7,
    }
}

async fn file(db: &Db, hospital: &Hospital, head: Head, value: Value) -> Result<Recorded, StoreError> {
    let may = permit::<MatchLab>(&hospital.technician, here(hospital, head.encounter));
    db.write(move |tx| results::record(tx, &may, &head, &value, &Source::default())).await
}

fn head(stay: EncounterId, order: OrderId, tube: SpecimenId) -> Head {
    Head { encounter: stay, order: Some(order), specimen: Some(tube), code: "K".into(), name: "Kali".into() }
}

async fn release(db: &Db, hospital: &Hospital, stay: EncounterId, id: benhan_domain::id::ResultId) -> bool {
    let hospital = hospital.clone();
    let released = db.write(move |tx| {
        let may = permit::<ReleaseResult>(&hospital.technician, here(&hospital, stay));
        let of = results::to_release(tx.conn(), &may, id)?.expect("a result");
        let status = of.status.released(of.source.author.is_some()).expect("to release");
        let source = Source { author: Some(hospital.technician.user), ..Source::default() };
        results::amend(tx, &may, &of, status, &of.value, &source)
    });
    released.await.expect("an answer")
}

/// For the story of what cannot be changed.
pub async fn one_result(db: &Db, hospital: &Hospital, stay: EncounterId) {
    seed(db).await;
    let (placed, tube) = order(db, hospital, stay, "260000099").await;
    file(db, hospital, head(stay, placed, tube), potassium("4.1", None)).await.expect("filed");
}

async fn the_catalog_is_read_as_it_was_written(house: House) {
    let db = house.open();
    seed(&db).await;
    let read = db.read(|conn| {
        let codes: Vec<_> = catalog::items(conn)?.into_iter().map(|i| (i.code, i.modality, i.specimen_type)).collect();
        let by_item = catalog::analytes_of(conn, &["DIENGIAI".into()])?;
        Ok::<_, StoreError>((codes, by_item, catalog::analytes_by_loinc(conn, "2823-3")?, catalog::analyte(conn, "K")?))
    });
    let (codes, by_item, by_loinc, by_code) = read.await.expect("the catalog");
    assert_eq!(codes[0], ("DIENGIAI".into(), None, Some("Máu".into())), "the laboratory first");
    assert_eq!(codes[1], ("CTSN".into(), Some("CT".into()), None));
    assert_eq!(by_item[0].limits.critical_high, Some(6.5));
    assert_eq!((&by_item, by_loinc.first()), (&by_loinc, by_code.as_ref()));
    let again = db.write(|tx| {
        let twin = catalog::item(tx.conn(), "CTSN")?.expect("there");
        catalog::add_item(tx, &twin)
    });
    assert!(again.await.expect_err("twice").is_taken("catalog_item"));
}

async fn an_order_is_moved_by_one_of_two(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Hồ Văn Hải", hospital.wards[0]).await;
    seed(&db).await;
    let (placed, tube) = order(&db, &hospital, stay, "260000001").await;
    let moved = db.write(move |tx| {
        let may = permit::<CollectSpecimen>(&hospital.nurse, here(&hospital, stay));
        let seen = orders::read(tx.conn(), &may, placed)?.expect("placed");
        assert_eq!((seen.barcode.as_deref(), seen.collected_at), (Some("260000001"), None));
        assert!(orders::collect(tx, &may, stay, tube)?);
        assert!(!orders::collect(tx, &may, stay, tube)?, "a tube is filled once");
        let to = seen.state.after(OrderStep::Collect).expect("allowed");
        let first = orders::move_on(tx, &may, &seen, to, None)?;
        let second = orders::move_on(tx, &may, &seen, OrderState::Cancelled, Some("nhầm"))?;
        let now = orders::read(tx.conn(), &may, placed)?.expect("placed");
        Ok::<_, StoreError>((first, second, now.state, now.collected_at.is_some()))
    });
    assert_eq!(moved.await.expect("an answer"), (true, false, OrderState::Collected, true));
    let lower = db.read(|conn| orders::specimen_by_barcode(conn, &system_search(), "260000001")).await;
    assert_eq!(lower.expect("a search").map(|s| s.encounter), Some(stay));
}

async fn orders_are_seen_within_the_permit(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let mine = admitted(&db, &hospital, "26.0001", "Hồ Văn Hải", hospital.wards[0]).await;
    let other = admitted(&db, &hospital, "26.0002", "Lý Thị Hoa", hospital.wards[1]).await;
    seed(&db).await;
    let (first, _) = order(&db, &hospital, mine, "260000001").await;
    let there = hospital.clone();
    let second = db.write(move |tx| {
        let may = permit::<PlaceOrder>(
            &there.doctor,
            Place::Encounter { encounter: other, ward: there.wards[1], record: RecordState::Active },
        );
        let new = NewOrder {
            kind: OrderKind::Imaging,
            code: "CTSN".into(),
            name: "CT sọ não".into(),
            specimen: None,
            accession: Some("CD26000001".into()),
            study_uid: Some("2.25.1".into()),
            modality: Some("CT".into()),
        };
        orders::place(tx, &may, other, &new)
    });
    let second = second.await.expect("placed");
    let read = db.read(move |conn| {
        let nurse = permit::<ViewWard>(&hospital.nurse, Place::Facility);
        let doctor = permit::<ViewWard>(&hospital.doctor, Place::Facility);
        let chart = permit::<ViewChart>(&hospital.nurse, here(&hospital, mine));
        let ids = |found: Vec<orders::Order>| found.into_iter().map(|o| o.id).collect::<Vec<_>>();
        let imaging = Filter { kind: Some(OrderKind::Imaging), ..Filter::default() };
        assert_eq!(ids(orders::list(conn, &nurse, Filter::default(), 10)?), [first], "her own ward");
        assert_eq!(ids(orders::list(conn, &doctor, Filter::default(), 10)?), [second, first], "newest first");
        assert_eq!(ids(orders::list(conn, &doctor, imaging, 10)?), [second]);
        assert_eq!(ids(orders::of_stay(conn, &chart)?), [first]);
        assert!(orders::read(conn, &chart, second)?.is_none(), "another patient's order");
        assert_eq!(ids(orders::scheduled_imaging(conn, &system_search(), 10)?), [second]);
        assert_eq!(orders::by_accession(conn, &system_search(), "CD26000001")?.map(|o| o.id), Some(second));
        assert_eq!(orders::by_study_uid(conn, &system_search(), "2.25.1")?.map(|o| o.id), Some(second));
        Ok::<_, StoreError>(())
    });
    read.await.expect("lists");
}

async fn a_resend_changes_nothing_and_a_new_value_is_a_new_version(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Hồ Văn Hải", hospital.wards[0]).await;
    seed(&db).await;
    let (placed, tube) = order(&db, &hospital, stay, "260000001").await;
    let head = head(stay, placed, tube);
    let first = file(&db, &hospital, head.clone(), potassium("4.1", None)).await.expect("filed");
    let Recorded::New(id) = first else { panic!("{first:?}") };
    let again = file(&db, &hospital, head.clone(), potassium("4.1", None)).await.expect("filed");
    assert_eq!(again, Recorded::Unchanged(id));
    let other = file(&db, &hospital, head, potassium("4.3", None)).await.expect("filed");
    assert_eq!(other, Recorded::Revised(id));
    let read = db.read(move |conn| {
        let chart = permit::<ViewChart>(&hospital.doctor, here(&hospital, stay));
        Ok::<_, StoreError>((results::history(conn, &chart, id)?, results::of_stay(conn, &chart, 0, 10)?))
    });
    let (history, current) = read.await.expect("results");
    let told: Vec<_> = history.iter().map(|v| (v.version, v.value.value.as_str(), v.status)).collect();
    assert_eq!(told, [(1, "4.1", ResultStatus::Preliminary), (2, "4.3", ResultStatus::Preliminary)]);
    assert_eq!(current.len(), 1);
    assert_eq!(current[0].value.number, Some(4.3));
    assert_eq!(current[0].barcode.as_deref(), Some("260000001"));
}

async fn a_correction_after_release_is_new_to_the_ward(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Hồ Văn Hải", hospital.wards[0]).await;
    seed(&db).await;
    let (placed, tube) = order(&db, &hospital, stay, "260000001").await;
    let head = head(stay, placed, tube);
    let unseen = |db: &Db| {
        let (db, hospital) = (db.clone(), hospital.clone());
        async move {
            let may = permit::<ViewWard>(&hospital.nurse, Place::Ward(hospital.wards[0]));
            let found = db.read(move |conn| results::unseen(conn, &may, &[stay])).await.expect("counts");
            found.get(&stay).map_or(0, Vec::len)
        }
    };
    let waiting = |db: &Db| {
        let (db, hospital) = (db.clone(), hospital.clone());
        async move {
            let may = permit::<ReleaseResult>(&hospital.technician, Place::Facility);
            db.read(move |conn| results::unreleased(conn, &may, 10)).await.expect("a list").len()
        }
    };
    let Recorded::New(id) = file(&db, &hospital, head.clone(), potassium("6.8", Some(Flag::HH))).await.expect("filed")
    else {
        panic!("a new result");
    };
    assert_eq!((unseen(&db).await, waiting(&db).await), (0, 1), "nobody has released it");
    assert!(release(&db, &hospital, stay, id).await);
    assert_eq!((unseen(&db).await, waiting(&db).await), (1, 0));
    let team = permit::<SeeResults>(&hospital.nurse, here(&hospital, stay));
    let nothing = permit::<SeeResults>(&hospital.nurse, here(&hospital, stay));
    let early = db.write(move |tx| results::mark_seen(tx, &nothing, &[(id, 1)])).await;
    assert_eq!(early.expect("told"), 0, "another version than the one that stood on the screen");
    assert_eq!(db.write(move |tx| results::mark_seen(tx, &team, &[(id, 2)])).await.expect("seen"), 1);
    assert_eq!(unseen(&db).await, 0);
    let corrected = file(&db, &hospital, head.clone(), potassium("4.8", None)).await.expect("filed");
    assert_eq!(corrected, Recorded::Waiting(id));
    let again = file(&db, &hospital, head.clone(), potassium("4.8", None)).await.expect("filed");
    assert_eq!(again, Recorded::Unchanged(id));
    let older = Value { effective_at: 6, ..potassium("4.0", None) };
    assert_eq!(file(&db, &hospital, head, older).await.expect("filed"), Recorded::Older(id));
    assert_eq!((unseen(&db).await, waiting(&db).await), (0, 1), "the technician sees it, the ward not yet");
    assert!(release(&db, &hospital, stay, id).await);
    assert_eq!((unseen(&db).await, waiting(&db).await), (1, 0), "new to the ward");
    let chart = permit::<ViewChart>(&hospital.doctor, here(&hospital, stay));
    let history = db.read(move |conn| results::history(conn, &chart, id)).await.expect("versions");
    let told: Vec<_> = history.iter().map(|v| (v.value.value.as_str(), v.status, v.source.author.is_some())).collect();
    let expected = [
        ("6.8", ResultStatus::Preliminary, false),
        ("6.8", ResultStatus::Final, true),
        ("4.8", ResultStatus::Corrected, false),
        ("4.8", ResultStatus::Corrected, true),
    ];
    assert_eq!(told, expected);
}

async fn a_permit_for_one_stay_files_nothing_under_another(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let mine = admitted(&db, &hospital, "26.0001", "Hồ Văn Hải", hospital.wards[0]).await;
    let other = admitted(&db, &hospital, "26.0002", "Lý Thị Hoa", hospital.wards[0]).await;
    seed(&db).await;
    let (placed, tube) = order(&db, &hospital, other, "260000002").await;
    let may = permit::<MatchLab>(&hospital.technician, here(&hospital, mine));
    let crossed = db.write(move |tx| {
        results::record(tx, &may, &head(other, placed, tube), &potassium("4.1", None), &Source::default())
    });
    assert!(matches!(crossed.await, Err(StoreError::Corrupt { table: "permit", .. })));
}
