//! GE / Datex-Ohmeda Record Interface, as S/5, Carescape B450 to B850 and B20 to B125 monitors speak it on their
//! computer interface (19200 8E1, RTS/CTS; documents 8005313 and M1017617).
//!
//! A frame is `7E record checksum 7E`; inside it 7E is sent as `7D 5E` and 7D as `7D 5D`. The checksum is the
//! sum of the record's bytes modulo 256. A record has a header of 40 bytes with up to eight subrecords, all
//! little-endian. The monitor sends by itself once it was asked; nothing is acknowledged.

mod alarm;
mod driver;
mod frame;
mod group;
mod layout;
mod read;
mod record;
mod recording;
mod request;

pub use driver::{DriDriver, Settings};
pub use frame::{Decoder, Found, frame};
pub use read::read;
pub use record::{Fault, Record};
pub use recording::recording;

#[cfg(test)]
mod simulator;
#[cfg(test)]
mod tests;
