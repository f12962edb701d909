//! Time, randomness and threads, handed in so that a test can hold them still.

use benhan_contract::{DeliveryId, Micros};
use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

type Clock = dyn Fn() -> Micros + Send + Sync;
type Dice = dyn Fn() -> u64 + Send + Sync;
/// Asked twice in each group of writes; an error loses the group, as an error of the real disk does.
pub(crate) type Disk = dyn Fn(Group, &mut SqliteConnection) -> QueryResult<()> + Send + Sync;

/// How far a group of writes has come when the disk is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The transaction is open and nothing is written.
    Begins,
    /// All is written; the COMMIT comes next.
    Commits,
}

/// The clock and the dice of this program.
#[derive(Clone)]
pub struct Surroundings {
    clock: Arc<Clock>,
    dice: Arc<Dice>,
    in_place: Option<Arc<Disk>>,
}

impl Surroundings {
    /// The machine's clock and the operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self::new(system_micros, rand::random::<u64>)
    }

    pub fn new(
        clock: impl Fn() -> Micros + Send + Sync + 'static,
        dice: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        Self { clock: Arc::new(clock), dice: Arc::new(dice), in_place: None }
    }

    /// Everything in the thread of a runtime that has only one: what blocks is done where it is asked for, and `disk`
    /// may refuse each group of writes. So one seed is one run; no program that serves anybody wants it.
    #[must_use]
    pub fn in_place(
        self,
        disk: impl Fn(Group, &mut SqliteConnection) -> QueryResult<()> + Send + Sync + 'static,
    ) -> Self {
        Self { in_place: Some(Arc::new(disk)), ..self }
    }

    pub(crate) fn disk(&self) -> Option<Arc<Disk>> {
        self.in_place.clone()
    }

    /// Does what would block the async threads, elsewhere. Nothing: it panicked, or the runtime is ending.
    pub async fn aside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        match self.in_place {
            Some(_) => Some(work()),
            None => tokio::task::spawn_blocking(work).await.ok(),
        }
    }

    /// Microseconds since the epoch, UTC.
    #[must_use]
    pub fn now(&self) -> Micros {
        (self.clock)()
    }

    #[must_use]
    pub fn random(&self) -> u64 {
        (self.dice)()
    }

    /// A fresh UUIDv7 for this instant.
    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        let millis = u64::try_from(self.now() / 1000).unwrap_or(0);
        let mut random = [0u8; 10];
        let words = [self.random().to_le_bytes(), self.random().to_le_bytes()];
        for (slot, byte) in random.iter_mut().zip(words.iter().flatten()) {
            *slot = *byte;
        }
        DeliveryId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}

fn system_micros() -> Micros {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| Micros::try_from(since.as_micros()).ok())
        .unwrap_or(0)
}
