//! A backup when it is time: the newest one in the target says when that is, so a restart changes nothing.

use crate::cli::Place;
use crate::config::Config;
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const HOUR: i64 = 3_600;

/// Runs until `shutdown`. One that fails is said loudly and tried again a quarter of an hour later.
pub async fn run(place: Place, config: Config, shutdown: CancellationToken) {
    if config.backup.every_hours <= 0 || config.backup.target.as_os_str().is_empty() {
        return;
    }
    loop {
        let (place, config) = (place.clone(), config.clone());
        let wait = match tokio::task::spawn_blocking(move || round(&place, &config)).await {
            Ok(Ok(())) => Duration::from_secs(60),
            Ok(Err(error)) => {
                tracing::error!(error = format!("{error:#}"), "the backup failed");
                Duration::from_secs(900)
            }
            Err(_) => return,
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn round(place: &Place, config: &Config) -> anyhow::Result<()> {
    let target = &config.backup.target;
    let now = jiff::Timestamp::now().as_second();
    let newest = finished(target)?.pop().and_then(|folder| taken_at(&folder));
    if !due(newest, now, config.backup.every_hours) {
        note(newest);
        return Ok(());
    }
    let taken = super::take(place, config, target)?;
    note(Some(now));
    tracing::info!(audit_rows = taken.audit_rows, images = taken.images, new = taken.new_images, "backup taken");
    thin(target, config.backup.keep)
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
        if taken_at(&path).is_some() && path.join("manifest.json").exists() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `benhan-20261122T013000Z`, in seconds.
fn taken_at(folder: &Path) -> Option<i64> {
    let stamp = folder.file_name()?.to_str()?.strip_prefix("benhan-")?;
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// Removes the oldest beyond `keep`. Images stay in their pool: a later backup may need them.
fn thin(target: &Path, keep: usize) -> anyhow::Result<()> {
    if keep == 0 {
        return Ok(());
    }
    let all = finished(target)?;
    for old in all.iter().take(all.len().saturating_sub(keep)) {
        // Without its manifest it is no backup any more, however far the removal gets.
        fs::remove_file(old.join("manifest.json"))?;
        fs::remove_dir_all(old).with_context(|| format!("cannot remove {}", old.display()))?;
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
        thin(target.path(), 2).expect("thinned");
        let names: Vec<_> = finished(target.path())
            .expect("a list")
            .iter()
            .filter_map(|p| p.file_name()?.to_str().map(str::to_owned))
            .collect();
        assert_eq!(names, ["benhan-20261121T010000Z", "benhan-20261122T010000Z"]);
        assert!(target.path().join("somebody-elses").exists());
    }
}
