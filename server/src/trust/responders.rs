//! What responders (OCSP) say of the certificates that sign here, asked before they are needed and kept while it holds.
//!
//! Nothing is asked while the database's writer is held: [`Responders::ask`] runs before, [`Responders::about`] only
//! looks.

use super::outside::Outside;
use crate::config::Revocation;
use benhan_domain::time::MINUTE;
use benhan_sign::{Certificate, Crl, OcspAnswer, OcspError, OcspRequest};
use std::collections::HashMap;
use std::sync::RwLock;

/// With a chain about 8 kB.
const MOST: usize = 256 << 10;
/// More certificates than a hospital's staff: then those that no longer answer are forgotten.
const MOST_KEPT: usize = 20_000;
/// Of a certificate's responders so many are tried.
const MOST_TRIED: usize = 2;

pub struct Responders {
    outside: Outside,
    set: Revocation,
    kept: RwLock<HashMap<[u8; 32], Kept>>,
}

#[derive(Clone, Default)]
struct Kept {
    answer: Option<OcspAnswer>,
    until: i64,
    asked_at: i64,
    failed: Option<OcspError>,
}

impl Responders {
    pub fn new(outside: Outside, set: Revocation) -> Self {
        Self { outside, set, kept: RwLock::new(HashMap::new()) }
    }

    /// The newest answer about a certificate, and why asking last was in vain.
    pub fn about(&self, certificate: &Certificate) -> (Option<OcspAnswer>, Option<OcspError>) {
        let kept = self.kept.read().ok().and_then(|kept| kept.get(&certificate.fingerprint()).cloned());
        kept.map_or((None, None), |kept| (kept.answer, kept.failed))
    }

    /// Asks about a certificate that names a responder, or whose issuer has one in the configuration, unless it answered
    /// a short while ago.
    pub async fn ask(&self, certificate: &Certificate, issuer: &Certificate, lists: &[Crl], now: i64) {
        let addresses = self.addresses(certificate, issuer);
        if addresses.is_empty() || self.is_fresh(certificate, now) {
            return;
        }
        let mut failed = OcspError::Unreachable;
        for address in addresses.iter().take(MOST_TRIED) {
            match self.one(address, certificate, issuer, lists, now).await {
                Ok(answer) => {
                    let until = answer.answers_until(certificate, issuer).unwrap_or(now);
                    let kept = Kept { answer: Some(answer), until, asked_at: now, failed: None };
                    return self.keep(certificate, now, |entry| *entry = kept);
                }
                Err(error) => failed = error,
            }
        }
        metrics::counter!("benhan_ocsp_failures_total").increment(1);
        tracing::warn!(error = %failed, serial = certificate.serial(), "a responder was asked in vain");
        // The answer before holds on while it is valid; a word against the certificate does not wait for that.
        self.keep(certificate, now, |entry| {
            entry.failed = Some(failed);
            if matches!(failed, OcspError::Unknown) {
                entry.answer = None;
            }
        });
    }

    async fn one(
        &self,
        address: &str,
        certificate: &Certificate,
        issuer: &Certificate,
        lists: &[Crl],
        now: i64,
    ) -> Result<OcspAnswer, OcspError> {
        let request = OcspRequest::new(certificate, issuer).map_err(|_| OcspError::Unreachable)?;
        let kinds = ("application/ocsp-request", "application/ocsp-response");
        let response = self.outside.post(address, kinds, request.to_der(), MOST).await;
        let response = response.map_err(|error| {
            tracing::warn!(%error, "a responder");
            OcspError::Unreachable
        })?;
        request.read(&response, lists, now, self.set.require_nonce)
    }

    fn addresses(&self, certificate: &Certificate, issuer: &Certificate) -> Vec<String> {
        if !self.set.ask {
            return Vec::new();
        }
        let name = issuer.common_name();
        let named = self.set.responder.iter().filter(|one| one.issuer == name).map(|one| one.url.clone());
        named.chain(certificate.responders()).collect()
    }

    fn is_fresh(&self, certificate: &Certificate, now: i64) -> bool {
        let within = self.set.cache_minutes.saturating_mul(MINUTE);
        self.kept.read().is_ok_and(|kept| {
            kept.get(&certificate.fingerprint()).is_some_and(|entry| {
                let age = now.saturating_sub(entry.asked_at);
                // A minute more than now, so that it still holds when the signature is kept.
                entry.answer.is_some() && (0..within).contains(&age) && entry.until > now.saturating_add(MINUTE)
            })
        })
    }

    fn keep(&self, certificate: &Certificate, now: i64, change: impl FnOnce(&mut Kept)) {
        let Ok(mut kept) = self.kept.write() else { return };
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, entry| entry.until > now);
        }
        if kept.len() < MOST_KEPT {
            change(kept.entry(certificate.fingerprint()).or_default());
        }
    }
}
