//! More messages than can be read: then reading gives way for a moment, so that devices have their answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Reading goes on after so long whatever comes in: a rush that never ends must not keep values from the wards.
const PAUSE: Duration = Duration::from_millis(250);
/// So many within one step of reading are no ward at work: forty monitors that send in the same second are forty.
const MANY: usize = 200;

/// Counts what came in since reading last looked.
#[derive(Clone, Debug, Default)]
pub(super) struct Rush(Arc<AtomicUsize>);

impl Rush {
    pub(super) fn came(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// After a step of reading: when many came in meanwhile, what is stored can wait and the next ones cannot.
    pub(super) async fn give_way(&self) {
        if self.0.swap(0, Ordering::Relaxed) > MANY {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    /// How long reading waits after a step in which so many came.
    async fn pause_after(rush: &Rush, came: usize) -> Duration {
        (0..came).for_each(|_| rush.came());
        let begin = Instant::now();
        rush.give_way().await;
        begin.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_ward_at_work_never_waits_and_a_rush_does_until_it_ends() {
        let rush = Rush::default();
        assert_eq!(pause_after(&rush, 1).await, Duration::ZERO);
        assert_eq!(pause_after(&rush, 80).await, Duration::ZERO, "two wards send in one second");
        assert_eq!(pause_after(&rush, 3_000).await, PAUSE);
        assert_eq!(pause_after(&rush, 0).await, Duration::ZERO, "the backlog is worked off without pause");
    }
}
