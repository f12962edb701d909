//! What goes over the line, as far as it is read. A service may say more.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
pub(super) struct AccessToken {
    pub access_token: String,
    #[serde(default)]
    pub expires_in: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CredentialInfo {
    pub key: KeyInfo,
    #[serde(default)]
    pub cert: Option<CertInfo>,
    pub auth: AuthInfo,
    #[serde(default, rename = "SCAL")]
    pub scal: Option<String>,
    #[serde(default)]
    pub multisign: Option<usize>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KeyInfo {
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub algo: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CertInfo {
    #[serde(default)]
    pub certificates: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct AuthInfo {
    pub mode: String,
    #[serde(default)]
    pub objects: Vec<AuthObject>,
}

/// Something that the owner types.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct AuthObject {
    #[serde(rename = "type", default)]
    pub kind: String,
    pub id: String,
    #[serde(default)]
    pub generator: Option<String>,
}

impl AuthObject {
    pub fn is_one_time(&self) -> bool {
        let named = self.id.to_ascii_uppercase().contains("OTP");
        named || self.generator.is_some() || self.kind != "Password"
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Authorise<'a> {
    #[serde(rename = "credentialID")]
    pub credential_id: &'a str,
    pub num_signatures: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auth_data: Vec<AuthValue<'a>>,
}

#[derive(Serialize)]
pub(super) struct AuthValue<'a> {
    pub id: &'a str,
    pub value: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Authorised {
    #[serde(rename = "SAD")]
    pub sad: String,
    /// Seconds; an hour where nothing is said.
    #[serde(default)]
    pub expires_in: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignHash<'a> {
    #[serde(rename = "credentialID")]
    pub credential_id: &'a str,
    #[serde(rename = "SAD")]
    pub sad: &'a str,
    pub hashes: [String; 1],
    #[serde(rename = "hashAlgorithmOID")]
    pub hash_algorithm: &'a str,
    pub sign_algo: &'a str,
    pub operation_mode: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Signatures {
    pub signatures: Vec<String>,
}

/// How a service says no.
#[derive(Debug, Default, Deserialize)]
pub(super) struct No {
    #[serde(default)]
    pub error: String,
    #[serde(default)]
    pub error_description: String,
}

pub(super) fn packed(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Some services write it for URLs.
pub(super) fn unpacked(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().or_else(|| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok())
}
