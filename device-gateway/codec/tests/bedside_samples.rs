//! The shared samples of bedside devices are read as their manifest says.
//!
//! The samples are not part of the project: `BENHAN_SHARED`, or `../shared` beside the checkout. Without them
//! the tests say so and pass.

#![expect(clippy::print_stdout, reason = "says that it was skipped")]

use benhan_device_codec::printer::{self, Instrument};
use benhan_device_codec::reading::Reported;
use benhan_device_codec::{dri, medibus};
use std::path::{Path, PathBuf};

fn sample(name: &str) -> Option<Vec<u8>> {
    let shared = std::env::var_os("BENHAN_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let mut files = [shared, Some(beside)].into_iter().flatten().map(|root| root.join("samples/devices").join(name));
    let found = files.find_map(|file| std::fs::read(file).ok());
    if found.is_none() {
        println!("skipped: no sample {name} (set BENHAN_SHARED, or put shared beside the checkout)");
    }
    found
}

fn values(reported: &Reported) -> Vec<(&str, String, &str)> {
    reported
        .readings
        .iter()
        .map(|reading| (reading.code.as_str(), reading.value.to_string(), reading.unit.as_ref()))
        .collect()
}

#[test]
fn the_ventilator_s_measured_values_are_read() {
    let Some(bytes) = sample("draeger_medibus_measured_cp1.bin") else { return };
    let reported = medibus::read(&bytes);
    let expected = [
        ("CP1:D7", "18", "/min"),
        ("CP1:7D", "22", "mbar"),
        ("CP1:B9", "7.4", "L/min"),
        ("CP1:F0", "40", "%"),
        ("CP1:E6", "38", "mm[Hg]"),
    ];
    assert_eq!(values(&reported), expected.map(|(code, value, unit)| (code, value.to_owned(), unit)));
    assert_eq!(reported.aside, []);
}

#[test]
fn the_monitor_s_displayed_values_are_read_and_nothing_else() {
    let Some(bytes) = sample("ge_dri_phdb.bin") else { return };
    let reported = dri::read(&bytes);
    let expected = [
        ("ecg.hr", "72", "/min"),
        ("nibp.sys", "120.00", "mm[Hg]"),
        ("nibp.dia", "80.00", "mm[Hg]"),
        ("nibp.mean", "93.00", "mm[Hg]"),
        ("t1.temp", "36.90", "Cel"),
        ("spo2.spo2", "98.00", "%"),
        ("spo2.pr", "71", "/min"),
    ];
    assert_eq!(values(&reported), expected.map(|(code, value, unit)| (code, value.to_owned(), unit)));
}

#[test]
fn the_printed_electrolytes_are_read() {
    let Some(bytes) = sample("senaite_spotchem_el.txt") else { return };
    let [report] = &printer::read(Instrument::SpotchemEl, &bytes)[..] else { panic!() };
    let expected = [("Na", "131", "mmol/L"), ("K", "9.7", "mmol/L"), ("Cl", "96", "mmol/L")];
    assert_eq!(values(report), expected.map(|(code, value, unit)| (code, value.to_owned(), unit)));
    assert_eq!(report.specimen.as_deref(), Some("1DC042FP"));
    assert_eq!(report.at.unwrap().to_string(), "2024-10-29T13:08:00");
}

#[test]
fn the_printed_immunoassay_is_read() {
    let Some(bytes) = sample("senaite_mini_vidas.txt") else { return };
    let [report] = &printer::read(Instrument::MiniVidas, &bytes)[..] else { panic!() };
    let expected = [("HBCT", "0.05", ""), ("HBCT", "Positif", "")];
    assert_eq!(values(report), expected.map(|(code, value, unit)| (code, value.to_owned(), unit)));
    assert_eq!(report.specimen.as_deref(), Some("Z1G021SCR"));
    assert_eq!(report.at.unwrap().to_string(), "2024-10-25T18:35:00");
}
