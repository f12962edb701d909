//! What this process is: everything on one box, or one of the three programs.

pub mod devices;
pub mod serve;
