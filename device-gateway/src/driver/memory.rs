//! The memory that unfinished messages may hold together. A connection's first 64 KiB are free; beyond them
//! it takes a share of a common pool, and waits when others have taken it all: then its device waits too.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// KiB for all connections of one channel together.
const POOL: usize = 12 << 10;
const FREE: usize = 64 << 10;

#[derive(Clone, Debug)]
pub struct Pool(Arc<Semaphore>);

impl Default for Pool {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(POOL)))
    }
}

#[cfg(test)]
impl Pool {
    /// KiB.
    pub fn taken(&self) -> usize {
        POOL - self.0.available_permits()
    }
}

/// One connection's part of the pool.
#[derive(Debug)]
pub struct Share {
    pool: Pool,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    pub fn of(pool: &Pool) -> Self {
        Self { pool: pool.clone(), held: None }
    }

    /// Waits until so many bytes of an unfinished message are covered.
    pub async fn cover(&mut self, bytes: usize) {
        let wanted = bytes.saturating_sub(FREE).div_ceil(1024);
        let missing = wanted.saturating_sub(self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        let Some(missing) = u32::try_from(missing).ok().filter(|missing| *missing > 0) else {
            return;
        };
        // The pool is never closed.
        if let Ok(more) = Arc::clone(&self.pool.0).acquire_many_owned(missing).await {
            match self.held.as_mut() {
                Some(held) => held.merge(more),
                None => self.held = Some(more),
            }
        }
    }

    /// The message is stored or gone.
    pub fn release(&mut self) {
        self.held = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn a_message_waits_until_another_has_gone() {
        let pool = Pool::default();
        let mut large = Share::of(&pool);
        large.cover(FREE + (POOL << 10)).await;
        let mut small = Share::of(&pool);
        small.cover(FREE).await;
        assert!(small.cover(FREE + 1).now_or_never().is_none());
        large.release();
        assert!(small.cover(FREE + 1).now_or_never().is_some());
    }
}
