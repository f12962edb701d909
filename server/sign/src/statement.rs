//! What a server asks the agent at a signer's terminal to do, sealed by a key of the server's own (Ed25519, RFC 8032).
//!
//! A page in a browser carries it; the agent believes the seal and never the page. It names one token's key, is good for a
//! moment and once, and holds nothing of a patient: digests alone.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::key::KeyError;

/// What stands before the sealed bytes, so that no other signature of the key is one of these.
const DOMAIN: &[u8] = b"benhan terminal statement 1\0";
/// Without letters and digits that are taken for one another.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// A longer one is none: two hundred digests and a certificate fit in.
pub const LONGEST: usize = 64 << 10;
/// Digests of one statement.
pub const MOST_DIGESTS: usize = 64;
/// Clocks of a ward's computers are off by a little.
pub const SKEW: i64 = 120_000_000;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Statement {
    /// Used once.
    pub nonce: String,
    /// One opening of the token, and all that is signed under it.
    pub batch: String,
    /// Whose signature it is to be.
    pub who: String,
    /// What the batch is for, in words for the signer.
    pub purpose: String,
    /// Signatures of the whole batch, at most.
    pub signatures: usize,
    /// Instants, µs UTC.
    pub issued: i64,
    pub expires: i64,
    /// The token is to be opened with its owner's PIN; of the first statement of a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Opening>,
    /// SHA-256 each, in hexadecimal.
    pub digests: Vec<String>,
}

/// The key that is to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// `SERIAL:HEX`.
    pub key: String,
    /// DER in base64.
    pub certificate: String,
}

/// A statement on its way: its bytes as text, and the seal over them in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    pub statement: String,
    pub seal: String,
}

/// Why a statement is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStatement {
    #[error("the seal is not the paired server's")]
    Seal,
    #[error("not a statement")]
    Shape,
    #[error("it is over, or not yet good: see the clocks")]
    Time,
}

/// The server's key for statements.
pub struct StatementKey(Ed25519KeyPair);

/// The public half, which an agent keeps when it is paired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementAuthority([u8; 32]);

impl std::fmt::Debug for StatementKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StatementKey")
    }
}

impl StatementKey {
    /// Derived from the server's own key, so that there is no further secret to keep.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`]
    pub fn of(server_key: &[u8; 32]) -> Result<Self, KeyError> {
        let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, server_key), DOMAIN);
        Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).map(Self).map_err(|_| KeyError::Unreadable)
    }

    /// # Errors
    /// [`KeyError::Unreadable`]
    pub fn public(&self) -> Result<StatementAuthority, KeyError> {
        let bytes = self.0.public_key().as_ref().try_into();
        bytes.map(StatementAuthority).map_err(|_| KeyError::Unreadable)
    }

    /// # Errors
    /// [`KeyError::Sign`]
    pub fn seal(&self, statement: &Statement) -> Result<Sealed, KeyError> {
        let statement = serde_json::to_string(statement).map_err(|_| KeyError::Sign)?;
        let seal = self.0.sign(&[DOMAIN, statement.as_bytes()].concat());
        Ok(Sealed { seal: STANDARD.encode(seal.as_ref()), statement })
    }
}

impl StatementAuthority {
    /// 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text).ok()?.try_into().ok().map(Self)
    }

    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Eight characters that a person compares: forty bits of the key's hash.
    pub fn code(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &[DOMAIN, &self.0].concat());
        let bits = hash.as_ref().iter().take(5).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let sign = |at: u32| {
            let five = usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or(0);
            ALPHABET.get(five).copied().map_or('2', char::from)
        };
        (0..8).flat_map(|at| (at == 4).then_some('-').into_iter().chain([sign(at)])).collect()
    }

    /// What it says, if the server sealed it and it is good now.
    ///
    /// # Errors
    /// [`BadStatement`]
    pub fn read(&self, sealed: &Sealed, now: i64) -> Result<Statement, BadStatement> {
        if sealed.statement.len() > LONGEST {
            return Err(BadStatement::Shape);
        }
        let seal = STANDARD.decode(&sealed.seal).map_err(|_| BadStatement::Seal)?;
        let bytes = [DOMAIN, sealed.statement.as_bytes()].concat();
        UnparsedPublicKey::new(&ED25519, &self.0).verify(&bytes, &seal).map_err(|_| BadStatement::Seal)?;
        let statement: Statement = serde_json::from_str(&sealed.statement).map_err(|_| BadStatement::Shape)?;
        if statement.digests.len() > MOST_DIGESTS {
            return Err(BadStatement::Shape);
        }
        let good = now >= statement.issued.saturating_sub(SKEW) && now <= statement.expires.saturating_add(SKEW);
        if good { Ok(statement) } else { Err(BadStatement::Time) }
    }
}

impl Statement {
    /// The digests as bytes; none where one is no SHA-256.
    pub fn hashes(&self) -> Option<Vec<[u8; 32]>> {
        self.digests.iter().map(|text| hex::decode(text).ok()?.try_into().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_309_200_000_000;

    fn asked() -> Statement {
        Statement {
            nonce: "n-1".into(),
            batch: "b-1".into(),
            who: "Lê Thị Hoa".into(),
            purpose: "Ký lượt đo".into(),
            signatures: 2,
            issued: NOW,
            expires: NOW + 60_000_000,
            open: None,
            digests: vec!["00".repeat(32)],
        }
    }

    #[test]
    fn what_the_server_sealed_is_read_and_nothing_else() {
        let key = StatementKey::of(&[7; 32]).expect("a key");
        let authority = key.public().expect("its half");
        let sealed = key.seal(&asked()).expect("sealed");
        assert_eq!(authority.read(&sealed, NOW), Ok(asked()));
        assert_eq!(StatementAuthority::parse(&authority.to_hex()), Some(authority.clone()));

        let altered = Sealed { statement: sealed.statement.replace("00", "01"), ..sealed.clone() };
        assert_eq!(authority.read(&altered, NOW), Err(BadStatement::Seal));
        let other = StatementKey::of(&[8; 32]).expect("a key").seal(&asked()).expect("sealed");
        assert_eq!(authority.read(&other, NOW), Err(BadStatement::Seal));
        let unsealed = Sealed { seal: String::new(), ..sealed.clone() };
        assert_eq!(authority.read(&unsealed, NOW), Err(BadStatement::Seal));
        assert_eq!(authority.read(&sealed, NOW + 60_000_000 + SKEW + 1), Err(BadStatement::Time));
        assert_eq!(authority.read(&sealed, NOW - SKEW - 1), Err(BadStatement::Time));
        let many = Statement { digests: vec!["00".repeat(32); MOST_DIGESTS + 1], ..asked() };
        assert_eq!(authority.read(&key.seal(&many).expect("sealed"), NOW), Err(BadStatement::Shape));
        assert_eq!(Statement { digests: vec!["0g".repeat(32)], ..asked() }.hashes(), None);
    }

    #[test]
    fn the_code_is_of_the_key_alone_and_easily_told() {
        let code = |byte| StatementKey::of(&[byte; 32]).and_then(|key| key.public()).expect("a key").code();
        assert_eq!(code(7), code(7));
        assert_ne!(code(7), code(8));
        assert_eq!((code(7).len(), code(7).find('-')), (9, Some(4)));
    }
}
