//! A signature's parts, and the one way in which they are written here.

use base64::{Engine, engine::general_purpose::STANDARD};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912 as oid;

use super::{DS, ENVELOPED, EXCLUSIVE, SIGNED_PROPERTIES, XADES};
use crate::algorithm::Hash;
use crate::asn1::{self, Cursor, Malformed};

/// A hash with its function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digest {
    pub hash: Hash,
    pub value: Vec<u8>,
}

impl Digest {
    /// By the function that is used for writing.
    pub fn of(bytes: &[u8]) -> Self {
        Self { hash: Hash::Sha256, value: Hash::Sha256.of(&[bytes]) }
    }

    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.hash.of(&[bytes]) == self.value
    }
}

const HASHES: [(&str, Hash); 3] = [
    ("http://www.w3.org/2001/04/xmlenc#sha256", Hash::Sha256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", Hash::Sha384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", Hash::Sha512),
];

pub(super) fn hash_named(name: &str) -> Option<Hash> {
    HASHES.iter().find(|(of, _)| *of == name).map(|(_, hash)| *hash)
}

fn name_of(hash: Hash) -> &'static str {
    HASHES.iter().find(|(_, of)| *of == hash).map_or("", |(name, _)| name)
}

/// How the value is made: by ECDSA, where it is r and s side by side, or by RSA.
const METHODS: [(&str, ObjectIdentifier); 6] = [
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", oid::ECDSA_WITH_SHA_256),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", oid::ECDSA_WITH_SHA_384),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", oid::ECDSA_WITH_SHA_512),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", oid::SHA_256_WITH_RSA_ENCRYPTION),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", oid::SHA_384_WITH_RSA_ENCRYPTION),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", oid::SHA_512_WITH_RSA_ENCRYPTION),
];

pub(super) fn method_named(name: &str) -> Option<ObjectIdentifier> {
    METHODS.iter().find(|(of, _)| *of == name).map(|(_, method)| *method)
}

fn is_ecdsa(method: ObjectIdentifier) -> bool {
    [oid::ECDSA_WITH_SHA_256, oid::ECDSA_WITH_SHA_384, oid::ECDSA_WITH_SHA_512].contains(&method)
}

/// Octets of r and of s on P-256, the curve that signs here.
const HALF: usize = 32;

/// The value as XML writes it, from the value as X.509 writes it.
pub(super) fn to_xml_value(method: ObjectIdentifier, der: &[u8]) -> Result<Vec<u8>, Malformed> {
    if !is_ecdsa(method) {
        return Ok(der.to_vec());
    }
    let mut pair = Cursor::new(der).expect(asn1::SEQUENCE)?.inside();
    let mut value = Vec::new();
    for _ in 0..2 {
        let number = pair.expect(asn1::INTEGER)?.value;
        let zeros = number.iter().take_while(|digit| **digit == 0).count();
        let digits = number.get(zeros..).unwrap_or_default();
        value.resize(value.len() + HALF.checked_sub(digits.len()).ok_or(Malformed)?, 0);
        value.extend_from_slice(digits);
    }
    Ok(value)
}

/// And back.
pub(super) fn from_xml_value(method: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    if !is_ecdsa(method) {
        return value.to_vec();
    }
    let (r, s) = value.split_at(value.len() / 2);
    asn1::wrap(asn1::SEQUENCE, &[asn1::unsigned(r), asn1::unsigned(s)].concat())
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub method: ObjectIdentifier,
    /// Of the file without the signature, and of the signed properties.
    pub content: Digest,
    pub properties: Digest,
    pub value: Vec<u8>,
    /// In KeyInfo, signer first.
    pub key_info: Vec<Vec<u8>>,
    /// As it is written.
    pub signing_time: String,
    /// Of the signer's certificate and of its issuers.
    pub pins: Vec<Digest>,
    /// Beside the value: tokens, certificates, revocation lists, answers of responders.
    pub stamps: Vec<Vec<u8>>,
    pub certificates: Vec<Vec<u8>>,
    pub crls: Vec<Vec<u8>>,
    pub ocsps: Vec<Vec<u8>>,
}

impl Form {
    /// The element. A file has one signature, so the Ids are always the same.
    pub fn render(&self) -> String {
        let method = METHODS.iter().find(|(_, of)| *of == self.method).map_or("", |(name, _)| name);
        let transform = format!(r#"<ds:Transform Algorithm="{EXCLUSIVE}"></ds:Transform>"#);
        let content = reference(
            r#"Id="noi-dung" URI="""#,
            &format!(r#"<ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>{transform}"#),
            &self.content,
        );
        let about = format!(r##"Type="{SIGNED_PROPERTIES}" URI="#thuoc-tinh""##);
        let properties = reference(&about, &transform, &self.properties);
        let pins: String = self
            .pins
            .iter()
            .map(|pin| format!("<xades:Cert><xades:CertDigest>{}</xades:CertDigest></xades:Cert>", digest(pin)))
            .collect();
        [
            format!(r#"<ds:Signature xmlns:ds="{DS}" Id="chu-ky"><ds:SignedInfo>"#),
            format!(r#"<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>"#),
            format!(
                r#"<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>{content}{properties}</ds:SignedInfo>"#
            ),
            format!(r#"<ds:SignatureValue Id="gia-tri">{}</ds:SignatureValue>"#, STANDARD.encode(&self.value)),
            format!(
                "<ds:KeyInfo><ds:X509Data>{}</ds:X509Data></ds:KeyInfo>",
                each("ds:X509Certificate", &self.key_info)
            ),
            format!(r##"<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#chu-ky">"##),
            r#"<xades:SignedProperties Id="thuoc-tinh"><xades:SignedSignatureProperties>"#.to_owned(),
            format!("<xades:SigningTime>{}</xades:SigningTime>", self.signing_time),
            format!(
                "<xades:SigningCertificateV2>{pins}</xades:SigningCertificateV2></xades:SignedSignatureProperties>"
            ),
            r##"<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#noi-dung">"##.to_owned(),
            "<xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>"
                .to_owned(),
            "</xades:SignedProperties><xades:UnsignedProperties><xades:UnsignedSignatureProperties>".to_owned(),
            self.stamps.iter().map(|token| stamp(token)).collect(),
            format!(
                "<xades:CertificateValues>{}</xades:CertificateValues>",
                each("xades:EncapsulatedX509Certificate", &self.certificates)
            ),
            format!("<xades:RevocationValues>{}</xades:RevocationValues>", self.revocations()),
            "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>".to_owned(),
            "</xades:QualifyingProperties></ds:Object></ds:Signature>".to_owned(),
        ]
        .concat()
    }

    /// An empty list of lists stands only where there is nothing else: so files were written before answers were asked for.
    fn revocations(&self) -> String {
        let lists = format!("<xades:CRLValues>{}</xades:CRLValues>", each("xades:EncapsulatedCRLValue", &self.crls));
        let answers = each("xades:EncapsulatedOCSPValue", &self.ocsps);
        match (self.crls.is_empty(), self.ocsps.is_empty()) {
            (_, true) => lists,
            (true, false) => format!("<xades:OCSPValues>{answers}</xades:OCSPValues>"),
            (false, false) => format!("{lists}<xades:OCSPValues>{answers}</xades:OCSPValues>"),
        }
    }
}

fn reference(about: &str, transforms: &str, of: &Digest) -> String {
    format!("<ds:Reference {about}><ds:Transforms>{transforms}</ds:Transforms>{}</ds:Reference>", digest(of))
}

fn digest(of: &Digest) -> String {
    let (name, value) = (name_of(of.hash), STANDARD.encode(&of.value));
    format!(r#"<ds:DigestMethod Algorithm="{name}"></ds:DigestMethod><ds:DigestValue>{value}</ds:DigestValue>"#)
}

fn each(tag: &str, items: &[Vec<u8>]) -> String {
    items.iter().map(|item| format!("<{tag}>{}</{tag}>", STANDARD.encode(item))).collect()
}

fn stamp(token: &[u8]) -> String {
    let method = format!(r#"<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"></ds:CanonicalizationMethod>"#);
    let token = STANDARD.encode(token);
    format!(
        "<xades:SignatureTimeStamp>{method}<xades:EncapsulatedTimeStamp>{token}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>"
    )
}
