//! `benhan downtime fetch`: brings a ward's newest kit onto a computer of the ward. Run it each quarter of an hour; a
//! server that is away leaves the kit that is there.

use super::answer;
use anyhow::{Context, ensure};
use benhan_domain::downtime::file_name;
use benhan_domain::time::Instant;
use benhan_server::kits::write_whole;
use benhan_uplink::{CallError, Client, UplinkConfig};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

#[derive(clap::Subcommand)]
pub enum What {
    /// Fetch the newest kit of a ward, once; exits 1 when the server is away or refuses, and leaves what is there
    Fetch {
        /// The server, as staff's browsers reach it
        #[arg(long)]
        server: String,
        /// The authority of its certificate: a copy of the server's tls/ca.pem
        #[arg(long)]
        ca_file: PathBuf,
        /// The ward's code
        #[arg(long)]
        ward: String,
        /// A file with the token that the administrator issued for this computer
        #[arg(long)]
        token_file: PathBuf,
        /// The folder that gets the kit
        #[arg(long)]
        to: PathBuf,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
}

pub fn run(what: What) -> anyhow::Result<()> {
    let What::Fetch { server, ca_file, ward, token_file, to, json } = what;
    ensure!(to.is_dir(), "{} is not there", to.display());
    let token = fs::read_to_string(&token_file).with_context(|| format!("cannot read {}", token_file.display()))?;
    let mut config = UplinkConfig::new(server, token.trim().to_owned());
    config.ca_file = Some(ca_file);
    let name = file_name(&ward);
    let here = to.join(&name);
    let has = made_of(&here).map(Instant::rfc3339);
    let fetched = super::wait(async {
        let client = Client::new(&config).context("--server and --ca-file")?;
        client.kit(&ward, has.as_deref()).await.map_err(|error| refused(error, &here))
    })?;
    let Some((made, kit)) = fetched else {
        answer(json, &json!({ "new": false, "file": here, "made": has }), "the kit that is here is the newest one");
        return Ok(());
    };
    let at = Instant::parse(&made).context("the server does not say when the kit was made")?;
    write_whole(&to, &name, &kit).with_context(|| format!("cannot write {}", here.display()))?;
    keep_time(&here, at)?;
    let text = format!("{}: made {made}, {} bytes", here.display(), kit.len());
    answer(json, &json!({ "new": true, "file": here, "made": made }), &text);
    Ok(())
}

fn refused(error: CallError, here: &Path) -> anyhow::Error {
    let left = if here.exists() { "the kit that is here stays" } else { "there is no kit here yet" };
    match error {
        CallError::NotLetIn { status: 401 } => {
            anyhow::anyhow!("the token is none, or was taken back: ask the administrator for another one; {left}")
        }
        CallError::NotLetIn { status: 403 } => anyhow::anyhow!("the token is of another ward than --ward; {left}"),
        CallError::NotLetIn { status: 404 } => anyhow::anyhow!("the server has no kit of this ward yet; {left}"),
        other => anyhow::Error::new(other).context(left),
    }
}

/// A kit's file bears the time at which the kit was made.
fn made_of(file: &Path) -> Option<Instant> {
    let at = fs::metadata(file).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(at.as_micros()).ok().map(Instant)
}

fn keep_time(file: &Path, made: Instant) -> anyhow::Result<()> {
    let at = UNIX_EPOCH + Duration::from_micros(u64::try_from(made.0).unwrap_or(0));
    Ok(File::options().write(true).open(file)?.set_modified(at)?)
}
