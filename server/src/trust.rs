//! Whom this hospital trusts to certify a signature: anchors, issuing CAs, and what tells that they took nothing back.

mod outside;
mod responders;

pub use outside::{NoService, Outside};
pub use responders::Responders;

use benhan_sign::authority::Revoked;
use benhan_sign::path::{self, Path, Purpose};
use benhan_sign::{Anchors, Authority, Certificate, CertificateProblem, Crl, Evidence, Proofs, SigningKey};
use futures_util::future::join_all;
use std::sync::{Arc, RwLock};

/// Makes or reads the revocation lists as of an instant; the own CA lists these certificates.
pub type Lists = Arc<dyn Fn(i64, &[Revoked]) -> Result<Vec<Crl>, String> + Send + Sync>;

/// Read from the data directory's `trust/`; the lists may be renewed while the server runs.
pub struct Trust {
    anchors: Anchors,
    issuing: Vec<Certificate>,
    lists: RwLock<Arc<Vec<Crl>>>,
    /// The hospital's own CA, where it certifies its staff itself.
    authority: Option<Authority>,
    /// The hospital's own time-stamp authority, where it has that CA.
    clock: Option<Clock>,
    /// Asked about certificates of other CAs; the own one answers by its lists, without a network.
    responders: Option<Responders>,
}

/// What states the server's time under a key of its own. No qualified time stamp: it says what this hospital says.
pub struct Clock {
    pub key: SigningKey,
    pub certificate: Certificate,
}

impl Trust {
    pub fn new(anchors: Vec<Certificate>, issuing: Vec<Certificate>, lists: Vec<Crl>) -> Self {
        Self {
            anchors: Anchors::new(anchors),
            issuing,
            lists: RwLock::new(Arc::new(lists)),
            authority: None,
            clock: None,
            responders: None,
        }
    }

    /// This hospital certifies its staff itself.
    pub fn with_authority(self, authority: Option<Authority>) -> Self {
        Self { authority, ..self }
    }

    /// This hospital stamps its sheets itself.
    pub fn with_clock(self, clock: Option<Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Certificates of other CAs may be asked about.
    pub fn with_responders(self, responders: Responders) -> Self {
        Self { responders: Some(responders), ..self }
    }

    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    pub fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }

    /// Replaces the revocation lists.
    pub fn renew(&self, lists: Vec<Crl>) {
        if let Ok(mut held) = self.lists.write() {
            *held = Arc::new(lists);
        }
    }

    fn lists(&self) -> Arc<Vec<Crl>> {
        self.lists.read().map(|lists| Arc::clone(&lists)).unwrap_or_default()
    }

    /// Asks the responders that answer for a certificate and its issuers, so that [`Self::check_for`] need not. To be
    /// called before anything is signed, and never inside a write.
    pub async fn ask(&self, what: Purpose, whose: &Certificate, now: i64) {
        let Some(responders) = &self.responders else { return };
        // Where no path leads to an anchor the check says so, and nobody is asked at an address that a stranger wrote.
        let Ok(path) = path::build_for(what, whose, &self.issuing, &self.anchors, now) else { return };
        let lists = self.lists();
        let outside = links(&path).filter(|(_, issuer)| !self.is_own(issuer));
        join_all(outside.map(|(certificate, issuer)| responders.ask(certificate, issuer, &lists, now))).await;
    }

    fn is_own(&self, issuer: &Certificate) -> bool {
        self.authority.as_ref().is_some_and(|own| own.issuing() == issuer || own.root() == issuer)
    }

    /// Checks a signer's certificate as the law asks before each signature, and returns what proved it good.
    pub fn check(&self, signer: &Certificate, now: i64) -> Result<Evidence, CertificateProblem> {
        self.check_for(Purpose::Documents, signer, now)
    }

    /// The same for a certificate of another purpose. Asks nobody: see [`Self::ask`].
    pub fn check_for(&self, what: Purpose, whose: &Certificate, now: i64) -> Result<Evidence, CertificateProblem> {
        let lists = self.lists();
        let (mut answers, mut failed) = (Vec::new(), None);
        if let Some(responders) = &self.responders {
            let path = path::build_for(what, whose, &self.issuing, &self.anchors, now)?;
            for (certificate, _) in links(&path) {
                let (answer, error) = responders.about(certificate);
                answers.extend(answer);
                failed = failed.or(error.map(|why| (certificate.subject(), why)));
            }
        }
        let proofs = Proofs { crls: &lists, answers: &answers };
        let found = Evidence::gather_for(what, whose, &self.issuing, proofs, &self.anchors, now, now);
        found.map_err(|problem| match (problem, failed) {
            (
                CertificateProblem::NoRevocationList { .. }
                | CertificateProblem::StaleRevocationList { .. }
                | CertificateProblem::StaleAnswer { .. },
                Some((who, why)),
            ) => CertificateProblem::NoAnswer { who, why },
            (problem, _) => problem,
        })
    }
}

/// Each certificate below the anchor with its issuer.
fn links(path: &Path) -> impl Iterator<Item = (&Certificate, &Certificate)> {
    path.certificates().iter().zip(path.certificates().iter().skip(1))
}
