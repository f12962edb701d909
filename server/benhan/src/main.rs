//! `benhan`: parse the command, do it, say how it ended. Exit 0, 1 (it failed) or 2 (used wrongly).

mod admin;
mod cli;
mod config;
mod data_dir;
mod demo;
mod identity;
mod observe;
mod own_forms;
mod role;
mod say;
mod tls;

use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// The C library's own keeps what many threads free, and took a fifth of the time of a write. SQLite and the other C
/// code come here too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let asked = cli::Cli::parse();
    match cli::run(asked) {
        Ok(code) => code,
        Err(error) => {
            say::error(&format!("benhan: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
