//! The check before signing, and the evidence of it that is kept with the signature.
//!
//! The law asks for the signer's and the issuer's certificate to be checked before signing, and for
//! what was checked to be stored (Decree 23/2025).

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::certificate::{Anchors, Certificate};
use crate::path::{self, Path, Purpose};
use crate::problem::CertificateProblem;
use crate::revocation::{self, Crl};

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
    /// When it was checked, µs UTC.
    pub checked_at: i64,
}

impl Evidence {
    /// Checks that `signer` may sign at `now` (µs UTC): path to an anchor, validity, usage, and
    /// revocation of every certificate below the anchor. `pool` holds the issuing CAs.
    ///
    /// # Errors
    /// The [`CertificateProblem`] to show to the signer. Unknown status is a refusal.
    pub fn gather(
        signer: &Certificate,
        pool: &[Certificate],
        crls: &[Crl],
        anchors: &Anchors,
        now: i64,
    ) -> Result<Self, CertificateProblem> {
        Self::gather_for(Purpose::Documents, signer, pool, crls, anchors, now, now)
    }

    /// The same for any purpose, and for an instant `at` that may have passed: that of a time stamp.
    ///
    /// # Errors
    /// The [`CertificateProblem`]. Unknown status is a refusal.
    pub fn gather_for(
        purpose: Purpose,
        signer: &Certificate,
        pool: &[Certificate],
        crls: &[Crl],
        anchors: &Anchors,
        at: i64,
        now: i64,
    ) -> Result<Self, CertificateProblem> {
        let path = path::build_for(purpose, signer, pool, anchors, at)?;
        let used = revocation::check(&path, crls, at, now)?;
        Ok(Self::of(&path, &used, now))
    }

    fn of(path: &Path, crls: &[&Crl], checked_at: i64) -> Self {
        Self {
            certificates: path.certificates().iter().map(|c| c.der().to_vec()).collect(),
            crls: crls.iter().map(|crl| crl.der().to_vec()).collect(),
            checked_at,
        }
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
