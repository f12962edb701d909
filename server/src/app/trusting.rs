//! Authorities that this hospital trusts: added and taken away with a reason and a row each, so that years later it is
//! known what was trusted when.
//!
//! What lies in `trust/` at the first start is noted as found there. After that the rows decide: a certificate that was
//! taken away stays away, whatever the files say.

use super::AppError;
use super::error::Kind;
use super::lookups::People;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::trust::{Authorities, Trust};
use crate::view_access::TrustedAuthority;
use benhan_domain::access::{Place, ViewAuthorities, decide};
use benhan_domain::audit::Act;
use benhan_domain::certificate::{TrustChange, TrustKind};
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_sign::Certificate;
use benhan_store::audit::{self, Entry};
use benhan_store::trust_changes::{self, Change};
use benhan_store::{Conn, Db, StoreError, Tx, dialect};
use serde_json::json;
use std::collections::BTreeMap;

const ONE: &str = "trust changes";

/// What holds now: of each certificate its last change.
pub fn standing(changes: &[Change]) -> Vec<&Change> {
    let mut last: BTreeMap<&str, (usize, &Change)> = BTreeMap::new();
    for (place, change) in changes.iter().enumerate() {
        last.insert(&change.fingerprint, (place, change));
    }
    let mut standing: Vec<_> = last.into_values().filter(|(_, c)| c.change != TrustChange::Removed).collect();
    standing.sort_by_key(|(place, _)| *place);
    standing.into_iter().map(|(_, change)| change).collect()
}

/// Notes what the files brought and no row knows, and trusts from now on what the rows say.
pub async fn take_up(db: &Db, trust: &Trust) -> Result<(), AppError> {
    let files = trust.authorities();
    let found = files.anchors.into_iter().map(|c| (TrustKind::Anchor, c));
    let found: Vec<_> = found.chain(files.issuing.into_iter().map(|c| (TrustKind::Issuing, c))).collect();
    let read = db.read::<_, AppError, _>(|conn| Ok(trust_changes::all(conn)?)).await?;
    let is_new = |(_, c): &(TrustKind, Certificate)| !read.iter().any(|row| row.fingerprint == fingerprint(c));
    if found.iter().any(is_new) {
        let write = db.write::<_, AppError, _>(move |tx| {
            dialect::hold(tx.conn(), ONE)?;
            let rows = trust_changes::all(tx.conn())?;
            // Only the first time are they from before.
            let change = if rows.is_empty() { TrustChange::Found } else { TrustChange::Added };
            for (kind, certificate) in &found {
                if !rows.iter().any(|row| row.fingerprint == fingerprint(certificate)) {
                    note(tx, change, *kind, certificate, "trust/")?;
                }
            }
            Ok(())
        });
        write.await?;
    }
    renew(db, trust).await
}

/// Trusts what the rows say: another process, a command for one, may have changed something.
pub async fn renew(db: &Db, trust: &Trust) -> Result<(), AppError> {
    let known = db.read::<_, AppError, _>(authorities).await?;
    trust.know(known);
    Ok(())
}

fn authorities(conn: &mut Conn) -> Result<Authorities, AppError> {
    let (changes, mut known) = (trust_changes::all(conn)?, Authorities::default());
    for change in standing(&changes) {
        let read = Certificate::from_der(&change.der);
        let certificate = read.map_err(|_| StoreError::corrupt("trust_change", "der", &change.fingerprint))?;
        match change.kind {
            TrustKind::Anchor => known.anchors.push(certificate),
            TrustKind::Issuing => known.issuing.push(certificate),
            TrustKind::TimeStamps => known.time_stamps.push(certificate),
        }
    }
    Ok(known)
}

/// From the machine that holds the record.
pub async fn add(db: &Db, certificate: Certificate, kind: TrustKind, reason: &str) -> Result<(), AppError> {
    let reason = said(reason)?;
    let write = db.write::<_, AppError, _>(move |tx| {
        dialect::hold(tx.conn(), ONE)?;
        let rows = trust_changes::all(tx.conn())?;
        let name = fingerprint(&certificate);
        if standing(&rows).iter().any(|row| row.fingerprint == name && row.kind == kind) {
            return Err(AppError::conflict("already-trusted", "Chứng thư này đang được tin cậy."));
        }
        note(tx, TrustChange::Added, kind, &certificate, &reason)
    });
    write.await
}

/// The same; a beginning of the fingerprint that fits one alone is enough.
pub async fn remove(db: &Db, beginning: &str, reason: &str) -> Result<String, AppError> {
    let (reason, beginning) = (said(reason)?, beginning.to_ascii_lowercase().replace(':', ""));
    let write = db.write::<_, AppError, _>(move |tx| {
        dialect::hold(tx.conn(), ONE)?;
        let rows = trust_changes::all(tx.conn())?;
        let fit: Vec<&Change> =
            standing(&rows).into_iter().filter(|row| row.fingerprint.starts_with(&beginning)).collect();
        let [one] = fit.as_slice() else {
            let detail = "Dấu vân tay này không chỉ đúng một chứng thư đang được tin cậy: xem «benhan trust list».";
            return Err(AppError::refused(Kind::NotFound, "no-such-authority", detail));
        };
        let read = Certificate::from_der(&one.der);
        let certificate = read.map_err(|_| StoreError::corrupt("trust_change", "der", &one.fingerprint))?;
        note(tx, TrustChange::Removed, one.kind, &certificate, &reason)?;
        Ok(certificate.subject())
    });
    write.await
}

/// Every change, the newest first, for whoever looks after the house or inspects it.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<TrustedAuthority>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ViewAuthorities>(&reader.actor, Place::Facility)?;
        let changes = trust_changes::all(conn)?;
        let people = People::read(conn, changes.iter().filter_map(|change| change.by))?;
        let last = |place: usize, of: &Change| changes.iter().skip(place + 1).all(|c| c.fingerprint != of.fingerprint);
        let shown = changes.iter().enumerate().rev().map(|(place, change)| {
            let trusted = change.change != TrustChange::Removed && last(place, change);
            shown(change, trusted, &people)
        });
        shown.collect::<Result<_, AppError>>()
    });
    read.await
}

fn shown(of: &Change, trusted: bool, people: &People) -> Result<TrustedAuthority, AppError> {
    let read = Certificate::from_der(&of.der);
    let certificate = read.map_err(|_| StoreError::corrupt("trust_change", "der", &of.fingerprint))?;
    Ok(TrustedAuthority {
        fingerprint: of.fingerprint.clone(),
        subject: of.subject.clone(),
        kind: of.kind.as_str().to_owned(),
        kind_text: of.kind.vietnamese().to_owned(),
        not_after: Instant(certificate.valid_until()).rfc3339(),
        change: of.change.as_str().to_owned(),
        at: Instant(of.at).rfc3339(),
        by: of.by.and_then(|by| people.of(by)),
        reason: of.reason.clone(),
        trusted,
    })
}

fn said(reason: &str) -> Result<String, AppError> {
    let reason = text::clean(reason);
    match reason.chars().count() {
        3..=500 => Ok(reason),
        _ => Err(AppError::invalid("reason", "Ghi lý do, từ 3 đến 500 ký tự")),
    }
}

fn note(
    tx: &mut Tx<'_>,
    change: TrustChange,
    kind: TrustKind,
    certificate: &Certificate,
    reason: &str,
) -> Result<(), AppError> {
    let row = Change {
        at: tx.now().0,
        change,
        kind,
        fingerprint: fingerprint(certificate),
        subject: certificate.subject(),
        der: certificate.der().to_vec(),
        by: None,
        reason: reason.to_owned(),
    };
    trust_changes::note(tx, &row)?;
    let act = if change == TrustChange::Removed { Act::Cancel } else { Act::Create };
    let entry = Entry {
        actor: None,
        act,
        subject_kind: "trusted-authority",
        subject_id: row.fingerprint,
        patient: None,
        encounter: None,
        detail: json!({ "change": change, "kind": kind, "subject": row.subject, "reason": reason }),
    };
    Ok(audit::append(tx, entry)?)
}

fn fingerprint(certificate: &Certificate) -> String {
    hex::encode(certificate.fingerprint())
}
