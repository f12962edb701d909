//! The check before signing, and the evidence of it that is kept with the signature.
//!
//! The law asks for the signer's and the issuer's certificate to be checked before signing, and for
//! what was checked to be stored (Decree 23/2025).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::asn1;
use crate::certificate::{Anchors, Certificate};
use crate::ocsp::{IN_CMS, OcspAnswer};
use crate::path::{self, Path, Purpose};
use crate::problem::CertificateProblem;
use crate::revocation::{self, Crl, Proofs, Used};

/// What proved a certificate good at one instant. JSON with base64 for a database column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The path in DER: signer first, anchor last.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub certificates: Vec<Vec<u8>>,
    /// The revocation lists that answered, in DER.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub crls: Vec<Vec<u8>>,
    /// The answers of responders (OCSP), in DER; none in what was kept before these were asked.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "to_base64",
        deserialize_with = "from_base64"
    )]
    pub ocsps: Vec<Vec<u8>>,
    /// When it was checked, µs UTC.
    pub checked_at: i64,
}

impl Evidence {
    /// Checks that `signer` may sign at `now` (µs UTC): path to an anchor, validity, usage, and
    /// revocation of every certificate below the anchor. `pool` holds the issuing CAs; a responder's answer goes before a list.
    ///
    /// # Errors
    /// The [`CertificateProblem`] to show to the signer. Unknown status is a refusal.
    pub fn gather<'p>(
        signer: &Certificate,
        pool: &[Certificate],
        proofs: impl Into<Proofs<'p>>,
        anchors: &Anchors,
        now: i64,
    ) -> Result<Self, CertificateProblem> {
        Self::gather_for(Purpose::Documents, signer, pool, proofs, anchors, now, now)
    }

    /// The same for any purpose, and for an instant `at` that may have passed: that of a time stamp.
    ///
    /// # Errors
    /// The [`CertificateProblem`]. Unknown status is a refusal.
    pub fn gather_for<'p>(
        purpose: Purpose,
        signer: &Certificate,
        pool: &[Certificate],
        proofs: impl Into<Proofs<'p>>,
        anchors: &Anchors,
        at: i64,
        now: i64,
    ) -> Result<Self, CertificateProblem> {
        let path = path::build_for(purpose, signer, pool, anchors, at)?;
        let used = revocation::check(&path, proofs, at, now)?;
        Ok(Self::of(&path, &used, now))
    }

    fn of(path: &Path, used: &Used<'_>, checked_at: i64) -> Self {
        Self {
            certificates: path.certificates().iter().map(|c| c.der().to_vec()).collect(),
            crls: used.crls.iter().map(|crl| crl.der().to_vec()).collect(),
            ocsps: used.answers.iter().map(|answer| answer.der().to_vec()).collect(),
            checked_at,
        }
    }

    /// Lists and answers as CMS carries them (RFC 5652 10.2.1, RFC 5940).
    pub(crate) fn revocation_choices(&self) -> Vec<Vec<u8>> {
        let name = asn1::wrap(asn1::OBJECT_IDENTIFIER, IN_CMS.as_bytes());
        let answers = self.ocsps.iter().map(|der| asn1::wrap(asn1::CONTEXT_1, &[name.as_slice(), der].concat()));
        self.crls.iter().cloned().chain(answers).collect()
    }

    /// Certificates, lists and answers, parsed; `None` where one of them is unreadable.
    pub fn parsed(&self) -> Option<(Vec<Certificate>, Vec<Crl>, Vec<OcspAnswer>)> {
        let certificates = self.certificates.iter().map(|der| Certificate::from_der(der).ok());
        let crls = self.crls.iter().map(|der| Crl::from_der(der).ok());
        let answers = self.ocsps.iter().map(|der| OcspAnswer::from_der(der).ok());
        Some((certificates.collect::<Option<_>>()?, crls.collect::<Option<_>>()?, answers.collect::<Option<_>>()?))
    }

    /// The certificates that travel with a signature: all but a root, which a verifier must have
    /// from elsewhere anyway.
    pub(crate) fn travelling(&self) -> &[Vec<u8>] {
        match self.certificates.split_last() {
            Some((_, rest)) if !rest.is_empty() => rest,
            _ => &self.certificates,
        }
    }
}

fn to_base64<S: Serializer>(items: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(items.iter().map(|item| STANDARD.encode(item)))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let items = Vec::<String>::deserialize(deserializer)?;
    items.iter().map(|item| STANDARD.decode(item).map_err(serde::de::Error::custom)).collect()
}
