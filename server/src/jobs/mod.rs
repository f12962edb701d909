//! Work after a commit: woken by it, run again after a failure, set aside as dead with its reason.

use crate::app::{AppError, destruction, ingest, matching};
use crate::state::App;
use benhan_domain::time::{Instant, MINUTE, SECOND};
use benhan_store::Tx;
use benhan_store::jobs::{self, Job};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A job that failed this often waits for a person.
const TRIES: i64 = 8;
const BATCH: i64 = 200;
/// So many share a commit. More would keep a nurse's write waiting behind them.
const TOGETHER: usize = 32;

/// Runs until `shutdown`. Jobs of one kind run in the order of their causes.
pub async fn run(app: App, shutdown: CancellationToken) {
    if let Err(error) = destruction::catch_up(&app).await {
        tracing::error!(%error, "what was destroyed before a restore could not be taken out again");
    }
    loop {
        // Keys, files and several transactions: no job in one of them.
        if let Err(error) = destruction::carry_on(&app).await {
            tracing::error!(%error, "the list of destructions could not be read");
        }
        let more = match round(&app).await {
            Ok(done) => done > 0,
            Err(error) => {
                tracing::error!(%error, "the job list could not be read");
                false
            }
        };
        if more && !shutdown.is_cancelled() {
            continue;
        }
        // Woken by commits; the timer is for jobs that were put back.
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = app.jobs.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}

async fn round(app: &App) -> Result<usize, AppError> {
    let now = app.db.now().0;
    let due = app.db.read::<_, AppError, _>(move |conn| Ok(jobs::due(conn, now, BATCH)?)).await?;
    let count = due.len();
    for jobs in due.chunks(TOGETHER) {
        let acts = jobs.iter().cloned().map(|job| {
            let app = app.clone();
            move |tx: &mut Tx<'_>| act(tx, &app, &job)
        });
        let outcomes = app.db.write_in_order(acts.collect()).await?;
        for (job, outcome) in jobs.iter().zip(outcomes) {
            if let Err(error) = outcome {
                put_back(app, job, &error).await?;
            }
        }
    }
    Ok(count)
}

/// The work and the end of the job are one transaction: it happens once, or the job stays.
fn act(tx: &mut Tx<'_>, app: &App, job: &Job) -> Result<(), AppError> {
    if !jobs::finish(tx, job.id)? {
        return Ok(());
    }
    match job.kind.as_str() {
        ingest::MATCH => {
            let message = job.payload.parse().map_err(|_| AppError::Internal("a job names no message".into()))?;
            matching::settle(tx, app, message)
        }
        other => Err(AppError::Internal(format!("no job is called {other}"))),
    }
}

async fn put_back(app: &App, job: &Job, error: &AppError) -> Result<(), AppError> {
    let id = job.id;
    let attempts = job.attempts.saturating_add(1);
    let again = (attempts < TRIES).then(|| app.db.now().plus(wait(attempts)));
    tracing::warn!(job = %job.id, kind = job.kind, attempts, %error, dead = again.is_none(), "a job failed");
    let (app2, job, why) = (app.clone(), job.clone(), error.to_string());
    let write = app.db.write::<_, AppError, _>(move |tx| {
        jobs::fail(tx, id, &why, again.map(|at: Instant| at.0))?;
        if again.is_none()
            && job.kind == ingest::MATCH
            && let Ok(message) = job.payload.parse()
        {
            matching::give_up(tx, &app2, message)?; // or it would stand on no list
        }
        Ok(())
    });
    write.await
}

/// 2 s, 4 s, 8 s … at most ten minutes.
fn wait(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 9)).unwrap_or(9);
    2_i64.saturating_pow(doublings).saturating_mul(SECOND).min(10 * MINUTE)
}
