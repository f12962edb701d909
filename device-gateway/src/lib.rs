//! Devices in, deliveries out.
//!
//! A message is kept durably, then the device is answered; reading it is a second step that can be run
//! again. device → [`transport`] → driver over the codec → spool → answer, and then spool → [`normalise`] →
//! outbox → server. The gateway knows the server only through `benhan-contract` and `benhan-uplink`.
//!
//! Not here: whose the values are. The server decides that; nothing is ever matched or dropped here.

mod admission;
mod answer;
mod attention;
mod clock;
mod config;
mod driver;
mod gateway;
mod identity;
mod live;
pub mod normalise;
mod port;
pub mod profile;
mod reader;
pub mod simulate;
// Beside the other tests; in the crate, because it drives what nobody outside sees.
#[cfg(test)]
#[path = "../tests/simulation/mod.rs"]
mod simulation;
mod transport;
mod worklist;

pub use config::{DeviceEntry, GatewayConfig, ListenConfig, SerialLine};
pub use gateway::{Running, StartError, start, start_with};
pub use normalise::{Capture, ReadMessage, read_capture};
pub use port::{Flow, Parity, PortEntry, PortError, check_ports};
pub use profile::{Framing, Profile};
