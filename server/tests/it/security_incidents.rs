//! Attacks and breaches: their clocks run from the discovery, what was written stays, nothing is closed in silence.

use crate::house::House;
use benhan_domain::security_incident::{Concerns, Duty, Severity};
use benhan_domain::time::{HOUR, Instant};
use benhan_server::app::error::Refusal;
use benhan_server::app::security_incidents::{self, Said, Sent};
use benhan_server::app::{AppError, accounts};

on_both! {
    a_breach_is_reported_in_time_and_what_is_late_shows,
    nothing_is_closed_in_silence_and_nothing_is_written_over,
}

fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

fn said(concerns: Concerns, severity: Severity) -> Said {
    Said {
        concerns,
        severity,
        what: "Máy chủ phim bị mã hoá tống tiền".into(),
        affected: None,
        categories: "phim chụp của người bệnh nội trú".into(),
        measures: String::new(),
    }
}

fn sent(duty: Duty, at: Instant) -> Sent {
    Sent { duty, recipient: "Công an tỉnh".into(), reference: "12/BC-BV".into(), at }
}

// Clauses: SEC-9, PDP-17
async fn a_breach_is_reported_in_time_and_what_is_late_shows(house: House) {
    let (app, boss) = (&house.app, &house.administrator);
    let discovered = app.db.now();
    for outsider in [&house.nurse, &house.doctor] {
        let no = security_incidents::enter(app, outsider, discovered, said(Concerns::Both, Severity::Serious)).await;
        assert_eq!(refused(no).code, "forbidden");
        assert_eq!(refused(security_incidents::list(app, outsider).await).code, "forbidden");
    }
    let tomorrow = discovered.plus(24 * HOUR);
    let early = security_incidents::enter(app, boss, tomorrow, said(Concerns::Both, Severity::Serious)).await;
    assert!(refused(early).fields.contains_key("discoveredAt"));
    let entered = security_incidents::enter(app, boss, discovered, said(Concerns::Both, Severity::Serious)).await;
    let entered = entered.expect("entered");
    let due: Vec<_> = entered.duties.iter().map(|duty| (duty.duty, duty.due_at.clone())).collect();
    let at = |hours: i64| discovered.plus(hours * HOUR).rfc3339();
    assert_eq!(due, [(Duty::FirstNotice, at(24)), (Duty::IncidentReport, at(72)), (Duty::BreachNotice, at(72))]);
    assert_eq!(security_incidents::waiting(app, boss).await.expect("a list").len(), 3);

    let of = entered.id.parse().expect("an id");
    house.later(20 * HOUR);
    let first = security_incidents::report(app, boss, of, sent(Duty::FirstNotice, app.db.now())).await.expect("noted");
    assert!(first.duties[0].sent_at.is_some() && !first.duties[0].late);
    let future = security_incidents::report(app, boss, of, sent(Duty::BreachNotice, app.db.now().plus(HOUR))).await;
    assert!(refused(future).fields.contains_key("sentAt"));
    house.later(60 * HOUR);
    let waiting = security_incidents::waiting(app, boss).await.expect("a list");
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|one| one.duty.late), "eighty hours");
    let late = security_incidents::report(app, boss, of, sent(Duty::BreachNotice, app.db.now())).await.expect("noted");
    let breach = late.duties.iter().find(|duty| duty.duty == Duty::BreachNotice).expect("owed");
    assert!(breach.late && breach.sent_at.is_some(), "sent, and late for ever");
    assert_eq!(late.reports.len(), 2);
    assert_eq!(house.audited("edit", "security-incident").await, 2);
}

// Clauses: SEC-9
async fn nothing_is_closed_in_silence_and_nothing_is_written_over(house: House) {
    let (app, boss) = (&house.app, &house.administrator);
    let discovered = app.db.now();
    let entered = security_incidents::enter(app, boss, discovered, said(Concerns::Systems, Severity::AtOnce)).await;
    let entered = entered.expect("entered");
    let of = entered.id.parse().expect("an id");
    assert_eq!(entered.duties[0].due_at, discovered.rfc3339(), "at once");
    let milder = said(Concerns::Systems, Severity::Ordinary);
    let amended = security_incidents::amend(app, boss, of, 1, milder).await.expect("written on");
    assert_eq!((amended.version, amended.duties.len()), (2, 1), "its report alone");
    let stale = security_incidents::amend(app, boss, of, 1, said(Concerns::Both, Severity::Serious)).await;
    assert_eq!(refused(stale).code, "version-conflict");
    let no = refused(security_incidents::close(app, boss, of, "Không phải tấn công", false).await);
    assert_eq!(no.code, "reports-missing");
    assert!(refused(security_incidents::close(app, boss, of, " ", true).await).fields.contains_key("closing"));
    let closed = security_incidents::close(app, boss, of, "Báo động nhầm, không phải báo cáo", true).await;
    assert!(closed.expect("closed").closed.is_some());
    let after = security_incidents::report(app, boss, of, sent(Duty::IncidentReport, app.db.now())).await;
    assert_eq!(refused(after).code, "already-handled");
    assert!(security_incidents::waiting(app, boss).await.expect("a list").is_empty());
    let again = accounts::acting(app, boss.user.id).await.expect("known");
    assert_eq!(security_incidents::list(app, &again).await.expect("a list").len(), 1, "it stays on the list");
}
