//! A hospital's record as its own program reads it: with the keys that lie beside it.

use benhan_store::keys::Key;
use benhan_store::{Conn, Db, Keyring};
use benhan_tests::TestHospital;
use std::fs;

pub fn keys(hospital: &TestHospital) -> Keyring {
    let master = fs::read_to_string(hospital.data("secrets/records.key")).expect("the master key");
    Keyring::open(&hospital.data("keys/records.db"), Key::from_hex(&master).expect("a key")).expect("the keys")
}

pub fn reader(hospital: &TestHospital) -> Conn {
    Db::reader_with(&hospital.database.url().parse().expect("a URL"), keys(hospital)).expect("the record")
}
