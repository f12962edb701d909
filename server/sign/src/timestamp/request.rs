//! TimeStampReq: asking for a time stamp, and holding the answer against the question.

use const_oid::ObjectIdentifier;
use der::Decode;

use super::imprint::Imprint;
use super::problem::StampProblem;
use super::response::{self, Failure, ResponseError};
use super::token::{Stamp, Token};
use crate::asn1::{self, Cursor, Malformed};
use crate::key::KeyError;
use crate::path::check_time_stamper;
use crate::randomness;

/// An honest request is below 200 bytes.
const MAX_REQUEST: usize = 4096;

/// A question for a time-stamp authority. It is kept until the answer came, for the answer names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampRequest {
    pub(super) imprint: Imprint,
    pub(super) policy: Option<ObjectIdentifier>,
    pub(super) nonce: Option<Vec<u8>>,
    pub(super) wants_certificates: bool,
}

impl StampRequest {
    /// Asks about these bytes by their SHA-256, with a nonce, and for the authority's certificates.
    ///
    /// # Errors
    /// [`KeyError::Randomness`]
    pub fn new(stamped: &[u8]) -> Result<Self, KeyError> {
        let mut nonce: [u8; 8] = randomness::bytes()?;
        if let Some(first) = nonce.first_mut() {
            *first = (*first & 0x7f) | 0x40; // positive, and of one length
        }
        let imprint = Imprint::of(stamped);
        Ok(Self { imprint, policy: None, nonce: Some(nonce.to_vec()), wants_certificates: true })
    }

    /// The same under one policy of the authority, in dotted form. `None` where that is no identifier.
    pub fn under(self, policy: &str) -> Option<Self> {
        let policy = ObjectIdentifier::new(policy).ok()?;
        Some(Self { policy: Some(policy), ..self })
    }

    /// The body of the POST, as `application/timestamp-query`.
    pub fn to_der(&self) -> Vec<u8> {
        let policy = self.policy.map(|policy| asn1::wrap(asn1::OBJECT_IDENTIFIER, policy.as_bytes()));
        let nonce = self.nonce.as_ref().map(|nonce| asn1::wrap(asn1::INTEGER, nonce));
        let fields = [
            asn1::unsigned(&[1]),
            self.imprint.der.clone(),
            policy.unwrap_or_default(),
            nonce.unwrap_or_default(),
            if self.wants_certificates { asn1::wrap(asn1::BOOLEAN, &[0xff]) } else { Vec::new() },
        ];
        asn1::wrap(asn1::SEQUENCE, &fields.concat())
    }

    /// What somebody asks us.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, Failure> {
        if der.len() > MAX_REQUEST {
            return Err(Failure::BadDataFormat);
        }
        let (request, extended) = Self::fields(der).map_err(|_| Failure::BadDataFormat)?;
        request.imprint.function().map_err(|_| Failure::BadAlgorithm)?;
        match (request.imprint.is_whole(), extended) {
            (false, _) => Err(Failure::BadDataFormat),
            (true, true) => Err(Failure::UnacceptedExtension),
            (true, false) => Ok(request),
        }
    }

    /// The fields, and whether there are extensions.
    fn fields(der: &[u8]) -> Result<(Self, bool), Malformed> {
        let mut outer = Cursor::new(der);
        let mut fields = outer.expect(asn1::SEQUENCE)?.inside();
        outer.end()?;
        if fields.expect(asn1::INTEGER)?.value != [1] {
            return Err(Malformed);
        }
        let imprint = Imprint::read(&fields.expect(asn1::SEQUENCE)?)?;
        let policy = fields.optional(asn1::OBJECT_IDENTIFIER)?;
        let policy = policy.map(|policy| ObjectIdentifier::from_der(policy.whole)).transpose()?;
        let nonce = fields.optional(asn1::INTEGER)?.map(|number| number.value.to_vec());
        if nonce.as_ref().is_some_and(Vec::is_empty) {
            return Err(Malformed);
        }
        let wants_certificates = fields.optional(asn1::BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
        let extended = fields.optional(asn1::CONTEXT_0)?.is_some();
        fields.end()?;
        Ok((Self { imprint, policy, nonce, wants_certificates }, extended))
    }

    /// Reads the authority's response and checks everything but whether the authority is trusted:
    /// [`Stamp::evidence`] asks that.
    ///
    /// # Errors
    /// [`ResponseError`]
    pub fn read(&self, response: &[u8]) -> Result<Stamp, ResponseError> {
        let der = response::token(response)?;
        let token = Token::parse(der)?;
        if token.info.nonce != self.nonce {
            return Err(ResponseError::OtherRequest);
        }
        if self.policy.is_some_and(|policy| policy != token.info.policy) {
            return Err(ResponseError::OtherPolicy(token.info.policy.to_string()));
        }
        if !token.info.imprint.is_same(&self.imprint) {
            return Err(StampProblem::OtherBytes.into());
        }
        let authority = token.signer(&[]).ok_or(StampProblem::NoCertificate)?;
        token.check(&authority)?;
        check_time_stamper(&authority).map_err(StampProblem::Untrusted)?;
        Ok(token.owned(der, authority)?)
    }
}
