//! A backup when it is time: the newest one in the target says when that is, so a restart changes nothing.

use crate::admin::drill::schedule as drill;
use crate::cli::Place;
use crate::config::Config;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const HOUR: i64 = 3_600;

/// Runs until `shutdown`. One that fails is said loudly and tried again a quarter of an hour later.
pub async fn run(place: Place, config: Config, shutdown: CancellationToken) {
    if config.backup.target.as_os_str().is_empty() {
        return;
    }
    loop {
        let (of, with) = (place.clone(), config.clone());
        let wait = match tokio::task::spawn_blocking(move || rounds(&of, &with)).await {
            Ok(true) => drilled(&place, &config, &shutdown).await,
            Ok(false) => AGAIN,
            Err(_) => return,
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Until the next look, and after something failed.
const NEXT: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(900);

async fn drilled(place: &Place, config: &Config, shutdown: &CancellationToken) -> Duration {
    let outcome = tokio::select! {
        () = shutdown.cancelled() => return NEXT,
        outcome = drill::round(place, config) => outcome,
    };
    match outcome {
        Ok(()) => NEXT,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the drill failed");
            AGAIN
        }
    }
}

/// Each target by itself: one that fails keeps no other from its backup.
fn rounds(place: &Place, config: &Config) -> bool {
    if config.backup.every_hours <= 0 {
        return true;
    }
    let further = config.further_folders().filter(|target| target.exists());
    let mut fine = true;
    for target in std::iter::once(&config.backup.target).chain(further) {
        match round(place, config, target) {
            Ok(newest) if *target == config.backup.target => note(newest),
            Ok(_) => {}
            Err(error) => {
                fine = false;
                tracing::error!(error = format!("{error:#}"), target = %target.display(), "the backup failed");
            }
        }
    }
    fine
}

/// When the newest backup of this target was taken, after one was taken if it was time.
fn round(place: &Place, config: &Config, target: &Path) -> anyhow::Result<Option<i64>> {
    let now = jiff::Timestamp::now().as_second();
    let newest = finished(target)?.pop().and_then(|folder| taken_at(&folder));
    if !due(newest, now, config.backup.every_hours) {
        return Ok(newest);
    }
    let taken = super::take(place, config, target)?;
    tracing::info!(audit_rows = taken.audit_rows, images = taken.images, new = taken.new_images, "backup taken");
    thin(target, config.backup.keep, config.backup.keep_months)?;
    Ok(Some(now))
}

fn due(newest: Option<i64>, now: i64, every_hours: i64) -> bool {
    newest.is_none_or(|at| now.saturating_sub(at) >= every_hours.saturating_mul(HOUR))
}

fn note(at: Option<i64>) {
    let at = at.and_then(|at| u32::try_from(at).ok()).map_or(0.0, f64::from);
    metrics::gauge!("benhan_backup_last_success_timestamp_seconds").set(at);
}

/// Whole backups in a target, oldest first.
pub fn finished(target: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !target.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(target).with_context(|| target.display().to_string())? {
        let path = entry?.path();
        if taken_at(&path).is_some() && path.join(super::MANIFEST).exists() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `benhan-20261122T013000Z`, in seconds.
pub fn taken_at(folder: &Path) -> Option<i64> {
    let stamp = folder.file_name()?.to_str()?.strip_prefix("benhan-")?;
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// The oldest beyond `keep`, but for the last of each of so many months. `all`: names of backups, oldest first.
pub fn superfluous<'a>(all: &[&'a str], keep: usize, months: usize) -> Vec<&'a str> {
    if keep == 0 {
        return Vec::new();
    }
    // `benhan-202611`: the last of a month takes the place of those before it.
    let of_month: BTreeMap<String, &str> = all.iter().map(|name| (name.chars().take(13).collect(), *name)).collect();
    let last: Vec<&str> = of_month.into_values().rev().take(months).collect();
    let old = all.iter().take(all.len().saturating_sub(keep)).copied();
    old.filter(|name| !last.contains(name)).collect()
}

/// Images stay in their pool: a later backup may need them.
fn thin(target: &Path, keep: usize, months: usize) -> anyhow::Result<()> {
    let all = finished(target)?;
    let names: Vec<&str> = all.iter().filter_map(|folder| folder.file_name()?.to_str()).collect();
    for name in superfluous(&names, keep, months) {
        let old = target.join(name);
        // Without its manifest it is no backup any more, however far the removal gets.
        fs::remove_file(old.join(super::MANIFEST))?;
        fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}", old.display()))?;
        tracing::info!(folder = %old.display(), "an old backup was removed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_backup_is_due_by_the_newest_one() {
        let at = taken_at(Path::new("/b/benhan-20261122T013000Z")).expect("a stamp");
        assert!(!due(Some(at), at + 24 * HOUR - 1, 24));
        assert!(due(Some(at), at + 24 * HOUR, 24));
        assert!(due(None, at, 24), "and at once where there is none");
    }

    #[test]
    fn only_the_newest_backups_are_kept_and_half_ones_do_not_count() {
        let target = tempfile::tempdir().expect("a folder");
        for (name, whole) in [
            ("benhan-20261120T010000Z", true),
            ("benhan-20261121T010000Z", true),
            ("benhan-20261122T010000Z", true),
            ("benhan-20261123T010000Z.part", false),
            ("somebody-elses", true),
        ] {
            fs::create_dir(target.path().join(name)).expect("a folder");
            if whole {
                fs::write(target.path().join(name).join("manifest.json"), "{}").expect("a manifest");
            }
        }
        thin(target.path(), 2, 0).expect("thinned");
        assert_eq!(names(target.path()), ["benhan-20261121T010000Z", "benhan-20261122T010000Z"]);
        assert!(target.path().join("somebody-elses").exists());
    }

    fn names(target: &Path) -> Vec<String> {
        let all = finished(target).expect("a list");
        all.iter().filter_map(|p| p.file_name()?.to_str().map(str::to_owned)).collect()
    }

    #[test]
    fn the_last_backup_of_a_month_outlives_its_days() {
        let target = tempfile::tempdir().expect("a folder");
        let stamps = ["20260830", "20260929", "20260930", "20261014", "20261031", "20261101", "20261102"];
        for stamp in stamps {
            let folder = target.path().join(format!("benhan-{stamp}T010000Z"));
            fs::create_dir(&folder).expect("a folder");
            fs::write(folder.join("manifest.json"), "{}").expect("a manifest");
        }
        thin(target.path(), 2, 3).expect("thinned");
        let kept: Vec<String> =
            ["20260930", "20261031", "20261101", "20261102"].map(|stamp| format!("benhan-{stamp}T010000Z")).to_vec();
        assert_eq!(names(target.path()), kept, "November's last is among the newest");
    }
}
