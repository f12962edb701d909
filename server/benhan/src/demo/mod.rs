//! A small hospital to try: two wards of forty beds, staff of every role, patients with a week behind them.
//! All of it is synthetic and the same on every machine; it listens on loopback only.

mod catalog;
pub mod devices;
mod dice;
mod pen;
mod people;
mod records;
mod rounds;
mod seed;
mod staff;

pub use seed::seed;
pub use staff::STAFF;

use crate::data_dir::DataDir;
use serde_json::{Value, json};

/// The facility's code and name.
pub const FACILITY: (&str, &str) = ("33001", "Bệnh viện Đa khoa Phố Nối (mô phỏng)");
pub const AUTHORITY: &str = "Sở Y tế Hưng Yên";
/// Ward code, department name, ward name, first letter of its beds.
pub const WARDS: [(&str, &str, &str); 2] = [("NOI", "Khoa Nội tổng hợp", "G"), ("NGOAI", "Khoa Ngoại tổng hợp", "N")];
pub const BEDS: i64 = 40;

/// What a person or a test needs to use the demo, readable by its owner alone.
pub fn write_card(dir: &DataDir, ports: &Value) -> anyhow::Result<Value> {
    let users: Vec<Value> = STAFF
        .iter()
        .map(|s| json!({ "username": s.username, "password": s.password(), "pin": s.pin, "name": s.name, "role": s.role, "ward": s.ward }))
        .collect();
    let card = json!({
        "url": format!("https://localhost:{}", ports["https"]),
        "ca": dir.path("tls/ca.pem"),
        "signingCa": dir.path("trust/ca.pem"),
        "ports": ports,
        "users": users,
        "monitors": devices::monitored().map(devices::bed).collect::<Vec<_>>(),
    });
    dir.write_private("demo.json", serde_json::to_string_pretty(&card)?.as_bytes())?;
    Ok(card)
}
