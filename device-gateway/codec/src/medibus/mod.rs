//! Dräger MEDIBUS (revision 4.03 and later, MEDIBUS.X): what ventilators, anaesthesia workplaces and
//! incubators of Dräger say on their serial port. 9600 to 38400 baud, 8E1 or 8N1, as the device is set.
//!
//! Both sides send commands and both must answer. A command is `ESC code argument checksum CR`, an answer
//! `SOH code data checksum CR`; the checksum is the sum of the bytes before it, modulo 256, as two hexadecimal
//! digits. A command may stand in the midst of an answer; each has a checksum of its own. Curve data have bit 7
//! set, may stand anywhere, and are skipped: curves are not charted.

mod driver;
mod frame;
mod message;
mod read;
mod recording;
mod round;
mod table;

pub use driver::{MedibusDriver, Settings};
pub use frame::{Decoder, Found, Frame, Kind, command, response};
pub use read::read;
pub use recording::recording;

/// No operation: nothing to say, still there.
pub const NOP: u8 = 0x30;
/// Initialise communication.
pub const ICC: u8 = 0x51;
pub const STOP: u8 = 0x55;
pub const MEASURED_PAGE_1: u8 = 0x24;
pub const ALARMS_PAGE_1: u8 = 0x27;
pub const DATE_TIME: u8 = 0x28;
pub const TEXTS: u8 = 0x2A;
pub const MEASURED_PAGE_2: u8 = 0x2B;
pub const ALARMS_PAGE_2: u8 = 0x2E;
pub const CONFIGURE_DATA: u8 = 0x4A;
pub const DEVICE_ID: u8 = 0x52;
/// The answer's code to a damaged command.
pub const NAK: u8 = 0x15;

#[cfg(test)]
mod simulator;
#[cfg(test)]
mod tests;
