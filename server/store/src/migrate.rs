//! Brings a database to this program's schema. Both sets are embedded; nothing is read from disk.

use crate::{Engine, StoreError};
use diesel::migration::Migration;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/server/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/server/postgres");

/// Where diesel notes which steps were taken.
pub(crate) const LEDGER: &str = "__diesel_schema_migrations";

/// Any number of processes may start at once: PostgreSQL serialises them by an advisory lock, SQLite by its own.
pub fn up(conn: &mut Engine) -> Result<(), StoreError> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(e.to_string());
    match conn {
        Engine::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop).map_err(failed),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => {
            use diesel::RunQueryDsl;
            diesel::sql_query("SELECT pg_advisory_lock(7305808)").execute(c)?;
            let ran = c.run_pending_migrations(POSTGRES).map(drop).map_err(failed);
            diesel::sql_query("SELECT pg_advisory_unlock(7305808)").execute(c)?;
            ran
        }
    }
}

/// Names of the steps that this program knows and the database has not taken, in order.
pub fn pending(conn: &mut Engine) -> Result<Vec<String>, StoreError> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(e.to_string());
    match conn {
        Engine::Sqlite(c) => {
            let steps = c.pending_migrations(SQLITE).map_err(failed)?;
            Ok(steps.iter().map(|step| step.name().to_string()).collect())
        }
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => {
            let steps = c.pending_migrations(POSTGRES).map_err(failed)?;
            Ok(steps.iter().map(|step| step.name().to_string()).collect())
        }
    }
}

/// The step that was taken last: what the schema is called.
pub(crate) fn newest(conn: &mut Engine) -> Result<String, StoreError> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(e.to_string());
    let taken = match conn {
        Engine::Sqlite(c) => c.applied_migrations().map_err(failed)?,
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => c.applied_migrations().map_err(failed)?,
    };
    Ok(taken.iter().map(ToString::to_string).max().unwrap_or_default())
}

/// Takes every migration back: for the test that they can be.
pub fn down(conn: &mut Engine) -> Result<(), StoreError> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::Migrate(e.to_string());
    match conn {
        Engine::Sqlite(c) => c.revert_all_migrations(SQLITE).map(drop).map_err(failed),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => c.revert_all_migrations(POSTGRES).map(drop).map_err(failed),
    }
}
