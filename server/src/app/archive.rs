//! Archive stamps: everything signed goes under a time stamp that is renewed before it ends, so that a signature can be
//! proven for as long as its record is kept (LTA, in the manner of RFC 4998).
//!
//! What is signed is never touched. Each signature and each sealed manifest is a leaf of one tree that only grows; a stamp is
//! over the root, and is a leaf under the next one. So an hour's signatures cost one stamp of the service outside, and a
//! renewal costs one more, however many records there are. Every step is a transaction of its own and begins where the last
//! one ended, whenever the process was killed.

mod check;
mod leaves;
mod proofs;

pub use check::{Archived, check};
pub use leaves::gather;
pub use proofs::{Proven, chain_for};

use super::AppError;
use super::signing::asked_here;
use crate::config::Timestamp;
use crate::state::App;
use crate::trust::NoOutsideStamp;
use benhan_domain::audit::Act;
use benhan_domain::time::{Instant, MINUTE};
use benhan_sign::archive::{Algorithms, StampBody};
use benhan_sign::cms::canonical_json;
use benhan_sign::merkle::Frontier;
use benhan_sign::{Evidence, Stamp, StampRequest};
use benhan_store::archive::{self, ArchiveStamp, LeafKind};
use benhan_store::audit::{self, Entry};
use benhan_store::{Conn, StoreError, dialect};
use serde_json::json;

const ONE: &str = "archive tree";
const PAGE: i64 = 10_000;
const MONTH: i64 = 30 * 24 * 60 * MINUTE;
/// A service outside that does not answer for so long is not waited for: the own clock stamps, and the service the next time.
const WAIT_OUTSIDE: i64 = 24 * 60 * MINUTE;

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Signatures and manifests that came into the tree.
    pub leaves: usize,
    /// The number of the stamp that was made.
    pub stamp: Option<i64>,
    /// When the newest stamp ends, µs UTC.
    pub ends_at: Option<i64>,
}

/// Puts what was signed since into the tree, and stamps it where that is due.
pub async fn round(app: &App, set: &Timestamp) -> Result<Round, AppError> {
    let mut round = Round::default();
    if app.trust.clock().is_none() && app.trust.outside_clock().is_none() {
        return Ok(round);
    }
    round.leaves = gather(&app.db).await?;
    let read = app.db.read::<_, AppError, _>(|conn| Ok((archive::last(conn)?, archive::size(conn)?)));
    let (last, size) = read.await?;
    round.ends_at = last.as_ref().map(|last| last.ends_at);
    let now = app.db.now();
    if !is_due(app, set, last.as_ref(), size, now) {
        return Ok(round);
    }
    let Some(stamp) = stamped(app, set, last, now).await? else { return Ok(round) };
    (round.stamp, round.ends_at) = (Some(stamp.seq), Some(stamp.ends_at));
    keep(app, stamp).await?;
    Ok(round)
}

/// There is something new, or the last stamp ends soon and a better one can be had.
fn is_due(app: &App, set: &Timestamp, last: Option<&ArchiveStamp>, size: i64, now: Instant) -> bool {
    let Some(last) = last else { return size > 0 };
    if now.0.saturating_sub(last.at) < set.archive_every_minutes.max(1).saturating_mul(MINUTE) {
        return false;
    }
    let soon = now.0.saturating_add(set.renew_months_before.saturating_mul(MONTH));
    let better = app.trust.outside_clock().is_some()
        || app.trust.clock().is_some_and(|clock| algorithms(set).stamp_ends(&clock.certificate) > last.ends_at);
    size > last.size || (last.ends_at <= soon && better)
}

fn algorithms(set: &Timestamp) -> Algorithms {
    Algorithms { rsa_2048_until: set.rsa_2048_until }
}

/// The own clock's certificate ends too: without a new one nothing that it stamps would last longer. Once a day.
pub async fn renew_clock(app: &App, set: &Timestamp) {
    let now = app.db.now();
    let soon = now.0.saturating_add(set.renew_months_before.saturating_mul(MONTH));
    if app.trust.clock().is_none_or(|clock| clock.certificate.valid_until() > soon) {
        return;
    }
    let trust = std::sync::Arc::clone(&app.trust);
    let made = tokio::task::spawn_blocking(move || trust.renew_clock(now.0)).await;
    match made {
        Ok(Some(Ok(()))) => tracing::info!("the hospital's clock has a new certificate"),
        Ok(Some(Err(error))) => tracing::error!(%error, "the hospital's clock got no new certificate"),
        Ok(None) => {
            tracing::warn!("the certificate of the hospital's time stamps ends soon: put a new one into trust/")
        }
        Err(error) => tracing::error!(%error, "the hospital's clock got no new certificate"),
    }
}

/// A stamp over the tree as it is; `None` where a service outside is waited for.
async fn stamped(
    app: &App,
    set: &Timestamp,
    last: Option<ArchiveStamp>,
    now: Instant,
) -> Result<Option<ArchiveStamp>, AppError> {
    let before = last.clone();
    let tree = app.db.read::<_, AppError, _>(move |conn| tree(conn, before.as_ref())).await?;
    let seq = last.as_ref().map_or(1, |last| last.seq.saturating_add(1));
    let broken = |error: String| AppError::Internal(error);
    let number = |count: i64| u64::try_from(count).map_err(|_| broken("a count below zero".into()));
    let body = canonical_json(&StampBody::new(&app.facility.code, number(seq)?, &tree));
    let body = body.map_err(|e| broken(e.to_string()))?;
    let request = StampRequest::new(&body).map_err(|e| broken(e.to_string()))?;
    let Some((stamp, evidence, source)) = asked(app, request, last.as_ref(), now).await? else { return Ok(None) };
    let size = i64::try_from(tree.size()).map_err(|_| broken("a tree that is too large".into()))?;
    Ok(Some(ArchiveStamp {
        seq,
        at: now.0,
        size,
        body: String::from_utf8(body).map_err(|e| broken(e.to_string()))?,
        token: stamp.der().to_vec(),
        evidence: serde_json::to_string(&evidence).map_err(|e| broken(e.to_string()))?,
        edge: tree.peaks(),
        source: source.to_owned(),
        ends_at: algorithms(set).stamp_ends(stamp.authority()),
    }))
}

/// Of the service outside; of the own clock where there is none, or none for a day.
async fn asked(
    app: &App,
    request: StampRequest,
    last: Option<&ArchiveStamp>,
    now: Instant,
) -> Result<Option<(Stamp, Evidence, &'static str)>, AppError> {
    match app.trust.stamp_outside(request.clone(), now.0).await {
        Some(Ok((stamp, evidence))) => return Ok(Some((stamp, evidence, "outside"))),
        Some(Err(error)) => {
            if !matches!(error, NoOutsideStamp::Resting) {
                metrics::counter!("benhan_outside_stamp_failures_total").increment(1);
                tracing::warn!(%error, "no archive stamp of the service outside");
            }
            let waited = last.map_or(0, |last| now.0.saturating_sub(last.at));
            if last.is_some() && waited < WAIT_OUTSIDE {
                return Ok(None);
            }
        }
        None => {}
    }
    let Some(clock) = app.trust.clock() else { return Ok(None) };
    let (trust, broken) = (std::sync::Arc::clone(&app.trust), |error: String| AppError::Internal(error));
    let made = tokio::task::spawn_blocking(move || asked_here(&trust, &clock, &request, now.0)).await;
    let (stamp, evidence) = made.map_err(|e| broken(e.to_string()))?.map_err(|e| broken(e.to_string()))?;
    Ok(Some((stamp, evidence, "house")))
}

/// The tree up to its last leaf, from the edge that the last stamp left.
fn tree(conn: &mut Conn, last: Option<&ArchiveStamp>) -> Result<Frontier, AppError> {
    let corrupt = |what: &'static str| StoreError::corrupt("archive_leaf", what, "tree");
    let mut tree = match last {
        None => Frontier::default(),
        Some(last) => {
            let body: StampBody = serde_json::from_str(&last.body).map_err(|_| corrupt("body"))?;
            let root = body.root().ok_or_else(|| corrupt("root"))?;
            Frontier::resume(body.size, &last.edge, &root).ok_or_else(|| corrupt("edge"))?
        }
    };
    let from = i64::try_from(tree.size()).map_err(|_| corrupt("size"))?;
    leaves::each_hash(conn, from, i64::MAX, |leaf| tree.push(leaf))?;
    Ok(tree)
}

async fn keep(app: &App, stamp: ArchiveStamp) -> Result<(), AppError> {
    let write = app.db.write::<_, AppError, _>(move |tx| {
        dialect::hold(tx.conn(), ONE)?;
        let leaf = (format!("{:012}", stamp.seq), hex::encode(leaves::of_stamp(&stamp)));
        archive::keep(tx, &stamp)?;
        // Under the next stamp from now on.
        archive::grow(tx, LeafKind::Stamp, &[leaf])?;
        let detail = json!({
            "size": stamp.size, "source": stamp.source, "endsAt": Instant(stamp.ends_at).rfc3339(),
            "tokenSha256": leaves::sha256_hex(&stamp.token),
        });
        let entry = Entry {
            actor: None,
            act: Act::Sign,
            subject_kind: "archive-stamp",
            subject_id: stamp.seq.to_string(),
            patient: None,
            encounter: None,
            detail,
        };
        Ok(audit::append(tx, entry)?)
    });
    match write.await {
        // Another server on this database was first: its stamp is over the same.
        Err(AppError::Store(error)) if error.is_taken("archive_stamp") => Ok(()),
        kept => kept,
    }
}
