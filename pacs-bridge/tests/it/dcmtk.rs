//! dcmtk's own tools against the bridge.

use crate::support::{TestBridge, order, small_ct};
use std::process::{Command, Output};

async fn run(tool: &'static str, bridge: &TestBridge, calling: &str, called: &str, files: &[String]) -> Output {
    let port = bridge.running.dicom_addr.port().to_string();
    let mut command = Command::new(format!("/usr/bin/{tool}"));
    command.args(["-v", "-aet", calling, "-aec", called, "127.0.0.1", &port]).args(files);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn echoscu_is_answered_when_it_is_known() {
    let bridge = TestBridge::start().await;
    assert!(run("echoscu", &bridge, "ECHOONLY", "BENHAN", &[]).await.status.success());
    let refused = run("echoscu", &bridge, "NOBODY", "BENHAN", &[]).await;
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("Calling AE Title Not Recognized"));
    let wrong = run("echoscu", &bridge, "CT1", "ORTHANC", &[]).await;
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("Called AE Title Not Recognized"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_storescu_sends_is_stored_to_the_byte_and_passes_dcmftest() {
    let first = TestBridge::start().await;
    small_ct(first.running.dicom_addr, 9).send(&order("ACC1")).await.unwrap();
    let plain = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for blob in first.blobs() {
        let file = plain.path().join(blob.file_name().unwrap());
        std::fs::write(&file, first.plain(&blob)).unwrap();
        files.push(file.display().to_string());
    }
    assert_eq!(files.len(), 3);
    let tested = Command::new("/usr/bin/dcmftest").args(&files).output().unwrap();
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));

    let second = TestBridge::start().await;
    let sent = run("storescu", &second, "CT1", "BENHAN", &files).await;
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    // Files are named by the hash of their dataset: equal names are equal bytes.
    let names = |files: Vec<String>| {
        let mut names: Vec<String> = files.iter().map(|file| file.rsplit('/').next().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let stored = second.blobs().iter().map(|blob| blob.display().to_string()).collect();
    assert_eq!(names(stored), names(files));
}
