//! A small certificate authority: what a demo, a trial or a facility without a public CA signs with.
//!
//! Two levels as in life: a root that verifiers trust, and an issuing CA below it. Certificates are
//! for persons, for the facility's seal or for its time stamps. It keeps no clock and no file: the caller stores
//! [`Authority::to_json`], which holds private keys, readable by its owner alone.
mod issuer;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::certificate::{Anchors, Certificate, CertificateError};
use crate::instant;
use crate::key::{KeyError, KeyKind, SigningKey};
use crate::name::Subject;
use crate::revocation::{Crl, CrlError};

pub use issuer::{Issuer, Profile, Request, Revoked, RevokedFor, certificate_request};

/// The authority could not do what was asked.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// A key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate could not be encoded or read back.
    #[error("certificate: {0}")]
    Encoding(#[from] der::Error),
    /// A certificate does not read back.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A revocation list does not read back.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// The public key in the request is too weak or of an unknown kind.
    #[error("the public key is not of an accepted kind")]
    PublicKey,
    /// The stored state is not one of this authority.
    #[error("the stored authority cannot be read")]
    State,
}

/// Root and issuing CA together, with their revocations.
#[derive(Debug)]
pub struct Authority {
    root: Issuer,
    issuing: Issuer,
    revoked: Vec<Revoked>,
    revoked_authorities: Vec<Revoked>,
    crl_number: u64,
}

const ROOT_YEARS: i64 = 20;
const ISSUING_YEARS: i64 = 10;
const YEAR: i64 = 365 * instant::DAY;
/// A list is good for a week, so a server that re-issues daily may be down for six days.
const CRL_DAYS: i64 = 7;

impl Authority {
    /// Makes both CAs, valid from an hour before `now` (µs UTC) so that a slow clock can use them.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn create(organization: &str, kind: KeyKind, now: i64) -> Result<Self, AuthorityError> {
        let named = |common_name: String| Subject {
            organization: Some(organization.to_owned()),
            ..Subject::named(&common_name)
        };
        let from = now - 60 * instant::MINUTE;
        let root = named(format!("CA gốc nội bộ {organization}"));
        let root = Issuer::root(&root, kind, from, now + ROOT_YEARS * YEAR)?;
        let issuing = named(format!("CA cấp chứng thư {organization}"));
        let issuing = root.subordinate(&issuing, kind, from, now + ISSUING_YEARS * YEAR)?;
        Ok(Self { root, issuing, revoked: Vec::new(), revoked_authorities: Vec::new(), crl_number: 0 })
    }

    /// Issues a certificate for a person's key, valid for `days`.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue_person(
        &self,
        subject: &Subject,
        key: &SigningKey,
        now: i64,
        days: i64,
    ) -> Result<Certificate, AuthorityError> {
        self.issue(subject, key, Profile::Person, now, days)
    }

    /// Issues the facility's seal; the subject carries the facility's code as organisation identifier.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue_seal(
        &self,
        facility_code: &str,
        facility_name: &str,
        key: &SigningKey,
        now: i64,
        days: i64,
    ) -> Result<Certificate, AuthorityError> {
        let subject = Subject {
            organization: Some(facility_name.to_owned()),
            organization_identifier: Some(facility_code.to_owned()),
            ..Subject::named(facility_name)
        };
        self.issue(&subject, key, Profile::Seal, now, days)
    }

    /// Issues a certificate for the facility's own time-stamp authority.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue_time_stamper(
        &self,
        facility_name: &str,
        key: &SigningKey,
        now: i64,
        days: i64,
    ) -> Result<Certificate, AuthorityError> {
        let subject = Subject {
            organization: Some(facility_name.to_owned()),
            ..Subject::named(&format!("Dấu thời gian nội bộ {facility_name}"))
        };
        self.issue(&subject, key, Profile::TimeStamps, now, days)
    }

    /// Issues a certificate of any profile.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue(
        &self,
        subject: &Subject,
        key: &SigningKey,
        profile: Profile,
        now: i64,
        days: i64,
    ) -> Result<Certificate, AuthorityError> {
        let valid_until = now + days * instant::DAY;
        let public_key = key.public_key_der();
        let valid_from = now - 60 * instant::MINUTE;
        self.issuing.issue(&Request { subject, public_key: &public_key, profile, valid_from, valid_until })
    }

    /// Marks a certificate of the issuing CA as revoked from `at` on; [`Self::crls`] then lists it.
    pub fn revoke(&mut self, certificate: &Certificate, at: i64) {
        let entry = Revoked { serial: certificate.serial(), at, reason: None };
        let list = if certificate.der() == self.issuing.certificate.der() {
            &mut self.revoked_authorities
        } else {
            &mut self.revoked
        };
        if !list.iter().any(|known| known.serial == entry.serial) {
            list.push(entry);
        }
    }

    /// Lists these certificates of the issuing CA as revoked, as far as they are not yet.
    pub fn revoke_all(&mut self, entries: &[Revoked]) {
        for entry in entries {
            if !self.revoked.iter().any(|known| known.serial == entry.serial) {
                self.revoked.push(entry.clone());
            }
        }
    }

    /// Makes fresh lists of both CAs: issuing CA first, root second.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn crls(&mut self, now: i64) -> Result<Vec<Crl>, AuthorityError> {
        self.crl_number += 1;
        let next = now + CRL_DAYS * instant::DAY;
        Ok(vec![
            self.issuing.crl(self.crl_number, &self.revoked, now, next)?,
            self.root.crl(self.crl_number, &self.revoked_authorities, now, next)?,
        ])
    }

    /// The root: what verifiers trust.
    pub fn root(&self) -> &Certificate {
        &self.root.certificate
    }

    /// The issuing CA: what signers carry along.
    pub fn issuing(&self) -> &Certificate {
        &self.issuing.certificate
    }

    /// Whether this list is one of its own.
    pub fn made(&self, list: &Crl) -> bool {
        list.is_of(self.issuing()) || list.is_of(self.root())
    }

    /// The root as the only anchor.
    pub fn anchors(&self) -> Anchors {
        Anchors::new(vec![self.root.certificate.clone()])
    }

    /// Everything, private keys included.
    ///
    /// # Errors
    /// [`AuthorityError::State`]
    pub fn to_json(&self) -> Result<Zeroizing<String>, AuthorityError> {
        let state = State {
            root: StoredIssuer::of(&self.root),
            issuing: StoredIssuer::of(&self.issuing),
            revoked: self.revoked.clone(),
            revoked_authorities: self.revoked_authorities.clone(),
            crl_number: self.crl_number,
        };
        serde_json::to_string(&state).map(Zeroizing::new).map_err(|_| AuthorityError::State)
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn from_json(json: &str) -> Result<Self, AuthorityError> {
        let state: State = serde_json::from_str(json).map_err(|_| AuthorityError::State)?;
        Ok(Self {
            root: state.root.open()?,
            issuing: state.issuing.open()?,
            revoked: state.revoked,
            revoked_authorities: state.revoked_authorities,
            crl_number: state.crl_number,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    root: StoredIssuer,
    issuing: StoredIssuer,
    revoked: Vec<Revoked>,
    revoked_authorities: Vec<Revoked>,
    crl_number: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredIssuer {
    certificate: String,
    /// PKCS#8 in PEM.
    private_key: Zeroizing<String>,
}

impl StoredIssuer {
    fn of(issuer: &Issuer) -> Self {
        Self {
            certificate: issuer.certificate.to_pem(),
            private_key: Zeroizing::new(crate::pem::encode("PRIVATE KEY", issuer.key.pkcs8())),
        }
    }

    fn open(&self) -> Result<Issuer, AuthorityError> {
        let certificate = Certificate::from_pem(self.certificate.as_bytes())?;
        let blocks =
            crate::pem::blocks(self.private_key.as_bytes(), "PRIVATE KEY").map_err(|_| AuthorityError::State)?;
        let key = SigningKey::from_pkcs8(blocks.first().ok_or(AuthorityError::State)?)?;
        key.belongs_to(&certificate).map_err(|_| AuthorityError::State)?;
        Ok(Issuer { key, certificate })
    }
}
