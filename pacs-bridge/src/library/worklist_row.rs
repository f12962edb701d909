//! The worklist as last pulled, one row.

use super::schema::worklist;
use benhan_contract::{Micros, Worklist};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

pub(crate) struct WorklistRow {
    pulled_at: Micros,
    items: String,
}

impl WorklistRow {
    pub(crate) fn new(pulled_at: Micros, list: &Worklist) -> Self {
        // Strings and a flag: this cannot fail to be JSON, and an empty list is never wrong, only old.
        Self { pulled_at, items: serde_json::to_string(list).unwrap_or_default() }
    }

    pub(crate) fn replace(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        diesel::replace_into(worklist::table)
            .values((worklist::id.eq(1), worklist::pulled_at.eq(self.pulled_at), worklist::items.eq(&self.items)))
            .execute(connection)
            .map(drop)
    }

    /// The kept list; empty at the first start or when it cannot be read any more.
    pub(crate) fn load(connection: &mut SqliteConnection) -> QueryResult<Worklist> {
        let kept: Option<String> = worklist::table.select(worklist::items).first(connection).optional()?;
        Ok(kept.and_then(|items| serde_json::from_str(&items).ok()).unwrap_or_default())
    }
}
