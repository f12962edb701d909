//! The image library: datasets as received in `blobs/`, sealed and named by their hash, and a journal that says what they are.
//!
//! An instance goes through three doors: [`PartWriter`] (streamed, hashed, walked), the shelf (synced and renamed) and
//! the journal's transaction. Only behind the third is it acknowledged.

mod attention;
mod blob;
mod describe;
mod erase;
mod image_keys;
mod journal;
mod keep;
mod part;
mod read;
mod refusals;
mod schema;
mod scratch;
mod seal_older;
mod shelf;
mod stored;
mod sweep;
mod worklist_row;

pub(crate) use attention::{KeptApart, Open, TurnedAway, tell_anew};
pub(crate) use blob::Blob;
pub(crate) use erase::{files_of, forget, kept_apart, remove_files, set_apart};
pub(crate) use image_keys::ImageKeys;
pub(crate) use journal::Journal;
pub use journal::JournalError;
pub(crate) use keep::{Keep, Kept};
pub(crate) use part::{FileMeta, Part, PartError, PartWriter};
pub(crate) use read::{Quarantined, StoredInstance, Undelivered};
pub(crate) use refusals::RefusalRow;
pub(crate) use seal_older::seal_older;
pub use stored::{dataset_sha256, write_plain};
pub(crate) use sweep::{Places, prepare};
pub(crate) use worklist_row::WorklistRow;

/// The folders and the keys of what lies in them.
pub(crate) struct Library {
    pub(crate) places: Places,
    pub(crate) keys: ImageKeys,
}

/// What a reader of the journal is handed, and what it answers.
pub(crate) type JournalConnection = diesel::sqlite::SqliteConnection;
pub(crate) type JournalAnswer<T> = diesel::QueryResult<T>;
