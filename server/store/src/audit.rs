//! The audit trail: rows chained by hash, written in the transaction of the act.
//!
//! hash = SHA-256(0x00 ‖ previous hash ‖ body); the body is canonical JSON (RFC 8785). Each writer has its
//! own chain, and a chain's first row names the heads of the chains before it, so that none can vanish whole.

use crate::schema::{audit, audit_head};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Permit, Scope, ViewChart};
use benhan_domain::audit::Act;
use benhan_domain::id::{ChainId, EncounterId, PatientId, UserId};
use benhan_domain::time::Instant;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

const NO_HASH: [u8; 32] = [0; 32];

/// One act. `detail` is for readers of the trail; it never holds clinical text or secrets.
#[derive(Clone, Debug)]
pub struct Entry {
    pub actor: Option<UserId>,
    pub act: Act,
    pub subject_kind: &'static str,
    pub subject_id: String,
    pub patient: Option<PatientId>,
    pub encounter: Option<EncounterId>,
    pub detail: Value,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit)]
pub struct Row {
    pub chain_id: String,
    pub seq: i64,
    pub at: i64,
    pub actor_id: Option<String>,
    pub act: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub patient_id: Option<String>,
    pub encounter_id: Option<String>,
    pub body: String,
    pub prev_hash: String,
    pub hash: String,
}

/// An entry that can wait in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Noted {
    actor: Option<String>,
    act: Act,
    subject_kind: String,
    subject_id: String,
    patient: Option<String>,
    encounter: Option<String>,
    detail: Value,
    #[serde(default)]
    source: Option<IpAddr>,
}

impl Noted {
    pub(crate) fn new(entry: Entry, source: Option<IpAddr>) -> Self {
        Self {
            actor: entry.actor.map(|a| a.to_string()),
            act: entry.act,
            subject_kind: entry.subject_kind.to_owned(),
            subject_id: entry.subject_id,
            patient: entry.patient.map(|p| p.to_string()),
            encounter: entry.encounter.map(|e| e.to_string()),
            detail: entry.detail,
            source,
        }
    }

    /// The row will be dated when it reaches the trail: this says when it was true.
    pub(crate) fn at(mut self, at: Instant) -> Self {
        if let Value::Object(detail) = &mut self.detail {
            detail.insert("noted".to_owned(), Value::String(at.rfc3339()));
        }
        self
    }
}

/// The last row of a chain: what a signed head covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub chain: String,
    pub seq: i64,
    pub hash: String,
}

pub fn append(tx: &mut Tx<'_>, entry: Entry) -> Result<(), StoreError> {
    let (chain, now, source) = (tx.chain, tx.now(), tx.source());
    append_row(tx.conn(), chain, now, Noted::new(entry, source))
}

/// Rows that waited in the reserve.
pub(crate) fn append_late(tx: &mut Tx<'_>, rows: &[Noted]) -> Result<(), StoreError> {
    let (chain, now) = (tx.chain, tx.now());
    rows.iter().try_for_each(|row| append_row(tx.conn(), chain, now, row.clone()))
}

fn append_row(conn: &mut Conn, chain: ChainId, at: Instant, entry: Noted) -> Result<(), StoreError> {
    let chain = chain.to_string();
    let head = head_of(conn, &chain)?;
    let (seq, prev) = head.map_or((1, hex::encode(NO_HASH)), |h| (h.seq.saturating_add(1), h.hash));
    let act = word(entry.act)?;
    let (actor_id, patient_id, encounter_id) = (entry.actor, entry.patient, entry.encounter);
    let mut body = json!({
        "act": act, "actor": actor_id, "at": at.rfc3339(), "chain": chain, "detail": entry.detail,
        "encounter": encounter_id, "patient": patient_id, "seq": seq,
        "subject": { "id": entry.subject_id, "kind": entry.subject_kind },
    });
    if let (Some(source), Value::Object(body)) = (entry.source, &mut body) {
        body.insert("source".to_owned(), Value::String(source.to_string()));
    }
    let body = canonical(&body)?;
    let hash = row_hash(&prev, &body)?;
    let row = Row {
        chain_id: chain,
        seq,
        at: at.0,
        actor_id,
        act,
        subject_kind: entry.subject_kind,
        subject_id: entry.subject_id,
        patient_id,
        encounter_id,
        body,
        prev_hash: prev,
        hash,
    };
    diesel::insert_into(audit::table)
        .values(&row)
        .execute(conn.db())
        .map(drop)
        .map_err(StoreError::db("append to the audit trail"))
}

impl Row {
    /// The address that asked for it. Rows of the program itself, and rows from before it was kept, have none.
    pub fn source(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Body {
            source: Option<String>,
        }
        serde_json::from_str::<Body>(&self.body).ok()?.source
    }
}

/// RFC 8785 text of `value`.
pub fn canonical(value: &Value) -> Result<String, StoreError> {
    serde_json_canonicalizer::to_string(value).map_err(|e| StoreError::Commit(e.to_string()))
}

fn word(act: Act) -> Result<String, StoreError> {
    match serde_json::to_value(act) {
        Ok(Value::String(word)) => Ok(word),
        _ => Err(StoreError::corrupt("audit", "act", "")),
    }
}

pub(crate) fn row_hash(prev: &str, body: &str) -> Result<String, StoreError> {
    let mut before = [0; 32];
    hex::decode_to_slice(prev, &mut before).map_err(|_| StoreError::corrupt("audit", "prev_hash", prev))?;
    Ok(hex::encode(Sha256::new().chain_update([0]).chain_update(before).chain_update(body).finalize()))
}

/// By the primary key, backwards.
fn head_of(conn: &mut Conn, chain: &str) -> Result<Option<Head>, StoreError> {
    let row: Option<(i64, String)> = audit::table
        .filter(audit::chain_id.eq(chain))
        .order(audit::seq.desc())
        .select((audit::seq, audit::hash))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the head of an audit chain"))?;
    Ok(row.map(|(seq, hash)| Head { chain: chain.to_owned(), seq, hash }))
}

/// Opens this writer's chain by a row that names the heads of the 64 chains started last. In a transaction that holds
/// the write lock since before the first read.
pub(crate) fn start_chain(conn: &mut Conn, chain: ChainId, at: Instant) -> Result<(), StoreError> {
    let earlier: Vec<Value> =
        heads(conn, 64)?.into_iter().map(|h| json!({ "chain": h.chain, "seq": h.seq, "hash": h.hash })).collect();
    let entry = Entry {
        actor: None,
        act: Act::Start,
        subject_kind: "chain",
        subject_id: chain.to_string(),
        patient: None,
        encounter: None,
        detail: json!({ "earlier": earlier }),
    };
    append_row(conn, chain, at, Noted::new(entry, None))
}

/// The chains that were started last, newest first: ids are UUIDv7, their order is their age. A chain counts by any row
/// that it has, so that taking away its first one does not hide the rest. By the primary key, a step a chain.
fn chains(conn: &mut Conn, limit: i64) -> Result<Vec<String>, StoreError> {
    let mut found: Vec<String> = Vec::new();
    while i64::try_from(found.len()).is_ok_and(|n| n < limit) {
        let mut older = audit::table.select(audit::chain_id).into_boxed();
        if let Some(last) = found.last() {
            older = older.filter(audit::chain_id.lt(last.clone()));
        }
        let next: Option<String> = older
            .order(audit::chain_id.desc())
            .first(conn.db())
            .optional()
            .map_err(StoreError::db("list audit chains"))?;
        let Some(next) = next else { break };
        found.push(next);
    }
    Ok(found)
}

/// Heads of the chains that were started last.
pub fn heads(conn: &mut Conn, limit: i64) -> Result<Vec<Head>, StoreError> {
    let mut heads = Vec::new();
    for chain in chains(conn, limit)? {
        heads.extend(head_of(conn, &chain)?);
    }
    Ok(heads)
}

/// Rows of one chain after `seq`, in order: for export and verification. By the primary key.
pub fn rows_after(conn: &mut Conn, chain: &str, seq: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
    audit::table
        .filter(audit::chain_id.eq(chain).and(audit::seq.gt(seq)))
        .order(audit::seq)
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read an audit chain"))
}

/// Which rows a reader of the trail asks for: every given part must hold.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub patient: Option<PatientId>,
    pub actor: Option<UserId>,
    pub act: Option<Act>,
    pub from: Option<i64>,
    /// Before this instant.
    pub until: Option<i64>,
    /// What comes after this row, chain and place: the next page.
    pub after: Option<(ChainId, i64)>,
}

/// Newest rows first. Index audit_of_patient, audit_of_actor, audit_by_time.
pub fn latest(conn: &mut Conn, wanted: &Wanted, limit: i64) -> Result<Vec<Row>, StoreError> {
    let mut query = audit::table.into_boxed();
    if let Some(patient) = wanted.patient {
        query = query.filter(audit::patient_id.eq(patient.to_string()));
    }
    if let Some(actor) = wanted.actor {
        query = query.filter(audit::actor_id.eq(actor.to_string()));
    }
    if let Some(act) = wanted.act {
        query = query.filter(audit::act.eq(word(act)?));
    }
    if let Some(from) = wanted.from {
        query = query.filter(audit::at.ge(from));
    }
    if let Some(until) = wanted.until {
        query = query.filter(audit::at.lt(until));
    }
    if let Some((chain, seq)) = wanted.after {
        // Rows of one transaction share their instant, and a page may end among them.
        let (chain, at) = (chain.to_string(), at_of(conn, chain, seq)?);
        let further = audit::chain_id.lt(chain.clone()).or(audit::chain_id.eq(chain).and(audit::seq.lt(seq)));
        query = query.filter(audit::at.le(at).and(audit::at.lt(at).or(further)));
    }
    query
        .order((audit::at.desc(), audit::chain_id.desc(), audit::seq.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read the audit trail"))
}

fn at_of(conn: &mut Conn, chain: ChainId, seq: i64) -> Result<i64, StoreError> {
    let at: Option<i64> = audit::table
        .filter(audit::chain_id.eq(chain.to_string()).and(audit::seq.eq(seq)))
        .select(audit::at)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find where a page of the trail ended"))?;
    // A row that is not there has nothing after it.
    Ok(at.unwrap_or(i64::MIN))
}

/// This very head is signed already.
pub fn has_head(conn: &mut Conn, head: &Head) -> Result<bool, StoreError> {
    let there: i64 = audit_head::table
        .filter(audit_head::chain_id.eq(&head.chain).and(audit_head::seq.eq(head.seq)))
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("look for a signed head"))?;
    Ok(there > 0)
}

/// Keeps a head that the facility signed, and the edge of the tree that it is over.
pub fn keep_head(
    tx: &mut Tx<'_>,
    head: &Head,
    body: &str,
    cms: &[u8],
    tree_edge: Option<&str>,
) -> Result<(), StoreError> {
    let row = (
        audit_head::chain_id.eq(&head.chain),
        audit_head::seq.eq(head.seq),
        audit_head::signed_at.eq(tx.now().0),
        audit_head::body.eq(body),
        audit_head::cms.eq(cms),
        audit_head::tree_edge.eq(tree_edge),
    );
    diesel::insert_into(audit_head::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep a signed head"))
}

/// Chain, row, what was signed, and its CMS.
pub type SignedHead = (String, i64, String, Vec<u8>);

/// In the order of the chains.
pub fn signed_heads(conn: &mut Conn) -> Result<Vec<SignedHead>, StoreError> {
    audit_head::table
        .order((audit_head::chain_id, audit_head::seq))
        .select((audit_head::chain_id, audit_head::seq, audit_head::body, audit_head::cms))
        .load(conn.db())
        .map_err(StoreError::db("read the signed heads"))
}

/// With when each was signed; from that instant on, the oldest first. Some thousands a year, and all of them once a start.
pub fn signed_since(conn: &mut Conn, at: i64) -> Result<Vec<(i64, SignedHead)>, StoreError> {
    let columns = (audit_head::chain_id, audit_head::seq, audit_head::body, audit_head::cms);
    audit_head::table
        .filter(audit_head::signed_at.ge(at))
        .order((audit_head::signed_at, audit_head::chain_id, audit_head::seq))
        .select((audit_head::signed_at, columns))
        .load(conn.db())
        .map_err(StoreError::db("read the heads that were signed since"))
}

/// The hash of one row of a chain. By the primary key.
pub fn hash_at(conn: &mut Conn, chain: &str, seq: i64) -> Result<Option<String>, StoreError> {
    audit::table
        .filter(audit::chain_id.eq(chain).and(audit::seq.eq(seq)))
        .select(audit::hash)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the hash of an audit row"))
}

/// What was signed last of a chain, and the edge of its tree where it has one. By the primary key, backwards.
pub fn last_signed(conn: &mut Conn, chain: &str) -> Result<Option<(String, Option<String>)>, StoreError> {
    audit_head::table
        .filter(audit_head::chain_id.eq(chain))
        .order(audit_head::seq.desc())
        .select((audit_head::body, audit_head::tree_edge))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the last signed head"))
}

/// The first signed head with a tree that covers a row. By the primary key.
pub fn head_over(conn: &mut Conn, chain: &str, seq: i64) -> Result<Option<SignedHead>, StoreError> {
    audit_head::table
        .filter(audit_head::chain_id.eq(chain).and(audit_head::seq.ge(seq)))
        .filter(audit_head::tree_edge.is_not_null())
        .order(audit_head::seq)
        .select((audit_head::chain_id, audit_head::seq, audit_head::body, audit_head::cms))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find the head over a row"))
}

/// Hashes of one chain after `seq` and up to `until`, in order: the leaves of its tree. By the primary key.
pub fn hashes_after(
    conn: &mut Conn,
    chain: &str,
    seq: i64,
    until: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>, StoreError> {
    audit::table
        .filter(audit::chain_id.eq(chain).and(audit::seq.gt(seq)).and(audit::seq.le(until)))
        .order(audit::seq)
        .limit(limit)
        .select((audit::seq, audit::hash))
        .load(conn.db())
        .map_err(StoreError::db("read the hashes of an audit chain"))
}

/// Every row about a stay, by chain and place, after the one that a page before ended with. Index audit_of_patient.
pub fn of_stay(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    patient: PatientId,
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    audit::table
        .filter(audit::patient_id.eq(patient.to_string()).and(audit::encounter_id.eq(stay.to_string())))
        .filter(audit::chain_id.gt(after.0).or(audit::chain_id.eq(after.0).and(audit::seq.gt(after.1))))
        .order((audit::chain_id, audit::seq))
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read the trail of a stay"))
}

/// This person did this to this subject at or after `since`: a look that goes on is one row.
/// Index audit_of_patient, also where the subject is nobody's.
pub fn noted_since(
    conn: &mut Conn,
    actor: UserId,
    (act, kind, subject): (Act, &str, &str),
    patient: Option<PatientId>,
    since: i64,
) -> Result<bool, StoreError> {
    let mut query = audit::table
        .filter(audit::at.ge(since).and(audit::actor_id.eq(actor.to_string())))
        .filter(audit::act.eq(word(act)?).and(audit::subject_kind.eq(kind.to_owned())))
        .filter(audit::subject_id.eq(subject.to_owned()))
        .into_boxed();
    query = match patient {
        Some(patient) => query.filter(audit::patient_id.eq(patient.to_string())),
        None => query.filter(audit::patient_id.is_null()),
    };
    let found: Option<i64> =
        query.select(audit::seq).first(conn.db()).optional().map_err(StoreError::db("look for an earlier act"))?;
    Ok(found.is_some())
}
