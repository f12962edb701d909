//! `benhan config`: what holds, and whether it would start.

use crate::cli::Place;
use crate::config::{self, Config, REFERENCE};
use crate::data_dir::DataDir;
use crate::role::{Finding, findings};
use crate::say;
use anyhow::Context;
use benhan_bucket::CancellationToken;
use benhan_server::app::heads_out;
use benhan_store::{Db, migrate, places};
use serde_json::json;
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum What {
    /// Try the configuration without starting: files, certificate, backup target, database
    #[command(after_help = "Example: benhan config check --data-dir /var/lib/benhan")]
    Check {
        #[command(flatten)]
        place: Place,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print what holds after file and environment
    #[command(after_help = "Example: benhan config print --reference > benhan.toml")]
    Print {
        #[command(flatten)]
        place: Place,
        /// Print every key with its meaning and default instead
        #[arg(long, conflicts_with = "json")]
        reference: bool,
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
}

pub fn run(what: What) -> anyhow::Result<ExitCode> {
    match what {
        What::Check { place, json } => check(&place, json),
        What::Print { place, reference, json } => {
            let text = if reference {
                REFERENCE.trim_end().to_owned()
            } else {
                let shown = without_password(config::read(&place)?);
                if json { serde_json::to_string_pretty(&shown)? } else { toml::to_string(&shown)? }
            };
            say::line(&text);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(place: &Place, json: bool) -> anyhow::Result<ExitCode> {
    let config = config::read(place)?;
    let dir = DataDir::existing(&place.data_dir)?;
    let mut found = findings(place, &dir, &config);
    if let Err(problem) = database(place, &config) {
        found.push(Finding { about: "database".into(), problem: format!("{problem:#}") });
    }
    if let Err(problem) = stores(place, &config) {
        found.push(Finding { about: "s3".into(), problem: format!("{problem:#}") });
    }
    let text = if found.is_empty() {
        format!("{}: ready to be served", config::file(place).display())
    } else {
        found.iter().map(|f| format!("{}: {}", f.about, f.problem)).collect::<Vec<_>>().join("\n")
    };
    super::answer(json, &json!({ "ready": found.is_empty(), "findings": found }), &text);
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn database(place: &Place, config: &Config) -> anyhow::Result<()> {
    let mut conn = Db::reader(&config::existing_database(place, config)?)?;
    let pending = migrate::pending(conn.db())?;
    anyhow::ensure!(pending.is_empty(), "{} migrations are to be applied: `benhan migrate`", pending.len());
    places::facility(&mut conn)?.map(drop).context("it holds no hospital yet: `benhan init` makes one")
}

/// The server starts also while a store is away; here whoever sets it wants to know.
fn stores(place: &Place, config: &Config) -> anyhow::Result<()> {
    let buckets = config.buckets(place, CancellationToken::new())?;
    for at in config.backups_in_store()? {
        buckets.open(&at).and_then(|bucket| bucket.welcomes()).with_context(|| at.to_string())?;
    }
    for to in config.heads_to(place)? {
        if let heads_out::Place::Bucket(bucket) = to {
            bucket.folders("benhan").with_context(|| bucket.place().to_string())?;
        }
    }
    Ok(())
}

/// The rest of a database URL may be shown to whoever helps.
fn without_password(mut config: Config) -> Config {
    let url = &config.database.url;
    if let Some((scheme, rest)) = url.split_once("://")
        && let Some((user, at)) = rest.rsplit_once('@')
    {
        let user = user.split_once(':').map_or(user, |(user, _)| user);
        config.database.url = format!("{scheme}://{user}@{at}");
    }
    config
}
