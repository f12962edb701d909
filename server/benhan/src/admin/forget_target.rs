//! `benhan forget-target`: a place of backups that is lost for good, so that destruction no longer waits for its copy of
//! the keys.

use super::plainly;
use crate::cli::Place;
use crate::config;
use crate::data_dir::DataDir;
use benhan_bucket::CancellationToken;
use benhan_server::app::destruction::forget_target;
use benhan_store::keys::Target;
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    /// The folder as the list names it; without it the known ones are listed
    #[arg(requires = "reason")]
    folder: Option<String>,
    #[command(flatten)]
    place: Place,
    /// What became of it; it stays on the audit trail
    #[arg(long, requires = "folder")]
    reason: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let dir = DataDir::existing(&args.place.data_dir)?;
    let config = config::read(&args.place)?;
    let buckets = config.buckets(&args.place, CancellationToken::new())?;
    let (Some(folder), Some(reason)) = (&args.folder, &args.reason) else {
        let keys = dir.existing_record_keys()?;
        keys.reach(buckets);
        let known = keys.targets()?;
        let lines: Vec<String> = known.iter().map(line).collect();
        let text = if lines.is_empty() { "no target has a copy of the keys yet".to_owned() } else { lines.join("\n") };
        super::answer(args.json, &Value::Array(known.iter().map(value).collect()), &text);
        return Ok(());
    };
    let url = config::existing_database(&args.place, &config)?;
    super::wait(async {
        let db = super::open(&dir, url)?;
        db.keys().reach(buckets);
        let forgotten = forget_target(&db, folder, reason).await.map_err(plainly);
        db.close();
        forgotten
    })?;
    let text = format!(
        "{folder}: forgotten, destruction no longer waits for it\n\
         Whoever finds the medium with secrets/ can still read what was destroyed since: destroy it where that can be done."
    );
    super::answer(args.json, &json!({ "forgotten": folder }), &text);
    Ok(())
}

fn day(target: &Target) -> String {
    jiff::Timestamp::from_microsecond(target.copied_at).unwrap_or_default().strftime("%Y-%m-%d").to_string()
}

fn line(target: &Target) -> String {
    let standing = if target.there { "there" } else { "away: destruction waits for it" };
    format!("{}  last copied to {}, {standing}", target.folder, day(target))
}

fn value(target: &Target) -> Value {
    json!({ "folder": target.folder, "copiedOn": day(target), "there": target.there })
}
