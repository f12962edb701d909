//! How bytes come in: TCP listeners and serial lines.

pub mod serial;
pub mod tcp;
