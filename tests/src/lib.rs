//! What the integration tests in `it/` build their stories from: a hospital, the people in it, its devices.
//!
//! The hospital is the real executable in a process of its own. The devices are scripted byte by byte and share no
//! codec with the product, so that both cannot be wrong in the same way.
//! Not for the programs: nothing outside this crate may depend on it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a step of a story that fails is the test that fails"
)]

pub mod actor;
pub mod analyzer;
pub mod database;
pub mod dcmtk;
pub mod events;
pub mod gateway;
pub mod hospital;
pub mod image;
pub mod modality;
pub mod monitor;
pub mod object_store;
pub mod process;
pub mod proxy;
pub mod template;

pub use actor::{Actor, Answer};
pub use database::Kind;
pub use hospital::TestHospital;

use std::time::{Duration, Instant};

/// Waits for a condition; fails with its name when it does not come.
pub async fn eventually<T>(what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
    within(Duration::from_secs(60), what, condition).await
}

/// As [`eventually`], where the story itself sets the time.
pub async fn within<T>(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(begun.elapsed() < limit, "it never came: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Tells a story once on SQLite and once on PostgreSQL, each in a hospital of its own.
#[macro_export]
macro_rules! on_each_database {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let hospital = $crate::TestHospital::open($crate::Kind::Sqlite).await;
                super::$story(hospital.expect("SQLite is always there")).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(hospital) = $crate::TestHospital::open($crate::Kind::Postgres).await {
                    super::$story(hospital).await;
                }
            }
        }
    )+};
}
