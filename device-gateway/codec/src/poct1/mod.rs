//! POCT1-A2 device messaging: glucose meters, blood gas and immunoassay readers at the bedside talk to the
//! gateway in small XML documents over TCP. We are the data manager of the standard; the device connects.
//!
//! Values stand in the attribute `V`. Documents follow each other without any framing, so the end of a document
//! is the end of its root. Document type declarations and entities of one's own are refused: devices have none,
//! attackers do.

mod document;
mod driver;
mod message;
mod read;
mod recording;
mod reply;
mod splitter;

pub use document::{Element, Fault};
pub use driver::{Poct1Driver, Settings};
pub use read::read;
pub use recording::recording;
pub use splitter::{Found, Splitter};

#[cfg(test)]
mod tests;
