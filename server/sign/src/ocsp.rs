//! Asking an issuer's responder about one certificate (OCSP, RFC 6960): the question, and the answer as received.
//!
//! No network here: bytes are carried by the caller. An answer is walked in place like a revocation list, since its
//! signature is over the bytes as they came; what it says counts only where the issuer, or whom the issuer appointed for
//! answering, signed it.

mod answer;
mod problem;
mod request;

#[cfg(test)]
mod tests;

use const_oid::ObjectIdentifier;

pub use answer::OcspAnswer;
pub(crate) use answer::Said;
pub use problem::OcspError;
pub use request::OcspRequest;

/// id-pkix-ocsp-basic
const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// id-pkix-ocsp-nonce
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
/// id-pkix-ocsp-nocheck
const NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
/// id-ri-ocsp-response (RFC 5940): how CMS names an answer among its revocation information.
pub(crate) const IN_CMS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.16.2");
