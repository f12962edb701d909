//! Whom this hospital trusts to certify a signature: anchors, issuing CAs, and their revocation lists.

use benhan_sign::authority::Revoked;
use benhan_sign::path::Purpose;
use benhan_sign::{Anchors, Authority, Certificate, CertificateProblem, Crl, Evidence, SigningKey};
use std::sync::{Arc, RwLock};

/// Makes or reads the revocation lists as of an instant; the own CA lists these certificates.
pub type Lists = Arc<dyn Fn(i64, &[Revoked]) -> Result<Vec<Crl>, String> + Send + Sync>;

/// Read from the data directory's `trust/`; the lists may be renewed while the server runs.
pub struct Trust {
    anchors: Anchors,
    issuing: Vec<Certificate>,
    lists: RwLock<Vec<Crl>>,
    /// The hospital's own CA, where it certifies its staff itself.
    authority: Option<Authority>,
    /// The hospital's own time-stamp authority, where it has that CA.
    clock: Option<Clock>,
}

/// What states the server's time under a key of its own. No qualified time stamp: it says what this hospital says.
pub struct Clock {
    pub key: SigningKey,
    pub certificate: Certificate,
}

impl Trust {
    pub fn new(anchors: Vec<Certificate>, issuing: Vec<Certificate>, lists: Vec<Crl>) -> Self {
        Self { anchors: Anchors::new(anchors), issuing, lists: RwLock::new(lists), authority: None, clock: None }
    }

    /// This hospital certifies its staff itself.
    pub fn with_authority(self, authority: Option<Authority>) -> Self {
        Self { authority, ..self }
    }

    /// This hospital stamps its sheets itself.
    pub fn with_clock(self, clock: Option<Clock>) -> Self {
        Self { clock, ..self }
    }

    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// Certified by the hospital itself, by no public authority.
    pub fn is_own(&self, whose: &Certificate) -> bool {
        self.authority.as_ref().is_some_and(|own| own.issuing().subject() == whose.issuer())
    }

    pub fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }

    /// Replaces the revocation lists.
    pub fn renew(&self, lists: Vec<Crl>) {
        if let Ok(mut held) = self.lists.write() {
            *held = lists;
        }
    }

    /// Checks a signer's certificate as the law asks before each signature, and returns what proved it good.
    pub fn check(&self, signer: &Certificate, now: i64) -> Result<Evidence, CertificateProblem> {
        self.check_for(Purpose::Documents, signer, now)
    }

    /// The same for a certificate of another purpose.
    pub fn check_for(&self, what: Purpose, whose: &Certificate, now: i64) -> Result<Evidence, CertificateProblem> {
        let lists = self.lists.read().map(|l| l.clone()).unwrap_or_default();
        Evidence::gather_for(what, whose, &self.issuing, &lists, &self.anchors, now, now)
    }
}
