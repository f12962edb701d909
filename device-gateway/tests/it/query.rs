//! What the stories of analyzers that ask have in common: a laboratory with open orders, and the devices' profiles.

use crate::server::FakeServer;
use crate::support::Hospital;
use benhan_device_gateway::{DeviceEntry, GatewayConfig};
use serde_json::{Value, json};

/// Two tubes of chemistry, one of a test that no analyzer here does, of two patients.
pub fn orders() -> Value {
    let test = |code: &str, loinc: &str| json!({"code": code, "name": code, "loinc": loinc});
    let tube = |barcode: &str, item: &str, patient: Value| {
        json!({
            "barcode": barcode, "specimen_type": "Huyết thanh", "ordered_at": 1_796_000_400_000_000i64,
            "collected_at": 1_796_000_700_000_000i64, "items": [item], "patient": patient,
        })
    };
    let person = |id: &str, name: &str, bed: &str| json!({"id": id, "name": name, "birth_date": "19700131", "sex": "M", "ward": "NOI", "room": "P2", "bed": bed});
    json!({
        "items": [
            {"code": "XN-SHM", "name": "Sinh hóa máu", "tests": [
                test("GLU", "14749-6"), test("UREA", "22664-7"), test("TSH", "3016-3"),
            ]},
            {"code": "XN-GEN", "name": "Giải trình tự", "tests": [test("GEN", "")]},
        ],
        "specimens": [
            tube("XN0001", "XN-SHM", person("BN0042", "Nguyễn Văn Đạt", "G07")),
            tube("XN0002", "XN-SHM", person("BN0043", "Trần Văn Bình", "G08")),
            tube("XN0003", "XN-GEN", person("BN0043", "Trần Văn Bình", "G08")),
        ],
    })
}

/// An analyzer that numbers its tests.
const NUMBERED: &str = "[[test]]\ncode = [\"717\"]\nloinc = { \"mmol/L\" = \"14749-6\" }\n\
     [[test]]\ncode = [\"418\"]\nloinc = { \"mmol/L\" = \"22664-7\" }\n";

/// The hospital's own profile of one device: by it all that comes by `channel` is read and answered.
pub struct Own(pub &'static str, pub &'static str, pub &'static str);

/// A gateway before this server, with these profiles; `keys` stand before the profile's tests.
pub async fn laboratory(
    server: std::sync::Arc<FakeServer>,
    own: Vec<Own>,
    change: impl FnOnce(&mut GatewayConfig),
) -> Hospital {
    let dir = tempfile::tempdir().unwrap();
    let profiles = dir.path().join("profiles");
    std::fs::create_dir(&profiles).unwrap();
    for Own(channel, id, keys) in &own {
        let text = format!("id = \"{id}\"\ntitle = \"{channel}\"\n{keys}\n{NUMBERED}");
        std::fs::write(profiles.join(format!("{id}.toml")), text).unwrap();
    }
    Hospital::before(server, dir, |config| {
        config.profiles = Some(profiles);
        let entry = |Own(channel, id, _): &Own| DeviceEntry {
            channel: (*channel).to_owned(),
            profile: (*id).to_owned(),
            ..DeviceEntry::default()
        };
        config.device.extend(own.iter().map(entry));
        change(config);
    })
    .await
}

/// The same, and the server has the orders.
pub async fn with_orders(own: Vec<Own>, change: impl FnOnce(&mut GatewayConfig)) -> Hospital {
    let server = FakeServer::start().await;
    server.has_orders(orders());
    let hospital = laboratory(server, own, change).await;
    hospital.server.until("the list is pulled", |server| server.pulls() > 0).await;
    hospital
}
