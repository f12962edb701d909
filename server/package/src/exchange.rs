//! The exchange files of a record: `HoSoBenhAn` (CV 365/TTYQG-GPQLCL) and the summary (table 8 of QĐ 130/QĐ-BYT).
//!
//! Pure: derived from [`Facts`] and the bodies, by whoever makes a package and by whoever verifies it. What the record
//! does not hold stays empty, as the schema asks; nothing is guessed.

mod groups;
mod node;
mod reading;
mod summary;
mod words;
mod xml;

pub use node::Node;
pub(crate) use node::{differs_in_json, differs_in_xml};
pub use reading::{Bodies, BodyError};

use crate::facts::Facts;

/// Root element of the whole record.
pub const RECORD: &str = "HoSoBenhAn";
/// Root element of table 8.
pub const SUMMARY: &str = "CHI_TIEU_DU_LIEU_TOM_TAT_HO_SO_BENH_AN";

/// The eleven groups, in order.
pub fn record(facts: &Facts, bodies: &Bodies) -> Node {
    groups::record(facts, bodies)
}

/// The summary of the stay.
pub fn summary(facts: &Facts, bodies: &Bodies) -> Node {
    summary::summary(facts, bodies)
}

/// UTF-8, indented.
pub fn to_xml(root: &'static str, node: &Node) -> Result<Vec<u8>, std::io::Error> {
    xml::write(root, node)
}

/// Indented, in the schema's order.
pub fn to_json(node: &Node) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec_pretty(&Node::Group(vec![(RECORD, node.clone())]))
}
