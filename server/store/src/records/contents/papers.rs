//! The paper that entries were written from, as a manifest lists its scans.

use super::sheet;
use crate::{Conn, StoreError, entry_scans};
use benhan_domain::access::{Permit, ViewChart};
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryScan {
    pub id: String,
    /// `vitals` or `note`.
    pub kind: String,
    pub entry: String,
    pub sha256: String,
}

pub(super) fn attached(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<EntryScan>, StoreError> {
    let mut listed = Vec::new();
    for one in entry_scans::of_stay(conn, permit)? {
        sheet(conn, &one.sha256)?;
        listed.push(EntryScan {
            id: one.id.to_string(),
            kind: one.kind.as_str().to_owned(),
            entry: one.entry,
            sha256: one.sha256,
        });
    }
    Ok(listed)
}
