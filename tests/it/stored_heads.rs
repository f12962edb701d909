//! Audit heads in an S3 store, and what a store or a bucket says that is not fit for what is asked of it.

use super::backups::{run, taken, target, text};
use benhan_tests::object_store::{Fault, ObjectStore};
use benhan_tests::{TestHospital, eventually, on_each_database};

on_each_database!(
    heads_in_a_store_are_written_once_and_say_what_the_trail_was,
    a_store_that_refuses_or_keeps_what_is_removed_is_told_in_words_that_help,
);

// Clauses: C46-10.5, CV-III.1.3c
async fn heads_in_a_store_are_written_once_and_say_what_the_trail_was(mut hospital: TestHospital) {
    let store = ObjectStore::open().await;
    for (key, value) in store.settings() {
        hospital.set(&key, &value);
    }
    let place = ObjectStore::place("nhat-ky");
    hospital.set("BENHAN_AUDIT_HEADS_TO", &format!("[\"{place}\"]"));
    // A bucket with object lock has versions: heads may lie there.
    store.keep_versions();
    hospital.stop().await;
    hospital.restart().await;
    let pairs = async || {
        let all = store.objects("nhat-ky/");
        (!all.is_empty() && all.len() % 2 == 0).then_some(all)
    };
    eventually("the heads have left", pairs).await;
    hospital.login("ha").await;
    store.fault(Fault::Busy(2));
    hospital.stop().await;
    let all = store.objects("nhat-ky/");
    let heads: Vec<&String> = all.keys().filter(|name| name.ends_with(".json")).collect();
    assert!(heads.len() > 1, "and the last ones at the stop: {:?}", all.keys());
    assert!(heads.iter().all(|name| all.contains_key(&name.replace(".json", ".p7s"))));
    let signed = hospital.database.count("SELECT count(*) FROM audit_head");
    assert_eq!(heads.len(), signed, "each head that was signed");

    let trust = hospital.data("trust/ca.pem");
    let verify = ["audit", "verify", "--heads", &place, "--trust", text(&trust)];
    let (code, said) = run(&hospital, &verify).await;
    assert!(code == 0 && said.contains(&format!("{signed} heads that were kept elsewhere say the same")), "{said}");

    // Somebody writes another one under a name; nobody writes over it.
    let name = format!("nhat-ky/{}", heads[0]);
    let forged = String::from_utf8(all[heads[0]].clone()).unwrap().replace("\"hash\":\"", "\"hash\":\"00");
    store.put(&name, forged.as_bytes());
    let (code, said) = run(&hospital, &verify).await;
    assert!(code == 1 && said.contains(heads[0]), "{said}");
    store.puts();
    hospital.restart().await;
    let told = async || hospital.log().contains("another head of this chain lies there").then_some(());
    eventually("it is told", told).await;
    hospital.stop().await;
    assert_eq!(store.objects("nhat-ky/")[heads[0]], forged.as_bytes());
    assert!(store.puts().iter().all(|key| *key != name));
    assert_eq!(store.refused(), 0);
}

// Clauses: SEC-6, SEC-11
async fn a_store_that_refuses_or_keeps_what_is_removed_is_told_in_words_that_help(mut hospital: TestHospital) {
    let store = ObjectStore::open().await;
    for (key, value) in store.settings() {
        hospital.set(&key, &value);
    }
    let place = ObjectStore::place("noi-1");
    let backup = ["backup", "--to", &place];
    let refused = async |hospital: &TestHospital, words: &str| {
        let (code, said) = run(hospital, &backup).await;
        assert!(code == 1 && said.contains(words), "{words}: {said}");
        for secret in ["bi+mat", "bi%2Bmat", "X-Amz-Signature", "sai"] {
            assert!(!said.contains(secret), "{said}");
        }
    };
    hospital.unset("BENHAN_S3_SECRET_KEY");
    refused(&hospital, "s3.secret_key_file").await;
    hospital.set("BENHAN_S3_SECRET_KEY", "sai");
    refused(&hospital, "look at s3.access_key and s3.secret_key_file").await;
    assert!(taken(&hospital).is_empty(), "told before any work");
    hospital.unset("BENHAN_S3_SECRET_KEY");
    let file = hospital.data("secrets/s3.secret");
    std::fs::write(&file, "bi+mat/cua kho\n").unwrap();
    let (code, said) = run(&hospital, &["backup", "--to", "s3://kho-khac/noi-1"]).await;
    assert!(code == 1 && said.contains("no such bucket"), "{said}");
    let (code, said) = run(&hospital, &["backup", "--to", "s3://kho-khac/../noi-1"]).await;
    assert!(code == 1 && said.contains("s3://BUCKET/PREFIX"), "{said}");
    let (code, said) = run(&hospital, &["config", "print"]).await;
    assert!(code == 0 && !said.contains("bi+mat") && said.contains("AKBENHAN"), "{said}");
    store.keep_versions();
    refused(&hospital, "turn its versioning off").await;
    assert!(store.objects("noi-1/benhan-2").is_empty(), "nothing of a patient lies there");
    hospital.set("BENHAN_S3_ENDPOINT", "http://127.0.0.1:9");
    refused(&hospital, "does not answer").await;
    hospital.set("BENHAN_S3_ENDPOINT", "http://kho.benhvien.vn");
    refused(&hospital, "https only").await;
    // Elsewhere only what is locked may lie.
    hospital.set("BENHAN_S3_ENDPOINT", "https://kho.benhvien.vn");
    hospital.set("BENHAN_BACKUP_ALSO", &format!("[\"{place}\"]"));
    hospital.set("BENHAN_BACKUP_TARGET", text(&target(&hospital)));
    let (code, said) = run(&hospital, &["config", "check"]).await;
    assert!(code == 1 && said.contains("outside the house only locked backups may lie"), "{said}");
    hospital.set("BENHAN_BACKUP_RECIPIENTS", "[\"age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg\"]");
    let (_, said) = run(&hospital, &["config", "check"]).await;
    assert!(!said.contains("outside the house"), "{said}");
}
