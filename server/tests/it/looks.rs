//! Whoever looks at a patient leaves one row: not none, and not one for every list of the chart.

use crate::house::{House, analyzed, group, reading};
use benhan_domain::id::EncounterId;
use benhan_domain::time::Instant;
use benhan_domain::vitals::VitalCode;
use benhan_server::app::accounts::Caller;
use benhan_server::app::charting::Entry;
use benhan_server::app::notes::Words;
use benhan_server::app::{
    AppError, admission, board, charting, notes, orders, patients, results, signing, studies, timeline,
};
use benhan_server::view::VitalInput;
use benhan_store::audit::Wanted;

async fn looks(house: &House) -> usize {
    house.audited("view", "encounter").await
}

async fn pulse(house: &House, who: &Caller, stay: EncounterId) -> String {
    let values = vec![VitalInput {
        code: VitalCode::Pulse,
        value: Some(72.0),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    }];
    let entry = Entry { effective_at: Instant(house.app.db.now().0), values, based_on: None };
    charting::enter(&house.app, who, stay, entry, None).await.expect("entered").id
}

// Clauses: C46-10.5, CV-III.1.1đ, KCB-2.17
#[tokio::test]
async fn each_part_of_a_chart_read_alone_is_a_look() {
    let house = House::open().await;
    let (app, doctor) = (&house.app, &house.doctor);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let set = pulse(&house, &house.nurse, stay).await.parse().expect("an id");
    let words = Words { course: "Tỉnh".into(), care: String::new() };
    let at = Instant(app.db.now().0);
    let note = notes::write(app, &house.nurse, stay, at, words, None).await.expect("written").id;
    let placed = orders::place(app, doctor, stay, vec!["DIENGIAI".into()], None).await.expect("placed");
    let barcode = placed[0].barcode.clone().expect("a barcode");
    house.arrives(analyzed(vec![group(&barcode, &[reading("K", "4.1")])])).await;
    let result = results::of_stay(app, &house.technician, stay).await.expect("a chart")[0].id.parse().expect("an id");
    let before = looks(&house).await;
    charting::versions(app, doctor, set).await.expect("versions");
    assert_eq!(looks(&house).await, before + 1, "one version list is a look");
    charting::chart(app, doctor, stay, 0, i64::MAX).await.expect("vitals");
    notes::list(app, doctor, stay).await.expect("notes");
    notes::versions(app, doctor, note.parse().expect("an id")).await.expect("versions");
    results::of_stay(app, doctor, stay).await.expect("results");
    results::versions(app, doctor, result).await.expect("versions");
    orders::of_stay(app, doctor, stay).await.expect("orders");
    studies::of_stay(app, doctor, stay).await.expect("studies");
    timeline::of_stay(app, doctor, stay, 24).await.expect("a day");
    signing::sheets(app, doctor, stay).await.expect("sheets");
    assert_eq!(looks(&house).await, before + 1, "and the rest of the chart is the same look");
    timeline::of_stay(app, &house.radiologist, stay, 24).await.expect("a day");
    assert_eq!(looks(&house).await, before + 2, "somebody else's is another");
    let other = house.admitted("26.0002", "Trần Thị Bình", house.wards[0]).await;
    charting::chart(app, doctor, other, 0, i64::MAX).await.expect("vitals");
    assert_eq!(looks(&house).await, before + 3, "and so is another patient");
    let denied = notes::list(app, &house.other_nurse, stay).await;
    assert!(matches!(denied, Err(AppError::Refused(_))));
    assert_eq!(looks(&house).await, before + 3, "who may not look has not looked");
}

#[tokio::test]
async fn parts_asked_for_side_by_side_are_one_look() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let (app, doctor) = (&house.app, &house.doctor);
    let all = tokio::join!(
        charting::chart(app, doctor, stay, 0, i64::MAX),
        notes::list(app, doctor, stay),
        results::of_stay(app, doctor, stay),
        timeline::of_stay(app, doctor, stay, 24),
    );
    assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok() && all.3.is_ok());
    assert_eq!(looks(&house).await, 1);
}

#[tokio::test]
async fn lists_of_many_patients_are_looks_too() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let app = &house.app;
    for _ in 0..3 {
        board::round(app, &house.nurse, house.wards[0]).await.expect("a round");
        orders::list(app, &house.nurse, Some(house.wards[0]), (None, None)).await.expect("orders");
        studies::unmatched(app, &house.radiologist, None).await.expect("studies");
    }
    assert_eq!(house.audited("view", "ward-round").await, 1);
    assert_eq!(house.audited("view", "order-list").await, 1);
    assert_eq!(house.audited("view", "unmatched-studies").await, 1);

    let hits = patients::search(app, &house.nurse, "nguyen van an".into(), 10).await.expect("hits");
    patients::search(app, &house.nurse, "khong co ai".into(), 10).await.expect("none");
    let read = app.db.read::<_, AppError, _>(|conn| Ok(benhan_store::audit::latest(conn, &Wanted::default(), 100)?));
    let rows = read.await.expect("the trail");
    let searches: Vec<_> = rows.iter().filter(|r| r.subject_kind == "patient-list").collect();
    assert_eq!(searches.len(), 1, "who was shown nobody has seen nobody");
    assert!(searches[0].body.contains(&hits[0].id) && !searches[0].body.contains("nguyen"), "{}", searches[0].body);

    let patient = hits[0].id.parse().expect("an id");
    patients::read(app, &house.nurse, patient).await.expect("a patient");
    let hers = Wanted { patient: Some(patient), ..Wanted::default() };
    let of = app.db.read::<_, AppError, _>(move |conn| Ok(benhan_store::audit::latest(conn, &hers, 100)?));
    let of = of.await.expect("the patient's trail");
    assert!(of.iter().any(|r| r.act == "view" && r.subject_kind == "patient"), "found from the patient");
    admission::open_chart(app, &house.doctor, stay).await.expect("a chart");
    assert_eq!(looks(&house).await, 1);
}
