//! The spool's disk: full for a while, or failing at the last moment; and what is left on it by a process that was
//! killed.
//!
//! Full is SQLite's own: the file may grow no further, and the statement that needs a page fails. What is not modelled
//! is a disk that lies about an fsync; with `synchronous=FULL` nobody is answered before it.

use super::world::Shared;
use benhan_uplink::Group;
use diesel::QueryResult;
use diesel::connection::SimpleConnection as _;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sqlite::SqliteConnection;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

const AT_MOST: &str = "PRAGMA max_page_count = 1";
const UNLIMITED: &str = "PRAGMA max_page_count = 1073741823";

impl Shared {
    /// Asked in each group of writes.
    pub fn writes(&self, group: Group, connection: &mut SqliteConnection) -> QueryResult<()> {
        if self.point(if group == Group::Begins { "a write" } else { "a commit" }) {
            return Err(refusal("the process is dead"));
        }
        let mut world = self.lock();
        let now = world.now();
        let chance = world.script.faults.disk;
        if group == Group::Commits {
            if world.chance(chance / 4) {
                world.note("a commit fails".to_owned());
                return Err(refusal("disk I/O error"));
            }
            return Ok(());
        }
        if now >= world.full_until && world.chance(chance) {
            let most = world.dice.pick(&[5, 60, 300]);
            world.full_until = now + Duration::from_secs(world.dice.between(1, most));
            world.note("the disk is full".to_owned());
        }
        let is_full = now < world.full_until && !world.calm;
        if is_full && world.dice.per_mille(300) {
            world.limited = false;
            return Err(refusal("database or disk is full"));
        }
        if is_full || world.limited {
            connection.batch_execute(if is_full { AT_MOST } else { UNLIMITED })?;
            world.limited = is_full;
        }
        Ok(())
    }
}

fn refusal(text: &str) -> Error {
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text.to_owned()))
}

/// The files as they stand at this instant, for the next life; behind the last commit the log may hold anything.
pub fn survive(from: &Path, to: &Path, garbage: &[u8]) {
    fs::create_dir_all(to).unwrap();
    for name in ["spool.db", "spool.db-wal"] {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
    let log = to.join("spool.db-wal");
    if log.exists() {
        OpenOptions::new().append(true).open(log).unwrap().write_all(garbage).unwrap();
    }
}
