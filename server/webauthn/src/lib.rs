//! What a security key says, judged: bytes of a browser in, a key to keep or a refusal out (W3C Web Authentication, level 2).
//!
//! Pure: challenge, site and stored key are handed in, nothing is kept. Attestation is not asked for and, where a key brings
//! one all the same, not believed: whose make a key is does not matter here, only that it is the same one again. How long a
//! challenge stands and who may answer it is the server's part (`server/src/security_keys.rs`).

mod authenticator;
mod cbor;
mod client_data;
mod public_key;
mod site;

pub use client_data::challenge_of;
pub use site::Site;

use authenticator::AuthenticatorData;
use client_data::Ceremony;
use public_key::PublicKey;

/// Bytes of a challenge.
pub const CHALLENGE: usize = 32;
/// Bytes of a credential's id, as the standard bounds it.
pub const MOST_ID: usize = 1023;
/// Bytes that a browser's account of what it was asked has at most, and what a key says beside it. An attestation may hold
/// certificates, which nobody reads.
pub const MOST_CLIENT_DATA: usize = 8 << 10;
pub const MOST_AUTHENTICATOR_DATA: usize = 8 << 10;
pub const MOST_ATTESTATION: usize = 32 << 10;
pub const MOST_SIGNATURE: usize = 1 << 10;

/// How keys sign, the best liked first: COSE's numbers of ES256, EdDSA and RS256.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// Why something is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("longer than it may be")]
    TooLong,
    #[error("not in the form of the standard")]
    Malformed,
    #[error("an answer to another kind of question")]
    OtherCeremony,
    #[error("an answer to another challenge")]
    OtherChallenge,
    #[error("given on a page of another site")]
    OtherOrigin,
    #[error("made for another site")]
    OtherSite,
    #[error("nobody touched the key")]
    NobodyThere,
    #[error("a key of a kind that is not taken")]
    UnfitKey,
    #[error("the signature does not fit")]
    Signature,
    /// Two of them are about, or somebody plays an old answer again.
    #[error("the key has counted to {stored} before, and now says {shown}")]
    CountedBack { stored: u32, shown: u32 },
}

/// A key that was made for this site, to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub credential_id: Vec<u8>,
    /// COSE, as the key wrote it.
    pub public_key: Vec<u8>,
    pub counter: u32,
    /// The key asked for a PIN or a finger, too.
    pub verified: bool,
}

/// A key was there, and this is how far it has counted. 0: it does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asserted {
    pub counter: u32,
    pub verified: bool,
}

/// A new key, as `navigator.credentials.create` answers.
///
/// # Errors
/// [`Refused`]
pub fn register(
    site: &Site,
    challenge: &[u8; CHALLENGE],
    client_data: &[u8],
    attestation: &[u8],
) -> Result<Registered, Refused> {
    client_data::check(client_data, Ceremony::Create, challenge, site)?;
    let bytes = authenticator::of_attestation(attestation)?;
    let said = AuthenticatorData::parse(&bytes)?;
    said.of(site)?;
    let made = said.made.ok_or(Refused::Malformed)?;
    PublicKey::parse(made.public_key)?;
    Ok(Registered {
        credential_id: made.credential_id.to_vec(),
        public_key: made.public_key.to_vec(),
        counter: said.counter,
        verified: said.verified,
    })
}

/// What a key that is kept is known by.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    pub public_key: &'a [u8],
    pub counter: u32,
}

/// What `navigator.credentials.get` brings.
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'a> {
    pub client_data: &'a [u8],
    pub authenticator_data: &'a [u8],
    pub signature: &'a [u8],
}

/// A known key signs a challenge. The counter is asked last: that one is cloned is said of nothing but a true signature.
///
/// # Errors
/// [`Refused`]
pub fn assert(
    site: &Site,
    challenge: &[u8; CHALLENGE],
    key: Kept<'_>,
    shown: Assertion<'_>,
) -> Result<Asserted, Refused> {
    if shown.signature.len() > MOST_SIGNATURE {
        return Err(Refused::TooLong);
    }
    client_data::check(shown.client_data, Ceremony::Get, challenge, site)?;
    let said = AuthenticatorData::parse(shown.authenticator_data)?;
    said.of(site)?;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, shown.client_data);
    let signed = [shown.authenticator_data, hash.as_ref()].concat();
    PublicKey::parse(key.public_key)?.verify(&signed, shown.signature)?;
    let counts = said.counter != 0 || key.counter != 0;
    if counts && said.counter <= key.counter {
        return Err(Refused::CountedBack { stored: key.counter, shown: said.counter });
    }
    Ok(Asserted { counter: said.counter, verified: said.verified })
}
