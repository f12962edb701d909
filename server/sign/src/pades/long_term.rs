//! Everything that proves a signature good, into the file itself (PAdES-B-LT): one more revision with
//! certificates and revocation lists, for the day when nobody is left to ask for them.

use super::document::{open, with_deep_stack};
use super::increment::Increment;
use super::stamp::last;
use super::store::{put_catalog, put_store};
use super::{PadesError, Unreadable};
use crate::evidence::Evidence;

/// Adds what proves the signature that was made last: the evidence of its signer, and of the authority
/// of its time stamp. The given bytes are a prefix of the result.
///
/// # Errors
/// [`PadesError`]
pub fn add_evidence(pdf: &[u8], evidence: &[&Evidence]) -> Result<Vec<u8>, PadesError> {
    with_deep_stack(|| {
        let document = open(pdf)?;
        let (found, _) = last(pdf, &document)?;
        let contents = found.contents().ok_or(Unreadable::Broken)?;
        let mut catalog = document.catalog().map_err(|_| Unreadable::Broken)?.clone();
        let mut increment = Increment::new(pdf, &document);
        put_store(&mut increment, &document, &mut catalog, evidence, Some(contents))?;
        put_catalog(&mut increment, &document, catalog)?;
        Ok(increment.finish()?.bytes)
    })?
}
