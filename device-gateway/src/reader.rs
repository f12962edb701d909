//! The second step: reads what is stored and not yet read, in order, and puts the deliveries into the outbox.
//!
//! It can be run again at any time and gives the same, because it knows only the stored bytes and the profiles.

use crate::live;
use crate::normalise::{self, Readers};
use benhan_uplink::{LiveChannel, Spool};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const AT_ONCE: i64 = 200;
/// After a disk error; a message is stored by then and only its reading waits.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

pub async fn run(spool: Spool, readers: Arc<Readers>, live: LiveChannel, shutdown: CancellationToken) {
    loop {
        match step(&spool, &readers, &live).await {
            Ok(0) => {
                tokio::select! {
                    () = spool.unread_rung() => {}
                    () = shutdown.cancelled() => return,
                }
            }
            Ok(_) if shutdown.is_cancelled() => return,
            Ok(_) => {}
            Err(cause) => {
                tracing::error!(cause, "stored messages could not be read on");
                tokio::select! {
                    () = tokio::time::sleep(AFTER_FAILURE) => {}
                    () = shutdown.cancelled() => return,
                }
            }
        }
    }
}

async fn step(spool: &Spool, readers: &Arc<Readers>, live: &LiveChannel) -> Result<usize, String> {
    let stored = spool.unread(AT_ONCE).await.map_err(|cause| cause.to_string())?;
    let count = stored.len();
    if count == 0 {
        return Ok(0);
    }
    let readers = Arc::clone(readers);
    // A message of megabytes takes milliseconds, which the connections need not feel.
    let read = tokio::task::spawn_blocking(move || {
        stored
            .iter()
            .flat_map(|receipt| {
                let lane = receipt.stored_lane();
                normalise::receipt(receipt, &readers).into_iter().map(move |delivery| (lane.clone(), delivery))
            })
            .collect::<Vec<_>>()
    })
    .await
    .map_err(|cause| cause.to_string())?;
    for (_, delivery) in &read {
        live.offer(live::samples(delivery));
    }
    spool.normalised(read).await.map_err(|cause| cause.to_string())?;
    Ok(count)
}
