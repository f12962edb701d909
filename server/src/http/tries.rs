//! Wrong logins of one address: who tries name after name is slowed down before any account is shut.
//!
//! Kept in memory and bounded; a ward behind one address has room for many mistyped passwords.

use super::error::Failure;
use crate::app::AppError;
use crate::app::error::Kind;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Failures of one address within [`WINDOW`].
const MOST: u32 = 50;
const WINDOW: Duration = Duration::from_secs(600);
/// Addresses remembered; beyond it those whose time is up are forgotten first, then all.
const ADDRESSES: usize = 10_000;

#[derive(Default)]
pub struct Tries {
    failed: Mutex<HashMap<IpAddr, (u32, Instant)>>,
}

impl Tries {
    /// Refuses an address that has failed too often lately, before a password is hashed for it.
    pub fn may_try(&self, from: Option<IpAddr>) -> Result<(), Failure> {
        if self.count(from, Instant::now()) < MOST {
            return Ok(());
        }
        let detail = "Máy này đã nhập sai quá nhiều lần: chờ 10 phút rồi thử lại, hoặc gọi quản trị.";
        Err(AppError::refused(Kind::TooMany, "too-many-tries", detail).into())
    }

    pub fn failed(&self, from: Option<IpAddr>) {
        self.note(from, Instant::now());
    }

    fn count(&self, from: Option<IpAddr>, now: Instant) -> u32 {
        let (Some(from), Ok(failed)) = (from, self.failed.lock()) else { return 0 };
        failed.get(&from).filter(|(_, since)| now.duration_since(*since) < WINDOW).map_or(0, |(n, _)| *n)
    }

    fn note(&self, from: Option<IpAddr>, now: Instant) {
        let (Some(from), Ok(mut failed)) = (from, self.failed.lock()) else { return };
        if failed.len() >= ADDRESSES {
            failed.retain(|_, (_, since)| now.duration_since(*since) < WINDOW);
            if failed.len() >= ADDRESSES {
                failed.clear();
            }
        }
        let entry = failed.entry(from).or_insert((0, now));
        if now.duration_since(entry.1) >= WINDOW {
            *entry = (0, now);
        }
        entry.0 = entry.0.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_fails_too_often_waits_and_no_other_does() {
        let (tries, now) = (Tries::default(), Instant::now());
        let (bad, good) = (Some(IpAddr::from([10, 0, 0, 9])), Some(IpAddr::from([10, 0, 0, 1])));
        for _ in 0..MOST {
            assert!(tries.may_try(bad).is_ok());
            tries.note(bad, now);
        }
        assert!(tries.may_try(bad).is_err());
        assert!(tries.may_try(good).is_ok());
        assert_eq!(tries.count(bad, now + WINDOW), 0, "and it is over after ten minutes");
    }
}
