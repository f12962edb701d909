//! Time and randomness, handed in so that a test can hold them still.

use benhan_contract::{DeliveryId, Micros};
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

type Clock = dyn Fn() -> Micros + Send + Sync;
type Dice = dyn Fn() -> u64 + Send + Sync;

/// The clock and the dice of this program.
#[derive(Clone)]
pub struct Surroundings {
    clock: Arc<Clock>,
    dice: Arc<Dice>,
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
        Self { clock: Arc::new(clock), dice: Arc::new(dice) }
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
