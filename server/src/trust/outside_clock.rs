//! A time-stamp service outside the house (RFC 3161 over HTTP): asked for a bounded time, and left alone for a while after
//! it did not answer, so that nobody's signature waits for it twice.

use super::outside::{NoService, Outside};
use crate::config::Timestamp;
use benhan_domain::time::MINUTE;
use benhan_sign::timestamp::ResponseError;
use benhan_sign::{Stamp, StampRequest};
use std::sync::Mutex;

/// A token with a long chain is about 8 kB.
const MOST: usize = 256 << 10;
/// µs.
const REST: i64 = 5 * MINUTE;

pub struct OutsideClock {
    outside: Outside,
    set: Timestamp,
    /// When it did not answer, µs UTC.
    failed: Mutex<Option<i64>>,
}

/// Why there is no stamp of it.
#[derive(Debug, thiserror::Error)]
pub enum NoOutsideStamp {
    #[error("the time-stamp service did not answer a short while ago")]
    Resting,
    #[error("the time-stamp service {0}")]
    Service(#[from] NoService),
    #[error(transparent)]
    Response(#[from] ResponseError),
    #[error("timestamp.policy is no object identifier")]
    Policy,
    #[error("{}", .0.english())]
    Certificate(#[from] benhan_sign::CertificateProblem),
}

impl OutsideClock {
    /// Nothing where no service is configured.
    pub fn new(set: Timestamp) -> Result<Option<Self>, String> {
        if set.url.is_empty() {
            return Ok(None);
        }
        let outside = Outside::new(set.patience())?;
        Ok(Some(Self { outside, set, failed: Mutex::new(None) }))
    }

    /// What it answers; whether its authority is trusted is not said yet.
    pub(super) async fn stamp(&self, request: StampRequest, now: i64) -> Result<Stamp, NoOutsideStamp> {
        let rests = |failed: Option<i64>| failed.is_some_and(|at| (0..REST).contains(&now.saturating_sub(at)));
        if self.failed.lock().is_ok_and(|failed| rests(*failed)) {
            return Err(NoOutsideStamp::Resting);
        }
        let answered = self.ask(request).await;
        if let Ok(mut failed) = self.failed.lock() {
            *failed = answered.is_err().then_some(now);
        }
        answered
    }

    async fn ask(&self, request: StampRequest) -> Result<Stamp, NoOutsideStamp> {
        let request = match self.set.policy.as_str() {
            "" => request,
            policy => request.under(policy).ok_or(NoOutsideStamp::Policy)?,
        };
        let kinds = ("application/timestamp-query", "application/timestamp-reply");
        let response = self.outside.post(&self.set.url, kinds, request.to_der(), MOST).await?;
        Ok(request.read(&response)?)
    }
}
