//! Two authorities, kept apart: one for the server's TLS certificate, one for the signatures on records.

use crate::data_dir::DataDir;
use crate::{identity, tls};
use anyhow::{Context, bail};
use benhan_sign::{Certificate, Crl};
use clap::ValueEnum;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, ValueEnum)]
enum TlsFrom {
    /// An authority made here, for ward PCs to import
    Own,
    /// Certificate, key and authority that the hospital has
    Files,
    /// A request for the hospital's authority to sign
    Csr,
}

#[derive(clap::Args)]
pub struct TlsArgs {
    /// Where the server's certificate comes from
    #[arg(long, value_enum, default_value = "own")]
    tls: TlsFrom,
    /// With --tls files: the certificate and those between it and its authority, PEM
    #[arg(long)]
    tls_certificate: Option<PathBuf>,
    /// With --tls files: its key, PEM
    #[arg(long)]
    tls_key: Option<PathBuf>,
    /// With --tls files: its authority, PEM
    #[arg(long)]
    tls_ca: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum SigningFrom {
    /// An authority made here, for a pilot: it certifies the staff
    Own,
    /// A licensed provider's anchors, from files; the staff bring their certificates
    Anchors,
}

#[derive(clap::Args)]
pub struct SigningArgs {
    /// Who certifies the signatures on records
    #[arg(long, value_enum, default_value = "own")]
    signing: SigningFrom,
    /// With --signing anchors: the roots to believe, PEM
    #[arg(long)]
    trust_anchors: Option<PathBuf>,
    /// With --signing anchors: the issuing authorities below them, PEM
    #[arg(long)]
    issuing: Option<PathBuf>,
    /// With --signing anchors: their revocation lists, PEM
    #[arg(long)]
    revoked: Option<PathBuf>,
}

pub enum Tls {
    Own,
    Files(tls::Files),
    Request,
}

pub enum Signing {
    Own,
    Anchors { roots: PathBuf, issuing: PathBuf, revoked: PathBuf },
}

fn needed<'a>(path: &'a Option<PathBuf>, flag: &str) -> anyhow::Result<&'a PathBuf> {
    path.as_ref().with_context(|| format!("{flag} is needed"))
}

impl TlsArgs {
    pub fn choice(&self) -> anyhow::Result<Tls> {
        Ok(match self.tls {
            TlsFrom::Own => Tls::Own,
            TlsFrom::Csr => Tls::Request,
            TlsFrom::Files => Tls::Files(tls::Files {
                certificate: needed(&self.tls_certificate, "--tls-certificate")?.clone(),
                key: needed(&self.tls_key, "--tls-key")?.clone(),
                ca: needed(&self.tls_ca, "--tls-ca")?.clone(),
            }),
        })
    }
}

impl Tls {
    pub fn set_up(&self, dir: &DataDir, hosts: &[String]) -> anyhow::Result<()> {
        match self {
            Self::Own => tls::make(dir, hosts),
            Self::Request => tls::request(dir, hosts),
            Self::Files(given) => tls::adopt(dir, given, hosts.first().map_or("localhost", String::as_str)),
        }
    }
}

impl SigningArgs {
    pub fn choice(&self) -> anyhow::Result<Signing> {
        Ok(match self.signing {
            SigningFrom::Own => Signing::Own,
            SigningFrom::Anchors => Signing::Anchors {
                roots: needed(&self.trust_anchors, "--trust-anchors")?.clone(),
                issuing: needed(&self.issuing, "--issuing")?.clone(),
                revoked: needed(&self.revoked, "--revoked")?.clone(),
            },
        })
    }
}

impl Signing {
    pub fn set_up(&self, dir: &DataDir, facility: (&str, &str), now: i64) -> anyhow::Result<()> {
        match self {
            Self::Own => identity::create(dir, facility, now).map(drop),
            Self::Anchors { roots, issuing, revoked } => {
                for (from, to) in [(roots, "trust/ca.pem"), (issuing, "trust/issuing.pem")] {
                    keep(dir, from, to, |bytes| Ok(Certificate::list_from_pem(bytes)?.len()))?;
                }
                keep(dir, revoked, "trust/revoked.pem", |bytes| Ok(Crl::list_from_pem(bytes)?.len()))
            }
        }
    }
}

fn keep(dir: &DataDir, from: &Path, to: &str, count: fn(&[u8]) -> anyhow::Result<usize>) -> anyhow::Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if count(&bytes).with_context(|| from.display().to_string())? == 0 {
        bail!("{} holds nothing of what it should", from.display());
    }
    Ok(fs::write(dir.path(to), bytes)?)
}
