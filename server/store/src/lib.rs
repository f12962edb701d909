//! The record's database, SQLite or PostgreSQL: how things are kept, and nothing about who may or why.
//!
//! Reads take a [`Conn`], writes take a [`Tx`], so a write outside a transaction does not compile; what
//! touches a patient also takes the permit that the policy returned. Start with [`db`].

pub mod access_hours;
pub mod archive;
pub mod attention;
pub mod audit;
pub mod authorities;
pub mod backup;
pub mod blobs;
pub mod catalog;
pub mod certificates;
pub mod chains;
pub mod confirmations;
pub mod conn;
pub mod counters;
pub mod db;
pub mod destruction;
pub mod devices;
pub mod dialect;
pub mod documents;
pub mod emergency;
pub mod encounters;
pub mod error;
pub mod holds;
pub mod house_decisions;
pub mod idempotency;
pub mod inbox;
pub mod incidents;
pub mod jobs;
pub mod key_store;
pub mod keys;
pub mod kits;
pub mod late_entries;
pub mod migrate;
pub mod observations;
pub mod orders;
pub mod patient_signatures;
pub mod patients;
mod payload;
pub mod payloads;
pub mod places;
pub mod proof;
pub mod records;
pub mod requests;
pub mod reserve;
pub mod results;
pub mod revocations;
pub mod schema;
pub mod second_factors;
pub mod security_incidents;
pub mod sessions;
pub mod signatures;
pub mod signed_sheets;
pub mod source;
pub mod studies;
pub mod transfer;
pub mod trust_changes;
mod tx;
pub mod users;
mod writer;

pub use conn::{Conn, DbUrl, Engine};
pub use db::Db;
pub use error::StoreError;
pub use keys::Keyring;
pub use tx::Tx;
