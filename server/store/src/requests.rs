//! Requests for records: who asked, who decided, and what was given out each time. What was said stays; a request gets a
//! decision and an end, once each.

use crate::error::{id, maybe_id};
use crate::schema::{record_request, record_use};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, DecideRequest, Permit, ReadGranted, Scope, ServeRequest, ViewRequests};
use benhan_domain::id::{ConsentAnswerId, EncounterId, RecordRequestId, RecordUseId, UserId};
use benhan_domain::record::{Extent, Grant, RequestState, Requester, Use};
use benhan_domain::time::Instant;
use diesel::prelude::*;

const TABLE: &str = "record_request";

/// What somebody asks for, as the record room wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub requester: Requester,
    pub name: String,
    pub organisation: String,
    pub identity: String,
    pub paper: String,
    pub ground: String,
    pub purpose: String,
    pub extent: Extent,
    pub copy: bool,
}

/// Why somebody who needs the patient's will may have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatientsWill {
    /// A standing consent.
    Consent(ConsentAnswerId),
    /// The patient's own written request: its date, and where it is kept.
    Paper(String),
}

#[derive(Clone, Debug)]
pub struct Decision {
    pub by: UserId,
    pub at: i64,
    pub words: String,
    /// Nothing when it was refused.
    pub grant: Option<Grant>,
    pub will: Option<PatientsWill>,
}

#[derive(Clone, Debug)]
pub struct Request {
    pub id: RecordRequestId,
    pub number: String,
    pub encounter: EncounterId,
    pub state: RequestState,
    pub asked: Asked,
    pub received_by: UserId,
    pub received_at: i64,
    pub answer_by: i64,
    pub provide_by: Option<i64>,
    pub decision: Option<Decision>,
    /// By whom, when and why it was withdrawn, or that it is done.
    pub ended: Option<(UserId, i64, String)>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = record_request)]
struct Row {
    id: String,
    number: String,
    encounter_id: String,
    state: String,
    requester: String,
    name: String,
    organisation: String,
    identity: String,
    paper: String,
    ground: String,
    purpose: String,
    extent: String,
    copy: bool,
    received_by: String,
    received_at: i64,
    answer_by: i64,
    provide_by: Option<i64>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    decision: Option<String>,
    granted_extent: Option<String>,
    granted_copy: Option<bool>,
    granted_until: Option<i64>,
    ended_by: Option<String>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
    consent_id: Option<String>,
    patient_paper: Option<String>,
}

impl TryFrom<Row> for Request {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column: &'static str| StoreError::corrupt(TABLE, column, &row.id);
        let extent = |text: &str| Extent::parse(text).ok_or_else(|| broken("extent"));
        let granted = row.granted_extent.as_deref().map(extent).transpose()?;
        let grant = granted.zip(row.granted_copy).zip(row.granted_until);
        let grant = grant.map(|((extent, copy), until)| Grant { extent, copy, until: Instant(until) });
        let decider: Option<UserId> = maybe_id(row.decided_by.as_deref(), TABLE, "decided_by")?;
        let ender: Option<UserId> = maybe_id(row.ended_by.as_deref(), TABLE, "ended_by")?;
        let consent: Option<ConsentAnswerId> = maybe_id(row.consent_id.as_deref(), TABLE, "consent_id")?;
        let will = consent.map(PatientsWill::Consent).or_else(|| row.patient_paper.map(PatientsWill::Paper));
        let decided = decider.zip(row.decided_at).zip(row.decision);
        Ok(Self {
            id: id(&row.id, TABLE, "id")?,
            encounter: id(&row.encounter_id, TABLE, "encounter_id")?,
            state: RequestState::parse(&row.state).ok_or_else(|| broken("state"))?,
            asked: Asked {
                requester: Requester::parse(&row.requester).ok_or_else(|| broken("requester"))?,
                extent: extent(&row.extent)?,
                name: row.name,
                organisation: row.organisation,
                identity: row.identity,
                paper: row.paper,
                ground: row.ground,
                purpose: row.purpose,
                copy: row.copy,
            },
            received_by: id(&row.received_by, TABLE, "received_by")?,
            received_at: row.received_at,
            answer_by: row.answer_by,
            provide_by: row.provide_by,
            decision: decided.map(|((by, at), words)| Decision { by, at, words, grant, will }),
            ended: ender.zip(row.ended_at).zip(row.end_reason).map(|((by, at), why)| (by, at, why)),
            number: row.number,
        })
    }
}

fn stay_of<A: Action>(permit: &Permit<A>) -> Result<EncounterId, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) => Ok(*stay),
        _ => Err(StoreError::corrupt("permit", "scope", TABLE)),
    }
}

pub fn receive(
    tx: &mut Tx<'_>,
    permit: &Permit<ServeRequest>,
    number: String,
    asked: Asked,
    by: UserId,
) -> Result<RecordRequestId, StoreError> {
    let (given, now): (RecordRequestId, _) = (tx.fresh(), tx.now());
    let row = Row {
        id: given.to_string(),
        number,
        encounter_id: stay_of(permit)?.to_string(),
        state: RequestState::Received.as_str().to_owned(),
        requester: asked.requester.as_str().to_owned(),
        name: asked.name,
        organisation: asked.organisation,
        identity: asked.identity,
        paper: asked.paper,
        ground: asked.ground,
        purpose: asked.purpose,
        extent: asked.extent.as_str().to_owned(),
        copy: asked.copy,
        received_by: by.to_string(),
        received_at: now.0,
        answer_by: Requester::answer_by(now).0,
        provide_by: asked.requester.provide_by(now).map(|at| at.0),
        decided_by: None,
        decided_at: None,
        decision: None,
        granted_extent: None,
        granted_copy: None,
        granted_until: None,
        ended_by: None,
        ended_at: None,
        end_reason: None,
        consent_id: None,
        patient_paper: None,
    };
    diesel::insert_into(record_request::table)
        .values(&row)
        .execute(tx.db())
        .map_err(StoreError::db("take in a request"))?;
    Ok(given)
}

/// False when somebody decided first.
pub fn decide(
    tx: &mut Tx<'_>,
    _permit: &Permit<DecideRequest>,
    of: RecordRequestId,
    by: UserId,
    words: &str,
    (grant, will): (Option<Grant>, Option<&PatientsWill>),
) -> Result<bool, StoreError> {
    let (consent, paper) = match will {
        Some(PatientsWill::Consent(of)) => (Some(of.to_string()), None),
        Some(PatientsWill::Paper(words)) => (None, Some(words.as_str())),
        None => (None, None),
    };
    let state = if grant.is_some() { RequestState::Granted } else { RequestState::Refused };
    let now = tx.now().0;
    let waiting = record_request::id.eq(of.to_string()).and(record_request::state.eq(RequestState::Received.as_str()));
    let moved = diesel::update(record_request::table.filter(waiting))
        .set((
            record_request::state.eq(state.as_str()),
            record_request::decided_by.eq(by.to_string()),
            record_request::decided_at.eq(now),
            record_request::decision.eq(words),
            record_request::granted_extent.eq(grant.map(|g| g.extent.as_str())),
            record_request::granted_copy.eq(grant.map(|g| g.copy)),
            record_request::granted_until.eq(grant.map(|g| g.until.0)),
            record_request::consent_id.eq(consent),
            record_request::patient_paper.eq(paper),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("decide a request"))?;
    Ok(moved == 1)
}

/// Withdrawn or done; false when it is no longer in the state `from`.
pub fn end(
    tx: &mut Tx<'_>,
    _permit: &Permit<ServeRequest>,
    (of, from, to): (RecordRequestId, RequestState, RequestState),
    by: UserId,
    why: &str,
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let standing = record_request::id.eq(of.to_string()).and(record_request::state.eq(from.as_str()));
    let moved = diesel::update(record_request::table.filter(standing))
        .set((
            record_request::state.eq(to.as_str()),
            record_request::ended_by.eq(by.to_string()),
            record_request::ended_at.eq(now),
            record_request::end_reason.eq(why),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("end a request"))?;
    Ok(moved == 1)
}

/// By primary key; the caller holds a permit on its record, or on all of them.
pub fn read(
    conn: &mut Conn,
    _permit: &Permit<ViewRequests>,
    of: RecordRequestId,
) -> Result<Option<Request>, StoreError> {
    let row: Option<Row> = record_request::table
        .filter(record_request::id.eq(of.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a request"))?;
    row.map(Request::try_from).transpose()
}

/// The same for whom it was granted.
pub fn read_granted(
    conn: &mut Conn,
    permit: &Permit<ReadGranted>,
    of: RecordRequestId,
) -> Result<Option<Request>, StoreError> {
    let row: Option<Row> = record_request::table
        .filter(record_request::id.eq(of.to_string()))
        .filter(record_request::encounter_id.eq(stay_of(permit)?.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a granted request"))?;
    row.map(Request::try_from).transpose()
}

/// Which record it is about; nothing else is told.
pub fn record_of(conn: &mut Conn, of: RecordRequestId) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = record_request::table
        .filter(record_request::id.eq(of.to_string()))
        .select(record_request::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a request's record"))?;
    stay.map(|stay| id(&stay, TABLE, "encounter_id")).transpose()
}

/// In these states, the one that was received last first. Index record_request_by_state.
pub fn list(
    conn: &mut Conn,
    _permit: &Permit<ViewRequests>,
    states: &[RequestState],
    limit: i64,
) -> Result<Vec<Request>, StoreError> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let rows: Vec<Row> = record_request::table
        .filter(record_request::state.eq_any(states))
        .order((record_request::received_at.desc(), record_request::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list requests"))?;
    rows.into_iter().map(Request::try_from).collect()
}

#[derive(Clone, Debug)]
pub struct Given {
    pub kind: Use,
    pub by: UserId,
    pub at: i64,
    pub note: String,
    pub sha256: Option<String>,
}

pub fn give(
    tx: &mut Tx<'_>,
    _permit: &Permit<ServeRequest>,
    of: RecordRequestId,
    by: UserId,
    (kind, note, sha256): (Use, &str, Option<&str>),
) -> Result<(), StoreError> {
    let (given, now): (RecordUseId, _) = (tx.fresh(), tx.now().0);
    let row = (
        record_use::id.eq(given.to_string()),
        record_use::request_id.eq(of.to_string()),
        record_use::kind.eq(kind.as_str()),
        record_use::by_id.eq(by.to_string()),
        record_use::at.eq(now),
        record_use::note.eq(note),
        record_use::sha256.eq(sha256),
    );
    diesel::insert_into(record_use::table).values(row).execute(tx.db()).map(drop).map_err(StoreError::db("note a use"))
}

/// Oldest first. Index record_use_of_request.
pub fn uses(conn: &mut Conn, _permit: &Permit<ViewRequests>, of: RecordRequestId) -> Result<Vec<Given>, StoreError> {
    let rows: Vec<(String, String, i64, String, Option<String>)> = record_use::table
        .filter(record_use::request_id.eq(of.to_string()))
        .order((record_use::at, record_use::id))
        .limit(1_000)
        .select((record_use::kind, record_use::by_id, record_use::at, record_use::note, record_use::sha256))
        .load(conn.db())
        .map_err(StoreError::db("list what was given out"))?;
    rows.into_iter()
        .map(|(kind, by, at, note, sha256)| {
            let kind = Use::parse(&kind).ok_or_else(|| StoreError::corrupt("record_use", "kind", &kind))?;
            Ok(Given { kind, by: id(&by, "record_use", "by_id")?, at, note, sha256 })
        })
        .collect()
}

/// How many wait for a decision. Index record_request_by_state.
pub fn undecided(conn: &mut Conn, _permit: &Permit<ViewRequests>) -> Result<i64, StoreError> {
    record_request::table
        .filter(record_request::state.eq(RequestState::Received.as_str()))
        .count()
        .first(conn.db())
        .map_err(StoreError::db("count the requests that wait for a decision"))
}
