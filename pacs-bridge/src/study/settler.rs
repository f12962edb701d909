//! Quiet time: a study settles when no association that touched it is open and nothing came for a while.
//!
//! Only memory: what has settled but was not told is found again in the journal after a restart.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Some modalities keep an association open all day: a study in it settles after so many quiet times.
const OPEN_FACTOR: u32 = 12;

#[derive(Debug)]
pub(crate) struct Settler {
    quiet: Duration,
    studies: Mutex<HashMap<String, Activity>>,
    bell: Notify,
}

#[derive(Debug)]
struct Activity {
    open: BTreeSet<u64>,
    last: Instant,
}

impl Settler {
    pub(crate) fn new(quiet: Duration) -> Self {
        Self { quiet, studies: Mutex::default(), bell: Notify::new() }
    }

    /// An instance of the study was committed over this association.
    pub(crate) fn touched(&self, association: u64, study: &str) {
        let mut studies = self.lock();
        let activity = studies.entry(study.to_owned()).or_insert_with(Activity::now);
        activity.open.insert(association);
        activity.last = Instant::now();
        drop(studies);
        self.bell.notify_one();
    }

    /// The association has ended, well or badly.
    pub(crate) fn released(&self, association: u64) {
        let mut studies = self.lock();
        for activity in studies.values_mut() {
            if activity.open.remove(&association) {
                activity.last = Instant::now();
            }
        }
        drop(studies);
        self.bell.notify_one();
    }

    /// A study that is to be told (again) after a quiet time: found at start, or its telling failed.
    pub(crate) fn later(&self, study: String) {
        self.lock().entry(study).or_insert_with(Activity::now);
        self.bell.notify_one();
    }

    /// Waits until studies have settled, and lets go of them.
    pub(crate) async fn settled(&self) -> Vec<String> {
        loop {
            let (due, next) = self.due(Instant::now());
            if !due.is_empty() {
                return due;
            }
            match next {
                Some(at) => tokio::select! {
                    () = tokio::time::sleep_until(at) => {}
                    () = self.bell.notified() => {}
                },
                None => self.bell.notified().await,
            }
        }
    }

    fn due(&self, now: Instant) -> (Vec<String>, Option<Instant>) {
        let mut studies = self.lock();
        let at = |activity: &Activity| {
            let factor = if activity.open.is_empty() { 1 } else { OPEN_FACTOR };
            activity.last + self.quiet.saturating_mul(factor)
        };
        let ready: Vec<String> =
            studies.iter().filter(|(_, activity)| at(activity) <= now).map(|(study, _)| study.clone()).collect();
        for study in &ready {
            studies.remove(study);
        }
        (ready, studies.values().map(at).min())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Activity>> {
        self.studies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Activity {
    fn now() -> Self {
        Self { open: BTreeSet::new(), last: Instant::now() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_study_settles_five_seconds_after_its_last_association() {
        let settler = Settler::new(Duration::from_secs(5));
        let begin = Instant::now();
        settler.touched(1, "1.2.3");
        settler.touched(2, "1.2.3");
        settler.released(1);
        tokio::time::advance(Duration::from_secs(20)).await;
        settler.released(2);
        assert_eq!(settler.settled().await, ["1.2.3"]);
        assert_eq!(begin.elapsed(), Duration::from_secs(25));
    }

    #[tokio::test(start_paused = true)]
    async fn an_association_that_stays_open_does_not_hold_a_study_for_ever() {
        let settler = Settler::new(Duration::from_secs(5));
        let begin = Instant::now();
        settler.touched(1, "1.2.3");
        assert_eq!(settler.settled().await, ["1.2.3"]);
        assert_eq!(begin.elapsed(), Duration::from_secs(60));
        // A later image of the same study is news again.
        settler.touched(1, "1.2.3");
        settler.released(1);
        assert_eq!(settler.settled().await, ["1.2.3"]);
    }
}
