//! From an imaging order to images on the chart, and what waits for a person instead.

use crate::house::{House, MORNING};
use benhan_contract::{DeliveryId, InstanceSummary, Outcome, SeriesSummary, StudyDelivery, WorklistItem};
use benhan_domain::audit::Act;
use benhan_domain::id::EncounterId;
use benhan_domain::order::OrderState;
use benhan_server::app::studies::qido::{self, StudySearch, Target};
use benhan_server::app::{AppError, orders, studies};
use benhan_server::view_orders::Study;
use uuid::Uuid;

/// What a modality sends that took everything from the worklist.
pub fn examined(item: &WorklistItem) -> StudyDelivery {
    let image = |n: i64| InstanceSummary {
        sop_uid: format!("{}.1.{n}", item.study_uid),
        sop_class: "1.2.840.10008.5.1.4.1.1.2".into(),
        transfer_syntax: "1.2.840.10008.1.2.1".into(),
        number: Some(n),
        rows: Some(2),
        columns: Some(2),
        frames: 1,
        sha256: "a".repeat(64),
        size: 8,
    };
    let series = SeriesSummary {
        series_uid: format!("{}.1", item.study_uid),
        modality: item.modality.clone(),
        number: Some(1),
        description: "Sọ não".into(),
        body_part: "HEAD".into(),
        instances: (1..=3).map(image).collect(),
    };
    StudyDelivery {
        id: DeliveryId(Uuid::now_v7()),
        study_uid: item.study_uid.clone(),
        accession: item.accession.clone(),
        patient_id: item.patient_id.clone(),
        issuer: String::new(),
        patient_name: "NGUYEN^VAN AN".into(),
        birth_date: item.birth_date.clone(),
        sex: item.sex.clone(),
        study_date: "20261122".into(),
        study_time: "083000".into(),
        description: item.procedure_description.clone(),
        station_ae: "CT1".into(),
        received_at: MORNING,
        series: vec![series],
    }
}

pub async fn worklist_item(house: &House, stay: EncounterId) -> WorklistItem {
    orders::place(&house.app, &house.doctor, stay, vec!["CTSN".into()], None).await.expect("ordered");
    orders::worklist(&house.app).await.expect("a worklist").items.remove(0)
}

pub async fn received(house: &House, delivery: StudyDelivery) -> Outcome {
    studies::receive(&house.app, vec![delivery]).await.expect("an answer").receipts[0].outcome
}

async fn on_chart(house: &House, stay: EncounterId) -> Vec<Study> {
    studies::of_stay(&house.app, &house.doctor, stay).await.expect("a chart")
}

fn code(error: AppError) -> &'static str {
    match error {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn images_from_the_worklist_come_onto_the_chart() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let item = worklist_item(&house, stay).await;
    assert_eq!(
        (item.patient_id.as_str(), item.patient_name.as_str(), item.sex.as_str()),
        ("26.0001", "Nguyễn Văn An", "M")
    );
    assert_eq!(
        (item.birth_date.as_str(), item.modality.as_str(), item.allergies.as_str()),
        ("19700312", "CT", "penicillin")
    );
    assert!(item.study_uid.starts_with("2.25.") && item.study_uid.len() <= 64, "{}", item.study_uid);
    let told = examined(&item);
    assert_eq!(received(&house, told.clone()).await, Outcome::Accepted);
    assert_eq!(received(&house, told).await, Outcome::Duplicate);
    let chart = on_chart(&house, stay).await;
    assert_eq!((chart.len(), chart[0].instances, chart[0].linked_by.as_deref()), (1, 3, Some("study-uid")));
    assert_eq!(chart[0].study_at.as_deref(), Some("2026-11-22T01:30:00Z"), "civil time of Vietnam");
    assert_eq!(orders::of_stay(&house.app, &house.doctor, stay).await.expect("orders")[0].state, OrderState::Resulted);
    assert!(orders::worklist(&house.app).await.expect("a worklist").items.is_empty(), "done is done");
    assert_eq!(house.audited("match", "study").await, 1);
}

#[tokio::test]
async fn an_accession_number_links_unless_it_is_another_patients() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let item = worklist_item(&house, stay).await;
    let mut wrong = examined(&item);
    (wrong.study_uid, wrong.patient_id) = ("1.9".into(), "26.0002".into());
    wrong.series[0].series_uid = "1.9.1".into();
    wrong.series[0].instances.truncate(1);
    wrong.series[0].instances[0].sop_uid = "1.9.1.1".into();
    assert_eq!(received(&house, wrong).await, Outcome::Accepted, "kept, and waiting");
    assert_eq!(on_chart(&house, stay).await.len(), 0);
    let mut right = examined(&item);
    (right.study_uid, right.patient_id) = ("1.8".into(), "260001".into());
    assert_eq!(received(&house, right).await, Outcome::Accepted);
    assert_eq!(on_chart(&house, stay).await[0].linked_by.as_deref(), Some("accession"));
    let waiting = studies::unmatched(&house.app, &house.radiologist, None).await.expect("a list");
    assert_eq!((waiting.len(), waiting[0].study.study_uid.as_str()), (1, "1.9"));
    let best = &waiting[0].proposals[0];
    assert_eq!(best.encounter_id, stay.to_string());
    assert!(best.why.contains(&"trùng họ tên (không dấu)".to_owned()), "{:?}", best.why);
    assert!(best.why.contains(&"trùng ngày sinh".to_owned()) && !best.why.iter().any(|w| w.contains("đúng mã")));
}

#[tokio::test]
async fn a_person_links_with_two_identifiers_and_may_step_back() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let mut stray = examined(&worklist_item(&house, stay).await);
    (stray.study_uid, stray.accession, stray.patient_id) = ("1.7".into(), String::new(), "X".into());
    received(&house, stray).await;
    let waiting = studies::unmatched(&house.app, &house.radiologist, None).await.expect("a list").remove(0);
    assert!(waiting.proposals[0].why.iter().any(|w| w.contains("CT trong 24 giờ")), "{:?}", waiting.proposals[0].why);
    let id = waiting.study.id.parse().expect("an id");
    let two = || vec!["name".to_owned(), "birthDate".to_owned()];
    let one = studies::link(&house.app, &house.radiologist, id, stay, vec!["name".into()]).await;
    assert_eq!(code(one.expect_err("one is not two")), "invalid");
    let nurse = studies::link(&house.app, &house.nurse, id, stay, two()).await;
    assert_eq!(code(nurse.expect_err("not hers to say")), "forbidden");
    let linked = studies::link(&house.app, &house.radiologist, id, stay, two()).await.expect("linked");
    assert_eq!((linked.encounter_id, linked.linked_by.as_deref()), (Some(stay.to_string()), Some("person")));
    let again = studies::link(&house.app, &house.radiologist, id, stay, two()).await;
    assert_eq!(code(again.expect_err("once")), "already-handled");
    let silent = studies::unlink(&house.app, &house.radiologist, id, " ".into()).await;
    assert_eq!(code(silent.expect_err("a reason")), "invalid");
    let off = studies::unlink(&house.app, &house.radiologist, id, "nhầm người bệnh".into()).await.expect("unlinked");
    assert_eq!(off.encounter_id, None);
    assert_eq!(on_chart(&house, stay).await.len(), 0);
}

#[tokio::test]
async fn one_broken_delivery_does_not_hold_back_the_batch() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let good = examined(&worklist_item(&house, stay).await);
    let mut broken = good.clone();
    (broken.id, broken.study_uid) = (DeliveryId(Uuid::now_v7()), "no uid".into());
    let answers = studies::receive(&house.app, vec![broken, good]).await.expect("answers").receipts;
    assert_eq!([answers[0].outcome, answers[1].outcome], [Outcome::Refused, Outcome::Accepted]);
    assert!(!answers[0].reason.is_empty());
    assert_eq!(on_chart(&house, stay).await.len(), 1);
}

// Clauses: KCB-69.3a
#[tokio::test]
async fn a_viewer_finds_the_records_patient_and_looking_is_one_row() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let told = examined(&worklist_item(&house, stay).await);
    received(&house, told.clone()).await;
    let named = |name: &str| StudySearch { patient_name: Some(name.into()), ..StudySearch::default() };
    let find = |caller, search| qido::studies(&house.app, caller, search, "https://h/dicom-web".into());
    let found = find(&house.nurse, named("nguyen^*")).await.expect("a search");
    assert_eq!(found[0]["00100010"]["Value"][0]["Alphabetic"], "Nguyễn^Văn An");
    assert_eq!(found[0]["00201208"]["Value"][0], 3);
    assert_eq!(found[0]["00081190"]["Value"][0], format!("https://h/dicom-web/studies/{}", told.study_uid));
    assert_eq!(find(&house.nurse, named("TRAN*")).await.expect("a search").len(), 0);
    assert_eq!(find(&house.other_nurse, StudySearch::default()).await.expect("a search").len(), 0);

    let whole = || Target { study_uid: told.study_uid.clone(), series_uid: None, sop_uid: None };
    for _ in 0..3 {
        qido::open(&house.app, &house.nurse, whole(), Act::View).await.expect("opened");
    }
    assert_eq!(house.audited("view", "study").await, 1);
    qido::open(&house.app, &house.doctor, whole(), Act::View).await.expect("opened");
    qido::open(&house.app, &house.nurse, whole(), Act::Export).await.expect("taken out");
    assert_eq!((house.audited("view", "study").await, house.audited("export", "study").await), (2, 1));
    let foreign = qido::open(&house.app, &house.other_nurse, whole(), Act::View).await;
    assert_eq!(code(foreign.err().expect("another ward")), "not-found");
}
