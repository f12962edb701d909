//! What falls due by the clock and not by anybody's act: signed audit heads, fresh revocation lists, old rows gone.
//!
//! The clock is the database's own, so a test that hands one in decides what hour it is.

use crate::app::sealing::seal_heads;
use crate::app::{AppError, accounts, certificates};
use crate::state::App;
use benhan_domain::time::{HOUR, Instant};
use benhan_store::{idempotency, revocations, sessions};

/// Heads of the audit chains are signed this often, and at shutdown.
const SEAL_EVERY: i64 = HOUR;
/// A list of the own CA is good for a week; a new one a day leaves six days to repair a broken server.
const LISTS_EVERY: i64 = 24 * HOUR;
const PRUNE_EVERY: i64 = HOUR;
/// A client that retries a write does so within a day: the answer is kept that long.
const KEEP_ANSWERS: i64 = 24 * HOUR;
/// Sessions that are over are kept for a month, to say when somebody was last here.
const KEEP_SESSIONS: i64 = 30 * 24 * HOUR;

/// One server's round; several servers on one database may each have theirs.
pub struct Upkeep {
    app: App,
    /// Certificates on the lists that this server signs by.
    revoked: Option<i64>,
    sealed: Option<Instant>,
    listed: Option<Instant>,
    pruned: Option<Instant>,
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub lists: Option<usize>,
    pub heads: Option<usize>,
    pub sessions: usize,
    pub answers: usize,
    /// Accounts shut because nobody used them.
    pub idle: usize,
}

impl Upkeep {
    /// Without a seal no heads are signed. The lists that the server started with count as fresh.
    pub fn new(app: App) -> Self {
        let listed = Some(app.db.now());
        Self { app, revoked: None, sealed: None, listed, pruned: None }
    }

    /// Does what is due. A part that fails is logged, does not keep the others, and is tried again next time.
    pub async fn round(&mut self) -> Done {
        let now = self.app.db.now();
        let mut done = Done::default();
        // Records are sealed inside a write, where nobody is asked any more.
        if let Some(sealer) = self.app.sealer() {
            sealer.ready(now).await;
        }
        // Another process, a command for one, may have revoked something.
        let revoked = self.app.db.read::<_, AppError, _>(|conn| Ok(revocations::count(conn)?)).await.ok();
        let news = self.revoked.is_some() && revoked > self.revoked;
        self.revoked = self.revoked.or(revoked);
        if news || due(self.listed, now, LISTS_EVERY) {
            match self.renew_lists(now).await {
                Ok(lists) => {
                    (done.lists, self.listed, self.revoked) = (Some(lists), Some(now), revoked.or(self.revoked));
                }
                Err(error) => tracing::error!(%error, "the revocation lists could not be renewed"),
            }
        }
        if due(self.sealed, now, SEAL_EVERY) {
            match self.seal().await {
                Ok(heads) => (done.heads, self.sealed) = (heads, Some(now)),
                Err(error) => tracing::error!(%error, "the audit heads could not be signed"),
            }
        }
        if due(self.pruned, now, PRUNE_EVERY) {
            match self.prune(now).await {
                Ok((sessions, answers)) => {
                    (done.sessions, done.answers, self.pruned) = (sessions, answers, Some(now));
                }
                Err(error) => tracing::error!(%error, "old sessions and answers could not be forgotten"),
            }
            match accounts::shut_idle(&self.app).await {
                Ok(idle) => done.idle = idle,
                Err(error) => tracing::error!(%error, "accounts that nobody uses could not be shut"),
            }
        }
        done
    }

    /// Signs the heads now, as at shutdown, so that what was written until now cannot be rewritten unnoticed.
    pub async fn seal(&self) -> Result<Option<usize>, AppError> {
        let Some(sealer) = self.app.sealer() else { return Ok(None) };
        let heads = seal_heads(&self.app.db, &sealer).await?;
        tracing::info!(heads, "audit heads signed");
        Ok(Some(heads))
    }

    async fn renew_lists(&self, now: Instant) -> Result<usize, AppError> {
        let fresh = certificates::publish(&self.app).await?;
        if fresh.next_update.is_some_and(|until| until < now.0.saturating_add(LISTS_EVERY)) {
            tracing::warn!("a revocation list ends within a day: put a newer one into trust/revoked.pem");
        }
        Ok(fresh.lists)
    }

    async fn prune(&self, now: Instant) -> Result<(usize, usize), AppError> {
        let write = self.app.db.write(move |tx| {
            let sessions = sessions::prune(tx, now.0.saturating_sub(KEEP_SESSIONS))?;
            Ok::<_, AppError>((sessions, idempotency::prune(tx, now.0.saturating_sub(KEEP_ANSWERS))?))
        });
        write.await
    }
}

fn due(last: Option<Instant>, now: Instant, every: i64) -> bool {
    last.is_none_or(|last| now.0.saturating_sub(last.0) >= every)
}
