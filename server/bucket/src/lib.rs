//! Objects in an S3 store: put whole or not at all, read, listed, removed. What they mean is other crates' business.
//!
//! Everything here blocks, on threads that may. Requests are signed in their URL, by a signature that is good for minutes;
//! no URL gets into an error or a log. A store is believed nothing: what it sends is bounded and, where it matters, hashed
//! by who asked.

mod bucket;
mod call;
mod get;
mod list;
mod place;
mod put;
mod trouble;
mod xml;

pub use bucket::{Bucket, Store, is_here};
pub use list::Object;
pub use place::{BadPlace, Place, SCHEME};
pub use put::{New, PART};
pub use secrecy::SecretString;
pub use tokio_util::sync::CancellationToken;
pub use trouble::Trouble;
