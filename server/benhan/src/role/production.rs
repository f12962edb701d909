//! What must hold before a hospital that is no demo is served. Each finding says what to do.

use crate::cli::Place;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::{demo, own_forms, tls};
use anyhow::{Context, bail};
use benhan_domain::access::Role;
use benhan_server::app::accounts::operator;
use benhan_server::secrets::Secrets;
use benhan_store::Db;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// Something to put right: the key or file, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub about: String,
    pub problem: String,
}

/// What the files and the configuration say, without the database.
pub fn findings(place: &Place, dir: &DataDir, config: &Config) -> Vec<Finding> {
    if config.database.url.is_empty() && !place.data_dir.join("record.db").exists() {
        let problem = "it holds no hospital yet: `benhan init` makes one, `benhan serve --demo` shows one";
        return vec![Finding { about: "data folder".to_owned(), problem: problem.to_owned() }];
    }
    let mut found = Vec::new();
    let mut note = |about: &str, outcome: anyhow::Result<()>| {
        if let Err(problem) = outcome {
            found.push(Finding { about: about.to_owned(), problem: format!("{problem:#}") });
        }
    };
    note("data folder", no_demo(dir));
    note("tls", certificate(place, dir, config));
    note("backup.target", target(dir, &config.backup.target));
    note("s3", config.check_store(place));
    note("access.second_factor", administrators(config));
    note("gateway.port", benhan_device_gateway::check_ports(&config.gateway.port).map_err(Into::into));
    note("signing keys", driver(place, config));
    note("seal.pkcs11", config.seal_place(place).map(drop));
    note("forms", own_forms::renderer(&dir.path(own_forms::FOLDER)).map(drop));
    found
}

fn no_demo(dir: &DataDir) -> anyhow::Result<()> {
    if dir.path("demo.json").exists() {
        bail!(
            "it holds the demo hospital, whose passwords everybody can read: `benhan init` makes a real one elsewhere"
        );
    }
    Ok(())
}

/// Circulars and QĐ 326 want it of them everywhere; a demo alone goes without.
fn administrators(config: &Config) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.access.second_factor.contains(&Role::Administrator),
        "it must name administrator: only the demo lets administrators in with a password alone"
    );
    Ok(())
}

fn certificate(place: &Place, dir: &DataDir, config: &Config) -> anyhow::Result<()> {
    let files = tls::Files::of(place, &config.tls);
    if !files.certificate.exists() && dir.path("tls/server.csr").exists() {
        bail!(
            "tls/server.csr waits for a signature: put the certificate into {} and its authority's into {}",
            files.certificate.display(),
            files.ca.display()
        );
    }
    tls::server(&files, config.tls.hosts.first().context("tls.hosts names no host")?).map(drop)
}

/// There; whether a token is plugged in is another day's question.
fn driver(place: &Place, config: &Config) -> anyhow::Result<()> {
    if let Some(tokens) = config.holders(place)?.tokens {
        anyhow::ensure!(tokens.driver().is_file(), "{} is not there: install the driver", tokens.driver().display());
    }
    Ok(())
}

/// There, writable, and not on the way down with the data folder.
pub fn target(dir: &DataDir, target: &Path) -> anyhow::Result<()> {
    if target.as_os_str().is_empty() {
        bail!("not set: name a folder on another disk or machine");
    }
    let place = target.canonicalize().with_context(|| format!("{} is not there (is it mounted?)", target.display()))?;
    if place.starts_with(dir.root()) {
        bail!("{} is inside the data folder: a backup must outlive it", target.display());
    }
    let probe = place.join(format!(".benhan-probe-{}", std::process::id()));
    fs::write(&probe, b"may I write here?").with_context(|| format!("cannot write to {}", target.display()))?;
    fs::remove_file(&probe)?;
    Ok(())
}

/// Refuses to go on; every finding is named at once, so that they are put right in one go.
pub fn ensure_ready(place: &Place, dir: &DataDir, config: &Config) -> anyhow::Result<()> {
    let found = findings(place, dir, config);
    if found.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = found.iter().map(|f| format!("\n  {}: {}", f.about, f.problem)).collect();
    bail!("this hospital is not ready to be served:{}", lines.concat())
}

/// An account that came over from a demo keeps everybody out until its password is changed.
pub async fn ensure_passwords(db: &Db, secrets: &Secrets) -> anyhow::Result<()> {
    let known = demo::STAFF.iter().map(|s| (s.username.to_owned(), s.password())).collect();
    let shown = operator::with_known_password(db, secrets.server_key, known).await?;
    if !shown.is_empty() {
        bail!("everybody knows the password of {}: change it with `benhan user passwd`", shown.join(", "));
    }
    Ok(())
}
