//! A steady load: so many a second over all connections, spread evenly.

use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// When one of `connections` sends; without a rate, at once.
#[derive(Debug)]
pub struct Pace(Option<Interval>);

impl Pace {
    #[must_use]
    pub fn of(rate: Option<f64>, connections: usize, mine: usize) -> Self {
        let [all, mine] = [connections, mine].map(|n| f64::from(u32::try_from(n).unwrap_or(u32::MAX)));
        Self(rate.map(|rate| {
            let every = Duration::from_secs_f64(all.max(1.0) / rate.max(0.01));
            let mut ticks = interval_at(Instant::now() + every.mul_f64(mine / all.max(1.0)), every);
            // A server that stood still is not punished with what it missed.
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        }))
    }

    pub async fn turn(&mut self) {
        if let Some(ticks) = &mut self.0 {
            ticks.tick().await;
        }
    }
}
