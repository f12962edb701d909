//! Philips IntelliVue Data Export (X2, MP and MX series): numerics polled from a bedside monitor, over UDP port
//! 24105 or over the MIB/RS-232 port (115200 8N1).
//!
//! An association is requested and accepted; the monitor then reports its own creation with its two clocks, which
//! is confirmed; from then on it answers polls. Everything is big-endian. A result too long for one message
//! comes as linked results and one last result. Without a poll for ten seconds the monitor lets go.
//!
//! What is stored is a row of RS-232 frames, whatever the transport was: first the message with the monitor's
//! clocks, then the messages of one poll. So a record tells its own time.

mod attribute;
mod clock;
mod driver;
mod exchange;
mod float;
mod frame;
mod operation;
mod poll;
mod read;
mod recording;
mod request;
mod session;

pub use driver::{IntellivueDriver, Settings, Transport};
pub use float::Float;
pub use frame::{Decoder, Found, frame};
pub use read::read;
pub use recording::recording;

#[cfg(test)]
mod simulator;
#[cfg(test)]
mod tests;
