//! The three trips of ARCHITECTURE.md, from a device or a hand to the chart, and everything that waits for a person.

mod imaging;
mod laboratory;
mod monitor;
mod signature;

use serde_json::{Value, json};

/// A complete set by hand: NEWS2 5 with this pulse between 91 and 110 (respiration 21 → 2, SpO₂ 95 → 1, pulse → 1,
/// temperature 38.4 → 1).
pub fn by_hand(pulse: u32) -> Value {
    let number = |code: &str, value: f64| json!({ "code": code, "value": value });
    json!([
        number("pulse", f64::from(pulse)),
        number("temp", 38.4),
        number("sbp", 128.0),
        number("dbp", 78.0),
        number("resp", 21.0),
        number("spo2", 95.0),
        number("oxygen", 0.0),
        { "code": "acvpu", "text": "A" },
    ])
}

/// The cell of a set.
pub fn cell<'v>(set: &'v Value, code: &str) -> &'v Value {
    let values = set["values"].as_array().expect("values");
    values.iter().find(|value| value["code"] == code).unwrap_or(&Value::Null)
}
