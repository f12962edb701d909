//! What the program says to the person who typed the command.

use std::io::Write;

/// A pipe that was closed early is no error of ours.
pub fn line(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

pub fn error(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}
