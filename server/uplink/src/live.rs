//! The side channel of the ward board: latest values, at most once a second, best effort, never stored.

use crate::client::Client;
use benhan_contract::{LiveBatch, LiveSample};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The server need not hear more often than this.
const PERIOD: Duration = Duration::from_secs(1);
/// Values of more devices than any one gateway has; beyond it, new ones are dropped.
const MOST_SAMPLES: usize = 20_000;

type Latest = HashMap<(String, String, String, String), LiveSample>;

#[derive(Default)]
struct Shared {
    latest: Mutex<Latest>,
    bell: Notify,
}

/// Where drivers put values. Cheap to clone; never blocks on the network.
#[derive(Clone, Default)]
pub struct LiveChannel {
    shared: Arc<Shared>,
}

impl LiveChannel {
    /// Replaces the earlier value of the same device, place and code that has not been sent yet.
    pub fn offer(&self, samples: impl IntoIterator<Item = LiveSample>) {
        let mut latest = self.lock();
        for sample in samples {
            let place = sample.location.as_ref().map(|at| at.text.clone()).unwrap_or_default();
            let key = (sample.sender.address.clone(), sample.sender.application.clone(), place, sample.code.clone());
            if latest.len() < MOST_SAMPLES || latest.contains_key(&key) {
                latest.insert(key, sample);
            }
        }
        drop(latest);
        self.shared.bell.notify_one();
    }

    fn take(&self) -> Vec<LiveSample> {
        self.lock().drain().map(|(_, sample)| sample).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Latest> {
        self.shared.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that empties the channel.
pub struct LiveFeed {
    channel: LiveChannel,
    client: Client,
}

impl LiveFeed {
    #[must_use]
    pub fn new(channel: LiveChannel, client: Client) -> Self {
        Self { channel, client }
    }

    /// Runs until `shutdown`. A batch that does not arrive is gone: the next second brings newer values.
    pub async fn run(self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = self.channel.shared.bell.notified() => {}
                () = shutdown.cancelled() => return,
            }
            let started = tokio::time::Instant::now();
            let samples = self.channel.take();
            if !samples.is_empty()
                && let Err(cause) = self.client.post_live(&LiveBatch { samples }).await
            {
                tracing::debug!(%cause, "live values did not arrive");
            }
            tokio::select! {
                () = tokio::time::sleep_until(started + PERIOD) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }
}
