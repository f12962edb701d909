//! A drill when it is time: the last report says when that is. It runs as a process of its own, so that its memory is
//! its own and a server that is told to stop waits for nobody.

use super::filed::last;
use crate::admin::backup::schedule::{finished, taken_at};
use crate::cli::Place;
use crate::config::Config;
use anyhow::{Context, ensure};
use std::process::Stdio;

const DAY: i64 = 86_400;

/// Runs one if it is due and can be run without a person.
pub async fn round(place: &Place, config: &Config) -> anyhow::Result<()> {
    if !due(place, config)? {
        return Ok(());
    }
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    command.args(["drill", "--data-dir"]).arg(&place.data_dir).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(file) = &place.config {
        command.arg("--config").arg(file);
    }
    let ended = command.kill_on_drop(true).status().await.context("the drill does not start")?;
    ensure!(ended.success(), "the drill of the backup failed: see the newest minutes in drills/");
    tracing::info!("the newest backup was restored and proved");
    Ok(())
}

/// Counted from the last drill, else from the first backup.
fn due(place: &Place, config: &Config) -> anyhow::Result<bool> {
    let backup = &config.backup;
    if backup.drill_every_days <= 0 {
        return Ok(false);
    }
    let all = finished(&backup.target)?;
    let (Some(first), Some(newest)) = (all.first(), all.last()) else { return Ok(false) };
    let manifest = super::Manifest::read(newest)?;
    let by_hand = (manifest.locked && backup.drill_identity.as_os_str().is_empty())
        || (!manifest.is_sqlite() && backup.drill_database_url.is_empty());
    if by_hand {
        return Ok(false);
    }
    let since = last(&place.data_dir).map(|report| report.begun_at / 1_000_000).or_else(|| taken_at(first));
    let now = jiff::Timestamp::now().as_second();
    Ok(since.is_some_and(|at| now.saturating_sub(at) >= backup.drill_every_days.saturating_mul(DAY)))
}
