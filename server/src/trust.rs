//! Whom this hospital trusts to certify a signature: anchors, issuing CAs, and what tells that they took nothing back.

mod fetched;
mod outside;
mod outside_clock;
mod responders;

pub use fetched::{Fetch, Fetched};
pub use outside::{NoService, Outside};
pub use outside_clock::{NoOutsideStamp, OutsideClock};
pub use responders::Responders;

use benhan_sign::authority::Revoked;
use benhan_sign::path::{self, Path, Purpose};
use benhan_sign::{
    Anchors, Authority, Certificate, CertificateProblem, Crl, Evidence, Proofs, SigningKey, Stamp, StampRequest,
};
use futures_util::future::join_all;
use std::sync::{Arc, RwLock};

/// Makes or reads the revocation lists as of an instant; the own CA lists these certificates.
pub type Lists = Arc<dyn Fn(i64, &[Revoked]) -> Result<Vec<Crl>, String> + Send + Sync>;

/// Authorities, by what they are trusted for.
#[derive(Clone, Debug, Default)]
pub struct Authorities {
    pub anchors: Vec<Certificate>,
    pub issuing: Vec<Certificate>,
    /// Anchors for time stamps alone.
    pub time_stamps: Vec<Certificate>,
}

/// The same as paths are built with.
struct Known {
    anchors: Anchors,
    issuing: Vec<Certificate>,
    /// All anchors, those for time stamps alone among them.
    of_stamps: Anchors,
}

impl Known {
    fn new(of: Authorities) -> Self {
        let of_stamps = [of.anchors.as_slice(), &of.time_stamps].concat();
        Self { anchors: Anchors::new(of.anchors), issuing: of.issuing, of_stamps: Anchors::new(of_stamps) }
    }

    fn anchors_for(&self, what: Purpose) -> &Anchors {
        match what {
            Purpose::Documents => &self.anchors,
            Purpose::TimeStamps => &self.of_stamps,
        }
    }
}

/// Makes the hospital's clock a new key and certificate, as of an instant.
pub type Clockmaker = Arc<dyn Fn(i64) -> Result<Clock, String> + Send + Sync>;

/// Read from the data directory's `trust/` and from what was changed since; authorities and lists may be renewed while the
/// server runs.
pub struct Trust {
    known: RwLock<Arc<Known>>,
    lists: RwLock<Arc<Vec<Crl>>>,
    /// The hospital's own CA, where it certifies its staff itself.
    authority: Option<Authority>,
    /// The hospital's own time-stamp authority, where it has that CA.
    clock: RwLock<Option<Arc<Clock>>>,
    /// Gives that clock a new key and certificate, where the hospital's own CA can.
    clockmaker: Option<Clockmaker>,
    /// A time-stamp service outside the house.
    outside_clock: Option<OutsideClock>,
    /// Asked about certificates of other CAs; the own one answers by its lists, without a network.
    responders: Option<Responders>,
    /// Lists of other CAs.
    fetched: Option<Fetched>,
}

/// What states the server's time under a key of its own. No qualified time stamp: it says what this hospital says.
pub struct Clock {
    pub key: SigningKey,
    pub certificate: Certificate,
}

impl Trust {
    pub fn new(anchors: Vec<Certificate>, issuing: Vec<Certificate>, lists: Vec<Crl>) -> Self {
        let known = Known::new(Authorities { anchors, issuing, time_stamps: Vec::new() });
        Self {
            known: RwLock::new(Arc::new(known)),
            lists: RwLock::new(Arc::new(lists)),
            authority: None,
            clock: RwLock::new(None),
            clockmaker: None,
            outside_clock: None,
            responders: None,
            fetched: None,
        }
    }

    /// This hospital certifies its staff itself.
    pub fn with_authority(self, authority: Option<Authority>) -> Self {
        Self { authority, ..self }
    }

    /// This hospital stamps its sheets itself.
    pub fn with_clock(self, clock: Option<Clock>) -> Self {
        Self { clock: RwLock::new(clock.map(Arc::new)), ..self }
    }

    /// And can give its clock a new certificate.
    pub fn with_clockmaker(self, clockmaker: Clockmaker) -> Self {
        Self { clockmaker: Some(clockmaker), ..self }
    }

    /// A service outside stamps too.
    pub fn with_outside_clock(self, outside_clock: Option<OutsideClock>) -> Self {
        Self { outside_clock, ..self }
    }

    /// Certificates of other CAs may be asked about.
    pub fn with_responders(self, responders: Responders) -> Self {
        Self { responders: Some(responders), ..self }
    }

    /// Lists of other CAs are fetched.
    pub fn with_fetched(self, fetched: Option<Fetched>) -> Self {
        Self { fetched, ..self }
    }

    /// Fetches the lists that these certificates and the issuing CAs name, where the hospital wants that.
    pub async fn fetch_lists(&self, of: &[Certificate], now: i64) -> Option<Fetch> {
        let (fetched, known) = (self.fetched.as_ref()?, self.known());
        let issuers = [known.of_stamps.certificates(), &known.issuing].concat();
        let own = |issuer: &Certificate| self.is_own(issuer);
        let outside = |one: &&Certificate| {
            let mut by = issuers.iter().filter(|issuer| issuer.subject() == one.issuer());
            by.any(|issuer| !own(issuer))
        };
        let addresses = of.iter().chain(&known.issuing).filter(outside).flat_map(Certificate::list_addresses);
        Some(fetched.fetch(&addresses.collect(), &issuers, now).await)
    }

    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// Certified by the hospital itself, by no public authority.
    pub fn issued_here(&self, whose: &Certificate) -> bool {
        self.authority.as_ref().is_some_and(|own| own.issuing().subject() == whose.issuer())
    }

    pub fn clock(&self) -> Option<Arc<Clock>> {
        self.clock.read().ok().and_then(|clock| clock.clone())
    }

    pub fn outside_clock(&self) -> Option<&OutsideClock> {
        self.outside_clock.as_ref()
    }

    /// Gives the own clock a new certificate; `None` where nobody here can.
    pub fn renew_clock(&self, now: i64) -> Option<Result<(), String>> {
        let make = self.clockmaker.as_ref()?;
        let made = make(now).map(|clock| {
            if let Ok(mut held) = self.clock.write() {
                *held = Some(Arc::new(clock));
            }
        });
        Some(made)
    }

    /// A stamp of the service outside, and what proves its authority good. Never inside a write.
    pub async fn stamp_outside(
        &self,
        request: StampRequest,
        now: i64,
    ) -> Option<Result<(Stamp, Evidence), NoOutsideStamp>> {
        let stamp = match self.outside_clock.as_ref()?.stamp(request, now).await {
            Ok(stamp) => stamp,
            Err(error) => return Some(Err(error)),
        };
        let (what, authority) = (Purpose::TimeStamps, stamp.authority().clone());
        self.ask_with(what, &authority, stamp.certificates(), now).await;
        Some(
            self.checked(what, &authority, stamp.certificates(), now).map(|e| (stamp, e)).map_err(NoOutsideStamp::from),
        )
    }

    /// Replaces the revocation lists.
    pub fn renew(&self, lists: Vec<Crl>) {
        if let Ok(mut held) = self.lists.write() {
            *held = Arc::new(lists);
        }
    }

    /// Trusts these from now on, and nobody else.
    pub fn know(&self, authorities: Authorities) {
        if let Ok(mut held) = self.known.write() {
            *held = Arc::new(Known::new(authorities));
        }
    }

    /// Whom it trusts now: anchors, and those between them and the staff.
    pub fn authorities(&self) -> Authorities {
        let known = self.known();
        let is_general = |one: &&Certificate| known.anchors.certificates().contains(*one);
        let time_stamps = known.of_stamps.certificates().iter().filter(|one| !is_general(one)).cloned().collect();
        Authorities { anchors: known.anchors.certificates().to_vec(), issuing: known.issuing.clone(), time_stamps }
    }

    fn known(&self) -> Arc<Known> {
        let nobody = || Arc::new(Known::new(Authorities::default()));
        self.known.read().map_or_else(|_| nobody(), |known| Arc::clone(&known))
    }

    fn lists(&self) -> Arc<Vec<Crl>> {
        let given = self.lists.read().map(|lists| Arc::clone(&lists)).unwrap_or_default();
        match self.fetched.as_ref().map(Fetched::lists) {
            Some(fetched) if !fetched.is_empty() => Arc::new(given.iter().chain(fetched.values()).cloned().collect()),
            _ => given,
        }
    }

    /// Asks the responders that answer for a certificate and its issuers, so that [`Self::check_for`] need not. To be
    /// called before anything is signed, and never inside a write.
    pub async fn ask(&self, what: Purpose, whose: &Certificate, now: i64) {
        self.ask_with(what, whose, &[], now).await;
    }

    async fn ask_with(&self, what: Purpose, whose: &Certificate, brought: &[Certificate], now: i64) {
        let Some(responders) = &self.responders else { return };
        let known = self.known();
        let pool = [brought, &known.issuing].concat();
        // Where no path leads to an anchor the check says so, and nobody is asked at an address that a stranger wrote.
        let Ok(path) = path::build_for(what, whose, &pool, known.anchors_for(what), now) else { return };
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
        self.checked(what, whose, &[], now)
    }

    fn checked(
        &self,
        what: Purpose,
        whose: &Certificate,
        brought: &[Certificate],
        now: i64,
    ) -> Result<Evidence, CertificateProblem> {
        let (lists, known) = (self.lists(), self.known());
        let pool = [brought, &known.issuing].concat();
        let (pool, anchors) = (&pool, known.anchors_for(what));
        let (mut answers, mut failed) = (Vec::new(), None);
        if let Some(responders) = &self.responders {
            let path = path::build_for(what, whose, pool, anchors, now)?;
            for (certificate, _) in links(&path) {
                let (answer, error) = responders.about(certificate);
                answers.extend(answer);
                failed = failed.or(error.map(|why| (certificate.subject(), why)));
            }
        }
        let proofs = Proofs { crls: &lists, answers: &answers };
        let found = Evidence::gather_for(what, whose, pool, proofs, anchors, now, now);
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
