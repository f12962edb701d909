//! More messages than can be read: then reading gives way for a moment, so that devices have their answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Reading goes on after so long whatever comes in: a rush that never ends must not keep values from the wards.
const PAUSE: Duration = Duration::from_millis(250);

/// Counts what came in since reading last looked.
#[derive(Clone, Debug, Default)]
pub(super) struct Rush(Arc<AtomicUsize>);

impl Rush {
    pub(super) fn came(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// A step has read so many messages; when more came in meanwhile, what came can wait and the next ones cannot.
    pub(super) async fn give_way(&self, read: usize) {
        if self.0.swap(0, Ordering::Relaxed) > read {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn reading_pauses_only_while_more_comes_in_than_it_reads() {
        let rush = Rush::default();
        let begin = Instant::now();
        (0..200).for_each(|_| rush.came());
        rush.give_way(200).await;
        assert_eq!(begin.elapsed(), Duration::ZERO);
        (0..201).for_each(|_| rush.came());
        rush.give_way(200).await;
        assert_eq!(begin.elapsed(), PAUSE);
        rush.give_way(200).await;
        assert_eq!(begin.elapsed(), PAUSE, "the backlog is worked off without pause");
    }
}
