//! A time stamp for the signature that was made last (PAdES-B-T), into the room that signing left for it.
//!
//! No signed byte changes: the hole of a signature is what the signature itself does not cover. A later
//! signature covers that hole, so an earlier one is never stamped any more.

use lopdf::Document;

use super::document::{open, with_deep_stack};
use super::verify::{Found, Range, signatures, unpadded};
use super::{PadesError, Unreadable};
use crate::cms;
use crate::timestamp::{Stamp, StampRequest};

/// Asks for a time stamp over the value of the signature that was made last.
///
/// # Errors
/// [`PadesError`]
pub fn request_stamp(pdf: &[u8]) -> Result<StampRequest, PadesError> {
    with_deep_stack(|| {
        let (found, _) = last(pdf, &open(pdf)?)?;
        let signature = found.contents().and_then(unpadded).ok_or(Unreadable::Broken)?;
        Ok(cms::request_stamp(signature)?)
    })?
}

/// Puts the time stamp beside the value of that signature.
///
/// # Errors
/// [`PadesError::Refused`] where no room was left ([`super::PdfSignature::room_for_time_stamp`]).
pub fn add_stamp(pdf: &[u8], stamp: &Stamp) -> Result<Vec<u8>, PadesError> {
    with_deep_stack(|| {
        let (found, range) = last(pdf, &open(pdf)?)?;
        let signature = found.contents().and_then(unpadded).ok_or(Unreadable::Broken)?;
        let stamped = hex::encode_upper(cms::with_stamp(signature, stamp, &[])?);
        let mut bytes = pdf.to_vec();
        // The hole includes its angle brackets.
        let hole = bytes.get_mut(range.before + 1..range.after.saturating_sub(1)).unwrap_or_default();
        let place = hole.get_mut(..stamped.len()).ok_or(PadesError::Refused("no room was left for a time stamp"))?;
        place.copy_from_slice(stamped.as_bytes());
        Ok(bytes)
    })?
}

/// The signature whose range ends last.
pub(super) fn last(pdf: &[u8], document: &Document) -> Result<(Found, Range), PadesError> {
    let found = signatures(document).into_iter().filter_map(|found| found.covered(pdf).map(|range| (found, range)));
    found.max_by_key(|(_, range)| range.end).ok_or(PadesError::Refused("it carries no signature that covers it"))
}
