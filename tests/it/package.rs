//! A record as a package: made by the server, proven by whoever holds it.

mod leaving;
mod patients;
mod tampered_files;
mod tampered_rows;

use benhan_tests::analyzer::{Line, report};
use benhan_tests::{Actor, TestHospital, eventually, process};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;
use tokio::process::Command;

/// Somebody with one of everything: a signed round, a corrected one, a signed note, a released result.
pub struct Patient {
    stay: String,
    pub number: String,
}

pub async fn treated(hospital: &TestHospital, bed: &str) -> Patient {
    let (ha, viet, minh) = (hospital.login("ha").await, hospital.login("viet").await, hospital.login("minh").await);
    let stay = ha.stay_in(bed).await;
    let set = entered(&ha, &stay, 101).await;
    let path = format!("/vitals/{}/correct", set["id"].as_str().unwrap());
    let body =
        json!({ "version": 1, "reasonCode": "typo", "reason": "Gõ nhầm mạch", "values": super::trips::by_hand(111) });
    ha.post(&path, body).await.ok();
    let round = format!("/wards/{}/round/sign", ha.ward());
    let signed = ha.post(&round, json!({ "pin": ha.staff.pin, "setIds": [set["id"]] })).await.ok();
    assert_eq!(signed["failed"], json!([]));
    let note = json!({ "effectiveAt": Timestamp::now().to_string(), "course": "Đỡ đau, <ăn được> & ngủ yên", "care": "Thay băng" });
    let note = ha.post(&format!("/encounters/{stay}/notes"), note).await.ok();
    ha.post(&format!("/notes/{}/sign", note["id"].as_str().unwrap()), json!({ "pin": ha.staff.pin })).await.ok();
    laboratory(hospital, (&viet, &ha, &minh), &stay).await;
    consented(&viet, &stay).await;
    let number = viet.get(&format!("/encounters/{stay}")).await.ok()["number"].as_str().unwrap().to_owned();
    Patient { stay, number }
}

async fn entered(nurse: &Actor, stay: &str, pulse: u32) -> Value {
    let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": super::trips::by_hand(pulse) });
    nurse.post(&format!("/encounters/{stay}/vitals"), body).await.ok()
}

/// A care sheet that the nurse and then her head nurse signed.
async fn form_of_two(hospital: &TestHospital, stay: &str) {
    let (ha, mai) = (hospital.login("ha").await, hospital.login("mai").await);
    let now = Timestamp::now().to_string();
    let open = json!({ "formCode": "phieu-cham-soc-cap-2-3", "effectiveAt": now });
    let sheet = ha.post(&format!("/encounters/{stay}/forms"), open).await.ok();
    let path = format!("/filled-forms/{}", sheet["entry"]["id"].as_str().unwrap());
    let mut values = sheet["values"].clone();
    values["entries"] = json!([{ "at": now, "done": "Đo dấu hiệu sinh tồn, cho uống thuốc" }]);
    let saved =
        ha.post(&format!("{path}/save"), json!({ "version": sheet["entry"]["version"], "values": values })).await.ok();
    for (who, slot) in [(&ha, "author"), (&mai, "head")] {
        let sign = json!({ "version": saved["entry"]["version"], "slot": slot, "pin": who.staff.pin });
        who.post(&format!("{path}/sign"), sign).await.ok();
    }
}

/// A consent that the doctor signed and then, before the doctor, the patient's daughter.
async fn consented(doctor: &Actor, stay: &str) {
    let now = Timestamp::now().to_string();
    let open = json!({ "formCode": "cam-ket-phau-thuat", "effectiveAt": now });
    let sheet = doctor.post(&format!("/encounters/{stay}/forms"), open).await.ok();
    let path = format!("/filled-forms/{}", sheet["entry"]["id"].as_str().unwrap());
    let mut values = sheet["values"].clone();
    values["diagnosis"] = json!({ "text": "Viêm ruột thừa cấp" });
    (values["method"], values["risk"]) = (json!("Cắt ruột thừa nội soi"), json!("Chảy máu, nhiễm khuẩn"));
    values["agreed"] = json!("yes");
    let saved = json!({ "version": sheet["entry"]["version"], "values": values });
    let version = doctor.post(&format!("{path}/save"), saved).await.ok()["entry"]["version"].clone();
    let pin = &doctor.staff.pin;
    doctor.post(&format!("{path}/sign"), json!({ "version": version, "slot": "author", "pin": pin })).await.ok();
    let stroke: Vec<[u32; 4]> = (0..80).map(|n| [900 + n * 90, 1_400 + (n % 9) * 70, n * 15, 500]).collect();
    let daughter = json!({
        "name": "Trần Thị Con Gái", "relation": "child", "ground": "unable", "idPaper": "citizen-card", "idNumber": "033188001234",
    });
    let signs = json!({
        "version": version, "slot": "patient", "representative": daughter, "shownAt": now, "agreedAt": Timestamp::now().to_string(),
        "drawing": { "width": 10_000, "height": 3_000, "strokes": [stroke] }, "pin": pin,
    });
    doctor.post(&format!("{path}/patient-signature"), signs).await.ok();
}

async fn laboratory(hospital: &TestHospital, (doctor, nurse, technician): (&Actor, &Actor, &Actor), stay: &str) {
    let placed = doctor.post(&format!("/encounters/{stay}/orders"), json!({ "items": ["XN-SHM"] })).await.ok();
    let order = nurse.post(&format!("/orders/{}/collect", placed[0]["id"].as_str().unwrap()), json!(null)).await.ok();
    let mut line = Line::connect(hospital.ports().astm).await.unwrap();
    let barcode = order["barcode"].as_str().unwrap();
    line.transfer(&report(barcode, &[("K", "4.10", "mmol/L"), ("GLU", "5.20", "mmol/L")])).await.unwrap();
    let mine = eventually("the technician sees them", async || {
        let waiting = technician.get("/results/unreleased").await.ok();
        let of_tube = waiting.as_array().unwrap().iter().filter(|result| result["barcode"] == order["barcode"]);
        Some(of_tube.cloned().collect::<Vec<_>>()).filter(|found| found.len() == 2)
    })
    .await;
    let each = |key: &str| mine.iter().map(|result| result[key].clone()).collect::<Vec<_>>();
    technician.post("/results/release", json!({ "ids": each("id"), "versions": each("version") })).await.ok();
}

/// `benhan export`, beside the server or without it.
async fn exported(hospital: &TestHospital, number: &str, name: &str) -> PathBuf {
    let out = hospital.scratch(name);
    let mut command = Command::new(process::binary());
    command.args(["export", number, "--ground", "Yêu cầu của người bệnh, đơn số 12", "--data-dir"]);
    command.arg(hospital.data("")).arg("--out").arg(&out).envs(hospital.environment());
    let output = command.output().await.expect("the executable starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    out
}

type Files = BTreeMap<String, Vec<u8>>;

fn unpacked(package: &[u8]) -> Files {
    let mut zip = zip::ZipArchive::new(Cursor::new(package)).unwrap();
    let mut files = Files::new();
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        files.insert(entry.name().unwrap().into_owned(), content);
    }
    files
}

fn packed(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in files {
        zip.start_file(name.as_str(), stored).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Numbers that a seed decides (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let sides = u64::try_from(sides.max(1)).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % sides).unwrap()
    }
}
