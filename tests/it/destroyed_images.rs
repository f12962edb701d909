//! A record with images is destroyed: its images leave the bridge's disk and the pool beside the backups, while the power
//! goes, and an old backup comes back without them.

use super::destruction::{archived, done, years_later};
use benhan_tests::image::Image;
use benhan_tests::modality::{Association, Said};
use benhan_tests::{Kind, TestHospital, eventually, on_each_database, process};
use serde_json::json;
use std::path::{Path, PathBuf};

on_each_database!(alone_images_of_a_destroyed_record_leave_the_disk_and_the_backups);

/// Files below a folder that end so, by name.
fn files(below: &Path, end: &str) -> Vec<PathBuf> {
    let shelves = std::fs::read_dir(below).into_iter().flatten().map(|entry| entry.unwrap().path());
    let all = shelves.flat_map(|shelf| std::fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path()));
    let mut found: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|is| is == end)).collect();
    found.sort();
    found
}

async fn run(arguments: &[&Path]) {
    let output = process::run(arguments.iter().copied()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

// Clauses: RET-x, SEC-11
async fn alone_images_of_a_destroyed_record_leave_the_disk_and_the_backups(mut hospital: TestHospital) {
    hospital.database.unguarded("medical_record", "medical_record_archived_stays");
    let backs_up = hospital.database.kind() == Kind::Sqlite;
    let (data, to, blobs) = (hospital.data(""), hospital.scratch("backups"), hospital.data("pacs/blobs"));
    let before = files(&blobs, "dcm");
    let stay = archived(&hospital, "Lê Thị Ảnh").await;
    let image = Image::new("", "", "Lê Thị Ảnh");
    let mut modality = Association::open(hospital.ports().dicom).await.unwrap();
    for one in [image.clone(), image.next(2)] {
        assert_eq!(modality.store(&one.sop, &one.dataset()).await.unwrap(), Said::Status(0));
    }
    modality.release().await.unwrap();
    let son = hospital.login("son").await;
    let study = eventually("the study waits", async || {
        let list = son.get("/studies/unmatched").await.ok();
        let mut ours = list.as_array().unwrap().iter().filter(|item| item["study"]["studyUid"] == image.study.as_str());
        ours.next().and_then(|item| item["study"]["id"].as_str().map(str::to_owned))
    })
    .await;
    let link = json!({ "encounterId": stay, "confirmed": ["name", "birthDate"] });
    son.post(&format!("/studies/{study}/link"), link).await.ok();
    assert_eq!(files(&blobs, "dcm").len(), before.len() + 2);
    years_later(&hospital);
    if backs_up {
        run(&[Path::new("backup"), Path::new("--data-dir"), &data, Path::new("--to"), &to]).await;
        assert_eq!(files(&to.join("benhan-images"), "dcm").len(), before.len() + 2);
    }

    let (dung, hoa) = (hospital.login("dung").await, hospital.login("hoa").await);
    let body = json!({ "records": [stay], "decision": "QĐ 15/QĐ-BV", "reason": "Hết thời hạn lưu trữ" });
    let list = hoa.post("/destruction-lists", body).await.ok();
    let list = list["id"].as_str().unwrap().to_owned();
    dung.post(&format!("/destruction-lists/{list}/approve"), json!(null)).await.ok();
    hoa.post(&format!("/destruction-lists/{list}/begin"), json!(null)).await.ok();
    hospital.kill().await;
    hospital.restart().await;
    let hoa = hospital.login("hoa").await;
    let told = done(&hoa, &list).await;
    assert_eq!(told["records"][0]["state"], "destroyed", "{told}");
    assert_eq!(files(&blobs, "dcm"), before, "these, and no others");
    let known = format!("SELECT count(*) FROM study WHERE study_uid = '{}'", image.study);
    assert_eq!(hospital.database.count(&known), 0);
    hospital.database.assert_sound();
    if backs_up {
        assert_eq!(files(&to.join("benhan-images"), "dcm").len(), before.len());
        assert_eq!(files(&to.join("benhan-images"), "erased").len(), 2);
        let folders = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path());
        let backup = folders.filter(|path| path.join("manifest.json").exists()).min().expect("a backup");
        let into = hospital.scratch("back");
        let secrets = hospital.data("secrets");
        run(&[Path::new("restore"), &backup, Path::new("--into"), &into, Path::new("--secrets"), &secrets]).await;
        assert_eq!(files(&into.join("pacs/blobs"), "dcm").len(), before.len(), "the old backup has them no more");
        // And the next one is as whole as any.
        run(&[Path::new("backup"), Path::new("--data-dir"), &data, Path::new("--to"), &to]).await;
    }
}
