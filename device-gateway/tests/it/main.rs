//! The gateway from outside: real sockets, a real serial line, a scripted server behind it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says bluntly what went wrong"
)]

mod astm;
mod attention;
mod bedside;
mod mllp;
mod outage;
mod plug;
mod ports;
mod post;
mod query;
mod query_astm;
mod query_hl7;
mod samples;
mod ser2net;
#[path = "../../../server/uplink/tests/it/server.rs"]
mod server;
mod support;
mod tls;
