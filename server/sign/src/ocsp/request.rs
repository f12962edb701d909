//! OCSPRequest: one question, and holding the answer against it.

use const_oid::db::rfc5912::ID_SHA_1;

use super::answer::{OcspAnswer, Said};
use super::{NONCE, OcspError};
use crate::algorithm::sha1_name;
use crate::asn1;
use crate::certificate::Certificate;
use crate::key::KeyError;
use crate::randomness;
use crate::revocation::{CLOCK_SKEW, Crl};

/// A question about one certificate. It is kept until the answer came, for the answer names it.
#[derive(Debug, Clone)]
pub struct OcspRequest {
    certificate: Certificate,
    issuer: Certificate,
    /// The nonce extension's value: an OCTET STRING of its own (RFC 8954).
    nonce: Vec<u8>,
}

impl OcspRequest {
    /// Asks about `certificate`, which `issuer` issued.
    ///
    /// # Errors
    /// [`KeyError::Randomness`]
    pub fn new(certificate: &Certificate, issuer: &Certificate) -> Result<Self, KeyError> {
        let nonce: [u8; 16] = randomness::bytes()?;
        let nonce = asn1::wrap(asn1::OCTET_STRING, &nonce);
        Ok(Self { certificate: certificate.clone(), issuer: issuer.clone(), nonce })
    }

    /// The body of the POST, as `application/ocsp-request`.
    pub fn to_der(&self) -> Vec<u8> {
        let oid = |id: const_oid::ObjectIdentifier| asn1::wrap(asn1::OBJECT_IDENTIFIER, id.as_bytes());
        // SHA-1 is how every responder finds the certificate; it is a name here, and nothing rests on it.
        let hash = |bytes: &[u8]| asn1::wrap(asn1::OCTET_STRING, &sha1_name(bytes));
        let id = [
            asn1::wrap(asn1::SEQUENCE, &[oid(ID_SHA_1), vec![5, 0]].concat()),
            hash(&self.issuer.subject_der()),
            hash(self.issuer.key_bits()),
            asn1::wrap(asn1::INTEGER, self.certificate.serial_bytes()),
        ];
        let one = asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::SEQUENCE, &id.concat()));
        let nonce = [oid(NONCE), asn1::wrap(asn1::OCTET_STRING, &self.nonce)].concat();
        let extensions = asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::SEQUENCE, &nonce));
        let asked = [asn1::wrap(asn1::SEQUENCE, &one), asn1::wrap(asn1::CONTEXT_2, &extensions)].concat();
        asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::SEQUENCE, &asked))
    }

    /// Reads what the responder sent, at the asker's clock `now` (µs UTC): an answer to this request, signed as it must be,
    /// about this certificate, of now, and saying good or revoked. `crls` may tell about a responder's own certificate.
    ///
    /// Public CAs make their answers beforehand, without a nonce: `must_name_request` refuses those too. A nonce that is
    /// there must be ours in any case.
    ///
    /// # Errors
    /// [`OcspError`]
    pub fn read(
        &self,
        response: &[u8],
        crls: &[Crl],
        now: i64,
        must_name_request: bool,
    ) -> Result<OcspAnswer, OcspError> {
        let answer = OcspAnswer::from_der(response)?;
        match answer.nonce() {
            Some(nonce) if nonce != self.nonce => return Err(OcspError::OtherRequest),
            None if must_name_request => return Err(OcspError::OtherRequest),
            _ => {}
        }
        if !answer.is_by(&self.issuer, crls) {
            return Err(OcspError::NotByIssuer);
        }
        let status = answer.about(&self.certificate, &self.issuer).ok_or(OcspError::OtherCertificate)?;
        if status.this_update > now.saturating_add(CLOCK_SKEW) {
            return Err(OcspError::FromFuture);
        }
        match status.said {
            Said::Unknown => Err(OcspError::Unknown),
            // Revoked stays revoked, however old the answer is.
            Said::Good if status.ends() < now => Err(OcspError::Stale),
            Said::Good | Said::Revoked(_) => Ok(answer),
        }
    }
}
