//! `benhan init`: a hospital that is no demo. Everything is looked at before anything is written; what fails on the
//! way leaves no half hospital behind.

mod furnish;
mod security;

use super::{answer, house, password};
use crate::config::{self, filled};
use crate::data_dir::DataDir;
use crate::role::backup_target;
use anyhow::{Context, bail, ensure};
use benhan_store::DbUrl;
use furnish::Opening;
use security::{Signing, Tls};
use serde_json::json;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::Value;

#[derive(clap::Args)]
pub struct Args {
    /// New or empty folder for database, keys, images and configuration
    #[arg(long, env = "BENHAN_DATA_DIR", default_value = "data")]
    data_dir: PathBuf,
    /// The facility's code with the health insurance (mã CSKCB), five digits
    #[arg(long)]
    code: String,
    /// The hospital's name, as on every form
    #[arg(long)]
    name: String,
    /// The line above it: the authority that runs the hospital
    #[arg(long)]
    authority: String,
    /// A ward with its beds, CODE=NAME:BEDS; may be given several times
    #[arg(long)]
    ward: Vec<String>,
    /// Departments, wards and beds as TOML (see `benhan house add --help`)
    #[arg(long, conflicts_with = "ward")]
    house: Option<PathBuf>,
    /// Login name of the first administrator
    #[arg(long, default_value = "quantri")]
    admin: String,
    /// The administrator's name
    #[arg(long)]
    admin_name: String,
    #[command(flatten)]
    password: password::InitialPassword,
    /// Name or address that browsers will use; may be given several times, the first for gateway and bridge
    #[arg(long, default_values_t = [String::from("localhost"), String::from("127.0.0.1")])]
    host: Vec<String>,
    /// Where the web listens
    #[arg(long, default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    #[command(flatten)]
    tls: security::TlsArgs,
    #[command(flatten)]
    signing: security::SigningArgs,
    /// Folder for backups, on another disk or machine
    #[arg(long)]
    backup_target: PathBuf,
    /// postgres://… for a record on PostgreSQL; without it SQLite in the data folder
    #[arg(long, env = "BENHAN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    ensure!(
        args.code.len() == 5 && args.code.bytes().all(|b| b.is_ascii_digit()),
        "--code: the facility's code has five digits"
    );
    for (flag, text) in [("--name", &args.name), ("--authority", &args.authority)] {
        ensure!((1..=200).contains(&text.trim().chars().count()), "{flag} is empty or too long");
    }
    let house = match &args.house {
        Some(file) => house::House::read(file)?,
        None => house::House::of_flags(&args.ward)?,
    };
    ensure!(house.wards() > 0, "no ward: give --ward CODE=NAME:BEDS or --house FILE, or nobody can be admitted");
    let url = match &args.database_url {
        Some(url) => url.parse().context("--database-url")?,
        None => DbUrl::Sqlite(args.data_dir.join("record.db")),
    };
    let (tls, signing) = (args.tls.choice()?, args.signing.choice()?);
    empty(&args.data_dir)?;
    let opening = Opening {
        code: args.code.clone(),
        name: args.name.trim().to_owned(),
        authority: args.authority.trim().to_owned(),
        house,
        admin: args.admin.clone(),
        admin_name: args.admin_name.clone(),
        password: args.password.read(&args.admin)?,
    };
    let was_there = args.data_dir.exists();
    let made = make(args, opening, &url, &tls, &signing);
    if made.is_err() {
        // Nothing of ours was there before: what is there now is half of something.
        drop(fs::remove_dir_all(&args.data_dir));
        if was_there {
            drop(fs::create_dir_all(&args.data_dir));
        }
    }
    made
}

fn make(args: &Args, opening: Opening, url: &DbUrl, tls: &Tls, signing: &Signing) -> anyhow::Result<()> {
    let dir = DataDir::open(&args.data_dir)?;
    backup_target(&dir, &args.backup_target).context("--backup-target")?;
    let secrets = dir.secrets()?;
    tls.set_up(&dir, &args.host)?;
    signing.set_up(&dir, (&opening.code, &opening.name), jiff::Timestamp::now().as_microsecond())?;
    dir.write_private("benhan.toml", configuration(args)?.as_bytes())?;
    let (code, name, admin) = (opening.code.clone(), opening.name.clone(), opening.admin.trim().to_lowercase());
    let added = super::wait(opening.write(&dir, url.clone(), secrets.server_key))?;

    let waits = matches!(tls, Tls::Request);
    let request = waits.then(|| dir.path("tls/server.csr"));
    let value = json!({
        "dataDir": dir.root(), "config": dir.path("benhan.toml"), "facility": { "code": code, "name": name },
        "added": added.json(), "administrator": admin, "database": if matches!(url, DbUrl::Postgres(_)) { "postgresql" } else { "sqlite" },
        "tls": { "ca": (!waits).then(|| dir.path("tls/ca.pem")), "request": request },
        "signingCa": dir.path("trust/ca.pem"), "backupTarget": args.backup_target, "ready": !waits,
    });
    let mut text = format!(
        "{name} ({code}): {} wards, {} beds, administrator {admin}\nconfiguration: {}\n",
        added.wards,
        added.beds,
        dir.path("benhan.toml").display()
    );
    text.push_str(&match &request {
        Some(request) => format!(
            "have {} signed, put the certificate into {} and its authority's into {}, then start:\n",
            request.display(),
            dir.path("tls/server.pem").display(),
            dir.path("tls/ca.pem").display()
        ),
        None => format!("browsers import {}\n", dir.path("tls/ca.pem").display()),
    });
    text.push_str(&format!(
        "keep {} apart from the backups: without it no record can be read and no software key signs again\nstart: benhan serve --data-dir {}",
        dir.path("secrets").display(),
        dir.root().display()
    ));
    answer(args.json, &value, &text);
    Ok(())
}

/// Nothing that somebody needs may be lost or mixed up.
fn empty(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() && fs::read_dir(folder)?.next().is_some() {
        bail!("{} is not empty: init makes a new hospital in a new folder", folder.display());
    }
    Ok(())
}

fn configuration(args: &Args) -> anyhow::Result<String> {
    let text = |path: &Path| path.to_str().map(Value::from).context("a path is not UTF-8");
    let hosts = Value::Array(args.host.iter().map(|h| Value::from(h.as_str())).collect());
    let mut set = vec![
        ("listen", "https", Value::from(args.listen.to_string())),
        ("tls", "hosts", hosts),
        ("backup", "target", text(&args.backup_target.canonicalize()?)?),
    ];
    if let Some(url) = &args.database_url {
        set.push(("database", "url", Value::from(url.as_str())));
    }
    let written = filled(&set);
    toml::from_str::<config::Config>(&written).context("the configuration that was to be written")?;
    Ok(written)
}
