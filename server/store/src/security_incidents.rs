//! Attacks and breaches that the law wants reported: what became known, a version a time, and each report that was sent.
//! What was written stays; an incident gets its end once. No patient in here.

use crate::error::{id, maybe_id};
use crate::schema::{security_incident, security_incident_version, security_report};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{KeepSecurityIncidents, Permit, ViewSecurityIncidents};
use benhan_domain::id::{SecurityIncidentId, SecurityReportId, UserId};
use benhan_domain::security_incident::{Concerns, Duty, Severity};
use benhan_domain::time::Instant;
use diesel::prelude::*;

/// More than a hospital has in a decade; of others the newest matter.
const MOST: i64 = 1_000;

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub concerns: Concerns,
    pub severity: Severity,
    pub what: String,
    /// People whose data it is; none: not known yet.
    pub affected: Option<i64>,
    pub categories: String,
    pub measures: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    pub id: SecurityIncidentId,
    pub discovered: Instant,
    pub entered_by: UserId,
    pub entered_at: i64,
    pub version: i64,
    pub known: Known,
    pub written_by: UserId,
    pub written_at: i64,
    /// When, by whom, and what it came to.
    pub closed: Option<(i64, UserId, String)>,
    /// In the order in which they were sent.
    pub reports: Vec<Report>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub id: SecurityReportId,
    pub duty: Duty,
    pub recipient: String,
    pub reference: String,
    pub sent: Instant,
    pub noted_by: UserId,
    pub noted_at: i64,
}

pub struct NewReport {
    pub duty: Duty,
    pub recipient: String,
    pub reference: String,
    pub sent: Instant,
    pub by: UserId,
}

type Head = (String, i64, String, i64, Option<i64>, Option<String>, Option<String>);

/// A new one, with what is known at once.
pub fn add(
    tx: &mut Tx<'_>,
    permit: &Permit<KeepSecurityIncidents>,
    discovered: Instant,
    known: &Known,
    by: UserId,
) -> Result<SecurityIncidentId, StoreError> {
    let (new, now): (SecurityIncidentId, i64) = (tx.fresh(), tx.now().0);
    let row = (
        security_incident::id.eq(new.to_string()),
        security_incident::discovered_at.eq(discovered.0),
        security_incident::entered_by.eq(by.to_string()),
        security_incident::entered_at.eq(now),
    );
    diesel::insert_into(security_incident::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("enter a security incident"))?;
    write(tx, permit, new, 1, known, by)?;
    Ok(new)
}

/// What is known now, as the next version.
pub fn write(
    tx: &mut Tx<'_>,
    _permit: &Permit<KeepSecurityIncidents>,
    of: SecurityIncidentId,
    version: i64,
    known: &Known,
    by: UserId,
) -> Result<(), StoreError> {
    let now = tx.now().0;
    let row = (
        security_incident_version::incident_id.eq(of.to_string()),
        security_incident_version::version.eq(version),
        security_incident_version::concerns.eq(known.concerns.as_str()),
        security_incident_version::severity.eq(known.severity.as_str()),
        security_incident_version::what.eq(&known.what),
        security_incident_version::affected.eq(known.affected),
        security_incident_version::categories.eq(&known.categories),
        security_incident_version::measures.eq(&known.measures),
        security_incident_version::written_by.eq(by.to_string()),
        security_incident_version::written_at.eq(now),
    );
    diesel::insert_into(security_incident_version::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("write what is known of a security incident"))
}

pub fn note_report(
    tx: &mut Tx<'_>,
    _permit: &Permit<KeepSecurityIncidents>,
    of: SecurityIncidentId,
    report: &NewReport,
) -> Result<SecurityReportId, StoreError> {
    let (new, now): (SecurityReportId, i64) = (tx.fresh(), tx.now().0);
    let row = (
        security_report::id.eq(new.to_string()),
        security_report::incident_id.eq(of.to_string()),
        security_report::duty.eq(report.duty.as_str()),
        security_report::recipient.eq(&report.recipient),
        security_report::reference.eq(&report.reference),
        security_report::sent_at.eq(report.sent.0),
        security_report::noted_by.eq(report.by.to_string()),
        security_report::noted_at.eq(now),
    );
    diesel::insert_into(security_report::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("note a report of a security incident"))?;
    Ok(new)
}

/// False when it is closed already.
pub fn close(
    tx: &mut Tx<'_>,
    _permit: &Permit<KeepSecurityIncidents>,
    of: SecurityIncidentId,
    by: UserId,
    closing: &str,
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let open = security_incident::id.eq(of.to_string()).and(security_incident::closed_at.is_null());
    let closed = diesel::update(security_incident::table.filter(open))
        .set((
            security_incident::closed_at.eq(now),
            security_incident::closed_by.eq(by.to_string()),
            security_incident::closing.eq(closing),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("close a security incident"))?;
    Ok(closed == 1)
}

/// Makes whoever else acts on it wait until the commit; false when there is none of that id, or it is closed.
pub fn hold_open(
    tx: &mut Tx<'_>,
    _permit: &Permit<KeepSecurityIncidents>,
    of: SecurityIncidentId,
) -> Result<bool, StoreError> {
    // An update that changes nothing takes the row.
    let open = security_incident::id.eq(of.to_string()).and(security_incident::closed_at.is_null());
    diesel::update(security_incident::table.filter(open))
        .set(security_incident::closing.eq(None::<String>))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("take a security incident"))
}

/// Those that are open, or all; the one that was discovered last first.
pub fn list(
    conn: &mut Conn,
    _permit: &Permit<ViewSecurityIncidents>,
    open_only: bool,
) -> Result<Vec<Incident>, StoreError> {
    let mut query = security_incident::table.into_boxed();
    if open_only {
        query = query.filter(security_incident::closed_at.is_null());
    }
    let heads: Vec<Head> = query
        .order((security_incident::discovered_at.desc(), security_incident::id.desc()))
        .limit(MOST)
        .select(security_incident::all_columns)
        .load(conn.db())
        .map_err(StoreError::db("list security incidents"))?;
    heads.into_iter().map(|head| whole(conn, head)).collect()
}

pub fn read(
    conn: &mut Conn,
    _permit: &Permit<ViewSecurityIncidents>,
    wanted: SecurityIncidentId,
) -> Result<Option<Incident>, StoreError> {
    let head: Option<Head> = security_incident::table
        .filter(security_incident::id.eq(wanted.to_string()))
        .select(security_incident::all_columns)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a security incident"))?;
    head.map(|head| whole(conn, head)).transpose()
}

fn whole(conn: &mut Conn, head: Head) -> Result<Incident, StoreError> {
    let table = "security_incident";
    let (key, discovered, entered_by, entered_at, closed_at, closed_by, closing) = head;
    let closed_by: Option<UserId> = maybe_id(closed_by.as_deref(), table, "closed_by")?;
    let (version, known, written_by, written_at) = latest(conn, &key)?;
    Ok(Incident {
        id: id(&key, table, "id")?,
        discovered: Instant(discovered),
        entered_by: id(&entered_by, table, "entered_by")?,
        entered_at,
        version,
        known,
        written_by,
        written_at,
        closed: closed_at.zip(closed_by).zip(closing).map(|((at, by), words)| (at, by, words)),
        reports: reports(conn, &key)?,
    })
}

/// By primary key.
fn latest(conn: &mut Conn, of: &str) -> Result<(i64, Known, UserId, i64), StoreError> {
    let table = "security_incident_version";
    type Row = (i64, String, String, String, Option<i64>, String, String, String, i64);
    let row: Row = security_incident_version::table
        .filter(security_incident_version::incident_id.eq(of))
        .order(security_incident_version::version.desc())
        .select((
            security_incident_version::version,
            security_incident_version::concerns,
            security_incident_version::severity,
            security_incident_version::what,
            security_incident_version::affected,
            security_incident_version::categories,
            security_incident_version::measures,
            security_incident_version::written_by,
            security_incident_version::written_at,
        ))
        .first(conn.db())
        .map_err(StoreError::db("read what is known of a security incident"))?;
    let (version, concerns, severity, what, affected, categories, measures, by, at) = row;
    let concerns = Concerns::parse(&concerns).ok_or_else(|| StoreError::corrupt(table, "concerns", of))?;
    let severity = Severity::parse(&severity).ok_or_else(|| StoreError::corrupt(table, "severity", of))?;
    Ok((version, Known { concerns, severity, what, affected, categories, measures }, id(&by, table, "written_by")?, at))
}

/// Index security_report_of_incident.
fn reports(conn: &mut Conn, of: &str) -> Result<Vec<Report>, StoreError> {
    let table = "security_report";
    type Row = (String, String, String, String, i64, String, i64);
    let rows: Vec<Row> = security_report::table
        .filter(security_report::incident_id.eq(of))
        .order((security_report::sent_at, security_report::id))
        .limit(MOST)
        .select((
            security_report::id,
            security_report::duty,
            security_report::recipient,
            security_report::reference,
            security_report::sent_at,
            security_report::noted_by,
            security_report::noted_at,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list the reports of a security incident"))?;
    rows.into_iter()
        .map(|(key, duty, recipient, reference, sent, by, noted_at)| {
            Ok(Report {
                id: id(&key, table, "id")?,
                duty: Duty::parse(&duty).ok_or_else(|| StoreError::corrupt(table, "duty", &key))?,
                recipient,
                reference,
                sent: Instant(sent),
                noted_by: id(&by, table, "noted_by")?,
                noted_at,
            })
        })
        .collect()
}
