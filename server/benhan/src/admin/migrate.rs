//! `benhan migrate`: the database to this program's schema, before the servers of a new version start.

use crate::cli::Place;
use crate::config;
use benhan_store::{Db, migrate};
use serde_json::json;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Only say what is to be done; exits 1 when something is
    #[arg(long)]
    check: bool,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = config::read(&args.place)?;
    let mut conn = Db::reader(&config::existing_database(&args.place, &config)?)?;
    let pending = migrate::pending(conn.db())?;
    if !args.check {
        migrate::up(conn.db())?;
    }
    let value = json!({ "steps": pending, "applied": !args.check });
    let text = match (pending.is_empty(), args.check) {
        (true, _) => "the database is up to date".to_owned(),
        (false, true) => format!("to be applied: {}", pending.join(", ")),
        (false, false) => format!("applied: {}", pending.join(", ")),
    };
    super::answer(args.json, &value, &text);
    Ok(if args.check && !pending.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
