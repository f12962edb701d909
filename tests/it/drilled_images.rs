//! A drill opens the images that modalities sent, each with its key, and names the one that does not open.

use super::backups::{empty, ok, run, target};
use benhan_keys::{Keyring, images_of, opened_with};
use benhan_tests::database::Database;
use benhan_tests::image::Image;
use benhan_tests::modality::{Association, Said};
use benhan_tests::{TestHospital, eventually, on_each_database};
use serde_json::{Value, json};
use std::path::Path;

on_each_database!(a_drill_opens_every_image_that_the_record_names);

fn keys(hospital: &TestHospital, store: &Path) -> Keyring {
    opened_with(store, &hospital.data("secrets/records.key")).unwrap()
}

// Clauses: C46-10.2c, SEC-6
async fn a_drill_opens_every_image_that_the_record_names(hospital: TestHospital) {
    let before = hospital.database.count("SELECT count(*) FROM instance");
    let image = Image::new("", "", "Lê Thị Ảnh");
    let mut modality = Association::open(hospital.ports().dicom).await.unwrap();
    for one in [image.clone(), image.next(2)] {
        assert_eq!(modality.store(&one.sop, &one.dataset()).await.unwrap(), Said::Status(0));
    }
    modality.release().await.unwrap();
    eventually("the record names them", async || {
        (hospital.database.count("SELECT count(*) FROM instance") == before + 2).then_some(())
    })
    .await;
    ok(&hospital, &["backup"]).await;

    let scratch = empty(&hospital);
    let url = scratch.as_ref().map(Database::url);
    let mut drill = vec!["drill", "--json"];
    drill.extend(url.iter().flat_map(|url| ["--to-database", url]));
    let told: Value = serde_json::from_str(&ok(&hospital, &drill).await).expect("JSON");
    assert_eq!((&told["held"], &told["imageRows"]), (&json!(true), &json!(before + 2)), "{told}");

    // The key of one study is gone where the hospital would look for it.
    let sha256 =
        hospital.database.query(&format!("SELECT sha256 FROM instance WHERE sop_uid = '{}'", image.sop)).remove(0);
    let file = std::fs::read(hospital.data(&format!("pacs/blobs/{}/{sha256}.dcm", sha256.split_at(2).0))).unwrap();
    let images = images_of(file.first_chunk().unwrap()).expect("sealed");
    keys(&hospital, &target(&hospital).join("benhan-keys/records.db")).shred(images, 1).unwrap();
    let (code, said) = run(&hospital, &drill).await;
    assert!(code == 1 && said.contains(&image.sop) && said.contains("không mở được"), "{said}");
}
