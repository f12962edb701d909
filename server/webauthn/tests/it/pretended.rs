//! A security key in a browser, as far as a server sees them; it writes its CBOR itself and shares nothing with who reads it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub const PRESENT: u8 = 0x01;
pub const VERIFIED: u8 = 0x04;
const MADE: u8 = 0x40;

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// One key with one credential.
pub struct SecurityKey {
    pair: Pair,
    pub credential_id: Vec<u8>,
    /// 0: it does not count.
    pub counter: u32,
    /// What it says of who is there.
    pub flags: u8,
}

pub struct Created {
    pub client_data: Vec<u8>,
    pub attestation: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Answered {
    pub client_data: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
}

impl SecurityKey {
    fn with(pair: Pair) -> Self {
        let mut id = vec![0; 20];
        aws_lc_rs::rand::fill(&mut id).expect("random bytes");
        Self { pair, credential_id: id, counter: 1, flags: PRESENT }
    }

    pub fn p256() -> Self {
        Self::with(Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key")))
    }

    pub fn ed25519() -> Self {
        Self::with(Pair::Ed25519(Ed25519KeyPair::generate().expect("a key")))
    }

    pub fn rsa() -> Self {
        Self::with(Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")))
    }

    /// COSE.
    pub fn public_key(&self) -> Vec<u8> {
        match &self.pair {
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (bytes(&point[1..33]), bytes(&point[33..65]));
                map(&[(int(1), int(2)), (int(3), int(-7)), (int(-1), int(1)), (int(-2), x), (int(-3), y)])
            }
            Pair::Ed25519(pair) => {
                let x = bytes(pair.public_key().as_ref());
                map(&[(int(1), int(1)), (int(3), int(-8)), (int(-1), int(6)), (int(-2), x)])
            }
            Pair::Rsa(pair) => {
                let key = pair.public_key();
                let n = bytes(key.modulus().big_endian_without_leading_zero());
                let e = bytes(key.exponent().big_endian_without_leading_zero());
                map(&[(int(1), int(3)), (int(3), int(-257)), (int(-1), n), (int(-2), e)])
            }
        }
    }

    /// `navigator.credentials.create` on a page of this origin for this site.
    pub fn creates(&self, host: &str, origin: &str, challenge: &str) -> Created {
        let attestation = attestation(&self.introduced(host));
        Created { client_data: client_data("webauthn.create", challenge, origin), attestation }
    }

    /// What it says of the credential that it made.
    pub fn introduced(&self, host: &str) -> Vec<u8> {
        let length = u16::try_from(self.credential_id.len()).expect("a length");
        let mut said = self.said(host, self.flags | MADE);
        said.extend([0; 16]);
        said.extend(length.to_be_bytes());
        said.extend(&self.credential_id);
        said.extend(self.public_key());
        said
    }

    fn said(&self, host: &str, flags: u8) -> Vec<u8> {
        let hash = digest(&SHA256, host.as_bytes());
        [hash.as_ref(), &[flags], &self.counter.to_be_bytes()].concat()
    }

    /// `navigator.credentials.get`: a touch, counted.
    pub fn answers(&mut self, host: &str, origin: &str, challenge: &str) -> Answered {
        if self.counter > 0 {
            self.counter += 1;
        }
        self.signs(self.said(host, self.flags), client_data("webauthn.get", challenge, origin))
    }

    pub fn signs(&self, authenticator_data: Vec<u8>, client_data: Vec<u8>) -> Answered {
        let message = [authenticator_data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&random, &message).expect("signed").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(&message).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).expect("signed");
                signature
            }
        };
        Answered { client_data, authenticator_data, signature }
    }
}

pub fn client_data(kind: &str, challenge: &str, origin: &str) -> Vec<u8> {
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#).into_bytes()
}

/// Without a statement of who made the key.
pub fn attestation(authenticator_data: &[u8]) -> Vec<u8> {
    map(&[(text("fmt"), text("none")), (text("attStmt"), map(&[])), (text("authData"), bytes(authenticator_data))])
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn head(major: u8, number: usize) -> Vec<u8> {
    let major = major << 5;
    match u8::try_from(number) {
        Ok(small @ 0..=23) => vec![major | small],
        Ok(byte) => vec![major | 24, byte],
        Err(_) => {
            let [high, low] = u16::try_from(number).expect("a short one").to_be_bytes();
            vec![major | 25, high, low]
        }
    }
}

fn int(value: i64) -> Vec<u8> {
    let size = |value: i64| usize::try_from(value).expect("a small one");
    if value < 0 { head(1, size(-1 - value)) } else { head(0, size(value)) }
}

fn bytes(value: &[u8]) -> Vec<u8> {
    [head(2, value.len()), value.to_vec()].concat()
}

fn text(value: &str) -> Vec<u8> {
    [head(3, value.len()), value.as_bytes().to_vec()].concat()
}

pub fn map(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let pairs_written = pairs.iter().flat_map(|(key, value)| [key.clone(), value.clone()]);
    std::iter::once(head(5, pairs.len())).chain(pairs_written).collect::<Vec<_>>().concat()
}
