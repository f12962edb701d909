//! Work that follows a commit: enqueued in the transaction of its cause, idempotent, retried, dead-lettered.

use crate::error::id;
use crate::schema::job;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::JobId;
use diesel::prelude::*;

#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub attempts: i64,
}

/// Adds a job. With a `dedupe` that is already queued nothing is added: the queued one will do the work.
pub fn enqueue(tx: &mut Tx<'_>, kind: &str, payload: &str, dedupe: Option<&str>) -> Result<(), StoreError> {
    if let Some(key) = dedupe {
        let queued: i64 = job::table
            .filter(job::dedupe_key.eq(key).and(job::state.eq("ready")))
            .count()
            .get_result(tx.db())
            .map_err(StoreError::db("look for a queued job"))?;
        if queued > 0 {
            return Ok(());
        }
    }
    let new: JobId = tx.fresh();
    let row = (
        job::id.eq(new.to_string()),
        job::kind.eq(kind),
        job::payload.eq(payload),
        job::state.eq("ready"),
        job::run_at.eq(tx.now().0),
        job::attempts.eq(0),
        job::last_error.eq(""),
        job::dedupe_key.eq(dedupe),
        job::created_at.eq(tx.now().0),
    );
    diesel::insert_into(job::table).values(row).execute(tx.db()).map(drop).map_err(StoreError::db("enqueue a job"))
}

/// Jobs that are due, oldest first. Index job_due.
pub fn due(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<Job>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = job::table
        .filter(job::state.eq("ready").and(job::run_at.le(now)))
        .order((job::run_at, job::id))
        .limit(limit)
        .select((job::id, job::kind, job::payload, job::attempts))
        .load(conn.db())
        .map_err(StoreError::db("read due jobs"))?;
    rows.into_iter()
        .map(|(i, kind, payload, attempts)| Ok(Job { id: id(&i, "job", "id")?, kind, payload, attempts }))
        .collect()
}

/// A job that failed at least once, or that nobody will try again.
#[derive(Clone, Debug)]
pub struct Troubled {
    pub job: Job,
    pub dead: bool,
    /// Without patient data, as every error here.
    pub last_error: String,
    pub run_at: i64,
    pub created_at: i64,
}

/// How many jobs are ready. Index job_due.
pub fn ready(conn: &mut Conn) -> Result<i64, StoreError> {
    let ready = job::table.filter(job::state.eq("ready")).count();
    ready.get_result(conn.db()).map_err(StoreError::db("count jobs"))
}

/// Dead jobs first, then those that are tried again. A healthy house has none.
pub fn troubled(conn: &mut Conn, limit: i64) -> Result<Vec<Troubled>, StoreError> {
    type Row = (String, String, String, i64, String, String, i64, i64);
    let rows: Vec<Row> = job::table
        .filter(job::state.eq("dead").or(job::attempts.gt(0)))
        .order((job::state, job::run_at, job::id))
        .limit(limit)
        .select((
            job::id,
            job::kind,
            job::payload,
            job::attempts,
            job::state,
            job::last_error,
            job::run_at,
            job::created_at,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list jobs in trouble"))?;
    rows.into_iter()
        .map(|(i, kind, payload, attempts, state, last_error, run_at, created_at)| {
            let job = Job { id: id(&i, "job", "id")?, kind, payload, attempts };
            Ok(Troubled { job, dead: state == "dead", last_error, run_at, created_at })
        })
        .collect()
}

/// When the next job falls due.
pub fn next_due(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    job::table
        .filter(job::state.eq("ready"))
        .order(job::run_at)
        .select(job::run_at)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read when the next job is due"))
}

/// Takes a job off the list; false when another worker was first, whose work then stands.
pub fn finish(tx: &mut Tx<'_>, done: JobId) -> Result<bool, StoreError> {
    let gone = diesel::delete(job::table.filter(job::id.eq(done.to_string()))).execute(tx.db());
    gone.map(|rows| rows == 1).map_err(StoreError::db("finish a job"))
}

/// Puts a failed job back for `run_at`, or aside as dead with its reason.
pub fn fail(tx: &mut Tx<'_>, failed: JobId, error: &str, run_at: Option<i64>) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(job::table.filter(job::id.eq(failed.to_string())))
        .set((
            job::attempts.eq(job::attempts + 1),
            job::last_error.eq(error),
            job::run_at.eq(run_at.unwrap_or(now)),
            job::state.eq(if run_at.is_some() { "ready" } else { "dead" }),
        ))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("put a failed job back"))
}

/// How many wait for their turn, and how many for a person.
pub fn counts(conn: &mut Conn) -> Result<(i64, i64), StoreError> {
    let mut of = |state: &str| {
        let rows = job::table.filter(job::state.eq(state.to_owned())).count().get_result(conn.db());
        rows.map_err(StoreError::db("count jobs"))
    };
    Ok((of("ready")?, of("dead")?))
}
