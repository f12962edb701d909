//! Public keys in COSE (RFC 9053, RFC 8812) and what they sign.

use crate::Refused;
use crate::cbor::{self, Map};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};

/// Labels of COSE: kind and algorithm, and of a curve's key the curve and its one or two coordinates.
const KIND: i64 = 1;
const ALGORITHM: i64 = 3;
const CURVE: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
/// Of an RSA key.
const MODULUS: i64 = -1;
const EXPONENT: i64 = -2;

/// Bytes of a modulus that is long enough, and of one that is too long to be waited for.
const LEAST_MODULUS: usize = 256;
const MOST_MODULUS: usize = 512;

#[derive(Debug)]
pub enum PublicKey {
    Es256(ParsedPublicKey),
    EdDsa(ParsedPublicKey),
    Rs256 { n: Vec<u8>, e: Vec<u8> },
}

impl PublicKey {
    pub fn parse(cose: &[u8]) -> Result<Self, Refused> {
        let map = Map::of(cbor::whole(cose)?)?;
        match (map.integer(KIND)?, map.integer(ALGORITHM)?) {
            (2, -7) if map.integer(CURVE)? == 1 => {
                let (x, y) = (coordinate(&map, X)?, coordinate(&map, Y)?);
                let point = [&[4], x, y].concat();
                Ok(Self::Es256(ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).map_err(|_| Refused::UnfitKey)?))
            }
            (1, -8) if map.integer(CURVE)? == 6 => {
                let key = coordinate(&map, X)?;
                Ok(Self::EdDsa(ParsedPublicKey::new(&ED25519, key).map_err(|_| Refused::UnfitKey)?))
            }
            (3, -257) => rsa(map.bytes(MODULUS)?, map.bytes(EXPONENT)?),
            _ => Err(Refused::UnfitKey),
        }
    }

    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let fits = match self {
            Self::Es256(key) | Self::EdDsa(key) => key.verify_sig(message, signature),
            Self::Rs256 { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        fits.map_err(|_| Refused::Signature)
    }
}

fn coordinate(map: &Map, label: i64) -> Result<&[u8], Refused> {
    let bytes = map.bytes(label)?;
    if bytes.len() == 32 { Ok(bytes) } else { Err(Refused::UnfitKey) }
}

fn rsa(n: &[u8], e: &[u8]) -> Result<PublicKey, Refused> {
    let long_enough = (LEAST_MODULUS..=MOST_MODULUS).contains(&n.len()) && n.first().is_some_and(|top| *top >= 0x80);
    let exponent = (1..=4).contains(&e.len()) && e.first() != Some(&0) && e.last().is_some_and(|low| low % 2 == 1);
    if !long_enough || !exponent || e == [1] {
        return Err(Refused::UnfitKey);
    }
    Ok(PublicKey::Rs256 { n: n.to_vec(), e: e.to_vec() })
}
