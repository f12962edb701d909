//! The hospital decides to do without paper: what is written down, by whom, and what follows for a stay.

use crate::house::House;
use crate::record_life::{code, open};
use benhan_domain::house_decision::DecisionKind;
use benhan_domain::time::{HOUR, Instant};
use benhan_server::app::accounts::Caller;
use benhan_server::app::house_decisions::{self, Entered};
use benhan_server::app::{AppError, life};
use benhan_server::view_record::HouseDecisions;

on_both!(a_record_is_electronic_from_the_day_that_the_hospital_decided);

async fn enters(h: &House, who: &Caller, decision: &str, from: Instant) -> Result<HouseDecisions, AppError> {
    let new = Entered { kind: DecisionKind::Paperless, decision: decision.into(), from };
    house_decisions::enter(&h.app, who, new).await
}

// Clauses: C46-3.3, C46-13.3a, C13-5.1
async fn a_record_is_electronic_from_the_day_that_the_hospital_decided(house: House) {
    let h = open(house).await;
    let app = &h.house.app;
    let before = h.treated("26.0001", "Nguyễn Văn Giấy").await;
    let medium = async |stay| life::read(app, &h.an, stay).await.expect("a record").medium;
    assert_eq!(medium(before).await, "mixed");

    let now = app.db.now();
    for who in [&h.an, &h.lan, &h.room, &h.auditor] {
        assert_eq!(code(enters(&h.house, who, "QĐ 15/QĐ-BV ngày 01/11/2026", now).await), "forbidden");
    }
    assert_eq!(code(enters(&h.house, &h.director, "QĐ", now).await), "invalid");
    let ahead = now.plus(400 * 24 * HOUR);
    assert_eq!(code(enters(&h.house, &h.director, "QĐ 15/QĐ-BV ngày 01/11/2026", ahead).await), "invalid");
    let said = enters(&h.house, &h.director, "QĐ 15/QĐ-BV ngày 01/11/2026", now).await.expect("entered");
    let stands: Vec<_> = said.kinds.iter().map(|kind| (kind.kind.as_str(), kind.stands)).collect();
    assert_eq!(stands, [("paperless", true), ("signing-rules", false), ("record-rules", false)]);

    h.house.later(HOUR);
    let after = h.treated("26.0002", "Nguyễn Văn Điện").await;
    assert_eq!((medium(before).await.as_str(), medium(after).await.as_str()), ("mixed", "electronic"));

    let of = said.decisions[0].id.parse().expect("an id");
    house_decisions::withdraw(app, &h.director, of, "Hoãn".into()).await.expect("withdrawn");
    let twice = house_decisions::withdraw(app, &h.director, of, "Hoãn".into()).await;
    assert_eq!(code(twice), "already-withdrawn");
    h.house.later(HOUR);
    let later = h.treated("26.0003", "Nguyễn Văn Hoãn").await;
    assert_eq!((medium(after).await.as_str(), medium(later).await.as_str()), ("electronic", "mixed"), "as each began");
    let seen = house_decisions::list(app, &h.auditor).await.expect("the auditor reads");
    let end = seen.decisions[0].withdrawn.as_ref().expect("it stays, with its end");
    assert_eq!((end.reason.as_str(), seen.may_enter), ("Hoãn", false));
}
