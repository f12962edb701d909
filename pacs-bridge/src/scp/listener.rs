//! Accepting connections: one task each, a bounded number of them.

use super::association::Association;
use super::seats::Seats;
use crate::bridge::Bridge;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections beyond the associations: enough to tell each latecomer why.
const EXTRA_CONNECTIONS: usize = 64;
/// A modality opens several associations, and may be told about each that is too many.
const FEWEST_OF_ONE: usize = 8;

/// Accepts until `shutdown`, then waits for the associations to end.
pub(crate) async fn listen(listener: TcpListener, bridge: Arc<Bridge>, shutdown: CancellationToken) {
    let tasks = TaskTracker::new();
    let most = bridge.config.max_associations.saturating_add(EXTRA_CONNECTIONS);
    // A quarter of the associations stays for others; a forwarding archive needs no more than the rest.
    let of_one = bridge.config.max_associations.saturating_mul(3).div_ceil(4).max(FEWEST_OF_ONE);
    let seats = Seats::new(most, of_one);
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
        let peer = address.ip().to_canonical();
        if !bridge.admission.may_call(peer) {
            tracing::warn!(%peer, "a connection was closed: no peer may call from this address");
            continue;
        }
        let Some(turn) = seats.take(peer) else {
            tracing::warn!(%peer, "too many connections; one was closed unanswered");
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
