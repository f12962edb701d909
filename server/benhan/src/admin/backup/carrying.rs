//! Each backup of the target carried to the places in an S3 store, when there is a new one. Beside the backups: a slow line
//! holds none of them up.

use super::carry::{Load, carry, thin};
use super::schedule::{finished, taken_at};
use crate::cli::Place;
use crate::config::Config;
use anyhow::Context;
use benhan_bucket::Place as InStore;
use benhan_server::App;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Until the next look at the target, which costs nothing.
const NEXT: Duration = Duration::from_secs(5);
/// After something failed.
const AGAIN: Duration = Duration::from_secs(900);

/// How far one place has got.
#[derive(Default)]
struct Way {
    newest: Option<PathBuf>,
    not_before: Option<Instant>,
}

/// Runs until `shutdown`, which ends what is under way too.
pub async fn run(place: Place, config: Config, app: App, shutdown: CancellationToken) {
    let places = match config.backups_in_store() {
        Ok(places) if !places.is_empty() && !config.backup.target.as_os_str().is_empty() => places,
        Ok(_) => return,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "no backup goes to a store");
            return;
        }
    };
    let of = Arc::new((place, config, app, places));
    let mut ways = HashMap::new();
    loop {
        let with = Arc::clone(&of);
        let looked = tokio::task::spawn_blocking(move || {
            let (place, config, app, places) = with.as_ref();
            places.iter().for_each(|to| look((place, config, app), to, ways.entry(to.clone()).or_default()));
            ways
        });
        ways = match looked.await {
            Ok(ways) => ways,
            Err(_) => return,
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(NEXT) => {}
        }
    }
}

/// One that is away is passed over until later, and keeps no other from its backup.
fn look(of: (&Place, &Config, &App), to: &InStore, way: &mut Way) {
    if way.not_before.is_some_and(|at| Instant::now() < at) {
        return;
    }
    match newest(of, to, way.newest.as_ref()) {
        Ok(Some(newest)) => {
            let at = taken_at(&newest).and_then(|at| u32::try_from(at).ok()).map_or(0.0, f64::from);
            gauge(to).set(at);
            (way.newest, way.not_before) = (Some(newest), None);
        }
        Ok(None) => {}
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), target = %to, "the backup failed");
            if way.newest.is_none() {
                gauge(to).set(0.0);
            }
            way.not_before = Instant::now().checked_add(AGAIN);
        }
    }
}

fn gauge(to: &InStore) -> metrics::Gauge {
    metrics::gauge!("benhan_backup_last_success_timestamp_seconds", "target" => to.to_string())
}

/// The newest backup of the target, once it is there; nothing when that is known.
fn newest(
    (place, config, app): (&Place, &Config, &App),
    to: &InStore,
    known: Option<&PathBuf>,
) -> anyhow::Result<Option<PathBuf>> {
    let newest = finished(&config.backup.target)?.pop();
    let Some(newest) = newest.filter(|newest| Some(newest) != known) else { return Ok(None) };
    let bucket = app.buckets.open(to)?;
    let load = Load { data: &place.data_dir, folder: &newest, keys: Some(app.db.keys()) };
    let carried = carry(config, &bucket, &load).with_context(|| format!("{}", newest.display()))?;
    if !carried.before {
        tracing::info!(place = %to, images = carried.images, new = carried.new_images, "backup carried to a store");
        thin(config, &bucket)?;
    }
    Ok(Some(newest))
}
