//! Which files of a folder are written to their end: those whose size and time of change were the same at two looks,
//! far enough apart. Pure.

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What a look at the folder says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: OsString,
    pub size: u64,
    pub changed: Option<SystemTime>,
}

#[derive(Debug, Default)]
pub struct Settling {
    since: HashMap<OsString, (Seen, Instant)>,
}

impl Settling {
    /// The settled ones, by name. What is no longer there is forgotten.
    pub fn look(&mut self, files: Vec<Seen>, now: Instant, quiet: Duration) -> Vec<OsString> {
        let before = std::mem::take(&mut self.since);
        let mut settled = Vec::new();
        for file in files {
            let since = match before.get(&file.name) {
                Some((earlier, since)) if *earlier == file => *since,
                _ => now,
            };
            if now.duration_since(since) >= quiet && before.contains_key(&file.name) {
                settled.push(file.name.clone());
            }
            self.since.insert(file.name.clone(), (file, since));
        }
        settled.sort();
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_only_after_it_was_the_same_for_long_enough() {
        let quiet = Duration::from_secs(2);
        let start = Instant::now();
        let file = |size, changed| Seen {
            name: "kq.hl7".into(),
            size,
            changed: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(changed)),
        };
        let mut settling = Settling::default();
        let mut look =
            |files: Vec<Seen>, second| settling.look(files, start + Duration::from_secs(second), quiet).len();
        assert_eq!(look(vec![file(10, 1)], 0), 0, "seen once");
        assert_eq!(look(vec![file(20, 1)], 2), 0, "it grew");
        assert_eq!(look(vec![file(20, 2)], 4), 0, "written anew, to the same size");
        assert_eq!(look(vec![file(20, 2)], 5), 0, "too soon");
        assert_eq!(look(vec![file(20, 2)], 6), 1);
        assert_eq!(look(vec![], 8), 0);
        assert_eq!(look(vec![file(20, 2)], 10), 0, "another file of that name begins anew");
    }
}
