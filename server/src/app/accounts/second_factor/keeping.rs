//! How a second factor lies in the database: the secret sealed, recovery codes as hashes, both under the server's key,
//! which no copy of the database holds.

use crate::app::AppError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use benhan_domain::id::UserId;
use benhan_domain::second_factor::{RECOVERY_CODES, recovery_code};
use rand::RngCore;
use zeroize::Zeroizing;

const SEALING: &[u8] = b"benhan second factor 1";
const HASHING: &[u8] = b"benhan recovery code 1";

pub struct Keeper {
    sealing: LessSafeKey,
    hashing: hmac::Key,
}

impl Keeper {
    pub fn new(server_key: &[u8; 32]) -> Result<Self, AppError> {
        let sealing = derived(server_key, SEALING)?;
        let sealing = UnboundKey::new(&AES_256_GCM, sealing.as_slice()).map_err(|_| broken())?;
        let hashing = derived(server_key, HASHING)?;
        Ok(Self { sealing: LessSafeKey::new(sealing), hashing: hmac::Key::new(hmac::HMAC_SHA256, hashing.as_slice()) })
    }

    /// Bound to its owner: a row that somebody copies to another account opens nothing.
    pub fn seal(&self, of: UserId, secret: &[u8]) -> Result<Vec<u8>, AppError> {
        let mut nonce = [0_u8; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        let mut sealed = secret.to_vec();
        let bound = Aad::from(of.to_string());
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut sealed)
            .map_err(|_| broken())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub fn open(&self, of: UserId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, AppError> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let opened = self.sealing.open_in_place(nonce, Aad::from(of.to_string()), &mut rest).map_err(|_| broken())?;
        Ok(Zeroizing::new(opened.to_vec()))
    }

    /// Fifty random bits need no slow hash, only one that the database alone cannot compute.
    pub fn recovery_hash(&self, of: UserId, code: &str) -> String {
        hex::encode(hmac::sign(&self.hashing, format!("{of} {code}").as_bytes()))
    }

    /// New recovery codes of a person, and their hashes.
    pub fn fresh_recovery(&self, of: UserId) -> (Vec<String>, Vec<String>) {
        let code = || {
            let mut random = [0_u8; 10];
            rand::rng().fill_bytes(&mut random);
            recovery_code(random)
        };
        let codes: Vec<String> = std::iter::repeat_with(code).take(RECOVERY_CODES).collect();
        let hashes = codes.iter().map(|code| self.recovery_hash(of, code)).collect();
        (codes, hashes)
    }
}

fn derived(server_key: &[u8; 32], purpose: &[u8]) -> Result<Zeroizing<[u8; 32]>, AppError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]);
    let info = [purpose];
    let made = salt.extract(server_key).expand(&info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut_slice()));
    made.map_err(|_| broken())?;
    Ok(key)
}

fn broken() -> AppError {
    AppError::Internal("a second factor does not open with this server's key".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_secret_opens_for_its_owner_and_its_server_alone() {
        let (lan, minh) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let keeper = Keeper::new(&[7; 32]).expect("keys");
        let sealed = keeper.seal(lan, b"a secret of twenty b").expect("sealed");
        assert!(!sealed.windows(8).any(|w| w == b"a secret"));
        assert_eq!(keeper.open(lan, &sealed).expect("open").as_slice(), b"a secret of twenty b");
        assert!(keeper.open(minh, &sealed).is_err());
        assert!(Keeper::new(&[8; 32]).expect("keys").open(lan, &sealed).is_err());
        assert!(keeper.open(lan, &sealed[..5]).is_err());
        assert_ne!(keeper.recovery_hash(lan, "ABCDEFGHJK"), keeper.recovery_hash(minh, "ABCDEFGHJK"));
    }
}
