//! The laboratory worklist: pulled from the server, kept for the time without it, and asked by analyzers.
//!
//! It holds patients' names, and no more of them than have an open order: each pull replaces it whole, in memory and in
//! its file, which its owner alone can read.

mod cache;
mod file;
mod list;

pub use cache::Worklist;
pub use list::List;
