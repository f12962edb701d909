//! Devices that are not there: a bedside monitor and an analyzer that talk to the gateway over the real
//! protocols.
//!
//! They share no code with the codec on purpose: they make their own bytes, so a mistake in the one is not
//! hidden by the same mistake in the other.

mod analyzer;
mod monitor;
mod physiology;

pub use analyzer::{Analyzer, AnalyzerKind, analyze};
pub use monitor::{Monitor, run_monitor};
