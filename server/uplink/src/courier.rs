//! Carries parcels to the server, in order per lane, until the server says that it has committed them.
//!
//! Woken by [`Outbox::wake`], never polling. When the server is away everything waits, with back-off.
//! When it chokes on a request, the batch is halved until the one parcel stands alone: refused, it is
//! dead with the server's reason; failed on, its lane waits while the others go on.

use crate::backoff::Backoff;
use crate::client::{CallError, Client};
use crate::config::UplinkConfig;
use crate::outbox::{Kind, Next, Outbox, Waiting, uplink_outbox};
use crate::surroundings::Surroundings;
use crate::writer::WriteError;
use benhan_contract::{Micros, Outcome, Receipt};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What became of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It was tried and waits for another try.
    Retrying,
    /// The server has committed it, now or earlier.
    Delivered,
    /// The server keeps failing on it: a person must look.
    Held(String),
    /// The server will never take it as it is.
    Dead(String),
}

/// A parcel's news, for the database that holds what it speaks for.
#[derive(Clone, Debug)]
pub struct Settled {
    pub subject: String,
    pub settlement: Settlement,
    pub at: Micros,
}

/// Runs in the transaction that changes the outbox.
pub type Settle = Arc<dyn Fn(&mut SqliteConnection, &Settled) -> QueryResult<()> + Send + Sync>;

/// The one task that empties an outbox.
pub struct Courier {
    outbox: Outbox,
    client: Client,
    settle: Settle,
    surroundings: Surroundings,
    backoff: Backoff,
    batch_size: usize,
    batch_bytes: usize,
    hold_after: i64,
}

/// What the last round tells about the next one.
enum Round {
    Progress,
    Idle(Option<Micros>),
    Halved,
    /// The server is away: everything waits.
    Away(Option<Duration>),
}

impl Courier {
    #[must_use]
    pub fn new(
        outbox: Outbox,
        client: Client,
        config: &UplinkConfig,
        surroundings: Surroundings,
        settle: Settle,
    ) -> Self {
        Self {
            outbox,
            client,
            settle,
            surroundings,
            backoff: config.backoff(),
            batch_size: config.batch_size(),
            batch_bytes: config.batch_bytes,
            hold_after: i64::from(config.hold_after.max(1)),
        }
    }

    /// Runs until `shutdown`; a request under way is finished or given up at its time limit.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut limit = self.batch_size;
        let mut failures = 0u32;
        let mut last_accepted: Micros = 0;
        while !shutdown.is_cancelled() {
            let wait = match self.round(limit, &mut last_accepted).await {
                Round::Progress => {
                    failures = 0;
                    limit = limit.saturating_mul(2).min(self.batch_size);
                    continue;
                }
                Round::Halved => {
                    limit = (limit / 2).max(1);
                    continue;
                }
                Round::Idle(next_at) => next_at.map(|at| self.until(at)),
                Round::Away(asked) => {
                    failures = failures.saturating_add(1);
                    let own = self.backoff.wait(failures, self.surroundings.random());
                    // The server may ask for patience, not for oblivion.
                    let wait = asked.map_or(own, |asked| own.max(asked.min(self.backoff.longest)));
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = shutdown.cancelled() => {}
                    }
                    continue;
                }
            };
            tokio::select! {
                () = self.outbox.rung() => {}
                () = sleep_if(wait) => {}
                () = shutdown.cancelled() => {}
            }
        }
    }

    fn until(&self, at: Micros) -> Duration {
        let micros = u64::try_from(at.saturating_sub(self.surroundings.now())).unwrap_or(0);
        Duration::from_micros(micros).max(Duration::from_millis(1))
    }

    async fn round(&self, limit: usize, last_accepted: &mut Micros) -> Round {
        let now = self.surroundings.now();
        let batch = match self.outbox.next(limit, self.batch_bytes, now).await {
            Ok(Next::Batch(batch)) => batch,
            Ok(Next::Nothing(next_at)) => return Round::Idle(next_at),
            Err(cause) => {
                tracing::error!(%cause, "the outbox cannot be read");
                return Round::Away(None);
            }
        };
        let several = batch.len() > 1;
        match self.carry(&batch).await {
            Ok(receipts) => self.received(&batch, receipts, last_accepted).await,
            Err(CallError::Away { reason, retry_after }) => {
                tracing::warn!(reason, waiting = batch.len(), "the server is away");
                self.write(self.retried(&batch)).await;
                Round::Away(retry_after)
            }
            Err(refusal @ CallError::NotLetIn { .. }) => {
                tracing::error!(%refusal, "deliveries wait");
                self.write(self.retried(&batch)).await;
                Round::Away(None)
            }
            Err(CallError::Refused { .. } | CallError::Failed { .. }) if several => Round::Halved,
            Err(CallError::Refused { status, reason }) => {
                let reason = format!("HTTP {status} {reason}").trim_end().to_owned();
                self.settle_all(&batch, |_| Step::Done(Settlement::Dead(reason.clone()))).await
            }
            Err(CallError::Failed { reason }) => {
                tracing::warn!(reason, "the server fails on a delivery");
                let accepted = *last_accepted;
                let round = self.settle_all(&batch, |parcel| self.failed(parcel, &reason, accepted)).await;
                // Nothing has ever been taken: more likely the server than the parcel.
                if accepted == 0 { Round::Away(None) } else { round }
            }
        }
    }

    async fn carry(&self, batch: &[Waiting]) -> Result<Vec<Receipt>, CallError> {
        match batch {
            [one] if one.kind == Kind::Study => self.client.post_study(one.body.clone()).await,
            _ => self.client.post_deliveries(join(batch)).await,
        }
    }

    async fn received(&self, batch: &[Waiting], receipts: Vec<Receipt>, last_accepted: &mut Micros) -> Round {
        let mut answers: HashMap<String, Receipt> =
            receipts.into_iter().map(|receipt| (receipt.id.0.to_string(), receipt)).collect();
        let mut progress = false;
        let mut steps = Vec::with_capacity(batch.len());
        for parcel in batch {
            let step = match answers.remove(&parcel.delivery_id) {
                Some(receipt) => match receipt.outcome {
                    Outcome::Accepted | Outcome::Duplicate => Step::Done(Settlement::Delivered),
                    Outcome::Refused => Step::Done(Settlement::Dead(receipt.reason)),
                },
                None => self.failed(parcel, "the server gave no receipt for it", *last_accepted),
            };
            progress |= matches!(step, Step::Done(_));
            steps.push(Change::of(parcel, step));
        }
        if !self.write(steps).await {
            return Round::Away(None);
        }
        if progress {
            *last_accepted = self.surroundings.now();
            return Round::Progress;
        }
        Round::Away(None)
    }

    async fn settle_all(&self, batch: &[Waiting], step: impl Fn(&Waiting) -> Step) -> Round {
        let changes = batch.iter().map(|parcel| Change::of(parcel, step(parcel))).collect();
        if self.write(changes).await { Round::Progress } else { Round::Away(None) }
    }

    fn retried(&self, batch: &[Waiting]) -> Vec<Change> {
        // Only the first try is news to the row; the wait is the courier's own.
        let fresh = batch.iter().filter(|parcel| parcel.attempts == 0);
        fresh.map(|parcel| Change::of(parcel, Step::Again { next_at: 0 })).collect()
    }

    /// A failure of the server on this very parcel, counted against it.
    fn failed(&self, parcel: &Waiting, reason: &str, last_accepted: Micros) -> Step {
        let others_pass = parcel.failing_since != 0 && last_accepted > parcel.failing_since;
        if parcel.attempts + 1 >= self.hold_after && others_pass {
            return Step::Done(Settlement::Held(reason.to_owned()));
        }
        let failures = u32::try_from(parcel.attempts + 1).unwrap_or(u32::MAX);
        let wait = self.backoff.wait(failures, self.surroundings.random());
        let wait = Micros::try_from(wait.as_micros()).unwrap_or(Micros::MAX);
        Step::Again { next_at: self.surroundings.now().saturating_add(wait) }
    }

    /// False when the spool itself cannot be written: then nothing is forgotten, only tried again.
    async fn write(&self, changes: Vec<Change>) -> bool {
        if changes.is_empty() {
            return true;
        }
        let settle = Arc::clone(&self.settle);
        let now = self.surroundings.now();
        let written: Result<(), WriteError<diesel::result::Error>> = self
            .outbox
            .writer()
            .write(move |connection| changes.iter().try_for_each(|change| change.apply(connection, &settle, now)))
            .await;
        if let Err(cause) = &written {
            tracing::error!(%cause, "what the server answered could not be written down");
        }
        written.is_ok()
    }
}

enum Step {
    Again { next_at: Micros },
    Done(Settlement),
}

struct Change {
    id: i64,
    subject: String,
    step: Step,
}

impl Change {
    fn of(parcel: &Waiting, step: Step) -> Self {
        Self { id: parcel.id, subject: parcel.subject.clone(), step }
    }

    fn apply(&self, connection: &mut SqliteConnection, settle: &Settle, now: Micros) -> QueryResult<()> {
        let row = uplink_outbox::table.find(self.id);
        let settlement = match &self.step {
            Step::Again { next_at } => {
                let since = diesel::dsl::sql::<diesel::sql_types::BigInt>("CASE failing_since WHEN 0 THEN ")
                    .bind::<diesel::sql_types::BigInt, _>(now)
                    .sql(" ELSE failing_since END");
                diesel::update(row)
                    .set((
                        uplink_outbox::attempts.eq(uplink_outbox::attempts + 1),
                        uplink_outbox::failing_since.eq(since),
                        uplink_outbox::next_at.eq(*next_at),
                    ))
                    .execute(connection)?;
                Settlement::Retrying
            }
            Step::Done(settlement @ Settlement::Held(reason)) => {
                mark(connection, self.id, "held", reason)?;
                settlement.clone()
            }
            Step::Done(settlement @ Settlement::Dead(reason)) => {
                mark(connection, self.id, "dead", reason)?;
                settlement.clone()
            }
            Step::Done(settlement) => {
                diesel::delete(row).execute(connection)?;
                settlement.clone()
            }
        };
        settle(connection, &Settled { subject: self.subject.clone(), settlement, at: now })
    }
}

fn mark(connection: &mut SqliteConnection, id: i64, state: &str, reason: &str) -> QueryResult<()> {
    tracing::error!(parcel = id, state, reason, "a delivery stays here for a person");
    diesel::update(uplink_outbox::table.find(id))
        .set((uplink_outbox::state.eq(state), uplink_outbox::reason.eq(reason)))
        .execute(connection)
        .map(drop)
}

/// The JSON of `Deliveries` from the JSON of each, without reading them again.
fn join(batch: &[Waiting]) -> Vec<u8> {
    let size: usize = batch.iter().map(|parcel| parcel.body.len() + 1).sum();
    let mut body = Vec::with_capacity(size + 24);
    body.extend_from_slice(b"{\"deliveries\":[");
    for (index, parcel) in batch.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&parcel.body);
    }
    body.extend_from_slice(b"]}");
    body
}

async fn sleep_if(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
