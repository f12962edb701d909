//! The few statements that the two databases spell differently.

use crate::{Conn, StoreError};
use diesel::prelude::*;

/// Runs the same expression on whichever connection it is: for what diesel's enum connection does not offer.
macro_rules! on_either {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::Conn::Sqlite($c) => $query,
            #[cfg(feature = "postgres")]
            $crate::Conn::Pg($c) => $query,
        }
    };
}
pub(crate) use on_either;

/// Makes other writers of `name` wait until this transaction ends. SQLite's one writer already does.
pub fn hold(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => diesel::sql_query("SELECT pg_advisory_xact_lock(hashtext($1))")
            .bind::<diesel::sql_types::Text, _>(name)
            .execute(c)
            .map(drop)
            .map_err(StoreError::db("take a named lock")),
    }
}
