//! Use cases as the ward lives them: a whole server without its network, and its DICOMweb door with a scripted bridge.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "stories assert the blunt way, and say what they skip"
)]

/// One test on each database.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use crate::house::House;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$story(House::open().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(house) = House::on_postgres().await {
                    super::$story(house).await;
                }
            }
        }
    )+};
}

mod archive;
mod attention;
mod bad_certificates;
mod confirmations;
mod control_characters;
mod csc;
mod department_seals;
mod destroyed_images;
mod destruction;
mod dicomweb;
mod door;
mod downtime;
mod emergency;
mod entry_scans;
mod forms;
mod hours;
mod house;
mod house_decisions;
mod images;
mod lab_worklist;
mod laboratory;
mod late;
mod looks;
mod monitors;
mod openapi;
mod outside_stamps;
mod passwords;
mod patient_codes;
mod patients;
mod personal_data;
mod phone;
mod public_ca;
mod reading;
mod record_life;
mod record_shut;
mod remote;
mod requests;
mod responders;
mod restoring;
mod restriction;
mod rounds;
mod scans;
mod second_factor;
mod security_incidents;
mod security_key;
#[path = "../../webauthn/tests/it/pretended.rs"]
mod security_key_pretended;
mod signers;
mod signing_rules;
mod softhsm;
mod terminal_signing;
mod terminals;
mod tokens;
mod treatment;
mod trusting;
mod upkeep;
mod waiting;
