//! The store's promises, each told on SQLite and on PostgreSQL.
//!
//! `BENHAN_TEST_POSTGRES` names an administrator's URL (`postgres://postgres@127.0.0.1:5433/postgres`); every story
//! makes its own database there and drops it. Without it the PostgreSQL half says so and is skipped.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "stories assert the blunt way")]

mod house;

/// One test on each database.
macro_rules! stories {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name($crate::house::House::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                match $crate::house::House::postgres() {
                    Some(house) => super::$name(house).await,
                    None => eprintln!("skipped on PostgreSQL: BENHAN_TEST_POSTGRES is not set"),
                }
            }
        }
    )+};
}

mod append_only;
mod audit_chain;
mod charts;
mod group_commit;
mod images;
mod keys;
mod laboratory;
mod migrations;
mod others;
mod personal_data;
mod races;
mod readback;
mod reconnect;
mod records;
mod requests;
mod seal_keepers;
mod search;
mod security_keys;
