//! Instruments that only print: a result as one text on the serial port, between STX and its end.
//!
//! What stands where is data, an [`Instrument`] each. An instrument stands here when two independent sources
//! agree on its fields; fields on which they do not agree are left out. Left out for want of a second source:
//! Sysmex CA, the histograms (`D2U`) and the date of Sysmex K-1000, and its RDW, PDW and P-LCR.
//!
//! Fixed and labelled texts carry no checksum: their length, their labels and the form of every number are all
//! that speaks for them, so a text that does not fit whole is not read at all.

mod driver;
mod frame;
mod instrument;
mod read;
mod recording;

pub use driver::PrinterDriver;
pub use frame::{Decoder, Found};
pub use instrument::Instrument;
pub use read::read;
pub use recording::recording;

#[cfg(test)]
mod tests;
