//! The shared samples of bedside devices are read as their manifest says.
//!
//! The samples are not part of the project: `BENHAN_SHARED`, or `../shared` beside the checkout. Without them
//! the tests say so and pass.

use benhan_device_codec::medibus;
use benhan_device_codec::reading::Reported;
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
    reported.readings.iter().map(|reading| (reading.code.as_str(), reading.value.to_string(), reading.unit)).collect()
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
