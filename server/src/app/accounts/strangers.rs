//! Names that are nobody's, counted like names that are somebody's: the fifth wrong password shuts either for a while,
//! so that the answer does not tell which names exist.
//!
//! Kept in memory, bounded, and as hashes: what people type there by mistake is often their password.

use benhan_domain::time::{Instant, MINUTE};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;

/// Names remembered; beyond it those whose time is up are forgotten first, then all.
const MOST: usize = 10_000;

#[derive(Clone, Copy)]
struct Tries {
    failed: i64,
    last: Instant,
    shut_until: Option<Instant>,
}

static TRIES: Mutex<Option<HashMap<[u8; 32], Tries>>> = Mutex::new(None);

/// Takes a try for this name; false while it is shut.
pub fn take_try(house: &[u8; 32], name: &str, now: Instant, settings: &crate::config::Settings) -> bool {
    let wait = settings.login_wait_minutes.saturating_mul(MINUTE);
    let key: [u8; 32] = Sha256::new().chain_update(house).chain_update(name).finalize().into();
    let Ok(mut held) = TRIES.lock() else { return false };
    let names = held.get_or_insert_default();
    if names.len() >= MOST {
        names.retain(|_, t| now.since(t.last) < wait);
        if names.len() >= MOST {
            names.clear();
        }
    }
    let tries = names.entry(key).or_insert(Tries { failed: 0, last: now, shut_until: None });
    if tries.shut_until.is_some_and(|until| until > now) {
        return false;
    }
    let failed = tries.failed.saturating_add(1);
    let shut = failed >= settings.login_tries;
    *tries = Tries { failed: if shut { 0 } else { failed }, last: now, shut_until: shut.then(|| now.plus(wait)) };
    true
}
