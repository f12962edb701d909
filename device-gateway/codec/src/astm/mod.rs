//! ASTM: the link that carries frames (E1381, now CLSI LIS01-A2) and the records in them (E1394, LIS02-A2).

pub mod frame;
pub mod record;
mod write;

pub use write::{LARGEST, Writer};
