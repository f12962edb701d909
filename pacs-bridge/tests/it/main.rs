//! The bridge from outside: real sockets, real files, third-party tools and scripted peers.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests assert the blunt way"
)]

mod support;

mod attention;
mod dcmtk;
mod deliveries;
mod durability;
mod hostile;
mod memory;
mod pixels;
mod worklist;
