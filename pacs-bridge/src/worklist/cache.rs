//! The worklist as last pulled: in memory for answering, in the journal for the next start.

use crate::bridge::Bridge;
use crate::library::WorklistRow;
use benhan_contract::{Worklist, WorklistItem};
use benhan_uplink::{CallError, Client};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// A query is answered from what is at most so old, if the server says something newer soon enough.
const FRESH: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) struct WorklistCache {
    items: RwLock<Arc<Vec<WorklistItem>>>,
    client: Option<Client>,
    /// When the server last answered; held while asking, so that one question stands for many.
    asked: Mutex<Option<Instant>>,
}

impl WorklistCache {
    pub(crate) fn new(kept: Vec<WorklistItem>, client: Option<Client>) -> Self {
        Self { items: RwLock::new(Arc::new(kept)), client, asked: Mutex::new(None) }
    }

    /// What a query is answered from: fresh where the server is there, else as last pulled.
    pub(crate) async fn items(&self, bridge: &Bridge) -> Arc<Vec<WorklistItem>> {
        if let Ok(Err(cause)) = timeout(PATIENCE, self.refresh(bridge, FRESH)).await {
            tracing::warn!(%cause, "the worklist is answered as last pulled");
        }
        Arc::clone(&self.items.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn refresh(&self, bridge: &Bridge, age: Duration) -> Result<(), CallError> {
        let Some(client) = &self.client else {
            return Ok(());
        };
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|at| at.elapsed() < age) {
            return Ok(());
        }
        let pulled = client.worklist(&[]).await?;
        *asked = Some(Instant::now());
        self.keep(bridge, pulled).await;
        Ok(())
    }

    async fn keep(&self, bridge: &Bridge, pulled: Worklist) {
        let known = Arc::clone(&self.items.read().unwrap_or_else(PoisonError::into_inner));
        if *known == pulled.items {
            return;
        }
        let row = WorklistRow::new(bridge.surroundings.now(), &pulled);
        *self.items.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pulled.items);
        if let Err(cause) = bridge.journal.write(move |connection| row.replace(connection)).await {
            tracing::error!(%cause, "the worklist could not be kept for the next start");
        }
    }
}

/// Pulls from time to time, so that an outage finds the list recent.
pub(crate) async fn pull(bridge: Arc<Bridge>, every: Duration, shutdown: CancellationToken) {
    loop {
        if let Err(cause) = bridge.worklist.refresh(&bridge, FRESH).await {
            tracing::warn!(%cause, "the worklist could not be pulled");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}
