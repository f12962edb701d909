//! What people ask for as those whose data it is. What was said stays; a request is lengthened, answered and ended once each.

use crate::error::{id, maybe_id};
use crate::schema::{record_request, subject_request};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, AnswerSubject, Permit, ServeSubject, ViewSubjectRequests};
use benhan_domain::id::{EncounterId, PatientId, SubjectRequestId, UserId};
use benhan_domain::personal_data::{WishKind, WishState};
use benhan_domain::time::Instant;
use diesel::prelude::*;

const TABLE: &str = "subject_request";

/// As the record room wrote it down.
#[derive(Clone, Debug)]
pub struct Asked {
    pub patient: PatientId,
    pub kind: WishKind,
    pub details: String,
    /// Whose consent is withdrawn.
    pub purpose: Option<String>,
    /// The record that it is about.
    pub encounter: Option<EncounterId>,
    /// Who asks, as JSON.
    pub given_by: String,
    pub paper: String,
}

/// When, by whom, in which words.
pub type Step = (Instant, UserId, String);

#[derive(Clone, Debug)]
pub struct Wish {
    pub id: SubjectRequestId,
    pub number: String,
    pub state: WishState,
    pub asked: Asked,
    pub received_by: UserId,
    pub received_at: Instant,
    pub answer_by: Instant,
    pub act_by: Instant,
    /// Until when, and the step.
    pub extended: Option<(Instant, Step)>,
    pub decided: Option<Step>,
    pub ended: Option<Step>,
    /// Number of the request for the copy.
    pub record_request: Option<String>,
}

impl Wish {
    /// Until when it must be carried out, lengthened or not.
    pub fn act_until(&self) -> Instant {
        self.extended.as_ref().map_or(self.act_by, |(to, _)| *to)
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = subject_request)]
struct Row {
    id: String,
    number: String,
    patient_id: String,
    kind: String,
    state: String,
    details: String,
    purpose: Option<String>,
    encounter_id: Option<String>,
    given_by: String,
    paper: String,
    received_by: String,
    received_at: i64,
    answer_by: i64,
    act_by: i64,
    extended_to: Option<i64>,
    extended_by: Option<String>,
    extended_at: Option<i64>,
    extension: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    decision: Option<String>,
    ended_by: Option<String>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
    record_request: Option<String>,
}

fn step(at: Option<i64>, by: Option<&str>, words: Option<String>) -> Result<Option<Step>, StoreError> {
    let by: Option<UserId> = maybe_id(by, TABLE, "by")?;
    Ok(at.zip(by).zip(words).map(|((at, by), words)| (Instant(at), by, words)))
}

impl TryFrom<Row> for Wish {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column: &'static str| StoreError::corrupt(TABLE, column, &row.id);
        let extension = step(row.extended_at, row.extended_by.as_deref(), row.extension)?;
        Ok(Self {
            id: id(&row.id, TABLE, "id")?,
            state: WishState::parse(&row.state).ok_or_else(|| broken("state"))?,
            asked: Asked {
                patient: id(&row.patient_id, TABLE, "patient_id")?,
                kind: WishKind::parse(&row.kind).ok_or_else(|| broken("kind"))?,
                details: row.details,
                purpose: row.purpose,
                encounter: maybe_id(row.encounter_id.as_deref(), TABLE, "encounter_id")?,
                given_by: row.given_by,
                paper: row.paper,
            },
            received_by: id(&row.received_by, TABLE, "received_by")?,
            received_at: Instant(row.received_at),
            answer_by: Instant(row.answer_by),
            act_by: Instant(row.act_by),
            extended: row.extended_to.map(Instant).zip(extension),
            decided: step(row.decided_at, row.decided_by.as_deref(), row.decision)?,
            ended: step(row.ended_at, row.ended_by.as_deref(), row.end_reason)?,
            record_request: row.record_request,
            number: row.number,
        })
    }
}

pub struct NewWish {
    pub number: String,
    pub asked: Asked,
    pub by: UserId,
    pub answer_by: Instant,
    pub act_by: Instant,
}

pub fn receive(tx: &mut Tx<'_>, _permit: &Permit<ServeSubject>, new: NewWish) -> Result<SubjectRequestId, StoreError> {
    let (given, now): (SubjectRequestId, _) = (tx.fresh(), tx.now());
    let asked = new.asked;
    let row = Row {
        id: given.to_string(),
        number: new.number,
        patient_id: asked.patient.to_string(),
        kind: asked.kind.as_str().to_owned(),
        state: WishState::Received.as_str().to_owned(),
        details: asked.details,
        purpose: asked.purpose,
        encounter_id: asked.encounter.map(|stay| stay.to_string()),
        given_by: asked.given_by,
        paper: asked.paper,
        received_by: new.by.to_string(),
        received_at: now.0,
        answer_by: new.answer_by.0,
        act_by: new.act_by.0,
        extended_to: None,
        extended_by: None,
        extended_at: None,
        extension: None,
        decided_by: None,
        decided_at: None,
        decision: None,
        ended_by: None,
        ended_at: None,
        end_reason: None,
        record_request: None,
    };
    diesel::insert_into(subject_request::table)
        .values(&row)
        .execute(tx.db())
        .map_err(StoreError::db("take in what somebody asks for"))?;
    Ok(given)
}

/// Yes or no, once; a no is its end. False when somebody answered first.
pub fn answer(
    tx: &mut Tx<'_>,
    _permit: &Permit<AnswerSubject>,
    of: SubjectRequestId,
    (to, by, words): (WishState, UserId, &str),
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let waiting = subject_request::id.eq(of.to_string()).and(subject_request::state.eq(WishState::Received.as_str()));
    let moved = diesel::update(subject_request::table.filter(waiting))
        .set((
            subject_request::state.eq(to.as_str()),
            subject_request::decided_by.eq(by.to_string()),
            subject_request::decided_at.eq(now),
            subject_request::decision.eq(words),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("answer what somebody asks for"))?;
    Ok(moved == 1)
}

/// False when it was lengthened before, or is over.
pub fn extend(
    tx: &mut Tx<'_>,
    _permit: &Permit<AnswerSubject>,
    of: SubjectRequestId,
    (to, by, words): (Instant, UserId, &str),
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let open = [WishState::Received, WishState::Accepted].map(WishState::as_str);
    let once = subject_request::id
        .eq(of.to_string())
        .and(subject_request::state.eq_any(open))
        .and(subject_request::extended_at.is_null());
    let moved = diesel::update(subject_request::table.filter(once))
        .set((
            subject_request::extended_to.eq(to.0),
            subject_request::extended_by.eq(by.to_string()),
            subject_request::extended_at.eq(now),
            subject_request::extension.eq(words),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("lengthen a request"))?;
    Ok(moved == 1)
}

pub struct End<'a> {
    pub from: WishState,
    pub to: WishState,
    pub by: UserId,
    pub words: &'a str,
    pub record_request: Option<&'a str>,
}

/// Done or taken back; false when it is no longer in the state `from`.
pub fn end(
    tx: &mut Tx<'_>,
    _permit: &Permit<ServeSubject>,
    of: SubjectRequestId,
    end: &End<'_>,
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let standing = subject_request::id.eq(of.to_string()).and(subject_request::state.eq(end.from.as_str()));
    let moved = diesel::update(subject_request::table.filter(standing))
        .set((
            subject_request::state.eq(end.to.as_str()),
            subject_request::ended_by.eq(end.by.to_string()),
            subject_request::ended_at.eq(now),
            subject_request::end_reason.eq(end.words),
            subject_request::record_request.eq(end.record_request),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("end a request"))?;
    Ok(moved == 1)
}

/// By primary key.
pub fn read(
    conn: &mut Conn,
    _permit: &Permit<ViewSubjectRequests>,
    of: SubjectRequestId,
) -> Result<Option<Wish>, StoreError> {
    let row: Option<Row> = subject_request::table
        .filter(subject_request::id.eq(of.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read what somebody asks for"))?;
    row.map(Wish::try_from).transpose()
}

/// In these states, the one that was received last first. Index subject_request_by_state.
pub fn list(
    conn: &mut Conn,
    _permit: &Permit<ViewSubjectRequests>,
    states: &[WishState],
    limit: i64,
) -> Result<Vec<Wish>, StoreError> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let rows: Vec<Row> = subject_request::table
        .filter(subject_request::state.eq_any(states))
        .order((subject_request::received_at.desc(), subject_request::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list what people ask for"))?;
    rows.into_iter().map(Wish::try_from).collect()
}

/// The stay of the request for a record with this number. Unique index on the number.
pub fn stay_of_record_request<A: Action>(
    conn: &mut Conn,
    _permit: &Permit<A>,
    number: &str,
) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = record_request::table
        .filter(record_request::number.eq(number))
        .select(record_request::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a request for a record"))?;
    stay.map(|stay| id(&stay, "record_request", "encounter_id")).transpose()
}
