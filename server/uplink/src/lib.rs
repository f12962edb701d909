//! Reach the server from elsewhere and lose nothing when it is away.
//!
//! A message is kept in the [`Spool`] (SQLite, durable before the device is answered), waits in the
//! [`Outbox`], and is carried by the [`Courier`] to `/ingest`, in order per lane, until the server says that
//! it has committed it. What waits here for a person is told by the [`Reporter`]. [`GroupWriter`] is the one writer under all of it and serves other databases too.
//!
//! Not here: what a message means. The gateway reads messages, the bridge studies; this crate carries them.

mod attention;
mod backoff;
mod client;
mod config;
mod courier;
mod live;
pub mod outbox;
mod packing;
pub mod set_aside;
mod spool;
pub mod sqlite;
mod surroundings;
mod wire;
mod writer;

pub use attention::{Keeper, OpenItems, Reporter};
pub use client::{CallError, Client, ConnectError};
pub use config::UplinkConfig;
pub use courier::{Courier, Settle, Settled, Settlement};
pub use live::{LiveChannel, LiveFeed};
pub use outbox::{Kind, Outbox, Parcel};
pub use spool::{
    DuplicateWindow, Incoming, KeepError, Kept, Orphan, PartialId, ReceiptState, SetApart, Spool, SpoolStatus,
    StoredLane, StoredReceipt,
};
pub use surroundings::{Group, Surroundings};
pub use wire::{Answer, Answering, Wire};
pub use writer::{GroupWriter, StorageFailure, WriteError};
