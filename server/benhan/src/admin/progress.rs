//! How far a command with a whole record is, for whoever waits at the terminal.

use crate::say;
use benhan_store::transfer::{Doing, Progress};
use std::time::{Duration, Instant};

/// A line a table, and one every few seconds of a long one.
#[derive(Default)]
pub struct Shown {
    last: Option<Instant>,
}

impl Shown {
    /// `word`: what is done with the rows, before they are compared.
    pub fn tell(&mut self, word: &str, progress: Progress<'_>) {
        let Progress { doing, table, done, of } = progress;
        let ended = doing == Doing::Copying && done == of && of > 0;
        let due = self.last.is_none_or(|last| last.elapsed() > Duration::from_secs(2));
        let worth_it = ended || (due && done > 0);
        if !worth_it {
            return;
        }
        self.last = Some(Instant::now());
        let word = if doing == Doing::Copying { word } else { "compared" };
        say::error(&format!("{word} {table}: {done} of {of} rows"));
    }
}
