//! The disk is full: nobody is told that something is safe which is not, charts still open, and all goes on after.

use super::CANARY;
use benhan_tests::analyzer::{ACK, ENQ, Line, NAK, frame, report};
use benhan_tests::image::Image;
use benhan_tests::modality::{Association, Said};
use benhan_tests::monitor::{Measured, Monitor};
use benhan_tests::{Kind, TestHospital, eventually};
use jiff::Timestamp;
use serde_json::json;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk of its own, as small as we like. Needs root.
struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    fn mount(at: &Path, mib: u32) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={mib}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self { at: at.to_path_buf() })
    }

    /// Not one byte is left.
    fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.at.join("ballast")).unwrap();
        for size in [1 << 20, 4_096, 1] {
            let piece = vec![0xA5; size];
            while ballast.write_all(&piece).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.at.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.at).output());
    }
}

/// A message of 200 kB that does not compress.
fn large(id: &str) -> Vec<u8> {
    let mut state = 1_u32;
    let noise: String = (0..200_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + u8::try_from(state >> 24).unwrap() % 26)
        })
        .collect();
    let message = Measured { cuff: Some((133, 71)), ..Measured::new(id, "NGOAI^301^N02", Timestamp::now()) };
    [message.message(), format!("NTE|1||{noise} {CANARY}\r").into_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_nothing_is_promised_charts_open_and_all_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("disk");
    let Some(disk) = SmallDisk::mount(&at, 64) else {
        eprintln!("skipped: mounting a small disk needs root");
        return;
    };
    let settings = [("BENHAN_PACS_MIN_FREE_PERCENT", "5")];
    let hospital = TestHospital::at(Kind::Sqlite, &settings, folder, at.join("data")).await;
    let mut hospital = hospital.expect("SQLite is always there");
    let nga = hospital.login("nga").await;
    let stay = nga.stay_in("N01").await;
    let entry = |pulse| json!({ "effectiveAt": Timestamp::now().to_string(), "values": crate::trips::by_hand(pulse) });
    let path = format!("/encounters/{stay}/vitals");
    nga.post(&path, entry(70)).await.ok();
    let mut monitor = Monitor::connect(hospital.ports().mllp).await.unwrap();
    let mut modality = Association::open(hospital.ports().dicom).await.unwrap();
    let image = Image { side: 256, ..Image::new("", "BN-9", &format!("Nguyễn^{CANARY}")) };
    disk.fill();

    // The monitor is told to send again, the analyzer that its frame was not taken, the modality that there is no room.
    let answer = monitor.say(&large("FULL-1")).await;
    assert!(answer.starts_with("MSA|AE|FULL-1"), "{answer}");
    let text = report("FULL-1", &[("K", "4.1", "mmol/L")]) + &"C|1|I|room|G\r".repeat(20_000);
    let mut line = Line::connect(hospital.ports().astm).await.unwrap();
    let begun = line.ask(&[ENQ]).await.unwrap();
    let answer = if begun == ACK { line.ask(&frame(1, &text, true)).await.unwrap() } else { begun };
    assert_eq!(answer, NAK);
    let said = modality.store(&image.sop, &image.dataset()).await.unwrap();
    assert!(matches!(said, Said::Status(0xA700..=0xA7FF)), "{said:?}");

    // The nurse is told that it is not saved. A few entries may still find room in the pages that were there.
    let mut saved = 0;
    let refused = loop {
        let answer = nga.post(&path, entry(71)).await;
        if answer.status != 201 {
            break answer;
        }
        saved += 1;
        assert!(saved < 500, "the disk is not full");
    };
    assert!(matches!(refused.status, 503 | 507), "{}", refused.status);
    assert_eq!(refused.refused(refused.status), "unavailable");
    let charted = nga.chart(&stay).await.len();

    // Charts still open, and who looked is not forgotten.
    for path in [format!("/encounters/{stay}"), format!("/wards/{}/board", nga.ward()), path.clone()] {
        nga.get(&path).await.ok();
    }

    disk.free();
    assert_eq!(monitor.say(&large("FULL-1")).await, "MSA|AA|FULL-1");
    let image_said = modality.store(&image.sop, &image.dataset()).await.unwrap();
    assert_eq!(image_said, Said::Status(0));
    let mut line = Line::connect(hospital.ports().astm).await.unwrap();
    line.transfer(&report("FULL-1", &[("K", "4.1", "mmol/L")])).await.unwrap();
    nga.post(&path, entry(72)).await.ok();
    assert_eq!(nga.chart(&stay).await.len(), charted + 1, "what was refused is not there");
    let monitored = nga.stay_in("N02").await;
    eventually("the monitor's message is on the chart", async || {
        let sets = nga.chart(&monitored).await;
        sets.iter().any(|set| set["source"] == "device").then_some(())
    })
    .await;
    let auditor = hospital.login("kiemtra").await;
    eventually("the look of that hour is on the trail", async || {
        let rows = auditor.get("/audit?limit=500").await.ok();
        nga.get(&format!("/encounters/{stay}")).await.ok();
        rows.as_array().unwrap().iter().any(|row| row["detail"].as_str().unwrap().contains("\"noted\"")).then_some(())
    })
    .await;
    let log = hospital.log();
    assert!(log.contains("could not be stored") && !log.contains("panicked") && !log.contains("7F3A"), "{log}");
    drop((monitor, modality, line));
    hospital.stop().await;
    hospital.assert_sealed().await;
}
