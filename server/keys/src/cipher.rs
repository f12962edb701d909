//! AES-256-GCM as records use it: a fresh nonce each time, and a place to which the ciphertext is bound.

use super::KeyError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use benhan_domain::id::EncounterId;
use zeroize::Zeroizing;

/// A random 256-bit key, wiped from memory when it is dropped.
pub struct Key(Zeroizing<[u8; 32]>);

/// The cell that a ciphertext belongs to: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'static str,
    pub row: &'a str,
    pub version: i64,
}

impl Place<'_> {
    /// What the ciphertext is bound to.
    pub fn of(&self, record: EncounterId) -> String {
        format!("benhan/record/1\n{record}\n{}\n{}\n{}", self.table, self.row, self.version)
    }
}

impl Key {
    pub(crate) fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// 64 hexadecimal digits, as they lie in `secrets/`.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.bytes()))
    }

    pub fn random() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Random)?;
        Ok(Self(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Nonce, ciphertext, tag.
    pub fn seal(&self, bound_to: &str, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, self.bytes()).map_err(|_| KeyError::Random)?;
        let mut body = plain.to_vec();
        let nonce = cipher.seal_in_place_append_tag(Aad::from(bound_to), &mut body).map_err(|_| KeyError::Random)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN.saturating_add(body.len()));
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// `None` when it was sealed by another key, for another place, or changed since.
    pub fn open(&self, bound_to: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, self.bytes()).ok()?;
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let length = cipher.open_in_place(nonce, Aad::from(bound_to), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(of: [u8; 32]) -> Key {
        Key::from_bytes(Zeroizing::new(of))
    }

    proptest! {
        // Clauses: C46-10.4
        #[test]
        fn what_is_sealed_opens_with_its_key_in_its_place_and_nowhere_else(
            of: [u8; 32], plain: Vec<u8>, place in "[a-z]{1,20}", flip: prop::sample::Index, bit in 0_u8..8,
        ) {
            let sealed = key(of).seal(&place, &plain).expect("sealed");
            prop_assert_eq!(key(of).open(&place, &sealed), Some(plain.clone()));
            prop_assert_eq!(key(of).open(&format!("{place}!"), &sealed), None);
            let mut other = of;
            other[0] ^= 1;
            prop_assert_eq!(key(other).open(&place, &sealed), None);
            let mut changed = sealed.clone();
            changed[flip.index(sealed.len())] ^= 1 << bit;
            prop_assert_eq!(key(of).open(&place, &changed), None);
            prop_assert_ne!(key(of).seal(&place, &plain).expect("sealed"), sealed, "each time another nonce");
        }

        #[test]
        fn anything_may_be_offered_as_a_ciphertext(of: [u8; 32], bytes: Vec<u8>) {
            prop_assert_eq!(key(of).open("x", &bytes), None);
        }
    }
}
