//! One authorisation, and the signatures it still covers.

use super::call::{Line, seconds};
use super::wire::{AuthValue, Authorise, Authorised, SignHash, Signatures, packed, unpacked};
use super::{CONFIRMING, Credential, run};
use benhan_sign::{HolderKind, KeyHolder, Trouble};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::runtime::Handle;

const SHA_256: &str = "2.16.840.1.101.3.4.2.1";

pub(super) struct Lent {
    line: Arc<Line>,
    runtime: Handle,
    credential: Credential,
    /// What the owner typed, one for each that the credential asks for. Forgotten at once where it is good once.
    codes: Vec<SecretString>,
    /// What the batch needs in all.
    wanted: usize,
    sad: Option<Sad>,
}

struct Sad {
    value: SecretString,
    left: usize,
    until: Instant,
}

impl Lent {
    pub fn new(
        (line, runtime): (Arc<Line>, Handle),
        credential: Credential,
        code: SecretString,
        wanted: usize,
    ) -> Result<Self, Trouble> {
        let codes: Vec<SecretString> = match credential.asks.len() {
            0 => Vec::new(),
            1 => vec![code],
            _ => code.expose_secret().split_whitespace().map(SecretString::from).collect(),
        };
        if codes.len() != credential.asks.len() {
            return Err(Trouble::WrongPin { last: false });
        }
        Ok(Self { line, runtime, credential, codes, wanted: wanted.max(1), sad: None })
    }

    /// Asks for an authorisation over what the batch still needs, as far as the credential allows.
    pub fn authorise(&mut self) -> Result<(), Trouble> {
        let signatures = self.wanted.min(self.credential.most);
        let values = self.credential.asks.iter().zip(&self.codes);
        let body = Authorise {
            credential_id: &self.credential.id,
            num_signatures: signatures,
            auth_data: values.map(|(asks, code)| AuthValue { id: &asks.id, value: code.expose_secret() }).collect(),
        };
        let more = if self.credential.asks.is_empty() { CONFIRMING } else { seconds(0) };
        let given: Authorised = run(&self.runtime, self.line.post("credentials/authorize", &body, more))?;
        let until = Instant::now() + seconds(given.expires_in.unwrap_or(3_600).min(86_400));
        self.sad = Some(Sad { value: SecretString::from(given.sad), left: signatures, until });
        if self.credential.asks_once() {
            self.codes.clear();
        }
        Ok(())
    }

    fn sign(&mut self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        if self.sad.as_ref().is_none_or(|sad| sad.left == 0 || Instant::now() >= sad.until) {
            self.renew()?;
        }
        match self.sign_once(digest) {
            // The service may count and time otherwise than it said.
            Err(Trouble::Spent) => {
                self.renew()?;
                self.sign_once(digest)
            }
            other => other,
        }
    }

    fn renew(&mut self) -> Result<(), Trouble> {
        self.sad = None;
        if self.credential.asks_once() { Err(Trouble::Spent) } else { self.authorise() }
    }

    fn sign_once(&mut self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        let sad = self.sad.as_mut().ok_or(Trouble::Spent)?;
        let body = SignHash {
            credential_id: &self.credential.id,
            sad: sad.value.expose_secret(),
            hashes: [packed(digest)],
            hash_algorithm: SHA_256,
            sign_algo: self.credential.method,
            operation_mode: "S",
        };
        let given: Signatures = run(&self.runtime, self.line.post("signatures/signHash", &body, seconds(0)))?;
        sad.left = sad.left.saturating_sub(1);
        self.wanted = self.wanted.saturating_sub(1).max(1);
        let signature = given.signatures.first().and_then(|text| unpacked(text));
        signature.ok_or(Trouble::BadSignature)
    }
}

/// One signature after another: an authorisation is counted.
pub(super) struct Counted(pub Mutex<Lent>);

impl KeyHolder for Counted {
    fn kind(&self) -> HolderKind {
        HolderKind::Service
    }

    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).sign(digest)
    }
}
