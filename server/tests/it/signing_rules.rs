//! By which signing rules of the house somebody signs: each signature names those that were in force, under itself.

use crate::archive::{exported, judged};
use crate::house::House;
use crate::record_life::{Hospital, code, open};
use crate::rounds::measures;
use crate::signers::PIN;
use benhan_domain::house_decision::DecisionKind;
use benhan_domain::id::{EncounterId, HouseDecisionId};
use benhan_domain::time::{HOUR, Instant, SECOND};
use benhan_server::app::house_decisions::{self, Entered};
use benhan_server::app::{charting, signing};
use benhan_server::config::Signing;
use benhan_sign::Verdict;
use benhan_sign::pades::verify_pdf;

on_both! {
    a_signature_names_the_rules_that_were_in_force_when_it_was_given,
    who_signs_while_the_rules_change_is_told_to_sign_again,
    a_house_that_wants_rules_signs_nothing_without_them,
}

const FIRST: &str = "Quyết định 21/QĐ-BV ngày 01/11/2026";
const SECOND_ONE: &str = "Quyết định 30/QĐ-BV ngày 20/11/2026";

async fn decides(h: &Hospital, decision: &str, from: Instant) -> HouseDecisionId {
    let new = Entered { kind: DecisionKind::SigningRules, decision: decision.into(), from };
    let said = house_decisions::enter(&h.house.app, &h.director, new).await.expect("entered");
    said.decisions[0].id.parse().expect("an id")
}

async fn withdraws(h: &Hospital, of: HouseDecisionId) {
    house_decisions::withdraw(&h.house.app, &h.director, of, "Thay bằng quy định mới".into()).await.expect("withdrawn");
}

/// Of the newest set that somebody signed: by which rules, as the screen says.
async fn named(h: &Hospital, stay: EncounterId) -> Option<String> {
    let sets = charting::chart(&h.house.app, &h.lan, stay, 0, i64::MAX).await.expect("a chart");
    let newest = sets.iter().filter_map(|set| set.signature.clone()).max_by_key(|s| s.signed_at.clone());
    newest.expect("signed").rules
}

/// Why the newest chart was signed, as the PDF says.
async fn reason(h: &Hospital, stay: EncounterId) -> String {
    let sheet = signing::sheets(&h.house.app, &h.an, stay).await.expect("sheets").pop().expect("a chart");
    let of = sheet.id.parse().expect("an id");
    let pdf = signing::pdf(&h.house.app, &h.an, of, sheet.version).await.expect("a PDF");
    let report = verify_pdf(&pdf, &h.anchors, h.house.app.db.now().0);
    assert!(report.signatures[0].cms.trusted(), "{report:?}");
    report.signatures[0].reason.clone().expect("a reason")
}

// Clauses: C46-13.3a, CV-V
async fn a_signature_names_the_rules_that_were_in_force_when_it_was_given(house: House) {
    let h = open(house).await;
    let app = &h.house.app;
    let before = h.treated("26.0001", "Nguyễn Văn Trước").await;
    assert_eq!((named(&h, before).await, reason(&h, before).await.contains("quy định")), (None, false));

    let now = app.db.now();
    let first = decides(&h, FIRST, now).await;
    let ahead = decides(&h, SECOND_ONE, now.plus(2 * HOUR)).await;
    let under = h.treated("26.0002", "Nguyễn Văn Trong").await;
    assert_eq!(named(&h, under).await.as_deref(), Some(FIRST));
    assert!(reason(&h, under).await.ends_with(FIRST), "the PDF says it as the reason of its signature");
    h.house.later(3 * HOUR);
    let after = h.treated("26.0003", "Nguyễn Văn Sau").await;
    assert_eq!(named(&h, after).await.as_deref(), Some(SECOND_ONE), "the one that took effect last");
    withdraws(&h, ahead).await;
    withdraws(&h, first).await;
    let none = h.treated("26.0004", "Nguyễn Văn Rút").await;
    assert_eq!(named(&h, none).await, None);
    assert_eq!(named(&h, under).await.as_deref(), Some(FIRST), "what was signed names what held then");

    for (stay, rules, without) in [(before, None, 2), (under, Some(FIRST), 0), (none, None, 2)] {
        let report = judged(&h, &exported(&h, stay).await, app.db.now().0);
        assert_eq!(report.verdict, Verdict::Holds, "{}", report.to_text());
        let said: Vec<_> = report.signing_rules.iter().map(|(of, count)| (of.as_str(), *count)).collect();
        assert_eq!((said, report.without_rules), (rules.map(|of| (of, 2)).into_iter().collect(), without));
        let line =
            rules.map_or("Không nêu quy định ký số".to_owned(), |of| format!("Theo quy định ký số {of}: 2"));
        assert!(report.to_text().contains(&line), "{}", report.to_text());
    }
}

// Clauses: C46-13.3a
async fn who_signs_while_the_rules_change_is_told_to_sign_again(house: House) {
    let h = open(house).await;
    let (app, ward) = (&h.house.app, h.house.wards[0]);
    let stay = h.house.admitted("26.0001", "Nguyễn Văn An", ward).await;
    let mut told = Vec::new();
    // Each look at the clock is a second: some of these take effect between the pen and the transaction.
    for seconds in 1..=14 {
        let set = measures(&h.house, &h.lan, stay).await;
        let from = decides(&h, FIRST, app.db.now().plus(seconds * SECOND)).await;
        let signed = signing::sign_round(app, &h.lan, ward, vec![set], PIN.into()).await.expect("an answer");
        let failed: Vec<&str> = signed.failed.iter().map(|no| no.code.as_str()).collect();
        assert_eq!(signed.signed.len() + failed.len(), 1);
        told.extend(failed.iter().map(|code| (*code).to_owned()));
        withdraws(&h, from).await;
    }
    assert!(!told.is_empty() && told.iter().all(|code| code == "rules-changed"), "{told:?}");
}

// Clauses: C46-13.3a
async fn a_house_that_wants_rules_signs_nothing_without_them(house: House) {
    let mut h = open(house).await;
    h.house.app.signing = Signing { require_rules: true };
    let (app, ward) = (&h.house.app, h.house.wards[0]);
    let stay = h.house.admitted("26.0001", "Nguyễn Văn An", ward).await;
    let set = measures(&h.house, &h.lan, stay).await;
    for _ in 0..10 {
        let refused = signing::sign_round(app, &h.lan, ward, vec![set], "000000".into()).await;
        assert_eq!(code(refused), "no-signing-rules", "said before a PIN is looked at");
    }
    decides(&h, FIRST, app.db.now()).await;
    let signed = signing::sign_round(app, &h.lan, ward, vec![set], PIN.into()).await.expect("an answer");
    assert_eq!((signed.signed.len(), named(&h, stay).await.as_deref()), (1, Some(FIRST)));
}
