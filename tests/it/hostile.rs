//! Whatever is sent: the answer that the protocol has for it, a line for the operator, no patient in that line, and
//! the hospital works on with the memory that it had.

mod devices;
mod dicom;
mod disk;
mod floods;
mod web;

use benhan_tests::monitor::{Measured, Monitor};
use benhan_tests::{Kind, TestHospital};
use jiff::Timestamp;

/// Stands where a patient's name would stand; it must never reach the log.
const CANARY: &str = "Hoàng-Yến-7F3A";
/// Of the whole process, for all hostile input of a story together.
const MOST_KIB: u64 = 64 << 10;
/// What one connection may cost.
const CONNECTION_KIB: u64 = 16 << 10;

/// A hospital at work, and the memory that it had before.
struct Target {
    hospital: TestHospital,
    before: u64,
    said: usize,
}

impl Target {
    async fn open() -> Self {
        let hospital = TestHospital::open(Kind::Sqlite).await.expect("SQLite is always there");
        let target = Self { before: 0, said: 0, hospital };
        // Warm: what the first honest message costs is not the attacker's doing.
        target.still_works("warm").await;
        let before = target.hospital.process().memory_kib("VmHWM");
        let said = target.hospital.log().len();
        Self { before, said, ..target }
    }

    /// An honest monitor, nurse and browser are served as before.
    async fn still_works(&self, name: &str) {
        let mut monitor = Monitor::connect(self.hospital.ports().mllp).await.unwrap();
        let honest = Measured::new(&format!("OK-{name}"), "NGOAI^301^N02", Timestamp::now());
        assert_eq!(monitor.say(&honest.message()).await, format!("MSA|AA|OK-{name}"));
        let nga = self.hospital.login("nga").await;
        assert!(nga.occupant("N02").await["encounterId"].is_string());
    }

    /// The log since the hospital was opened.
    fn log(&self) -> String {
        self.hospital.log().split_off(self.said)
    }

    /// Nothing broke, nothing leaked, the operator has heard of each of these, and memory stayed where it was.
    async fn endures(self, name: &str, lines: &[&str]) {
        self.endures_within(MOST_KIB, name, lines).await;
    }

    /// The same after so many connections that what they may cost together is more.
    async fn endures_within(mut self, most: u64, name: &str, lines: &[&str]) {
        self.still_works(name).await;
        let log = self.log();
        for line in lines {
            assert!(log.contains(line), "the operator was not told {line:?}:\n{log}");
        }
        assert!(!log.contains("panicked"), "{log}");
        for part in [CANARY, "7F3A"] {
            assert!(!log.contains(part), "a patient is named in the log:\n{log}");
        }
        let rise = self.hospital.process().memory_kib("VmHWM").saturating_sub(self.before);
        assert!(rise < most, "{rise} KiB more at the highest");
        self.hospital.stop().await;
        self.hospital.assert_sealed().await;
    }
}
