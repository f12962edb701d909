//! The server's clockwork: live values each second, what falls due each half minute, a backup and the wards' downtime kits
//! when it is time.

use crate::admin::backup::{carrying, schedule};
use crate::cli::Place;
use crate::config::Config;
use benhan_server::App;
use benhan_server::app::downtime;
use benhan_server::upkeep::Upkeep;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Runs until `shutdown`; then the heads are still to be signed, once nothing writes any more.
pub fn start(
    place: &Place,
    config: &Config,
    app: &App,
    shutdown: &CancellationToken,
) -> anyhow::Result<JoinHandle<Upkeep>> {
    let heads_to = config.heads_to(place)?;
    let mut upkeep = Upkeep::new(app.clone()).stamping(config.timestamp.clone()).sending_heads(heads_to);
    let (hub, stop) = (Arc::clone(&app.hub), shutdown.clone());
    let flush = async move {
        let mut second = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = second.tick() => hub.flush(),
            }
        }
    };
    let stop = shutdown.clone();
    let rounds = async move {
        let mut look = interval(Duration::from_secs(30));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return upkeep,
                _ = look.tick() => { upkeep.round().await; }
            }
        }
    };
    let backups = schedule::run(place.clone(), config.clone(), shutdown.clone());
    let carried = carrying::run(place.clone(), config.clone(), app.clone(), shutdown.clone());
    let kits = kits(app.clone(), shutdown.clone());
    Ok(tokio::spawn(async move { tokio::join!(flush, rounds, backups, carried, kits).1 }))
}

/// Looks each half minute which ward's downtime kit is due, and at once when a password was set.
async fn kits(app: App, shutdown: CancellationToken) {
    let mut look = interval(Duration::from_secs(30));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = app.kits.due.notified() => {}
            _ = look.tick() => {}
        }
        let outcome = tokio::select! {
            () = shutdown.cancelled() => return,
            outcome = downtime::round(&app) => outcome,
        };
        if let Err(error) = outcome {
            tracing::error!(%error, "the downtime kits could not be looked after");
        }
    }
}
