//! What patients answered for each purpose, one row an answer; none changes. The newest answer for a purpose counts.

use crate::error::{id, maybe_id};
use crate::schema::{consent_answer, patient_link};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit};
use benhan_domain::id::{ConsentAnswerId, PatientId, SubjectRequestId, UserId};
use benhan_domain::personal_data::{Answer, Channel};
use benhan_domain::time::Instant;
use diesel::prelude::*;

const TABLE: &str = "consent_answer";
/// More answers than a life has.
const MOST: i64 = 1_000;

#[derive(Clone, Debug)]
pub struct Given {
    pub id: ConsentAnswerId,
    pub patient: PatientId,
    pub purpose: String,
    /// Of the text.
    pub version: u32,
    pub text_sha256: String,
    pub answer: Answer,
    /// `patient`, `representative`, `both` or `nobody`.
    pub given_by: String,
    pub channel: Channel,
    pub answered_at: Instant,
    pub taken_by: UserId,
    /// The request that withdrew it.
    pub request: Option<SubjectRequestId>,
    /// Canonical JSON.
    pub body: String,
    pub sha256: String,
    pub seal: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = consent_answer)]
struct Row {
    id: String,
    patient_id: String,
    purpose: String,
    version: i64,
    text_sha256: String,
    answer: String,
    given_by: String,
    channel: String,
    answered_at: i64,
    taken_by: String,
    request_id: Option<String>,
    body: String,
    sha256: String,
    seal: Option<Vec<u8>>,
}

impl TryFrom<Row> for Given {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column: &'static str| StoreError::corrupt(TABLE, column, &row.id);
        Ok(Self {
            id: id(&row.id, TABLE, "id")?,
            patient: id(&row.patient_id, TABLE, "patient_id")?,
            version: u32::try_from(row.version).map_err(|_| broken("version"))?,
            answer: Answer::parse(&row.answer).ok_or_else(|| broken("answer"))?,
            channel: Channel::parse(&row.channel).ok_or_else(|| broken("channel"))?,
            answered_at: Instant(row.answered_at),
            taken_by: id(&row.taken_by, TABLE, "taken_by")?,
            request: maybe_id(row.request_id.as_deref(), TABLE, "request_id")?,
            purpose: row.purpose,
            text_sha256: row.text_sha256,
            given_by: row.given_by,
            body: row.body,
            sha256: row.sha256,
            seal: row.seal,
        })
    }
}

/// By whoever may ask, or by a request that was taken in.
pub fn keep<A: Action>(tx: &mut Tx<'_>, _permit: &Permit<A>, new: Given) -> Result<(), StoreError> {
    let row = Row {
        id: new.id.to_string(),
        patient_id: new.patient.to_string(),
        purpose: new.purpose,
        version: i64::from(new.version),
        text_sha256: new.text_sha256,
        answer: new.answer.as_str().to_owned(),
        given_by: new.given_by,
        channel: new.channel.as_str().to_owned(),
        answered_at: new.answered_at.0,
        taken_by: new.taken_by.to_string(),
        request_id: new.request.map(|of| of.to_string()),
        body: new.body,
        sha256: new.sha256,
        seal: new.seal,
    };
    diesel::insert_into(consent_answer::table)
        .values(&row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep what somebody agreed to"))
}

/// Every answer of this person under all their ids, the newest first. Index consent_answer_of_patient.
pub fn of_patient<A: Action>(
    conn: &mut Conn,
    _permit: &Permit<A>,
    master: PatientId,
) -> Result<Vec<Given>, StoreError> {
    let theirs: Vec<String> = patient_link::table
        .filter(patient_link::resolves_to.eq(master.to_string()))
        .limit(MOST)
        .select(patient_link::patient_id)
        .load(conn.db())
        .map_err(StoreError::db("list the ids of a patient"))?;
    let rows: Vec<Row> = consent_answer::table
        .filter(consent_answer::patient_id.eq_any(theirs))
        .order((consent_answer::answered_at.desc(), consent_answer::id.desc()))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list what somebody agreed to"))?;
    rows.into_iter().map(Given::try_from).collect()
}

/// By primary key.
pub fn read<A: Action>(conn: &mut Conn, _permit: &Permit<A>, of: ConsentAnswerId) -> Result<Option<Given>, StoreError> {
    let row: Option<Row> = consent_answer::table
        .filter(consent_answer::id.eq(of.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read an answer"))?;
    row.map(Given::try_from).transpose()
}
