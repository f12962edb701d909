//! Whom this hospital trusts to certify a signature: anchors, issuing CAs, and their revocation lists.

use benhan_sign::{Anchors, Authority, Certificate, CertificateProblem, Crl, Evidence};
use std::sync::RwLock;

/// Read from the data directory's `trust/`; the lists may be renewed while the server runs.
pub struct Trust {
    anchors: Anchors,
    issuing: Vec<Certificate>,
    lists: RwLock<Vec<Crl>>,
    /// The hospital's own CA, where it certifies its staff itself.
    authority: Option<Authority>,
}

impl Trust {
    pub fn new(anchors: Vec<Certificate>, issuing: Vec<Certificate>, lists: Vec<Crl>) -> Self {
        Self { anchors: Anchors::new(anchors), issuing, lists: RwLock::new(lists), authority: None }
    }

    /// This hospital certifies its staff itself.
    pub fn with_authority(self, authority: Option<Authority>) -> Self {
        Self { authority, ..self }
    }

    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
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
