//! Accepting connections: one task each, a bounded number of them.

use super::association::Association;
use crate::bridge::Bridge;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections beyond the associations: enough to tell each latecomer why.
const EXTRA_CONNECTIONS: usize = 64;

/// Accepts until `shutdown`, then waits for the associations to end.
pub(crate) async fn listen(listener: TcpListener, bridge: Arc<Bridge>, shutdown: CancellationToken) {
    let tasks = TaskTracker::new();
    let most = bridge.config.max_associations.saturating_add(EXTRA_CONNECTIONS);
    let connections = Arc::new(Semaphore::new(most));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(cause) => {
                // Out of descriptors, or a peer gone between SYN and accept: the listener itself is sound.
                tracing::warn!(%cause, "a connection could not be accepted");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(turn) = Arc::clone(&connections).try_acquire_owned() else {
            tracing::warn!(peer = %address.ip(), "too many connections; one was closed unanswered");
            continue;
        };
        let association = Association::new(Arc::clone(&bridge), address, shutdown.clone());
        tasks.spawn(async move {
            association.run(stream).await;
            drop(turn);
        });
    }
    tasks.close();
    tasks.wait().await;
}
