//! The register of attacks and breaches (sự cố an ninh mạng, vi phạm dữ liệu cá nhân): entered, written on as more becomes
//! known, reported in time, closed. Downtimes are `incidents`.

use super::lookups::People;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_security::{
    SecurityClosing, SecurityDuty, SecurityIncident as IncidentView, SecurityReport as ReportView, SecurityWaiting,
};
use benhan_domain::access::{Actor, KeepSecurityIncidents, Permit, Place, ViewSecurityIncidents, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::SecurityIncidentId;
use benhan_domain::security_incident::{Clocks, Concerns, Duty, NotReportable, Severity, plausible};
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_store::security_incidents::{self, Incident, Known, NewReport};
use benhan_store::{Conn, Tx};
use serde_json::json;

/// What a person says of it.
pub struct Said {
    pub concerns: Concerns,
    pub severity: Severity,
    pub what: String,
    pub affected: Option<i64>,
    pub categories: String,
    pub measures: String,
}

impl Said {
    fn known(self) -> Result<Known, AppError> {
        let what = text::clean(&self.what);
        if what.is_empty() || what.chars().count() > 2_000 {
            return Err(AppError::invalid("what", "Ghi chuyện gì đã xảy ra (tối đa 2000 ký tự)"));
        }
        if self.affected.is_some_and(|people| !(0..=100_000_000).contains(&people)) {
            return Err(AppError::invalid("affected", "Số người bị ảnh hưởng là số từ 0; chưa biết thì để trống"));
        }
        let categories = text::clean(&self.categories);
        if categories.chars().count() > 500 {
            return Err(AppError::invalid("categories", "Loại dữ liệu ghi tối đa 500 ký tự"));
        }
        if self.concerns != Concerns::Systems && categories.is_empty() {
            return Err(AppError::invalid("categories", "Vi phạm dữ liệu cá nhân: ghi loại dữ liệu của ai"));
        }
        let measures = text::clean(&self.measures);
        if measures.chars().count() > 4_000 {
            return Err(AppError::invalid("measures", "Việc đã làm ghi tối đa 4000 ký tự"));
        }
        let Self { concerns, severity, affected, .. } = self;
        Ok(Known { concerns, severity, what, affected, categories, measures })
    }
}

fn implausible(why: NotReportable) -> AppError {
    match why {
        NotReportable::Future => AppError::invalid("discoveredAt", why.to_string()),
        NotReportable::SentOutside => AppError::invalid("sentAt", why.to_string()),
    }
}

pub async fn enter(app: &App, caller: &Caller, discovered: Instant, said: Said) -> Result<IncidentView, AppError> {
    let (known, actor, clocks) = (said.known()?, caller.actor.clone(), app.report_clocks);
    let write = app.db.write(move |tx| {
        let permit = decide::<KeepSecurityIncidents>(&actor, Place::Facility)?;
        plausible(discovered, None, tx.now()).map_err(implausible)?;
        let new = security_incidents::add(tx, &permit, discovered, &known, actor.user)?;
        let detail = json!({
            "concerns": known.concerns, "severity": known.severity, "discoveredAt": discovered.rfc3339(),
        });
        trail::on(tx, actor.user, Act::Create, "security-incident", new.to_string(), detail)?;
        one(tx, &actor, clocks, new)
    });
    write.await
}

/// What is known by now takes the place of what was known at `seen`; both stay.
pub async fn amend(
    app: &App,
    caller: &Caller,
    of: SecurityIncidentId,
    seen: i64,
    said: Said,
) -> Result<IncidentView, AppError> {
    let (known, actor, clocks) = (said.known()?, caller.actor.clone(), app.report_clocks);
    let write = app.db.write(move |tx| {
        let (permit, before) = held(tx, &actor, of)?;
        if before.version != seen {
            let detail = "Người khác vừa ghi thêm vào sự cố này: tải lại, xem rồi ghi tiếp.";
            return Err(AppError::conflict("version-conflict", detail));
        }
        let next = before.version.saturating_add(1);
        security_incidents::write(tx, &permit, of, next, &known, actor.user)?;
        let detail = json!({ "version": next, "concerns": known.concerns, "severity": known.severity });
        trail::on(tx, actor.user, Act::Edit, "security-incident", of.to_string(), detail)?;
        one(tx, &actor, clocks, of)
    });
    write.await
}

pub struct Sent {
    pub duty: Duty,
    pub recipient: String,
    pub reference: String,
    pub at: Instant,
}

/// A report that went out. It stays as it was noted; a mistake is put right by another line.
pub async fn report(app: &App, caller: &Caller, of: SecurityIncidentId, sent: Sent) -> Result<IncidentView, AppError> {
    let recipient = text::clean(&sent.recipient);
    if recipient.is_empty() || recipient.chars().count() > 200 {
        return Err(AppError::invalid("recipient", "Ghi nơi nhận báo cáo (tối đa 200 ký tự)"));
    }
    let reference = text::clean(&sent.reference);
    if reference.is_empty() || reference.chars().count() > 200 {
        return Err(AppError::invalid("reference", "Ghi số văn bản hoặc cách gửi (tối đa 200 ký tự)"));
    }
    let (actor, clocks) = (caller.actor.clone(), app.report_clocks);
    let write = app.db.write(move |tx| {
        let (permit, incident) = held(tx, &actor, of)?;
        plausible(incident.discovered, Some(sent.at), tx.now()).map_err(implausible)?;
        let by = actor.user;
        let new = NewReport { duty: sent.duty, recipient, reference, sent: sent.at, by };
        security_incidents::note_report(tx, &permit, of, &new)?;
        let detail = json!({ "step": "report", "duty": sent.duty, "sentAt": sent.at.rfc3339() });
        trail::on(tx, by, Act::Edit, "security-incident", of.to_string(), detail)?;
        one(tx, &actor, clocks, of)
    });
    write.await
}

/// Closed when every report that is owed went out, or with `unsent`: why one did not.
pub async fn close(
    app: &App,
    caller: &Caller,
    of: SecurityIncidentId,
    closing: &str,
    unsent: bool,
) -> Result<IncidentView, AppError> {
    let closing = text::clean(closing);
    if closing.is_empty() || closing.chars().count() > 2_000 {
        return Err(AppError::invalid("closing", "Ghi kết luận (tối đa 2000 ký tự)"));
    }
    let (actor, clocks) = (caller.actor.clone(), app.report_clocks);
    let write = app.db.write(move |tx| {
        let (permit, incident) = held(tx, &actor, of)?;
        let missing = duties(&incident, clocks, tx.now()).iter().filter(|duty| duty.sent_at.is_none()).count();
        if missing > 0 && !unsent {
            let detail =
                format!("Còn {missing} báo cáo chưa gửi: gửi rồi ghi lại, hoặc đánh dấu và ghi lý do không gửi.");
            return Err(AppError::conflict("reports-missing", detail));
        }
        if !security_incidents::close(tx, &permit, of, actor.user, &closing)? {
            return Err(settled());
        }
        let detail = json!({ "step": "close", "reportsMissing": missing });
        trail::on(tx, actor.user, Act::Edit, "security-incident", of.to_string(), detail)?;
        one(tx, &actor, clocks, of)
    });
    write.await
}

/// The incident, open, with the right to write on it; nobody else does until the commit.
fn held(
    tx: &mut Tx<'_>,
    actor: &Actor,
    of: SecurityIncidentId,
) -> Result<(Permit<KeepSecurityIncidents>, Incident), AppError> {
    let permit = decide::<KeepSecurityIncidents>(actor, Place::Facility)?;
    let open = security_incidents::hold_open(tx, &permit, of)?;
    let view = decide::<ViewSecurityIncidents>(actor, Place::Facility)?;
    let found = security_incidents::read(tx.conn(), &view, of)?;
    let incident = found.ok_or_else(|| AppError::not_found("sự cố"))?;
    if open { Ok((permit, incident)) } else { Err(settled()) }
}

fn settled() -> AppError {
    AppError::conflict("already-handled", "Sự cố này đã đóng: tải lại danh sách.")
}

pub async fn list(app: &App, caller: &Caller) -> Result<Vec<IncidentView>, AppError> {
    let (actor, clocks, now) = (caller.actor.clone(), app.report_clocks, app.db.now());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewSecurityIncidents>(&actor, Place::Facility)?;
        let found = security_incidents::list(conn, &permit, false)?;
        show(conn, found, clocks, now)
    });
    read.await
}

/// Reports that nobody has sent, the most urgent first: what waits for a person.
pub async fn waiting(app: &App, caller: &Caller) -> Result<Vec<SecurityWaiting>, AppError> {
    let (actor, clocks, now) = (caller.actor.clone(), app.report_clocks, app.db.now());
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let permit = decide::<ViewSecurityIncidents>(&actor, Place::Facility)?;
        let mut owed = Vec::new();
        for incident in security_incidents::list(conn, &permit, true)? {
            for duty in duties(&incident, clocks, now).into_iter().filter(|duty| duty.sent_at.is_none()) {
                owed.push(SecurityWaiting {
                    incident: incident.id.to_string(),
                    what: incident.known.what.clone(),
                    duty,
                });
            }
        }
        owed.sort_by(|one, two| one.duty.due_at.cmp(&two.duty.due_at));
        Ok(owed)
    });
    read.await
}

/// What is owed by what is known now, and what of it went out.
fn duties(incident: &Incident, clocks: Clocks, now: Instant) -> Vec<SecurityDuty> {
    let Known { concerns, severity, .. } = incident.known;
    let owed = clocks.owed(concerns, severity, incident.discovered);
    let shown = owed.into_iter().map(|(duty, due)| {
        let sent = incident.reports.iter().find(|report| report.duty == duty).map(|report| report.sent);
        SecurityDuty {
            duty,
            due_at: due.rfc3339(),
            sent_at: sent.map(Instant::rfc3339),
            late: sent.unwrap_or(now) > due,
        }
    });
    shown.collect()
}

fn one(tx: &mut Tx<'_>, actor: &Actor, clocks: Clocks, of: SecurityIncidentId) -> Result<IncidentView, AppError> {
    let now = tx.now();
    let permit = decide::<ViewSecurityIncidents>(actor, Place::Facility)?;
    let missing = || AppError::not_found("sự cố");
    let found = security_incidents::read(tx.conn(), &permit, of)?.ok_or_else(missing)?;
    show(tx.conn(), vec![found], clocks, now)?.pop().ok_or_else(missing)
}

fn show(conn: &mut Conn, found: Vec<Incident>, clocks: Clocks, now: Instant) -> Result<Vec<IncidentView>, AppError> {
    let involved = found.iter().flat_map(|i| {
        let closer = i.closed.as_ref().map(|(_, by, _)| *by);
        let noted = i.reports.iter().map(|report| report.noted_by);
        [Some(i.entered_by), Some(i.written_by), closer].into_iter().flatten().chain(noted)
    });
    let people = People::read(conn, involved.collect::<Vec<_>>())?;
    let shown = found.into_iter().map(|i| {
        let duties = duties(&i, clocks, now);
        let reports = i.reports.into_iter().map(|report| {
            Ok::<_, AppError>(ReportView {
                duty: report.duty,
                recipient: report.recipient,
                reference: report.reference,
                sent_at: report.sent.rfc3339(),
                noted_by: people.must(report.noted_by)?,
                noted_at: Instant(report.noted_at).rfc3339(),
            })
        });
        let closed = i.closed.map(|(at, by, words)| {
            Ok::<_, AppError>(SecurityClosing { at: Instant(at).rfc3339(), by: people.must(by)?, words })
        });
        Ok::<_, AppError>(IncidentView {
            id: i.id.to_string(),
            version: i.version,
            concerns: i.known.concerns,
            severity: i.known.severity,
            discovered_at: i.discovered.rfc3339(),
            what: i.known.what,
            affected: i.known.affected,
            categories: i.known.categories,
            measures: i.known.measures,
            entered_by: people.must(i.entered_by)?,
            entered_at: Instant(i.entered_at).rfc3339(),
            written_by: people.must(i.written_by)?,
            written_at: Instant(i.written_at).rfc3339(),
            duties,
            reports: reports.collect::<Result<_, AppError>>()?,
            closed: closed.transpose()?,
        })
    });
    shown.collect()
}
