//! What the key itself says: for which site, who was there, how far it has counted, and the key that it made.

use crate::{MOST_ATTESTATION, MOST_AUTHENTICATOR_DATA, MOST_ID, Refused, Site, cbor};
use aws_lc_rs::digest::{SHA256, digest};

/// Bits of the flags.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MADE: u8 = 0x40;
const EXTENDED: u8 = 0x80;
/// The maker's number of its model.
const MODEL: usize = 16;

#[derive(Debug)]
pub struct AuthenticatorData<'a> {
    site_hash: &'a [u8],
    present: bool,
    pub verified: bool,
    pub counter: u32,
    pub made: Option<Made<'a>>,
}

/// A credential that was just made.
#[derive(Debug)]
pub struct Made<'a> {
    pub credential_id: &'a [u8],
    pub public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refused> {
        if bytes.len() > MOST_AUTHENTICATOR_DATA {
            return Err(Refused::TooLong);
        }
        let (site_hash, rest) = bytes.split_at_checked(32).ok_or(Refused::Malformed)?;
        let (&[flags], rest) = rest.split_first_chunk::<1>().ok_or(Refused::Malformed)?;
        let (counter, rest) = rest.split_first_chunk::<4>().ok_or(Refused::Malformed)?;
        let (made, rest) = if flags & MADE == 0 { (None, rest) } else { made(rest)? };
        let rest = if flags & EXTENDED == 0 { rest } else { cbor::first(rest)?.1 };
        if !rest.is_empty() {
            return Err(Refused::Malformed);
        }
        Ok(Self {
            site_hash,
            present: flags & PRESENT != 0,
            verified: flags & VERIFIED != 0,
            counter: u32::from_be_bytes(*counter),
            made,
        })
    }

    /// Of this site, and with somebody's finger on the key.
    pub fn of(&self, site: &Site) -> Result<(), Refused> {
        if self.site_hash != digest(&SHA256, site.host().as_bytes()).as_ref() {
            return Err(Refused::OtherSite);
        }
        if self.present { Ok(()) } else { Err(Refused::NobodyThere) }
    }
}

fn made(bytes: &[u8]) -> Result<(Option<Made<'_>>, &[u8]), Refused> {
    let rest = bytes.get(MODEL..).ok_or(Refused::Malformed)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(Refused::Malformed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > MOST_ID {
        return Err(Refused::Malformed);
    }
    let (credential_id, key_and_rest) = rest.split_at_checked(length).ok_or(Refused::Malformed)?;
    let (_, rest) = cbor::first(key_and_rest)?;
    let public_key = key_and_rest.get(..key_and_rest.len().saturating_sub(rest.len())).ok_or(Refused::Malformed)?;
    Ok((Some(Made { credential_id, public_key }), rest))
}

/// The authenticator data inside an attestation object; its statement is left unread.
pub fn of_attestation(bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    if bytes.len() > MOST_ATTESTATION {
        return Err(Refused::TooLong);
    }
    let map = cbor::Map::of(cbor::whole(bytes)?)?;
    if !map.named("fmt")?.is_text() || !map.named("attStmt")?.is_map() {
        return Err(Refused::Malformed);
    }
    Ok(map.named("authData")?.as_bytes().ok_or(Refused::Malformed)?.clone())
}
