//! Where signing keys are that no file holds, as `[pkcs11]`, `[remote_signing]` and `[seal]` say.

use super::Config;
use crate::cli::Place;
use anyhow::Context;
use benhan_domain::certificate::TokenKey;
use benhan_holders::{SecretString, Service, ServiceConfig, Tokens};
use benhan_server::holders::Holders;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Where the key of the facility's seal is.
#[derive(Default)]
pub enum SealPlace {
    /// `secrets/seal.pk8`, if there is one.
    #[default]
    File,
    /// A key of a token or module, and its PIN.
    Token(TokenKey, SecretString),
}

impl Config {
    /// What signers' keys are reached by. Nothing is opened yet.
    pub fn holders(&self, place: &Place) -> anyhow::Result<Holders> {
        let module = &self.pkcs11.module;
        let tokens = (!module.as_os_str().is_empty()).then(|| Tokens::behind(super::path(place, module)));
        Ok(Holders { tokens, service: self.service(place)? })
    }

    fn service(&self, place: &Place) -> anyhow::Result<Option<Service>> {
        let of = &self.remote_signing;
        if of.url.is_empty() {
            return Ok(None);
        }
        let ca = super::path(place, &of.ca_file);
        let authorities = match fs::read(&ca) {
            Err(error) if of.url.starts_with("https:") => {
                return Err(error).with_context(|| format!("remote_signing.ca_file ({})", ca.display()));
            }
            read => read.unwrap_or_default(),
        };
        let service = Service::new(ServiceConfig {
            url: of.url.clone(),
            token_url: of.token_url.clone(),
            client_id: of.client_id.clone(),
            client_secret: secret(&super::path(place, &of.client_secret_file), "remote_signing.client_secret_file")?,
            authorities,
            patience: Duration::from_secs(of.timeout_seconds.clamp(1, 120)),
        });
        Ok(Some(service.context("remote_signing")?))
    }

    pub fn seal_place(&self, place: &Place) -> anyhow::Result<SealPlace> {
        if self.seal.pkcs11.is_empty() {
            return Ok(SealPlace::File);
        }
        let key = TokenKey::parse(&self.seal.pkcs11).context("seal.pkcs11 is written SERIAL:ID or LABEL:ID")?;
        let pin = secret(&super::path(place, &self.seal.pin_file), "seal.pin_file")?;
        Ok(SealPlace::Token(key, pin))
    }
}

/// The first line of a file that is for the server alone.
pub fn secret(file: &Path, what: &str) -> anyhow::Result<SecretString> {
    let text = fs::read_to_string(file).with_context(|| format!("{what} ({})", file.display()))?;
    let line = text.lines().next().unwrap_or_default();
    anyhow::ensure!(!line.is_empty(), "{what} ({}) is empty", file.display());
    Ok(SecretString::from(line))
}
