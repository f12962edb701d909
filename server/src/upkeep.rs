//! What falls due by the clock and not by anybody's act: signed audit heads, fresh revocation lists, old rows gone.
//!
//! The clock is the database's own, so a test that hands one in decides what hour it is.

use crate::app::heads_out::{self, HeadsOut};
use crate::app::sealing::seal_heads;
use crate::app::{AppError, accounts, archive, certificates, reading, trusting};
use crate::config::Timestamp;
use crate::state::App;
use crate::trust::Fetch;
use benhan_domain::time::{HOUR, Instant, SECOND};
use benhan_sign::Certificate;
use benhan_store::certificates as store_certificates;
use benhan_store::{idempotency, revocations, sessions, trust_changes};

/// Heads of the audit chains are signed this often, and at shutdown.
const SEAL_EVERY: i64 = HOUR;
/// A list of the own CA is good for a week; a new one a day leaves six days to repair a broken server.
const LISTS_EVERY: i64 = 24 * HOUR;
/// Lists of other authorities are looked after this often; each is fetched when half of its time is over.
const FETCH_EVERY: i64 = HOUR;
/// Certificates that are asked where their list is.
const MOST_ASKED: i64 = 5_000;
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
    /// Changes of whom it trusts that it knows.
    trusted: Option<i64>,
    /// How archive stamps are made.
    stamps: Timestamp,
    /// Where signed heads go besides.
    heads_out: HeadsOut,
    fetched: Option<Instant>,
    /// When the certificate of the own clock was looked at.
    clock_looked: Option<Instant>,
    sealed: Option<Instant>,
    listed: Option<Instant>,
    pruned: Option<Instant>,
}

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub lists: Option<usize>,
    /// Of other authorities.
    pub fetched: Fetch,
    pub heads: Option<usize>,
    /// Heads that left this machine.
    pub heads_sent: usize,
    pub sessions: usize,
    pub answers: usize,
    /// Accounts shut because nobody used them.
    pub idle: usize,
    /// Signatures and manifests that came into the archive's tree, and the stamp that was made over it.
    pub leaves: usize,
    pub stamp: Option<i64>,
}

impl Upkeep {
    /// Without a seal no heads are signed. The lists that the server started with count as fresh.
    pub fn new(app: App) -> Self {
        let (listed, stamps) = (Some(app.db.now()), Timestamp::default());
        Self {
            app,
            revoked: None,
            trusted: None,
            stamps,
            heads_out: HeadsOut::default(),
            fetched: None,
            clock_looked: None,
            sealed: None,
            listed,
            pruned: None,
        }
    }

    /// With archive stamps as this hospital has set them.
    pub fn stamping(self, stamps: Timestamp) -> Self {
        Self { stamps, ..self }
    }

    /// With places outside of this machine for the signed heads.
    pub fn sending_heads(self, places: Vec<heads_out::Place>) -> Self {
        let heads_out = HeadsOut::new(places, self.app.db.now());
        Self { heads_out, ..self }
    }

    /// Does what is due. A part that fails is logged, does not keep the others, and is tried again next time.
    pub async fn round(&mut self) -> Done {
        let now = self.app.db.now();
        let mut done = Done::default();
        self.renew_trust().await;
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
        if due(self.fetched, now, FETCH_EVERY) {
            match self.fetch_lists(now).await {
                Ok(fetch) => (done.fetched, self.fetched) = (fetch, Some(now)),
                Err(error) => tracing::error!(%error, "the lists of other authorities could not be fetched"),
            }
        }
        if due(self.sealed, now, SEAL_EVERY) {
            match self.seal().await {
                Ok((heads, sent)) => (done.heads, done.heads_sent, self.sealed) = (heads, sent, Some(now)),
                Err(error) => tracing::error!(%error, "the audit heads could not be signed"),
            }
        }
        if due(self.clock_looked, now, LISTS_EVERY) {
            archive::renew_clock(&self.app, &self.stamps).await;
            self.clock_looked = Some(now);
        }
        match archive::round(&self.app, &self.stamps).await {
            Ok(round) => {
                (done.leaves, done.stamp) = (round.leaves, round.stamp);
                if let Some(ends) = round.ends_at {
                    let seconds = u32::try_from(ends / SECOND).unwrap_or(u32::MAX);
                    metrics::gauge!("benhan_archive_stamp_ends_timestamp_seconds").set(f64::from(seconds));
                }
            }
            Err(error) => tracing::error!(%error, "what was signed could not be put under an archive stamp"),
        }
        if due(self.pruned, now, PRUNE_EVERY) {
            match self.prune(now).await {
                Ok((sessions, answers)) => {
                    (done.sessions, done.answers, self.pruned) = (sessions, answers, Some(now));
                }
                Err(error) => tracing::error!(%error, "old sessions and answers could not be forgotten"),
            }
            match reading::shut_finished(&self.app).await {
                Ok(0) => {}
                Ok(shut) => tracing::info!(shut, "accounts of outsiders whose grants are over were shut"),
                Err(error) => tracing::error!(%error, "accounts of outsiders could not be shut"),
            }
            match accounts::shut_idle(&self.app).await {
                Ok(idle) => done.idle = idle,
                Err(error) => tracing::error!(%error, "accounts that nobody uses could not be shut"),
            }
        }
        done
    }

    /// Signs the heads now, as at shutdown, so that what was written until now cannot be rewritten unnoticed, and takes
    /// them out of this machine. How many were signed, and how many left.
    pub async fn seal(&mut self) -> Result<(Option<usize>, usize), AppError> {
        let Some(sealer) = self.app.sealer() else { return Ok((None, 0)) };
        let heads = seal_heads(&self.app.db, &sealer).await?;
        tracing::info!(heads, "audit heads signed");
        Ok((Some(heads), self.heads_out.send(&self.app.db, &self.app.facility.code).await?))
    }

    /// Another process, a command for one, may have changed whom this hospital trusts.
    async fn renew_trust(&mut self) {
        let known = self.app.db.read::<_, AppError, _>(|conn| Ok(trust_changes::count(conn)?)).await.ok();
        // None yet: the files of the start hold.
        if known == self.trusted || known.is_none_or(|count| count == 0) {
            return;
        }
        match trusting::renew(&self.app.db, &self.app.trust).await {
            Ok(()) => self.trusted = known,
            Err(error) => tracing::error!(%error, "whom this hospital trusts could not be read"),
        }
    }

    async fn fetch_lists(&self, now: Instant) -> Result<Fetch, AppError> {
        let read = self.app.db.read::<_, AppError, _>(|conn| Ok(store_certificates::in_use(conn, MOST_ASKED)?)).await?;
        let seal = self.app.seal.as_ref().map(|seal| seal.certificate.clone());
        let clock = self.app.trust.clock().map(|clock| clock.certificate.clone());
        let people = read.iter().filter_map(|der| Certificate::from_der(der).ok());
        let all: Vec<Certificate> = people.chain(seal).chain(clock).collect();
        let fetch = self.app.trust.fetch_lists(&all, now.0).await.unwrap_or_default();
        metrics::gauge!("benhan_revocation_lists_stale").set(f64::from(u32::try_from(fetch.stale).unwrap_or(u32::MAX)));
        Ok(fetch)
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
