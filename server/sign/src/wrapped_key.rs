//! A signing key at rest: PKCS#8 under AES-256-GCM, its key made of the owner's PIN *and* a server
//! key that is kept outside the database and its backups.
//!
//! A 6-digit PIN alone falls to guessing in hours; a stolen database without the server key gives
//! nothing to guess against. Counting wrong tries and locking is the caller's duty.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::key::{KeyError, SigningKey};
use crate::randomness;

const FORMAT: u8 = 1;
const INFO: &[u8] = b"benhan wrapped signing key 1";

/// Why a key did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnwrapError {
    /// The PIN, the server key or the stored bytes do not fit; which of them is not told.
    #[error("wrong PIN")]
    WrongPin,
    /// The stored parameters are not ones that this version writes or reads.
    #[error("the stored key has unknown or excessive parameters")]
    Parameters,
}

impl UnwrapError {
    /// The sentence for the signer.
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::WrongPin => "Mã PIN không đúng. Hãy nhập lại; sau năm lần sai khóa ký sẽ bị khóa.",
            Self::Parameters => "Khóa ký lưu trên máy chủ không dùng được. Hãy báo quản trị viên cấp lại khóa.",
        }
    }
}

/// The 32 bytes that a server adds to every PIN. Wiped when dropped.
#[derive(Clone)]
pub struct ServerKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerKey")
    }
}

impl ServerKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`KeyError::Randomness`]
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self(Zeroizing::new(randomness::bytes()?)))
    }

    /// A key read from its file.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for writing the file.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Cost of one argon2id run. Stored with each key, so that later keys may cost more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PinCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Parallel lanes.
    pub lanes: u32,
}

impl PinCost {
    /// What new keys get: 19 MiB and three passes, so that many people may sign at once.
    pub const STANDARD: Self = Self { memory_kib: 19 * 1024, passes: 3, lanes: 1 };

    /// A changed row must not be able to ask for the machine's whole memory.
    fn bounded(self) -> Result<Params, UnwrapError> {
        let acceptable = self.memory_kib <= 256 * 1024 && self.passes <= 16 && self.lanes <= 4;
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32));
        params.ok().filter(|_| acceptable).ok_or(UnwrapError::Parameters)
    }
}

/// A wrapped key, JSON for a database column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WrappedKey {
    format: u8,
    argon2id: PinCost,
    #[serde(with = "base64_bytes")]
    salt: Vec<u8>,
    #[serde(with = "base64_bytes")]
    nonce: Vec<u8>,
    #[serde(with = "base64_bytes")]
    sealed: Vec<u8>,
}

impl WrappedKey {
    /// Wraps a key at the standard cost; some 50 ms of work.
    ///
    /// # Errors
    /// [`KeyError`] if the system gives no randomness.
    pub fn wrap(key: &SigningKey, pin: &str, server_key: &ServerKey) -> Result<Self, KeyError> {
        Self::wrap_at(PinCost::STANDARD, key, pin, server_key)
    }

    /// Wraps a key at a stated cost.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn wrap_at(cost: PinCost, key: &SigningKey, pin: &str, server_key: &ServerKey) -> Result<Self, KeyError> {
        if key.pkcs8().is_empty() {
            return Err(KeyError::Elsewhere);
        }
        let salt: [u8; 16] = randomness::bytes()?;
        let nonce: [u8; 12] = randomness::bytes()?;
        let cipher = cipher(cost, &salt, pin, server_key).map_err(|_| KeyError::Generate)?;
        let mut sealed = key.pkcs8().to_vec();
        cipher
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(INFO), &mut sealed)
            .map_err(|_| KeyError::Generate)?;
        Ok(Self { format: FORMAT, argon2id: cost, salt: salt.to_vec(), nonce: nonce.to_vec(), sealed })
    }

    /// Opens the key.
    ///
    /// # Errors
    /// [`UnwrapError`]
    pub fn unwrap(&self, pin: &str, server_key: &ServerKey) -> Result<SigningKey, UnwrapError> {
        let nonce = <[u8; 12]>::try_from(self.nonce.as_slice()).map_err(|_| UnwrapError::Parameters)?;
        if self.format != FORMAT {
            return Err(UnwrapError::Parameters);
        }
        let cipher = cipher(self.argon2id, &self.salt, pin, server_key)?;
        let mut opened = Zeroizing::new(self.sealed.clone());
        let pkcs8 = cipher
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(INFO), &mut opened)
            .map_err(|_| UnwrapError::WrongPin)?;
        SigningKey::from_pkcs8(pkcs8).map_err(|_| UnwrapError::WrongPin)
    }

    /// The same key under a new PIN.
    ///
    /// # Errors
    /// [`UnwrapError`] for the old PIN or missing randomness (as `Parameters`).
    pub fn change_pin(&self, old: &str, new: &str, server_key: &ServerKey) -> Result<Self, UnwrapError> {
        let key = self.unwrap(old, server_key)?;
        Self::wrap(&key, new, server_key).map_err(|_| UnwrapError::Parameters)
    }
}

/// argon2id(PIN) and the server key, through HKDF-SHA-256, as an AES-256-GCM key.
fn cipher(cost: PinCost, salt: &[u8], pin: &str, server_key: &ServerKey) -> Result<LessSafeKey, UnwrapError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.bounded()?);
    let mut stretched = Zeroizing::new([0_u8; 32]);
    argon2.hash_password_into(pin.as_bytes(), salt, stretched.as_mut_slice()).map_err(|_| UnwrapError::Parameters)?;
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, server_key.as_bytes()).extract(stretched.as_slice());
    let output = secret.expand(&[INFO], &AES_256_GCM).map_err(|_| UnwrapError::Parameters)?;
    Ok(LessSafeKey::new(UnboundKey::from(output)))
}

mod base64_bytes {
    use super::{Deserialize, Deserializer, Engine, STANDARD, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyKind;

    const QUICK: PinCost = PinCost { memory_kib: 64, passes: 1, lanes: 1 };

    // Clauses: SEC-5
    #[test]
    fn a_key_opens_with_its_pin_and_its_server_key_only() {
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        let server = ServerKey::generate().unwrap();
        let wrapped = WrappedKey::wrap_at(QUICK, &key, "048213", &server).unwrap();

        assert_eq!(wrapped.unwrap("048213", &server).unwrap().pkcs8(), key.pkcs8());
        assert_eq!(wrapped.unwrap("048214", &server).unwrap_err(), UnwrapError::WrongPin);
        let other = ServerKey::generate().unwrap();
        assert_eq!(wrapped.unwrap("048213", &other).unwrap_err(), UnwrapError::WrongPin);
    }

    #[test]
    fn a_wrapped_key_survives_its_column() {
        let key = SigningKey::generate(KeyKind::Rsa2048).unwrap();
        let server = ServerKey::from_bytes([7; 32]);
        let json = serde_json::to_string(&WrappedKey::wrap(&key, "123456", &server).unwrap()).unwrap();
        let read: WrappedKey = serde_json::from_str(&json).unwrap();
        assert_eq!(read.argon2id, PinCost::STANDARD);
        let changed = read.change_pin("123456", "654321", &server).unwrap();
        assert!(changed.unwrap("123456", &server).is_err());
        assert_eq!(changed.unwrap("654321", &server).unwrap().pkcs8(), key.pkcs8());
    }

    #[test]
    fn a_changed_row_cannot_ask_for_all_memory() {
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        let server = ServerKey::from_bytes([7; 32]);
        let mut wrapped = WrappedKey::wrap_at(QUICK, &key, "123456", &server).unwrap();
        wrapped.argon2id.memory_kib = u32::MAX;
        assert_eq!(wrapped.unwrap("123456", &server).unwrap_err(), UnwrapError::Parameters);
    }
}
