//! Tokens and security modules behind PKCS#11, through the driver that their maker gives.
//!
//! A driver is code of others in our process: it may hang. So each call runs on a thread of its own and is waited for
//! only so long; a thread that hangs keeps its seat, and there are not many seats.

mod hand;
mod module;
mod seen;

pub use seen::{KeySeen, Shown, TokenSeen};

use benhan_domain::certificate::TokenKey;
use benhan_sign::holder::UntilTrouble;
use benhan_sign::{Certificate, HolderKind, KeyAlgorithm, KeyHolder, Trouble};
use hand::Hand;
use module::{Module, Seat};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread;
use std::time::Duration;

/// A USB token signs in about a second, and logs in in less.
const PATIENCE: Duration = Duration::from_secs(20);

/// The tokens that one driver shows. Cheap to clone; the driver is loaded when it is first needed.
#[derive(Clone, Debug)]
pub struct Tokens {
    driver: PathBuf,
}

impl Tokens {
    /// `driver`: the maker's library, as `/usr/lib/softhsm/libsofthsm2.so`.
    pub fn behind(driver: PathBuf) -> Self {
        Self { driver }
    }

    pub fn driver(&self) -> &Path {
        &self.driver
    }

    /// What is plugged in now, with the keys that each shows to everybody.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn seen(&self) -> Result<Vec<TokenSeen>, Trouble> {
        self.in_time(seen::tokens)
    }

    /// Whether the token shows that key as the certificate's, before any PIN.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn shown(&self, key: &TokenKey, certificate: &Certificate) -> Result<Shown, Trouble> {
        let (key, certificate) = (key.clone(), certificate.clone());
        self.in_time(move |module| seen::shown(module, &key, &certificate))
    }

    /// Logs in with the person's PIN, once, for a batch. It ends with the first trouble, or when it is dropped.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn open(
        &self,
        key: &TokenKey,
        certificate: &Certificate,
        pin: SecretString,
    ) -> Result<Arc<dyn KeyHolder>, Trouble> {
        Ok(Arc::new(UntilTrouble::any(Arc::new(self.lent(key, certificate, pin)?))))
    }

    /// A key that the server uses by itself for years: it logs in for each signature, so that a module that was away is
    /// used again when it is back. A PIN that was wrong once is never given again.
    pub fn standing(&self, key: TokenKey, certificate: Certificate, pin: SecretString) -> Arc<dyn KeyHolder> {
        Arc::new(UntilTrouble::of_pin(Arc::new(Standing { tokens: self.clone(), key, certificate, pin })))
    }

    fn lent(&self, key: &TokenKey, certificate: &Certificate, pin: SecretString) -> Result<Lent, Trouble> {
        let algorithm = certificate.key_algorithm().ok_or(Trouble::NoSuchKey)?;
        let (tell, told) = mpsc::sync_channel(1);
        let (ask, asked) = mpsc::channel();
        let (driver, key) = (self.driver.clone(), key.clone());
        spawn(move || serve(&driver, &key, algorithm, pin, &tell, &asked))?;
        wait(&told)??;
        Ok(Lent { ask })
    }

    fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Module) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (tell, told) = mpsc::sync_channel(1);
        let driver = self.driver.clone();
        spawn(move || {
            let done = seated(&driver).and_then(|seat| work(seat.module()));
            let _nobody_waits_any_more = tell.send(done);
        })?;
        wait(&told)?
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Trouble> {
    thread::Builder::new().name("pkcs11".into()).spawn(work).map(drop).map_err(|_| Trouble::Busy)
}

fn wait<T>(told: &Receiver<T>) -> Result<T, Trouble> {
    told.recv_timeout(PATIENCE).map_err(|error| match error {
        RecvTimeoutError::Timeout => Trouble::TimedOut,
        RecvTimeoutError::Disconnected => Trouble::Unreachable,
    })
}

fn seated(driver: &Path) -> Result<Seat, Trouble> {
    Seat::take(Module::load(driver)?)
}

/// A question to the thread that holds the session.
struct Ask {
    digest: [u8; 32],
    answer: SyncSender<Result<Vec<u8>, Trouble>>,
}

/// A session with a token, on its thread.
struct Lent {
    ask: Sender<Ask>,
}

fn serve(
    driver: &Path,
    key: &TokenKey,
    algorithm: KeyAlgorithm,
    pin: SecretString,
    tell: &SyncSender<Result<(), Trouble>>,
    asked: &Receiver<Ask>,
) {
    let opened = seated(driver).and_then(|seat| Hand::open(seat, key, algorithm, pin));
    let mut hand = match opened {
        Ok(hand) => hand,
        Err(trouble) => {
            let _nobody_waits_any_more = tell.send(Err(trouble));
            return;
        }
    };
    let _nobody_waits_any_more = tell.send(Ok(()));
    while let Ok(Ask { digest, answer }) = asked.recv() {
        let _nobody_waits_any_more = answer.send(hand.sign(&digest));
    }
}

impl KeyHolder for Lent {
    fn kind(&self) -> HolderKind {
        HolderKind::Token
    }

    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.ask.send(Ask { digest: *digest, answer }).map_err(|_| Trouble::Unreachable)?;
        wait(&answered)?
    }
}

struct Standing {
    tokens: Tokens,
    key: TokenKey,
    certificate: Certificate,
    pin: SecretString,
}

impl KeyHolder for Standing {
    fn kind(&self) -> HolderKind {
        HolderKind::Token
    }

    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        let pin = SecretString::from(self.pin.expose_secret());
        self.tokens.lent(&self.key, &self.certificate, pin)?.sign(digest)
    }
}
