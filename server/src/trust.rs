//! Whom this hospital trusts to certify a signature: anchors, issuing CAs, and their revocation lists.

use benhan_sign::{Anchors, Certificate, CertificateProblem, Crl, Evidence};
use std::sync::RwLock;

/// Read from the data directory's `trust/`; the lists may be renewed while the server runs.
pub struct Trust {
    anchors: Anchors,
    issuing: Vec<Certificate>,
    lists: RwLock<Vec<Crl>>,
}

impl Trust {
    pub fn new(anchors: Vec<Certificate>, issuing: Vec<Certificate>, lists: Vec<Crl>) -> Self {
        Self { anchors: Anchors::new(anchors), issuing, lists: RwLock::new(lists) }
    }

    /// Replaces the revocation lists.
    pub fn renew(&self, lists: Vec<Crl>) {
        if let Ok(mut held) = self.lists.write() {
            *held = lists;
        }
    }

    /// Checks a signer's certificate as the law asks before each signature, and returns what proved it good.
    pub fn check(&self, signer: &Certificate, now: i64) -> Result<Evidence, CertificateProblem> {
        let lists = self.lists.read().map(|l| l.clone()).unwrap_or_default();
        Evidence::gather(signer, &self.issuing, &lists, &self.anchors, now)
    }
}
