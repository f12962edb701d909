//! Carries parcels to the server, in order per lane, until the server says that it has committed them.
//!
//! Woken by [`Outbox::wake`], never polling. What an answer means:
//!
//! | answer \ request | of several parcels | of one |
//! |---|---|---|
//! | receipts | each is delivered, or dead with the server's reason | the same |
//! | 4xx: it will not take this | half of them, at once | dead |
//! | 500, or not understood | half of them, at once | counted; its lane waits, others go on; often enough: held |
//! | no answer in time, 504 | half of them, and no more for a while | counted, and everything waits |
//! | a broken connection, 502 | half of them, at once | counted, and everything waits |
//! | no connection, 503, 429, not let in | everything waits | everything waits |
//!
//! A counted parcel is held for a person when others pass meanwhile: of other lanes, or the one behind it, which goes
//! only after the server has answered and failed on the first one again.

mod change;
mod limit;

use crate::backoff::Backoff;
use crate::client::{CallError, Client};
use crate::config::UplinkConfig;
use crate::outbox::{Kind, Next, Outbox, Waiting};
use crate::surroundings::Surroundings;
use crate::writer::WriteError;
use benhan_contract::{Micros, Outcome, Receipt};
use change::{Change, Step};
use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;
use limit::BatchLimit;
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
    /// The server took something.
    Progress,
    /// The request was too much: a smaller one goes at once.
    Smaller,
    /// The server failed on a parcel, which waits with its lane.
    Failed,
    Idle(Option<Micros>),
    /// The server is away: everything waits.
    Away(Option<Duration>),
}

/// Failures in a row on one parcel after another that are still the parcels' own.
const ON_PARCELS: u32 = 3;

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
        let mut limit = BatchLimit::new(self.batch_size);
        let mut failures = 0u32;
        while !shutdown.is_cancelled() {
            let (wait, may_be_woken) = match self.round(&mut limit).await {
                Round::Progress => {
                    failures = 0;
                    continue;
                }
                Round::Smaller => continue,
                Round::Idle(next_at) => (next_at.map(|at| self.until(at)), true),
                Round::Failed => {
                    failures = failures.saturating_add(1);
                    if failures <= ON_PARCELS {
                        continue;
                    }
                    (Some(self.backoff.wait(failures - ON_PARCELS, self.surroundings.random())), true)
                }
                Round::Away(asked) => {
                    failures = failures.saturating_add(1);
                    let own = self.backoff.wait(failures, self.surroundings.random());
                    // The server may ask for patience, not for oblivion.
                    (Some(asked.map_or(own, |asked| own.max(asked.min(self.backoff.longest)))), false)
                }
            };
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {}
                () = self.outbox.rung(), if may_be_woken => {}
                () = sleep_if(wait) => {}
            }
        }
    }

    fn until(&self, at: Micros) -> Duration {
        let micros = u64::try_from(at.saturating_sub(self.surroundings.now())).unwrap_or(0);
        Duration::from_micros(micros).max(Duration::from_millis(1))
    }

    /// The table in the module head, row by row.
    async fn round(&self, limit: &mut BatchLimit) -> Round {
        let now = self.surroundings.now();
        let longest = Micros::try_from(self.backoff.ceiling().as_micros()).unwrap_or(Micros::MAX);
        let batch = match self.outbox.next(limit.get(), self.batch_bytes, now, longest).await {
            Ok(Next::Batch(batch)) => batch,
            Ok(Next::Nothing(next_at)) => return Round::Idle(next_at),
            Err(cause) => {
                tracing::error!(%cause, "the outbox cannot be read");
                return Round::Away(None);
            }
        };
        let outcome = self.carry(&batch).await;
        match (outcome, batch.as_slice()) {
            (Ok(receipts), _) => {
                limit.arrived();
                self.received(&batch, receipts).await
            }
            (Err(CallError::Away { reason, retry_after }), _) => {
                tracing::warn!(reason, waiting = batch.len(), "the server is away");
                self.write(unheard(&batch)).await;
                Round::Away(retry_after)
            }
            (Err(refusal @ CallError::NotLetIn { .. }), _) => {
                tracing::error!(%refusal, "deliveries wait");
                self.write(unheard(&batch)).await;
                Round::Away(None)
            }
            (Err(CallError::Refused { status, reason }), [alone]) => {
                let reason = format!("HTTP {status} {reason}").trim_end().to_owned();
                self.settle(vec![Change::of(alone, Step::Done(Settlement::Dead(reason)))]).await
            }
            (Err(CallError::Failed { reason }), [alone]) => self.failed_on(alone, &reason).await,
            (Err(CallError::Unanswered { reason, .. }), [alone]) => self.unanswered(alone, &reason).await,
            (Err(CallError::Refused { .. } | CallError::Failed { .. }), several) => {
                limit.narrow(several.len());
                Round::Smaller
            }
            (Err(CallError::Unanswered { reason, late }), several) => {
                tracing::warn!(reason, parcels = several.len(), "a request did not get through; the next is smaller");
                if late {
                    limit.too_slow(several.len())
                } else {
                    limit.narrow(several.len())
                }
                Round::Smaller
            }
        }
    }

    async fn carry(&self, batch: &[Waiting]) -> Result<Vec<Receipt>, CallError> {
        match batch {
            [one] if one.kind == Kind::Study => self.client.post_study(one.body.clone()).await,
            _ => self.client.post_deliveries(join(batch)).await,
        }
    }

    async fn received(&self, batch: &[Waiting], receipts: Vec<Receipt>) -> Round {
        let mut answers: HashMap<String, Receipt> =
            receipts.into_iter().map(|receipt| (receipt.id.0.to_string(), receipt)).collect();
        let mut changes = Vec::with_capacity(batch.len());
        let mut without = Vec::new();
        for parcel in batch {
            match answers.remove(&parcel.delivery_id) {
                Some(receipt) => changes.push(Change::of(parcel, Step::Done(settlement(receipt)))),
                None => without.push(parcel),
            }
        }
        let progress = !changes.is_empty();
        changes.extend(without.into_iter().map(|parcel| Change::of(parcel, self.later(parcel))));
        match self.settle(changes).await {
            Round::Progress if !progress => Round::Away(None),
            round => round,
        }
    }

    /// The server failed on this very parcel. Often enough, and while it takes others: the parcel is to blame.
    async fn failed_on(&self, parcel: &Waiting, reason: &str) -> Round {
        tracing::warn!(reason, attempts = parcel.attempts, "the server fails on a delivery");
        if self.is_due(parcel) && self.others_pass(parcel).await {
            return self.settle(vec![Change::of(parcel, Step::Done(Settlement::Held(reason.to_owned())))]).await;
        }
        self.try_its_lane(parcel, reason).await.unwrap_or(Round::Failed)
    }

    /// Nothing was heard of a parcel that travelled alone: that others passed earlier says nothing about now.
    async fn unanswered(&self, parcel: &Waiting, reason: &str) -> Round {
        tracing::warn!(reason, attempts = parcel.attempts, "the server does not answer");
        self.try_its_lane(parcel, reason).await.unwrap_or(Round::Away(None))
    }

    /// Where no other device sends anything, the parcel behind it is the only witness. If that one passes, and then
    /// the first one fails again, it is held. Nothing: it waits, and nobody knows why.
    ///
    /// A server that has just come back takes the first one before any other: a line's order is not lost to an outage.
    async fn try_its_lane(&self, parcel: &Waiting, reason: &str) -> Option<Round> {
        if self.is_due(parcel) && self.client.answers().await {
            if let Some(own) = self.once_more(parcel).await {
                return Some(self.settle(vec![own]).await);
            }
            if let Some(passed) = self.next_of_its_lane_passes(parcel).await {
                let held = Change::of(parcel, Step::Done(Settlement::Held(reason.to_owned())));
                let own = self.once_more(parcel).await.unwrap_or(held);
                return Some(self.settle(vec![own, passed]).await);
            }
        }
        self.write(vec![Change::of(parcel, self.later(parcel))]).await;
        None
    }

    /// What the server says to this parcel alone; nothing where it fails on it.
    async fn once_more(&self, parcel: &Waiting) -> Option<Change> {
        let settlement = match self.carry(std::slice::from_ref(parcel)).await {
            Ok(receipts) => {
                receipts.into_iter().find(|receipt| receipt.id.0.to_string() == parcel.delivery_id).map(settlement)
            }
            Err(CallError::Refused { status, reason }) => Some(Settlement::Dead(format!("HTTP {status} {reason}"))),
            Err(_) => None,
        };
        settlement.map(|settlement| Change::of(parcel, Step::Done(settlement)))
    }

    fn is_due(&self, parcel: &Waiting) -> bool {
        parcel.attempts + 1 >= self.hold_after
    }

    async fn others_pass(&self, parcel: &Waiting) -> bool {
        let since = parcel.failing_since;
        let accepted = self.outbox.read(change::last_accepted).await.unwrap_or(0);
        since != 0 && accepted > since
    }

    async fn next_of_its_lane_passes(&self, parcel: &Waiting) -> Option<Change> {
        let next = self.outbox.behind(parcel.id).await.ok().flatten()?;
        self.once_more(&next).await
    }

    fn later(&self, parcel: &Waiting) -> Step {
        let failures = u32::try_from(parcel.attempts + 1).unwrap_or(u32::MAX);
        let wait = self.backoff.wait(failures, self.surroundings.random());
        let wait = Micros::try_from(wait.as_micros()).unwrap_or(Micros::MAX);
        Step::Failed { next_at: self.surroundings.now().saturating_add(wait) }
    }

    async fn settle(&self, changes: Vec<Change>) -> Round {
        if self.write(changes).await { Round::Progress } else { Round::Away(None) }
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

fn settlement(receipt: Receipt) -> Settlement {
    match receipt.outcome {
        Outcome::Accepted | Outcome::Duplicate => Settlement::Delivered,
        Outcome::Refused => Settlement::Dead(receipt.reason),
    }
}

/// Only the first try is news to the row; the wait is the courier's own.
fn unheard(batch: &[Waiting]) -> Vec<Change> {
    let fresh = batch.iter().filter(|parcel| parcel.attempts == 0);
    fresh.map(|parcel| Change::of(parcel, Step::Unheard)).collect()
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
