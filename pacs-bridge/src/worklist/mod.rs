//! The imaging worklist: pulled from the server, kept, matched and written as DICOM (PS3.4 annex K).

mod cache;
mod identifier;
mod matching;
mod name;

pub(crate) use cache::{WorklistCache, pull};
pub(crate) use identifier::{Query, QueryError};
