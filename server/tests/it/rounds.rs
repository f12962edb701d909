//! Signing, when colleagues sign at the same moment and when patients move on.

use crate::house::{House, MORNING};
use crate::signers::{PIN, certified, nurse};
use benhan_domain::id::{EncounterId, ObservationSetId};
use benhan_domain::observation::CorrectionReason;
use benhan_domain::time::{Instant, MINUTE};
use benhan_domain::vitals::VitalCode;
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::charting::{self, Correction, Entry};
use benhan_server::app::notes::{self, Words};
use benhan_server::app::signing::SetToSign;
use benhan_server::app::{AppError, admission, signing};
use benhan_server::trust::{Clock, Trust};
use benhan_server::view::VitalInput;
use benhan_sign::{Authority, KeyKind, Level, SigningKey, pades};
use benhan_store::audit::Wanted;
use benhan_store::places;
use std::sync::Arc;

fn pulse(value: f64) -> Vec<VitalInput> {
    vec![VitalInput {
        code: VitalCode::Pulse,
        value: Some(value),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    }]
}

pub async fn measures(house: &House, who: &Caller, stay: EncounterId) -> ObservationSetId {
    let entry = Entry { effective_at: Instant(house.app.db.now().0 - MINUTE), values: pulse(72.0), based_on: None };
    let set = charting::enter(&house.app, who, stay, entry, None).await.expect("entered");
    set.id.parse().expect("an id")
}

fn code(error: AppError) -> &'static str {
    match error {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nurses_who_sign_a_first_round_together_sign_one_chart() {
    let (house, authority) = certified().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let hoa = nurse(&house, &authority, "hoa", house.wards[0]).await;
    let lan = nurse(&house, &authority, "lan", house.wards[0]).await;
    let (hers, other) = (measures(&house, &hoa, stay).await, measures(&house, &lan, stay).await);
    let sign = |who: &Caller, set| {
        let (app, who, ward) = (house.app.clone(), who.clone(), house.wards[0]);
        async move { signing::sign_round(&app, &who, ward, vec![set], PIN.into()).await.expect("an answer") }
    };
    let (one, two) = tokio::join!(tokio::spawn(sign(&hoa, hers)), tokio::spawn(sign(&lan, other)));
    for (who, set, done) in [(&hoa, hers, one.expect("no panic")), (&lan, other, two.expect("no panic"))] {
        if done.signed.is_empty() {
            assert_eq!(done.failed[0].code, "version-conflict");
            assert_eq!(sign(who, set).await.signed.len(), 1, "a second try finds her colleague's sheet");
        }
    }
    let sheets = signing::sheets(&house.app, &hoa, stay).await.expect("sheets");
    assert_eq!(sheets.iter().map(|s| s.versions).collect::<Vec<_>>(), [2], "one chart, signed twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_nurse_wrote_she_signs_and_corrects_after_the_patient_has_moved() {
    let (house, authority) = certified().await;
    let (app, [here, there]) = (&house.app, house.wards);
    let bed = app.db.write(move |tx| places::add_bed(tx, there, "X9", "309", 9)).await.expect("a bed");
    let stay = house.admitted("26.0001", "Nguyễn Văn An", here).await;
    let hoa = nurse(&house, &authority, "hoa", here).await;
    let lan = nurse(&house, &authority, "lan", here).await;
    let set = measures(&house, &hoa, stay).await;
    let words = Words { course: "Tỉnh".into(), care: String::new() };
    let note = notes::write(app, &hoa, stay, Instant(MORNING), words, None).await.expect("written");
    admission::move_bed(app, &house.doctor, stay, bed, false).await.expect("moved");
    assert_eq!(code(charting::chart(app, &hoa, stay, 0, i64::MAX).await.expect_err("not her ward")), "forbidden");

    let mine = charting::unsigned(app, &hoa).await.expect("a list");
    let told: Vec<_> = mine.iter().map(|u| (u.set.id.clone(), u.patient_name.as_str(), u.ward.as_str())).collect();
    assert_eq!(told, [(set.to_string(), "Nguyễn Văn An", "Nội 2")]);
    assert_eq!(charting::unsigned(app, &lan).await.expect("a list").len(), 0);
    let not_hers = signing::sign_mine(app, &lan, vec![set], PIN.into()).await.expect("an answer");
    assert_eq!((not_hers.signed.len(), not_hers.failed[0].code.as_str()), (0, "forbidden"));

    let with =
        Correction {
            version: 1, reason_code: CorrectionReason::Typo, reason: "gõ nhầm".into(), values: pulse(82.0)
        };
    charting::correct(app, &hoa, set, with).await.expect("hers to correct");
    let old = SetToSign { set, version: Some(1) };
    let unseen = signing::sign_mine(app, &hoa, vec![old], PIN.into()).await.expect("an answer");
    assert_eq!((unseen.signed.len(), unseen.failed[0].code.as_str()), (0, "version-conflict"), "she has not seen it");
    let seen = SetToSign { version: Some(2), ..old };
    let done = signing::sign_mine(app, &hoa, vec![seen], PIN.into()).await.expect("an answer");
    assert_eq!(done.failed.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), [""; 0]);
    assert_eq!((done.signed.len(), done.signed[0].version), (1, 2));
    assert_eq!(charting::unsigned(app, &hoa).await.expect("a list").len(), 0);
    let signed = signing::sign_note(app, &hoa, note.id.parse().expect("an id"), PIN.into()).await.expect("her note");
    assert!(signed.signature.is_some());
}

/// One round signed by a nurse of that house, and its sheet's PDF.
async fn sheet(house: &House, authority: &Authority) -> Vec<u8> {
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let hoa = nurse(house, authority, "hoa", house.wards[0]).await;
    let set = measures(house, &hoa, stay).await;
    let done = signing::sign_mine(&house.app, &hoa, vec![set], PIN.into()).await.expect("an answer");
    let (document, version) = (done.charts[0].document_id.parse().expect("an id"), done.charts[0].version);
    signing::pdf(&house.app, &hoa, document, version).await.expect("her sheet")
}

// Clauses: SIG-11, SIG-14
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_sheet_is_stamped_and_carries_its_evidence() {
    let (house, authority) = certified().await;
    let pdf = sheet(&house, &authority).await;
    let years_later = MORNING + 3650 * 24 * 60 * MINUTE;
    let report = pades::verify_pdf(&pdf, &authority.anchors(), years_later);
    let signature = &report.signatures[0].cms;
    assert_eq!(signature.level, Some(Level::LongTerm), "{report:?}");
    let stamped = signature.proven_time().expect("a trusted time stamp");
    assert!((0..MINUTE).contains(&(house.app.db.now().0 - stamped)), "by the server's clock");
}

// Clauses: SIG-11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_is_signed_although_it_cannot_be_stamped() {
    let (mut house, mut authority) = certified().await;
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_seal("01234", "Con dấu", &key, MORNING, 365).expect("not for time stamps");
    let lists = authority.crls(MORNING).expect("lists");
    let trust = Trust::new(vec![authority.root().clone()], vec![authority.issuing().clone()], lists);
    house.app.trust = Arc::new(trust.with_clock(Some(Clock { key, certificate })));
    let pdf = sheet(&house, &authority).await;
    let report = pades::verify_pdf(&pdf, &authority.anchors(), house.app.db.now().0);
    assert_eq!(report.signatures[0].cms.level, Some(Level::Basic), "{report:?}");
    assert!(report.signatures[0].cms.trusted());
}

#[tokio::test]
async fn a_wrong_pin_and_a_shut_one_leave_a_row() {
    let (house, authority) = certified().await;
    let hoa = nurse(&house, &authority, "hoa", house.wards[0]).await;
    for _ in 0..5 {
        accounts::check_pin(&house.app, &hoa.user, "000000".into()).await.expect_err("wrong");
    }
    let read =
        house.app.db.read::<_, AppError, _>(|conn| Ok(benhan_store::audit::latest(conn, &Wanted::default(), 100)?));
    let rows = read.await.expect("the trail");
    let pins: Vec<_> = rows.iter().filter(|r| r.act == "pin-failed").collect();
    assert_eq!(pins.len(), 5);
    assert!(pins.iter().all(|r| r.actor_id.as_deref() == Some(hoa.user.id.to_string().as_str())));
    assert_eq!(pins.iter().filter(|r| r.body.contains("\"locked\":true")).count(), 1, "the fifth shut it");
}
