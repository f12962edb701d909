//! A time-stamp token: a SignedData over TSTInfo, read and checked by itself.

use super::imprint::Imprint;
use super::info::TstInfo;
use super::problem::StampProblem;
use crate::algorithm::Hash;
use crate::asn1::Malformed;
use crate::certificate::{Anchors, Certificate};
use crate::cms::{Kind, Signed};
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::ocsp::OcspAnswer;
use crate::path::Purpose;
use crate::problem::CertificateProblem;
use crate::revocation::{Crl, Proofs};

/// A token, borrowed.
pub(super) struct Token<'a> {
    pub signed: Signed<'a>,
    pub info: TstInfo,
}

impl<'a> Token<'a> {
    pub fn parse(der: &'a [u8]) -> Result<Self, StampProblem> {
        let signed = Signed::parse(der, Kind::TimeStamp)?;
        let info = TstInfo::parse(signed.content.ok_or(Malformed)?)?;
        Ok(Self { signed, info })
    }

    /// The authority's certificate: the one that the token names, inside it or among others.
    pub fn signer(&self, others: &[Certificate]) -> Option<Certificate> {
        let inside = self.signed.certificates();
        inside.iter().chain(others).find(|certificate| self.signed.names(certificate)).cloned()
    }

    /// The authority's signature over the content, and the pin of its certificate (ESSCertID).
    pub fn check(&self, authority: &Certificate) -> Result<(), StampProblem> {
        let unsupported = |refusal: crate::algorithm::Refusal| StampProblem::Unsupported(refusal.to_string());
        let hash = Hash::from_oid(self.signed.digest_algorithm).map_err(unsupported)?;
        if hash.of(&[self.signed.content.unwrap_or_default()]) != self.signed.message_digest {
            return Err(StampProblem::Wrong);
        }
        let found = self.signed.check_value(authority, hash).or_else(|| self.signed.check_pin(authority));
        match found {
            None => Ok(()),
            Some(Finding::Unsupported(what)) => Err(StampProblem::Unsupported(what)),
            // RFC 3161 demands the pin, so a token without one is none.
            Some(Finding::SignatureMalformed | Finding::CertificateNotPinned) => Err(StampProblem::Malformed),
            Some(_) => Err(StampProblem::Wrong),
        }
    }

    pub fn owned(self, der: &[u8], authority: Certificate) -> Result<Stamp, StampProblem> {
        Ok(Stamp {
            der: der.to_vec(),
            certificates: self.signed.certificates(),
            crls: self.signed.crls()?,
            answers: self.signed.answers()?,
            imprint: self.info.imprint,
            time: self.info.time,
            authority,
        })
    }
}

/// A time stamp that answers its request; whether its authority is trusted is not said yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    der: Vec<u8>,
    imprint: Imprint,
    time: i64,
    authority: Certificate,
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    answers: Vec<OcspAnswer>,
}

impl Stamp {
    /// The token, as it is kept beside what it stamps.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The instant that the authority states, µs UTC.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// The authority's certificate.
    pub fn authority(&self) -> &Certificate {
        &self.authority
    }

    /// The certificates that the token brings.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether these are the stamped bytes.
    pub fn is_over(&self, bytes: &[u8]) -> bool {
        self.imprint.is_of(&[bytes]).unwrap_or(false)
    }

    /// Checks that the authority could be trusted at the stamped instant, and returns what proves it:
    /// to be kept with the signature, for the authority will not be there to ask for ever. `pool` and
    /// `proofs` add to what the token brings.
    ///
    /// # Errors
    /// The [`CertificateProblem`] of the authority. Unknown status is a refusal.
    pub fn evidence<'p>(
        &self,
        pool: &[Certificate],
        proofs: impl Into<Proofs<'p>>,
        anchors: &Anchors,
        now: i64,
    ) -> Result<Evidence, CertificateProblem> {
        let pool = [self.certificates.as_slice(), pool].concat();
        let proofs = proofs.into();
        let crls = [self.crls.as_slice(), proofs.crls].concat();
        let answers = [self.answers.as_slice(), proofs.answers].concat();
        let proofs = Proofs { crls: &crls, answers: &answers };
        Evidence::gather_for(Purpose::TimeStamps, &self.authority, &pool, proofs, anchors, self.time, now)
    }
}
