//! A facility's own time-stamp authority: for a demo, a trial, or a hospital that no service reaches.
//!
//! It states what the hospital's own clock says, under the hospital's own key. Whoever holds both can
//! state any instant, so this proves order and time to those who trust the hospital, and is no
//! qualified time stamp: where the law asks for one, a licensed service has to be configured.

use const_oid::ObjectIdentifier;

use super::info::TstInfo;
use super::request::StampRequest;
use super::response::{Failure, granted, refused};
use crate::algorithm::sha256;
use crate::cms::{self, SignError, Signer, Statement};
use crate::path::check_time_stamper;
use crate::problem::CertificateProblem;

/// anyPolicy: no policy was published for these stamps.
const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// Answers requests with the key of a certificate that [`crate::Authority::issue_time_stamper`] issued.
#[derive(Debug, Clone, Copy)]
pub struct TimestampAuthority<'a> {
    signer: Signer<'a>,
}

impl<'a> TimestampAuthority<'a> {
    /// Takes the key, its certificate and the evidence that this is good now.
    ///
    /// # Errors
    /// [`CertificateProblem::NotATimeStamper`] for a certificate that is for anything else.
    pub fn new(signer: Signer<'a>) -> Result<Self, CertificateProblem> {
        check_time_stamper(signer.certificate())?;
        Ok(Self { signer })
    }

    /// Answers a request at the instant `now` (µs UTC), or says in the response why not. `serial` must
    /// never come twice from one certificate.
    ///
    /// # Errors
    /// [`SignError`] when the key fails.
    pub fn answer(&self, request: &[u8], serial: u128, now: i64) -> Result<Vec<u8>, SignError> {
        match StampRequest::from_der(request) {
            Ok(request) if request.policy.is_none_or(|policy| policy == POLICY) => {
                Ok(granted(&self.token(&request, serial, now)?))
            }
            Ok(_) => Ok(refused(Failure::UnacceptedPolicy)),
            Err(failure) => Ok(refused(failure)),
        }
    }

    fn token(&self, request: &StampRequest, serial: u128, now: i64) -> Result<Vec<u8>, SignError> {
        let info = TstInfo {
            policy: POLICY,
            imprint: request.imprint.clone(),
            serial: serial.to_be_bytes().to_vec(),
            time: now,
            nonce: request.nonce.clone(),
        };
        let info = info.to_der()?;
        let statement = Statement {
            time_stamp: Some(&info),
            with_certificates: request.wants_certificates,
            with_revocation: false,
            ..Statement::COMPLETE
        };
        cms::build(&sha256(&[&info]), &self.signer, statement)
    }
}
