//! Is the trail whole? Each chain's links, each row's columns against its hashed body, and no chain gone.
//!
//! A row that was changed breaks its hash; a column that was changed beside it no longer says what the body says; a
//! chain that was taken away whole is still named, by the first row of the chains after it and by the signed heads.
//! Who signed a head is for `benhan verify` to say: here it is held against the rows.

use crate::audit::{self, Row, row_hash};
use crate::schema::audit as rows;
use crate::{Conn, StoreError};
use benhan_domain::time::Instant;
use diesel::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

const PAGE: i64 = 2_000;
/// Pages that are read and not yet checked: what the check holds in memory, whatever the trail's length.
const PAGES_AHEAD: usize = 4;

/// As [`audit`] writes it.
#[derive(Deserialize)]
struct Body<'r> {
    #[serde(borrow)]
    act: Cow<'r, str>,
    #[serde(borrow)]
    actor: Option<Cow<'r, str>>,
    #[serde(borrow)]
    at: Cow<'r, str>,
    #[serde(borrow)]
    chain: Cow<'r, str>,
    #[serde(rename = "detail")]
    _detail: IgnoredAny,
    #[serde(borrow)]
    encounter: Option<Cow<'r, str>>,
    #[serde(borrow)]
    patient: Option<Cow<'r, str>>,
    seq: i64,
    #[serde(borrow)]
    subject: Subject<'r>,
}

#[derive(Deserialize)]
struct Subject<'r> {
    #[serde(borrow)]
    id: Cow<'r, str>,
    #[serde(borrow)]
    kind: Cow<'r, str>,
}

/// A row that another place says there is.
#[derive(Deserialize)]
struct Named {
    chain: String,
    seq: i64,
    hash: String,
}

/// How many rows there are, when all of it holds.
pub fn check(conn: &mut Conn) -> Result<u64, StoreError> {
    check_telling(conn, |_| {})
}

/// The same, and `told` of the rows that are read so far, a page at a time.
pub fn check_telling(conn: &mut Conn, mut told: impl FnMut(u64)) -> Result<u64, StoreError> {
    let mut counted = 0;
    for head in audit::heads(conn, i64::MAX)? {
        counted = check_chain(conn, &head.chain, counted, &mut told)?;
    }
    for (chain, seq, body, _) in audit::signed_heads(conn)? {
        let key = format!("{chain}/{seq}");
        let signed: Named = serde_json::from_str(&body).map_err(|_| StoreError::corrupt("audit_head", "body", &key))?;
        if (&signed.chain, signed.seq) != (&chain, seq) || !is_there(conn, &signed)? {
            return Err(StoreError::corrupt("audit_head", "row", &key));
        }
    }
    Ok(counted)
}

/// One thread reads, another checks: each takes about as long.
fn check_chain(conn: &mut Conn, chain: &str, mut counted: u64, told: &mut impl FnMut(u64)) -> Result<u64, StoreError> {
    let (pages, next) = sync_channel::<Vec<Row>>(PAGES_AHEAD);
    let earlier = thread::scope(|scope| {
        let checks = scope.spawn(move || check_rows(chain, &next));
        let mut after = 0;
        let read = loop {
            match audit::rows_after(conn, chain, after, PAGE) {
                Err(error) => break Err(error),
                Ok(page) => {
                    let Some(last) = page.last() else { break Ok(()) };
                    after = last.seq;
                    counted = counted.saturating_add(u64::try_from(page.len()).unwrap_or(0));
                    // Who checks has gone only with something to say.
                    if pages.send(page).is_err() {
                        break Ok(());
                    }
                    told(counted);
                }
            }
        };
        drop(pages);
        let found = checks.join().map_err(|_| StoreError::Panicked)?;
        read.and(found)
    })?;
    for named in earlier {
        if !is_there(conn, &named)? {
            return Err(StoreError::corrupt("audit", "row", &format!("{}/{}", named.chain, named.seq)));
        }
    }
    Ok(counted)
}

/// The rows of `chain` in order; which rows of other chains they name.
fn check_rows(chain: &str, pages: &Receiver<Vec<Row>>) -> Result<Vec<Named>, StoreError> {
    let (mut after, mut prev, mut earlier) = (0_i64, "0".repeat(64), Vec::new());
    for row in pages.iter().flatten() {
        let broken = |column| StoreError::corrupt("audit", column, &format!("{chain}/{}", row.seq));
        if row.seq != after.saturating_add(1) {
            return Err(broken("seq"));
        }
        if row.prev_hash != prev || row.hash != row_hash(&prev, &row.body)? {
            return Err(broken("hash"));
        }
        let body: Body = serde_json::from_str(&row.body).map_err(|_| broken("body"))?;
        if let Some(column) = differs(&row, &body) {
            return Err(broken(column));
        }
        if body.subject.kind == "chain" && body.act == "start" {
            earlier.extend(named(&row.body));
        }
        (after, prev) = (row.seq, row.hash);
    }
    Ok(earlier)
}

/// The first column that is not as the hashed body has it.
fn differs(row: &Row, body: &Body<'_>) -> Option<&'static str> {
    let same = [
        ("chain_id", row.chain_id == body.chain),
        ("seq", row.seq == body.seq),
        ("at", Instant(row.at).rfc3339() == body.at),
        ("actor_id", row.actor_id.as_deref() == body.actor.as_deref()),
        ("act", row.act == body.act),
        ("subject_kind", row.subject_kind == body.subject.kind),
        ("subject_id", row.subject_id == body.subject.id),
        ("patient_id", row.patient_id.as_deref() == body.patient.as_deref()),
        ("encounter_id", row.encounter_id.as_deref() == body.encounter.as_deref()),
    ];
    same.into_iter().find(|(_, same)| !same).map(|(column, _)| column)
}

/// The heads that a chain's first row names.
fn named(body: &str) -> Vec<Named> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let earlier = body.pointer("/detail/earlier").and_then(Value::as_array).into_iter().flatten();
    earlier.filter_map(|one| serde_json::from_value(one.clone()).ok()).collect()
}

fn is_there(conn: &mut Conn, named: &Named) -> Result<bool, StoreError> {
    let hash: Option<String> = rows::table
        .filter(rows::chain_id.eq(&named.chain).and(rows::seq.eq(named.seq)))
        .select(rows::hash)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("look for a named audit row"))?;
    Ok(hash.as_ref() == Some(&named.hash))
}
