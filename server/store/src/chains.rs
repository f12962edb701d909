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
use serde_json::Value;

const PAGE: i64 = 1_000;

/// As [`audit`] writes it.
#[derive(Deserialize)]
struct Body {
    act: String,
    actor: Option<String>,
    at: String,
    chain: String,
    detail: Value,
    encounter: Option<String>,
    patient: Option<String>,
    seq: i64,
    subject: Subject,
}

#[derive(Deserialize)]
struct Subject {
    id: String,
    kind: String,
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
    let mut counted = 0;
    for head in audit::heads(conn, i64::MAX)? {
        counted += check_chain(conn, &head.chain)?;
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

fn check_chain(conn: &mut Conn, chain: &str) -> Result<u64, StoreError> {
    let (mut after, mut prev, mut counted) = (0_i64, "0".repeat(64), 0);
    loop {
        let page = audit::rows_after(conn, chain, after, PAGE)?;
        if page.is_empty() {
            return Ok(counted);
        }
        for row in page {
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
            for earlier in named(&body) {
                if !is_there(conn, &earlier)? {
                    return Err(StoreError::corrupt("audit", "row", &format!("{}/{}", earlier.chain, earlier.seq)));
                }
            }
            (after, prev) = (row.seq, row.hash);
            counted += 1;
        }
    }
}

/// The first column that is not as the hashed body has it.
fn differs(row: &Row, body: &Body) -> Option<&'static str> {
    let same = [
        ("chain_id", row.chain_id == body.chain),
        ("seq", row.seq == body.seq),
        ("at", Instant(row.at).rfc3339() == body.at),
        ("actor_id", row.actor_id == body.actor),
        ("act", row.act == body.act),
        ("subject_kind", row.subject_kind == body.subject.kind),
        ("subject_id", row.subject_id == body.subject.id),
        ("patient_id", row.patient_id == body.patient),
        ("encounter_id", row.encounter_id == body.encounter),
    ];
    same.into_iter().find(|(_, same)| !same).map(|(column, _)| column)
}

/// The heads that a chain's first row names.
fn named(body: &Body) -> Vec<Named> {
    if body.subject.kind != "chain" || body.act != "start" {
        return Vec::new();
    }
    let earlier = body.detail.get("earlier").and_then(Value::as_array).into_iter().flatten();
    earlier.filter_map(|one| serde_json::from_value(one.clone()).ok()).collect()
}

fn is_there(conn: &mut Conn, named: &Named) -> Result<bool, StoreError> {
    let hash: Option<String> = rows::table
        .filter(rows::chain_id.eq(&named.chain).and(rows::seq.eq(named.seq)))
        .select(rows::hash)
        .first(conn)
        .optional()
        .map_err(StoreError::db("look for a named audit row"))?;
    Ok(hash.as_ref() == Some(&named.hash))
}
