//! The spool and the courier from outside: a real file, a real socket, a scripted server.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says bluntly what went wrong"
)]

mod attention;
mod courier;
mod server;
mod spool;
