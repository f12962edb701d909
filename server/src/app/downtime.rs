//! The downtime kit (bộ hồ sơ dự phòng): what a ward works from while the server is away. Made by the clock, locked with
//! the ward's password, and kept where the ward reaches it without the server.
//!
//! It is a copy in passing and no part of the record: signed by nobody, replaced by the next one. `kits` keeps the files.

mod content;
mod making;
mod managing;
mod password;
mod taking;

pub use making::round;
pub use managing::{NewToken, issue_token, overview, revoke_token, set_password};
pub use taking::{Fetched, fetch, take};
