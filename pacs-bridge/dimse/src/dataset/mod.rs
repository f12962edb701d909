//! Datasets of PS3.5: elements, without believing what they say about themselves.
//!
//! - [`Walker`] follows a dataset of any size as it streams by and keeps a few wanted values.
//! - [`parse`] reads a small, complete run of elements (a query, an image's header) as a tree.
//! - [`DatasetWriter`] writes small datasets: the answers to queries.
//!
//! Dictionaries, character sets and pixel codecs are not its business.

mod element;
mod encoding;
mod header;
mod tree;
mod walker;
mod writer;

pub use element::{Tag, Vr};
pub use encoding::Encoding;
pub use tree::{Element, TreeError, TreeLimits, Value, parse};
pub use walker::{PixelData, Summary, WalkError, WalkLimits, Walker};
pub use writer::DatasetWriter;
