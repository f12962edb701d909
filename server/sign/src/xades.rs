//! Signed XML (XML-DSig, XAdES-B-LT by ETSI EN 319 132-1): one enveloped signature over the whole document.
//!
//! No crate for it is kept well enough to be believed with a record, so the part that is needed is written here: a strict
//! reader (`tree`), exclusive canonicalization (`canonical`), the signature's form (`form`, `read`). What lies outside of
//! that part, document types, entities, comments, other transforms, is refused and never guessed at.

mod canonical;
mod form;
mod problem;
mod read;
mod sign;
mod tree;
mod verify;

#[cfg(test)]
mod tests;

pub use problem::XmlProblem;
pub use sign::{add_stamp, request_stamp, sign_enveloped, without_signature};
pub use verify::verify_xml;

/// Namespace of XML-DSig.
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Namespace of XAdES 1.3.2, which holds what EN 319 132-1 asks for at this level.
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
