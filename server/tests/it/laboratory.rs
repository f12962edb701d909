//! From a doctor's order to a seen result, and everything that must not end on a chart.

use crate::house::{House, MORNING, analyzed, group, reading, waits};
use benhan_contract::SenderPatient;
use benhan_domain::access::{Place, ViewWard, decide};
use benhan_domain::id::EncounterId;
use benhan_domain::lab::{Flag, ResultStatus};
use benhan_domain::order::OrderState;
use benhan_domain::time::MINUTE;
use benhan_server::app::results::{self, ToRelease};
use benhan_server::app::{AppError, matching, orders};
use benhan_server::view_orders::{LabResult, Order};
use benhan_store::inbox::{Fate, State};

async fn ordered(house: &House, stay: EncounterId, items: &[&str]) -> Vec<Order> {
    let items = items.iter().map(|i| (*i).to_owned()).collect();
    orders::place(&house.app, &house.doctor, stay, items, None).await.expect("placed")
}

async fn on_chart(house: &House, stay: EncounterId) -> Vec<LabResult> {
    results::of_stay(&house.app, &house.doctor, stay).await.expect("a chart")
}

/// What a screen with these results sends back.
fn shown(results: &[LabResult]) -> Vec<(benhan_domain::id::ResultId, i64)> {
    results.iter().map(|r| (r.id.parse().expect("an id"), r.version)).collect()
}

async fn unseen(house: &House, stay: EncounterId) -> (i64, Option<String>) {
    let (actor, ward) = (house.nurse.actor.clone(), house.wards[0]);
    let read = house.app.db.read(move |conn| {
        let permit = decide::<ViewWard>(&actor, Place::Ward(ward))?;
        results::unseen(conn, &permit, &[stay])
    });
    let found = read.await.expect("counts").remove(&stay);
    found.map_or((0, None), |(n, critical)| (n, critical.map(|c| format!("{} {}", c.name, c.text))))
}

async fn release_all(house: &House) -> Vec<LabResult> {
    let waiting = results::unreleased(&house.app, &house.technician).await.expect("a list");
    let wanted =
        waiting.iter().map(|r| ToRelease { id: r.id.parse().expect("an id"), seen: Some(r.version) }).collect();
    results::release(&house.app, &house.technician, wanted).await.expect("released")
}

fn code(error: AppError) -> &'static str {
    match error {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_order_becomes_a_result_that_the_ward_has_seen() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let placed = ordered(&house, stay, &["DIENGIAI", "GLU", "TPTNT", "CTSN"]).await;
    let tubes: Vec<_> = placed.iter().map(|o| o.barcode.clone()).collect();
    assert_eq!(tubes[0], tubes[1], "blood is drawn once");
    assert_ne!(tubes[0], tubes[2]);
    assert_eq!((&tubes[3], placed[3].accession.as_deref()), (&None, Some("CD26000001")));
    let barcode = tubes[0].clone().expect("a barcode");
    assert!(barcode.len() <= 13 && barcode.bytes().all(|b| b.is_ascii_digit()), "{barcode}");

    let id = placed[0].id.parse().expect("an id");
    assert_eq!(orders::collect(&house.app, &house.nurse, id).await.expect("taken").state, OrderState::Collected);
    assert_eq!(code(orders::collect(&house.app, &house.nurse, id).await.expect_err("once")), "version-conflict");
    let label = orders::label(&house.app, &house.nurse, &barcode).await.expect("a label");
    assert!(label.contains("Nguyễn Văn An") && label.contains(&barcode) && label.starts_with("<svg"));

    let message = house
        .arrives(analyzed(vec![group(&format!(" {barcode} "), &[reading("K", "6.8"), reading("GLUC", "5.0")])]))
        .await;
    assert_eq!((message.state, message.encounter), (State::Matched, Some(stay)));
    let chart = on_chart(&house, stay).await;
    assert_eq!(chart.len(), 2);
    assert!(chart.iter().all(|r| r.status == ResultStatus::Preliminary && r.released_by.is_none()));
    let of = |code: &str| chart.iter().find(|r| r.code == code).expect("a result").clone();
    assert_eq!((of("K").flag, of("K").critical, of("K").order_id), (Some(Flag::HH), true, Some(placed[0].id.clone())));
    assert_eq!((of("GLUC").flag, of("GLUC").order_id), (None, Some(placed[1].id.clone())), "each to its own order");
    assert_eq!(unseen(&house, stay).await, (0, None), "not before a technician has looked");

    let nobody =
        results::release(&house.app, &house.nurse, vec![ToRelease { id: of("K").id.parse().expect("id"), seen: None }]);
    assert_eq!(code(nobody.await.expect_err("a nurse")), "forbidden");
    let released = release_all(&house).await;
    assert!(released.iter().all(|r| r.status == ResultStatus::Final && r.released_by.is_some()));
    assert_eq!(unseen(&house, stay).await, (2, Some("Kali 6,8 mmol/L".into())));
    let after = orders::of_stay(&house.app, &house.doctor, stay).await.expect("orders");
    let state = |id: &str| after.iter().find(|o| o.id == id).expect("an order").state;
    assert_eq!([state(&placed[0].id), state(&placed[2].id)], [OrderState::Resulted, OrderState::Ordered]);

    let seen = shown(&on_chart(&house, stay).await);
    results::mark_seen(&house.app, &house.technician, stay, seen.clone()).await.expect("may read");
    assert_eq!(unseen(&house, stay).await.0, 2, "the laboratory's look is not the ward's");
    results::mark_seen(&house.app, &house.nurse, stay, seen[..1].to_vec()).await.expect("seen");
    assert_eq!(unseen(&house, stay).await.0, 1, "what was not on her screen is still new");
    results::mark_seen(&house.app, &house.nurse, stay, seen).await.expect("seen");
    assert_eq!(unseen(&house, stay).await, (0, None));
}

#[tokio::test]
async fn a_resend_adds_nothing_and_a_correction_is_told_again() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let barcode = ordered(&house, stay, &["DIENGIAI"]).await[0].barcode.clone().expect("a barcode");
    let sent = |k: &str| analyzed(vec![group(&barcode, &[reading("K", k)])]);
    house.arrives(sent("4.1")).await;
    house.arrives(sent("4.1")).await;
    assert_eq!(on_chart(&house, stay).await[0].version, 1);
    let stale = results::unreleased(&house.app, &house.technician).await.expect("a list");
    house.arrives(sent("4.2")).await;
    let seen = ToRelease { id: stale[0].id.parse().expect("an id"), seen: Some(stale[0].version) };
    let refused = results::release(&house.app, &house.technician, vec![seen]).await;
    assert_eq!(code(refused.expect_err("it changed under her eyes")), "version-conflict");
    release_all(&house).await;
    let seen = shown(&on_chart(&house, stay).await);
    results::mark_seen(&house.app, &house.doctor, stay, seen.clone()).await.expect("seen");
    let late = house.arrives(sent("6.9")).await;
    assert_eq!(waits(&late), "already-resulted", "all that was ordered has its result");
    assert_eq!(house.arrives(sent("4.2")).await.state, State::Matched, "the same again is no question");
    let two = vec!["name".into(), "barcode".into()];
    matching::match_by_hand(&house.app, &house.technician, late.id, stay, None, two).await.expect("matched");
    let now = on_chart(&house, stay).await;
    assert_eq!((now[0].status, now[0].value.as_str(), now[0].seen), (ResultStatus::Final, "4.2", true), "it waits");
    let waiting = results::unreleased(&house.app, &house.technician).await.expect("a list");
    assert_eq!((waiting[0].value.as_str(), waiting[0].critical), ("6.9", true));
    assert_eq!(release_all(&house).await[0].status, ResultStatus::Corrected);
    let now = on_chart(&house, stay).await;
    assert_eq!((now[0].status, now[0].value.as_str(), now[0].seen), (ResultStatus::Corrected, "6.9", false));
    assert_eq!(unseen(&house, stay).await.0, 1);
    results::mark_seen(&house.app, &house.doctor, stay, seen).await.expect("told");
    assert_eq!(unseen(&house, stay).await.0, 1, "a screen that shows the old value marks nothing of the new one");
    let versions =
        results::versions(&house.app, &house.doctor, now[0].id.parse().expect("an id")).await.expect("versions");
    assert_eq!(versions.iter().map(|v| v.value.as_str()).collect::<Vec<_>>(), ["4.1", "4.2", "4.2", "6.9", "6.9"]);
    assert_eq!(results::unreleased(&house.app, &house.technician).await.expect("a list").len(), 0);
}

#[tokio::test]
async fn a_released_value_is_replaced_by_a_technician_and_never_by_an_older_one() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    // The second order of the tube has no result: the specimen is still at work.
    let barcode = ordered(&house, stay, &["DIENGIAI", "GLU"]).await[0].barcode.clone().expect("a barcode");
    let sent = |k: &str, minutes: i64| {
        let mut reading = reading("K", k);
        reading.effective_at = Some(MORNING + minutes * MINUTE);
        let mut message = analyzed(vec![group(&barcode, &[reading])]);
        message.received_at = MORNING + 60 * MINUTE;
        message
    };
    let standing = || async { on_chart(&house, stay).await[0].clone() };
    house.arrives(sent("4.1", 0)).await;
    release_all(&house).await;
    house.arrives(sent("6.8", 10)).await;
    assert_eq!((standing().await.value.as_str(), standing().await.status), ("4.1", ResultStatus::Final));
    assert_eq!(release_all(&house).await[0].value, "6.8");
    let resent = house.arrives(sent("4.1", 0)).await;
    assert_eq!((resent.state, resent.reason.as_str()), (State::SetAside, "older-result"));
    let now = standing().await;
    assert_eq!((now.value.as_str(), now.status, now.critical), ("6.8", ResultStatus::Corrected, true));
    assert_eq!(results::unreleased(&house.app, &house.technician).await.expect("a list").len(), 0);
    house.arrives(sent("5.0", 20)).await;
    let stale = results::unreleased(&house.app, &house.technician).await.expect("a list").remove(0);
    house.arrives(sent("5.2", 21)).await;
    let seen = ToRelease { id: stale.id.parse().expect("an id"), seen: Some(stale.version) };
    let refused = results::release(&house.app, &house.technician, vec![seen]).await;
    assert_eq!(code(refused.expect_err("another value waits now")), "version-conflict");
    assert_eq!(release_all(&house).await[0].value, "5.2");
}

#[tokio::test]
async fn what_names_no_single_specimen_waits_for_a_person() {
    let house = House::open().await;
    let his = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let hers = house.admitted("26.0002", "Trần Thị Bình", house.wards[0]).await;
    let a = ordered(&house, his, &["DIENGIAI"]).await[0].barcode.clone().expect("a barcode");
    let b = ordered(&house, hers, &["DIENGIAI"]).await[0].barcode.clone().expect("a barcode");
    let k = || [reading("K", "4.1")];
    assert_eq!(waits(&house.arrives(analyzed(vec![group("", &k())])).await), "no-specimen");
    assert_eq!(waits(&house.arrives(analyzed(vec![group("999", &k())])).await), "unknown-specimen");
    let mut both = group(&a, &k());
    both.specimens.push(b.clone());
    assert_eq!(waits(&house.arrives(analyzed(vec![both])).await), "ambiguous-specimen");
    let half = analyzed(vec![group(&a, &k()), group("999", &k())]);
    assert_eq!(waits(&house.arrives(half).await), "unknown-specimen");
    let mut another = analyzed(vec![group(&a, &k())]);
    another.patient = Some(SenderPatient { ids: vec!["26.0002".into()], ..SenderPatient::default() });
    assert_eq!(waits(&house.arrives(another.clone()).await), "patient-mismatch");
    assert_eq!((on_chart(&house, his).await.len(), on_chart(&house, hers).await.len()), (0, 0), "nothing was filed");
    let mut own = analyzed(vec![group(&a, &k())]);
    own.patient = Some(SenderPatient { ids: vec![String::new(), "260001".into()], ..SenderPatient::default() });
    assert_eq!(house.arrives(own).await.state, State::Matched, "the code without its dot is the same code");
}

#[tokio::test]
async fn a_rack_of_two_patients_goes_to_two_charts() {
    let house = House::open().await;
    let his = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let hers = house.admitted("26.0002", "Trần Thị Bình", house.wards[1]).await;
    let a = ordered(&house, his, &["DIENGIAI"]).await[0].barcode.clone().expect("a barcode");
    let b = ordered(&house, hers, &["DIENGIAI"]).await[0].barcode.clone().expect("a barcode");
    let rack =
        vec![group(&a, &[reading("K", "4.1")]), group(&b, &[reading("K", "3.0")]), group(&a, &[reading("NA", "140")])];
    assert_eq!(house.arrives(analyzed(rack)).await.state, State::Matched);
    let values = |chart: Vec<LabResult>| {
        let mut values: Vec<_> = chart.into_iter().map(|r| format!("{} {}", r.code, r.value)).collect();
        values.sort();
        values
    };
    assert_eq!(values(on_chart(&house, his).await), ["K 4.1", "NA 140"]);
    assert_eq!(values(on_chart(&house, hers).await), ["K 3.0"]);
}

#[tokio::test]
async fn a_cancelled_order_takes_no_result() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let placed = ordered(&house, stay, &["DIENGIAI"]).await.remove(0);
    let id = placed.id.parse().expect("an id");
    assert_eq!(
        code(orders::cancel(&house.app, &house.doctor, id, "  ".into()).await.expect_err("a reason")),
        "invalid"
    );
    let gone = orders::cancel(&house.app, &house.doctor, id, "nhầm người bệnh".into()).await.expect("cancelled");
    assert_eq!(gone.state, OrderState::Cancelled);
    let message =
        house.arrives(analyzed(vec![group(&placed.barcode.expect("a barcode"), &[reading("K", "4.1")])])).await;
    assert_eq!(waits(&message), "order-cancelled");
    assert_eq!(on_chart(&house, stay).await.len(), 0);
}

#[tokio::test]
async fn two_values_of_one_test_stand_side_by_side() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let barcode = ordered(&house, stay, &["DIENGIAI"]).await[0].barcode.clone().expect("a barcode");
    let rerun = || analyzed(vec![group(&barcode, &[reading("K", "4.1"), reading("K", "4.4"), reading("CTRL", "1")])]);
    house.arrives(rerun()).await;
    house.arrives(rerun()).await;
    let mut chart = on_chart(&house, stay).await;
    chart.sort_by(|a, b| a.code.cmp(&b.code));
    let told: Vec<_> = chart.iter().map(|r| (r.code.as_str(), r.value.as_str(), r.version)).collect();
    assert_eq!(told, [("CTRL", "1", 1), ("K#1", "4.1", 1), ("K#2", "4.4", 1)]);
}

#[tokio::test]
async fn a_technician_matches_by_hand_and_only_to_the_right_patient() {
    let house = House::open().await;
    let his = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let hers = house.admitted("26.0002", "Trần Thị Bình", house.wards[0]).await;
    let placed = ordered(&house, his, &["DIENGIAI"]).await.remove(0);
    let order = Some(placed.id.parse().expect("an id"));
    let lost = house.arrives(analyzed(vec![group("SMUDGED", &[reading("K", "4.1")])])).await;
    let by_hand = |stay, order, confirmed: &[&str]| {
        let confirmed = confirmed.iter().map(|c| (*c).to_owned()).collect();
        matching::match_by_hand(&house.app, &house.technician, lost.id, stay, order, confirmed)
    };
    assert_eq!(code(by_hand(his, order, &["name"]).await.expect_err("one is not two")), "invalid");
    assert_eq!(code(by_hand(hers, order, &["name", "code"]).await.expect_err("his order")), "not-found");
    by_hand(his, order, &["name", "barcode"]).await.expect("matched");
    let chart = on_chart(&house, his).await;
    assert_eq!((chart[0].barcode.clone(), chart[0].order_id.clone()), (placed.barcode.clone(), Some(placed.id)));

    let mut mismatched = analyzed(vec![group(&placed.barcode.expect("a barcode"), &[reading("NA", "140")])]);
    mismatched.patient = Some(SenderPatient { ids: vec!["4711".into()], ..SenderPatient::default() });
    let waiting = house.arrives(mismatched).await;
    let to_her = matching::match_by_hand(
        &house.app,
        &house.technician,
        waiting.id,
        hers,
        None,
        vec!["name".into(), "code".into()],
    );
    assert_eq!(code(to_her.await.expect_err("it is his tube")), "other-patient");
    assert_eq!(on_chart(&house, hers).await.len(), 0);
}

#[tokio::test]
async fn a_hand_match_is_taken_back_until_it_is_released() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let order = ordered(&house, stay, &["DIENGIAI"]).await.remove(0).id.parse().expect("an id");
    let lost = house.arrives(analyzed(vec![group("SMUDGED", &[reading("K", "4.1")])])).await;
    let two = || vec!["name".to_owned(), "code".to_owned()];
    matching::match_by_hand(&house.app, &house.technician, lost.id, stay, Some(order), two()).await.expect("matched");
    let detach = || {
        let (app, caller, message) = (house.app.clone(), house.technician.clone(), lost.clone());
        house.app.db.write(move |tx| results::detach(tx, &app, &caller, &message, stay))
    };
    detach().await.expect("taken back");
    assert_eq!(on_chart(&house, stay).await.len(), 0);
    let app = house.app.clone();
    let again = house.app.db.write(move |tx| {
        let fate = Fate { state: State::Waiting, reason: "undone", encounter: None, ward: None, by: None };
        benhan_store::inbox::settle(tx, lost.id, State::Matched, &fate).map_err(AppError::from)
    });
    assert!(again.await.expect("it waits again"));
    matching::match_by_hand(&app, &house.technician, lost.id, stay, Some(order), two()).await.expect("matched again");
    assert_eq!(on_chart(&house, stay).await[0].version, 3, "the history keeps the detour");
    release_all(&house).await;
    assert_eq!(code(detach().await.expect_err("the ward may have acted on it")), "released");
}

#[tokio::test]
async fn a_retried_order_is_placed_once() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let key = || benhan_server::idempotent::Key::new(Some("0190a1b2"), b"body").expect("a key");
    let place = || orders::place(&house.app, &house.doctor, stay, vec!["DIENGIAI".into(), "CTSN".into()], key());
    let (first, second) = (place().await.expect("placed"), place().await.expect("answered"));
    let ids = |orders: &[Order]| orders.iter().map(|o| o.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&second));
    assert_eq!(orders::of_stay(&house.app, &house.doctor, stay).await.expect("orders").len(), 2);
    let twice = orders::place(&house.app, &house.doctor, stay, vec!["GLU".into(), "GLU".into()], None);
    assert_eq!(code(twice.await.expect_err("once each")), "invalid");
    let nurse = orders::place(&house.app, &house.nurse, stay, vec!["GLU".into()], None);
    assert_eq!(code(nurse.await.expect_err("a doctor orders")), "forbidden");
}
