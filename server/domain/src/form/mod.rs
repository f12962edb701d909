//! Forms as data: what a sheet of the record asks for, who answers for it, and what a filled one must hold.
//!
//! A form is a definition (a file of `server/forms`, or the hospital's own); a filled form is a map from field names to
//! JSON values, read by [`values::read`] and never trusted before. Deliberately absent: how it is printed or kept.

mod abbreviation;
mod calculation;
mod check;
mod definition;
mod field;
mod sample;
pub mod values;

#[cfg(test)]
mod tests;

pub use abbreviation::{Abbreviations, Expanded};
pub use calculation::Calculation;
pub use check::Flaw;
pub use definition::{FormDefinition, FormKind, Needed, Section, Signatory, SignatureSlot, SigningPolicy, SigningUnit};
pub use field::{Choice, Field, FieldKind, Prefill, Width};
pub use sample::sample;
