//! The holders of keys that this installation knows besides itself.

use benhan_domain::certificate::KeyPlace;
use benhan_holders::{SecretString, Service, Shown, Tokens};
use benhan_sign::{Certificate, HolderKind, KeyError, SigningKey, Trouble};

/// As configured; each may be absent.
#[derive(Clone, Debug, Default)]
pub struct Holders {
    /// What the PKCS#11 driver of `[pkcs11]` shows.
    pub tokens: Option<Tokens>,
    /// The remote signing service of `[remote_signing]`.
    pub service: Option<Service>,
}

/// Why a key elsewhere could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// Keys of this kind are not reached from here.
    NotConfigured,
    /// The service wants every hash before it authorises, and a sheet's is known only after the signatures on it.
    HashesFirst,
    Held(KeyError),
}

impl From<KeyError> for NoKey {
    fn from(error: KeyError) -> Self {
        Self::Held(error)
    }
}

impl Holders {
    /// Opens a key for a batch of at most so many signatures. Blocks for as long as the holder needs.
    pub fn open(
        &self,
        place: &KeyPlace,
        certificate: &Certificate,
        pin: SecretString,
        signatures: usize,
    ) -> Result<SigningKey, NoKey> {
        let held = |at| move |trouble| KeyError::Held { at, trouble };
        match place {
            KeyPlace::Pkcs11(key) => {
                let tokens = self.tokens.as_ref().ok_or(NoKey::NotConfigured)?;
                let holder = tokens.open(key, certificate, pin).map_err(held(HolderKind::Token))?;
                Ok(SigningKey::held(certificate, holder)?)
            }
            KeyPlace::Remote(credential) => {
                let service = self.service.as_ref().ok_or(NoKey::NotConfigured)?;
                let holder = service.open(credential, pin, signatures).map_err(held(HolderKind::Service))?;
                Ok(SigningKey::held(certificate, holder)?)
            }
            KeyPlace::Software | KeyPlace::Terminal(_) => Err(NoKey::NotConfigured),
        }
    }

    /// Whether the holder shows that key as the certificate's, before any PIN. Blocks.
    pub fn shown(&self, place: &KeyPlace, certificate: &Certificate) -> Result<Shown, NoKey> {
        let held = |at| move |trouble: Trouble| NoKey::Held(KeyError::Held { at, trouble });
        match place {
            KeyPlace::Pkcs11(key) => {
                let tokens = self.tokens.as_ref().ok_or(NoKey::NotConfigured)?;
                tokens.shown(key, certificate).map_err(held(HolderKind::Token))
            }
            KeyPlace::Remote(credential) => {
                let service = self.service.as_ref().ok_or(NoKey::NotConfigured)?;
                let found = service.credential(credential).map_err(held(HolderKind::Service))?;
                if found.hashes_first { Err(NoKey::HashesFirst) } else { Ok(found.shows(certificate)) }
            }
            // It is plugged in only where its owner sits.
            KeyPlace::Terminal(_) => Ok(Shown::Nothing),
            KeyPlace::Software => Err(NoKey::NotConfigured),
        }
    }
}
