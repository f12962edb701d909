//! A record with images is destroyed: its images leave the bridge's disk and the pools beside the backups, in a folder and in
//! an S3 store, while the power goes, and an old backup comes back without them.

use super::backups::{ok, target, text};
use super::destruction::{archived, done, years_later};
use benhan_keys::{Keyring, opened_with};
use benhan_pacs_bridge::dataset_sha256;
use benhan_tests::image::Image;
use benhan_tests::modality::{Association, Said};
use benhan_tests::object_store::ObjectStore;
use benhan_tests::{Kind, TestHospital, eventually, on_each_database};
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

fn keys(store: &Path, hospital: &TestHospital) -> Keyring {
    opened_with(store, &hospital.data("secrets/records.key")).unwrap()
}

/// Images and marks in the store's pool.
fn stored(store: &ObjectStore) -> (usize, usize) {
    let all = store.objects("noi-1/benhan-images/");
    let count = |end: &str| all.keys().filter(|name| name.ends_with(end)).count();
    (count(".dcm"), count(".erased"))
}

// Clauses: RET-x, SEC-11
async fn alone_images_of_a_destroyed_record_leave_the_disk_and_the_backups(mut hospital: TestHospital) {
    hospital.database.unguarded("medical_record", "medical_record_archived_stays");
    let backs_up = hospital.database.kind() == Kind::Sqlite;
    let (to, blobs) = (target(&hospital), hospital.data("pacs/blobs"));
    let (store, place) = (ObjectStore::open().await, ObjectStore::place("noi-1"));
    store.settings().iter().for_each(|(key, value)| hospital.set(key, value));
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
    // By somebody who copied more than the hospital knows of.
    let stolen = hospital.scratch("stolen");
    let ours = files(&blobs, "dcm").into_iter().find(|path| !before.contains(path)).unwrap();
    std::fs::copy(ours, &stolen).unwrap();
    assert!(dataset_sha256(&stolen, &keys(&hospital.data("keys/records.db"), &hospital)).is_ok());
    years_later(&hospital);
    if backs_up {
        ok(&hospital, &["backup", "--to", &place]).await;
        assert_eq!(files(&to.join("benhan-images"), "dcm").len(), before.len() + 2);
        assert_eq!(stored(&store), (before.len() + 2, 0));
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
    let opens_with = |store: &Path| dataset_sha256(&stolen, &keys(store, &hospital)).map_err(|no| no.to_string());
    assert!(opens_with(&hospital.data("keys/records.db")).unwrap_err().contains("shredded"));
    if backs_up {
        assert!(opens_with(&to.join("benhan-keys/records.db")).unwrap_err().contains("shredded"));
        assert_eq!(files(&to.join("benhan-images"), "dcm").len(), before.len());
        assert_eq!(files(&to.join("benhan-images"), "erased").len(), 2);
        assert_eq!(stored(&store), (before.len(), 2));
        let folders = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path());
        let backup = folders.filter(|path| path.join("manifest.json").exists()).min().expect("a backup");
        let stored_one = format!("{place}/{}", backup.file_name().unwrap().to_str().unwrap());
        let secrets = hospital.data("secrets");
        for (from, into) in [(text(&backup), "back"), (&stored_one, "back-from-the-store")] {
            let into = hospital.scratch(into);
            let told = ok(&hospital, &["restore", from, "--into", text(&into), "--secrets", text(&secrets)]).await;
            assert!(told.contains("of destroyed records") && !told.contains(" 0 of destroyed"), "{told}");
            assert_eq!(files(&into.join("pacs/blobs"), "dcm").len(), before.len(), "the old backup has them no more");
        }
        // And the next one is as whole as any.
        ok(&hospital, &["backup", "--to", &place]).await;
        assert_eq!(stored(&store), (before.len(), 2), "nothing comes back");
    }
}
