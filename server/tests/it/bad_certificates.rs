//! A certificate that may not sign: who holds it is told why, it is on the trail, and nothing is half-signed.

use crate::house::{House, MORNING};
use crate::rounds::measures;
use crate::signers::{PIN, certified, holder, nurse};
use benhan_domain::access::Role;
use benhan_domain::time::{HOUR, MINUTE};
use benhan_server::app::accounts::Caller;
use benhan_server::app::{AppError, administration, signing};
use benhan_server::trust::Trust;
use benhan_sign::authority::Profile;
use benhan_sign::{Authority, Certificate, KeyKind, SigningKey, Subject};
use benhan_store::audit::Wanted;
use std::sync::Arc;

const DAY: i64 = 24 * HOUR;

fn issued(by: &Authority, profile: Profile, at: i64) -> (SigningKey, Certificate) {
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = by.issue(&Subject::named("Hoa"), &key, profile, at, 365).expect("a certificate");
    (key, certificate)
}

/// Signs one set; the sentence of the refusal. Nothing may be left of the try but its row on the trail.
pub async fn refused(house: &House, who: &Caller, number: &'static str, code: &str) -> String {
    let (app, stay) = (&house.app, house.admitted(number, "Nguyễn Văn An", house.wards[0]).await);
    let signed_before = signed(house).await;
    let set = measures(house, who, stay).await;
    let no = match signing::sign_round(app, who, house.wards[0], vec![set], PIN.into()).await {
        Err(AppError::Refused(no)) => no,
        other => panic!("{other:?}"),
    };
    assert_eq!(no.code, code, "{}", no.detail);
    assert!(signing::sheets(app, who, stay).await.expect("sheets").is_empty(), "no sheet");
    let trail = administration::audit(app, &house.administrator, Wanted::default(), 50).await.expect("the trail");
    assert_eq!(signed(house).await, signed_before, "nothing is half-signed");
    assert!(trail.iter().any(|row| row.action == "denied" && row.detail.contains(code)), "it is on the trail");
    no.detail
}

async fn signed(house: &House) -> usize {
    let trail = administration::audit(&house.app, &house.administrator, Wanted::default(), 500).await;
    trail.expect("the trail").iter().filter(|row| row.action == "sign").count()
}

async fn holding(house: &House, pair: (SigningKey, Certificate)) -> Caller {
    holder(house, pair, ("hoa", Role::Nurse, "Lê Thị Hoa".into()), vec![house.wards[0]]).await
}

// Clauses: SIG-7, SIG-10, SIG-13
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_is_over_early_or_for_something_else_signs_nothing() {
    for (profile, from, says) in [
        (Profile::Person, MORNING - 400 * DAY, "hết hạn"),
        (Profile::Person, MORNING + 10 * DAY, "chỉ có hiệu lực từ"),
        (Profile::TimeStamps, MORNING, "không"),
    ] {
        let (house, authority) = certified().await;
        let hoa = holding(&house, issued(&authority, profile, from)).await;
        let told = refused(&house, &hoa, "26.0001", "certificate-refused").await;
        assert!(told.contains(says), "{told}");
    }
}

// Clauses: SIG-9, SIG-10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_another_authority_signs_nothing() {
    let (house, _) = certified().await;
    // It calls itself as the hospital's does.
    let other = Authority::create("Bệnh viện Thử", KeyKind::P256, MORNING).expect("another CA");
    let hoa = holding(&house, issued(&other, Profile::Person, MORNING)).await;
    refused(&house, &hoa, "26.0001", "certificate-refused").await;
}

// Clauses: SIG-7, SIG-10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_fresh_list_nobody_signs() {
    let (house, authority) = certified().await;
    let hoa = nurse(&house, &authority, "hoa", house.wards[0]).await;
    house.later(8 * DAY);
    let told = refused(&house, &hoa, "26.0001", "certificate-refused").await;
    assert!(told.contains("thu hồi"), "{told}");

    let (mut house, authority) = certified().await;
    let hoa = nurse(&house, &authority, "hoa", house.wards[0]).await;
    let anchors = vec![authority.root().clone()];
    house.app.trust = Arc::new(Trust::new(anchors, vec![authority.issuing().clone()], vec![]));
    refused(&house, &hoa, "26.0001", "certificate-refused").await;
}

// Clauses: SIG-10, SIG-13
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_set_back_a_day_signs_nothing() {
    let (house, mut authority) = certified().await;
    let hoa = nurse(&house, &authority, "hoa", house.wards[0]).await;
    house.later(10 * DAY);
    house.app.trust.renew(authority.crls(house.app.db.now().0).expect("lists"));
    house.later(-DAY);
    let told = refused(&house, &hoa, "26.0001", "certificate-refused").await;
    assert!(told.contains("đồng hồ máy chủ chạy chậm"), "{told}");
}

// Clauses: SIG-10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_on_the_authoritys_list_signs_nothing() {
    let (house, mut authority) = certified().await;
    let pair = issued(&authority, Profile::Person, MORNING);
    authority.revoke(&pair.1, MORNING - MINUTE);
    house.app.trust.renew(authority.crls(MORNING).expect("lists"));
    let hoa = holding(&house, pair).await;
    let told = refused(&house, &hoa, "26.0001", "certificate-refused").await;
    assert!(told.contains("thu hồi"), "{told}");
}
