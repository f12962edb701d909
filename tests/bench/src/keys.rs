//! The keys that lie beside a record, as its own program finds them.

use anyhow::Context;
use benhan_store::Keyring;
use benhan_store::keys::Key;
use std::path::Path;

/// As in every data folder: the wrapped keys, and what opens them.
pub fn keys_beside(record: &Path) -> anyhow::Result<Keyring> {
    let folder = record.parent().context("the record lies nowhere")?;
    let master = std::fs::read_to_string(folder.join("secrets/records.key")).context("secrets/records.key")?;
    Ok(Keyring::open(&folder.join("keys/records.db"), Key::from_hex(&master).context("no key")?)?)
}
