//! PAdES: signatures inside PDF files (ISO 32000-1 section 12.8, ETSI EN 319 142-1).
//!
//! Signing appends one revision and changes no earlier byte, so every earlier signature keeps
//! covering what it covered. Three steps make a signature that lasts: [`sign`] (B-B), [`add_stamp`] with
//! the answer to [`request_stamp`] (B-T), [`add_evidence`] (B-LT). Verifying reads the file strictly (no repair), and accepts between two
//! signatures nothing but the addition of signatures and their evidence.

mod attachment;
mod changes;
mod document;
mod increment;
mod long_term;
mod security_store;
mod sign;
mod stamp;
mod store;
mod verify;

#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::cms::SignError;
use crate::key::KeyError;

pub use attachment::AttachmentReport;
pub use document::{MAX_PDF, Unreadable};
pub use long_term::add_evidence;
pub use sign::{PdfSignature, sign};
pub use stamp::{add_stamp, request_stamp};
pub use verify::{Coverage, PdfReport, PdfSignatureReport, verify_pdf};

/// A PDF could not be signed.
#[derive(Debug, Error)]
pub enum PadesError {
    /// Not a PDF that can be read strictly and within bounds.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The PDF forbids further signatures, or has no page.
    #[error("the PDF cannot take a signature: {0}")]
    Refused(&'static str),
    /// The signature could not be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// An object could not be written.
    #[error("the PDF could not be written: {0}")]
    Write(#[from] std::io::Error),
}

impl From<KeyError> for PadesError {
    fn from(error: KeyError) -> Self {
        Self::Sign(error.into())
    }
}
