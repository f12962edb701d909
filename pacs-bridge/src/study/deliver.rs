//! From a settled study to a parcel in the outbox: the parcel and the note that it was made commit together.

use crate::bridge::Bridge;
use crate::library::{JournalError, Undelivered};
use benhan_uplink::{Kind, Parcel, outbox};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const RETRY: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the delivery cannot be packed")]
    Pack(#[from] std::io::Error),
}

/// Tells the server of every study that settles, until `shutdown`.
pub(crate) async fn deliver_settled(bridge: Arc<Bridge>, shutdown: CancellationToken) {
    recover(&bridge).await;
    loop {
        let settled = tokio::select! {
            () = shutdown.cancelled() => return,
            settled = bridge.settler.settled() => settled,
        };
        for study in settled {
            if let Err(cause) = deliver(&bridge, &study).await {
                tracing::error!(study, %cause, "a settled study could not be put in the outbox; it is tried again");
                bridge.settler.later(study);
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Studies whose telling a stop or crash has cut off.
async fn recover(bridge: &Bridge) {
    match bridge.journal.read(Undelivered::study_uids).await {
        Ok(studies) => studies.into_iter().for_each(|study| bridge.settler.later(study)),
        Err(cause) => tracing::error!(%cause, "studies left untold by the last run cannot be read"),
    }
}

async fn deliver(bridge: &Bridge, study: &str) -> Result<(), DeliverError> {
    let id = bridge.surroundings.delivery_id();
    let uid = study.to_owned();
    let found = bridge.journal.read(move |connection| Undelivered::load(connection, &uid, id)).await?;
    let Some(Undelivered { delivery, changed }) = found else {
        return Ok(());
    };
    let instances: usize = delivery.series.iter().map(|series| series.instances.len()).sum();
    let parcel = Parcel::pack(id, Kind::Study, study, study, &delivery)?;
    let (uid, now) = (study.to_owned(), bridge.surroundings.now());
    bridge
        .journal
        .write(move |connection| {
            outbox::put(connection, &parcel, now)?;
            Undelivered::told(connection, &uid, changed)
        })
        .await?;
    bridge.journal.outbox().wake();
    tracing::info!(study, instances, delivery = %id.0, "a study has settled");
    Ok(())
}
