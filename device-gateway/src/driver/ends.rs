//! Messages of one sender that are acknowledged and whose end is not on disk yet: each waits for the one before it.
//!
//! A disk that is full for a while keeps several waiting, each in a connection of its own; whichever tried first when
//! there was room again would be first on the record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// Held while a message is ended. True: one before it was left to the next start, and so is this one.
pub type Turn = OwnedMutexGuard<bool>;

/// The queues of one channel, by address.
#[derive(Clone, Debug, Default)]
pub struct Ends(Arc<Mutex<HashMap<String, Queue>>>);

type Queue = Arc<tokio::sync::Mutex<bool>>;

impl Ends {
    /// In the order of the calls.
    pub async fn turn(&self, address: &str) -> Turn {
        let queue = {
            let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Senders that come and go cost no memory.
            queues.retain(|_, queue| Arc::strong_count(queue) > 1 || queue.try_lock().is_ok_and(|left| *left));
            Arc::clone(queues.entry(address.to_owned()).or_default())
        };
        queue.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn each_sender_has_a_queue_of_its_own_and_who_left_something_behind_is_remembered() {
        let ends = Ends::default();
        let mut first = ends.turn("10.0.9.1").await;
        assert!(ends.turn("10.0.9.1").now_or_never().is_none());
        assert!(ends.turn("10.0.9.2").now_or_never().is_some());
        *first = true;
        drop(first);
        assert!(*ends.turn("10.0.9.1").await);
        assert!(!*ends.turn("10.0.9.2").await);
    }
}
