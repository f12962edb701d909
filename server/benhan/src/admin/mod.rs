//! Commands of the hospital's IT person, one a file.

pub mod audit;
pub mod backup;
pub mod decode_worker;
pub mod restore;
pub mod simulate;
pub mod verify;
