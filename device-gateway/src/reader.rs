//! The second step: reads what is stored and not yet read, in order, and puts the deliveries into the outbox.
//!
//! It can be run again at any time and gives the same, because it knows only the stored bytes and the profiles.

use crate::live;
use crate::normalise::{self, Readers};
use benhan_contract::DeviceDelivery;
use benhan_uplink::{LiveChannel, Spool};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const AT_ONCE: i64 = 200;
/// Deliveries of one step together, about; each one's bytes and readings count.
const STEP_BYTES: usize = 8 << 20;
/// After a disk error; a message is stored by then and only its reading waits.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

pub async fn run(spool: Spool, readers: Arc<Readers>, live: LiveChannel, shutdown: CancellationToken) {
    loop {
        match step(&spool, &readers, &live).await {
            Ok(0) => {
                tokio::select! {
                    biased;
                    () = shutdown.cancelled() => return,
                    () = spool.unread_rung() => {}
                }
            }
            Ok(_) if shutdown.is_cancelled() => return,
            Ok(_) => spool.give_way().await,
            Err(cause) => {
                tracing::error!(cause, "stored messages could not be read on");
                tokio::select! {
                    biased;
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(AFTER_FAILURE) => {}
                }
            }
        }
    }
}

async fn step(spool: &Spool, readers: &Arc<Readers>, live: &LiveChannel) -> Result<usize, String> {
    let stored = spool.unread(AT_ONCE).await.map_err(|cause| cause.to_string())?;
    if stored.is_empty() {
        return Ok(0);
    }
    let readers = Arc::clone(readers);
    // A message of megabytes takes milliseconds, which the connections need not feel.
    let reading = spool.surroundings().aside(move || {
        let (mut count, mut size, mut read) = (0, 0, Vec::new());
        for receipt in &stored {
            if size >= STEP_BYTES {
                break;
            }
            let deliveries = normalise::receipt(receipt, &readers);
            size += deliveries.iter().map(weight).sum::<usize>();
            count += 1;
            read.extend(deliveries.into_iter().map(|delivery| (receipt.stored_lane(), delivery)));
        }
        (count, read)
    });
    let (count, read) = reading.await.ok_or("the reading was cut off")?;
    for (_, delivery) in &read {
        live.offer(live::samples(delivery));
    }
    spool.normalised(read).await.map_err(|cause| cause.to_string())?;
    Ok(count)
}

fn weight(delivery: &DeviceDelivery) -> usize {
    let readings: usize = delivery.groups.iter().map(|group| group.readings.len()).sum();
    delivery.raw.len() + 512 * (readings + delivery.set_aside.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::incoming;
    use benhan_contract::Protocol;
    use benhan_uplink::Surroundings;

    #[tokio::test]
    async fn a_step_reads_on_only_as_far_as_its_deliveries_stay_small() {
        let dir = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(&dir.path().join("spool.db"), Surroundings::system()).unwrap();
        let readers = Arc::new(Readers::with(&[], "Asia/Ho_Chi_Minh").unwrap());
        for message in 0..20 {
            let patients: String = (0..60).map(|n| format!("PID|1||P{n}\rOBX|1|NM|K||{n}|||||||F\r")).collect();
            let text = format!("MSH|^~\\&|X||||||ORU^R01|{message}|P|2.6\r{patients}NTE|1||{}\r", "x".repeat(20_000));
            spool.keep(incoming(Protocol::Hl7, "mllp", "10.0.9.1", 1, true, text.into_bytes())).await.unwrap();
        }
        let mut steps = Vec::new();
        while let Ok(count) = step(&spool, &readers, &LiveChannel::default()).await {
            if count == 0 {
                break;
            }
            steps.push(count);
        }
        assert_eq!(steps.iter().sum::<usize>(), 20);
        assert!(steps.iter().all(|count| *count < 8), "{steps:?}");
    }
}
