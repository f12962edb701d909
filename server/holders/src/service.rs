//! A remote signing service that speaks the API of the Cloud Signature Consortium, version 2.
//!
//! An authorisation (SAD) is asked for once, by the signer's code and for as many signatures as the batch needs; each hash
//! is then sent when it is known: the sheet's only after the signatures that it shows. That is SCAL1; a credential that
//! wants the hashes beforehand (SCAL2) is refused when it is bound.

mod call;
mod lent;
mod wire;

pub use call::{BadService, ServiceConfig};

use crate::Shown;
use benhan_sign::holder::UntilTrouble;
use benhan_sign::{Certificate, KeyAlgorithm, KeyHolder, Trouble};
use call::{Line, seconds};
use lent::{Counted, Lent};
use secrecy::SecretString;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use wire::{AuthObject, CredentialInfo};

/// Somebody confirms on a telephone meanwhile.
const CONFIRMING: Duration = Duration::from_secs(120);

/// One service, as one client of it. Cheap to clone. Its calls block: they belong off the async threads.
#[derive(Clone, Debug)]
pub struct Service {
    line: Arc<Line>,
}

/// A key at the service.
#[derive(Clone, Debug)]
pub struct Credential {
    id: String,
    certificate: Option<Certificate>,
    /// What its owner types: a PIN, a one-time code, both; nothing where a telephone asks.
    asks: Vec<AuthObject>,
    method: &'static str,
    /// Signatures that one authorisation may cover.
    most: usize,
    /// It authorises hashes and not signatures.
    pub hashes_first: bool,
}

/// rsaEncryption, with the hash named beside it; sha256WithRSAEncryption; ecdsa-with-SHA256.
const BARE_RSA: &str = "1.2.840.113549.1.1.1";
const RSA_SHA_256: &str = "1.2.840.113549.1.1.11";
const ECDSA_SHA_256: &str = "1.2.840.10045.4.3.2";

impl Service {
    /// # Errors
    /// When the configuration cannot be used. Nothing is asked yet.
    pub fn new(config: ServiceConfig) -> Result<Self, BadService> {
        Ok(Self { line: Arc::new(Line::new(config)?) })
    }

    /// What the service says about a credential.
    ///
    /// # Errors
    /// [`Trouble::NoSuchKey`] also for one that is off, or of a kind that is not signed with here.
    pub fn credential(&self, id: &str) -> Result<Credential, Trouble> {
        let asked = serde_json::json!({
            "credentialID": id, "certificates": "single", "certInfo": false, "authInfo": true,
        });
        let info: CredentialInfo = run(&runtime()?, self.line.post("credentials/info", &asked, seconds(0)))?;
        let off = |what: &str| {
            tracing::warn!(what, "a credential of the signing service cannot be used");
            Trouble::NoSuchKey
        };
        if info.key.status.as_deref().is_some_and(|status| status != "enabled") {
            return Err(off("its key is not enabled"));
        }
        let asks = match info.auth.mode.as_str() {
            "implicit" => Vec::new(),
            "explicit" if !info.auth.objects.is_empty() => info.auth.objects,
            _ => return Err(off("it is authorised in a browser, or says not how")),
        };
        let certificate = info.cert.and_then(|cert| cert.certificates.into_iter().next());
        let certificate =
            certificate.and_then(|text| wire::unpacked(&text)).and_then(|der| Certificate::from_der(&der).ok());
        let knows = |method: &str| info.key.algo.iter().any(|known| known == method);
        let of_ec = knows(ECDSA_SHA_256) || knows("1.2.840.10045.2.1");
        let method = match certificate.as_ref().and_then(Certificate::key_algorithm) {
            Some(KeyAlgorithm::Rsa { .. }) if knows(RSA_SHA_256) => RSA_SHA_256,
            Some(KeyAlgorithm::Rsa { .. }) if knows(BARE_RSA) => BARE_RSA,
            Some(KeyAlgorithm::EcdsaP256) if of_ec => ECDSA_SHA_256,
            _ => return Err(off("it shows no certificate, or signs by nothing that is accepted")),
        };
        Ok(Credential {
            id: id.to_owned(),
            certificate,
            asks,
            method,
            most: info.multisign.unwrap_or(1).max(1),
            hashes_first: info.scal.as_deref() == Some("2"),
        })
    }

    /// Authorises a batch of so many signatures by what its owner typed; several codes stand side by side. It ends with
    /// the first trouble.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn open(&self, id: &str, code: SecretString, signatures: usize) -> Result<Arc<dyn KeyHolder>, Trouble> {
        let credential = self.credential(id)?;
        if credential.hashes_first {
            return Err(Trouble::Refused);
        }
        let mut lent = Lent::new((Arc::clone(&self.line), runtime()?), credential, code, signatures)?;
        lent.authorise()?;
        Ok(Arc::new(UntilTrouble::any(Arc::new(Counted(Mutex::new(lent))))))
    }
}

impl Credential {
    /// Whether the service has this certificate for it.
    pub fn shows(&self, certificate: &Certificate) -> Shown {
        match &self.certificate {
            None => Shown::Nothing,
            Some(theirs) if theirs.has_key_of(certificate) => Shown::Same,
            Some(_) => Shown::Other,
        }
    }

    /// A code that is good once: nothing further is authorised with it.
    fn asks_once(&self) -> bool {
        self.asks.is_empty() || self.asks.iter().any(AuthObject::is_one_time)
    }
}

/// The runtime of who calls. A batch keeps it: a PDF is signed on a thread of its own, which knows none.
fn runtime() -> Result<Handle, Trouble> {
    Handle::try_current().map_err(|_| Trouble::Unreachable)
}

/// Waits for an answer, on a thread that may block.
fn run<T>(runtime: &Handle, work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    runtime.block_on(work)
}
