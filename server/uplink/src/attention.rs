//! Tells the server what waits here for a person, and performs what people chose.
//!
//! The server has no connection to us, so it answers a report with the acts. A report goes when the list has changed,
//! every few seconds while something is open (somebody may act on it), and else once a minute: a program that says
//! nothing for minutes is itself shown.

mod open_items;

pub use open_items::OpenItems;

use crate::backoff::Backoff;
use crate::client::{CallError, Client};
use crate::config::UplinkConfig;
use crate::surroundings::Surroundings;
use benhan_contract::{AttentionAct, AttentionChoice, AttentionReport, Edge, EdgeKind, MOST_ATTENTION};
use open_items::{LONGEST, fit};
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const LOOK: Duration = Duration::from_secs(2);
/// While something is open.
const SOON: Duration = Duration::from_secs(4);
const EVERY: Duration = Duration::from_secs(60);

/// A program that keeps things for a person. Errors are for the log, without patient data.
pub trait Keeper: Send + Sync + 'static {
    fn open_items(&self) -> impl Future<Output = Result<OpenItems, String>> + Send;
    /// Performs an act. Twice is as good as once, and an item that is gone is no error.
    fn perform(&self, key: &str, choice: AttentionChoice) -> impl Future<Output = Result<(), String>> + Send;
}

/// The task that reports.
pub struct Reporter<K> {
    keeper: K,
    client: Client,
    edge: Edge,
    backoff: Backoff,
    surroundings: Surroundings,
    told: Option<OpenItems>,
    done: Vec<Uuid>,
    failures: u32,
    last_try: Option<Instant>,
}

impl<K: Keeper> Reporter<K> {
    #[must_use]
    pub fn new(keeper: K, client: Client, kind: EdgeKind, config: &UplinkConfig, surroundings: Surroundings) -> Self {
        let edge = Edge { kind, name: name(&config.name) };
        let backoff = config.backoff();
        Self { keeper, client, edge, backoff, surroundings, told: None, done: Vec::new(), failures: 0, last_try: None }
    }

    /// Runs until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        loop {
            let wait = tokio::select! {
                wait = self.round() => wait,
                () = shutdown.cancelled() => return,
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// Looks, tells if there is reason to, and says how long to wait.
    async fn round(&mut self) -> Duration {
        let open = match self.keeper.open_items().await {
            Ok(open) => open,
            Err(cause) => {
                tracing::error!(cause, "what waits for a person could not be read");
                return self.later();
            }
        };
        let is_news = self.told.as_ref() != Some(&open) || !self.done.is_empty();
        let every = if open.total > 0 { SOON } else { EVERY };
        let is_time = self.last_try.is_none_or(|at| at.elapsed() >= every);
        if !is_news && !is_time {
            return LOOK;
        }
        self.tell(open).await
    }

    async fn tell(&mut self, open: OpenItems) -> Duration {
        self.last_try = Some(Instant::now());
        let OpenItems { items, total } = open.clone();
        let report = AttentionReport { edge: self.edge.clone(), total, items, done: self.done.clone() };
        match self.client.post_attention(&report).await {
            Ok(answer) => {
                (self.told, self.failures) = (Some(open), 0);
                self.done.clear();
                for act in answer.acts.into_iter().take(MOST_ATTENTION) {
                    self.perform(act).await;
                }
                LOOK
            }
            Err(cause) => {
                match cause {
                    // The courier says so already.
                    CallError::Away { .. } | CallError::Unanswered { .. } | CallError::NotLetIn { .. } => {
                        tracing::debug!(%cause, "what waits for a person could not be told");
                    }
                    cause => tracing::error!(%cause, "the server does not take what waits for a person"),
                }
                self.later()
            }
        }
    }

    fn later(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.backoff.wait(self.failures, self.surroundings.random()).min(EVERY)
    }

    /// An act that could not be performed is not done: the server gives it again.
    async fn perform(&mut self, act: AttentionAct) {
        match self.keeper.perform(&act.key, act.choice).await {
            Ok(()) => {
                tracing::info!(act = %act.id, key = act.key, choice = ?act.choice, "a person's choice was carried out");
                self.done.push(act.id);
            }
            Err(cause) => tracing::error!(act = %act.id, cause, "a person's choice could not be carried out"),
        }
    }
}

/// As configured, else as the machine is called.
fn name(configured: &str) -> String {
    let machine = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let mut name = if configured.is_empty() { machine() } else { configured.to_owned() };
    fit(&mut name, LONGEST);
    if name.is_empty() { "?".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_a_name_whatever_the_machine_is_called() {
        assert_eq!(name("  ICU gateway\n"), "ICU gateway");
        assert!(!name("").is_empty());
    }
}
