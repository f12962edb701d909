//! What was acknowledged is there, once, whatever happens.

use crate::support::{Answer, BridgeProcess, Peer, TestBridge, dataset, eventually, get};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn the_same_image_twice_is_stored_once_and_another_under_its_name_is_kept_apart() {
    let bridge = TestBridge::start().await;
    let (mut peer, _) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    let first = dataset("1.2.3", "1.2", "P1", &[1; 64]);
    assert_eq!(peer.store("1.2.3", &first).await, Answer::Status(0x0000));
    assert_eq!(peer.store("1.2.3", &first).await, Answer::Status(0x0000));
    assert_eq!(peer.store("1.2.3", &dataset("1.2.3", "1.2", "P1", &[2; 64])).await, Answer::Status(0xB000));

    let (_, stored) = bridge.get("/instances/1.2.3").await;
    assert!(stored.ends_with(&first), "the first stays");
    let apart = bridge.json("/quarantine").await;
    assert_eq!(apart[0]["why"], "content-differs");
    assert_eq!(apart.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_study_is_never_two_patients() {
    let bridge = TestBridge::start().await;
    let (mut peer, _) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    assert_eq!(peer.store("1.2.3", &dataset("1.2.3", "1.2", "P1", &[1; 8])).await, Answer::Status(0x0000));
    assert_eq!(peer.store("1.2.4", &dataset("1.2.4", "1.2", "P2", &[1; 8])).await, Answer::Status(0xB000));
    assert_eq!(bridge.json("/quarantine").await[0]["why"], "patient-differs");
    assert_eq!(bridge.get("/instances/1.2.4").await.0, 404);
}

#[tokio::test]
async fn one_series_is_never_in_two_studies() {
    let bridge = TestBridge::start().await;
    let (mut peer, _) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    assert_eq!(peer.store("1.2.3", &dataset("1.2.3", "1.2", "P1", &[1; 8])).await, Answer::Status(0x0000));
    // Another study of the same length, with the series of the first.
    let mut stray = dataset("1.2.4", "1.3", "P1", &[1; 8]);
    let at = stray.windows(5).position(|part| part == b"1.3.1").unwrap();
    stray[at..at + 5].copy_from_slice(b"1.2.1");
    assert_eq!(peer.store("1.2.4", &stray).await, Answer::Status(0xB000));
    assert_eq!(bridge.json("/quarantine").await[0]["why"], "series-differs");
    assert_eq!(bridge.get("/instances/1.2.4").await.0, 404);
}

// Clauses: C46-10.4
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_from_before_they_were_sealed_are_served_and_sealed_at_the_next_start() {
    let bridge = TestBridge::start().await;
    // Nothing is there yet, and nothing that comes is older.
    let mark = bridge.folder.path().join("sealed");
    eventually("the mark is there", async || mark.exists().then_some(())).await;
    let (mut peer, _) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    let sent = [dataset("1.2.3", "1.2", "P1", &[1; 70_000]), dataset("1.2.4", "1.2", "P1", &[2; 64])];
    assert_eq!(peer.store("1.2.3", &sent[0]).await, Answer::Status(0x0000));
    assert_eq!(peer.store("1.2.4", &sent[1]).await, Answer::Status(0x0000));
    assert_eq!(peer.store("1.2.4", &dataset("1.2.4", "1.2", "P1", &[3; 64])).await, Answer::Status(0xB000));
    drop(peer);
    let blobs = bridge.blobs();
    for blob in &blobs {
        let plain = bridge.plain(blob);
        assert!(!std::fs::read(blob).unwrap().windows(64).any(|at| plain.ends_with(at)), "sealed");
        std::fs::write(blob, plain).unwrap();
    }
    let damaged = bridge.folder.path().join(format!("blobs/ab/{}.dcm", "ab".repeat(32)));
    std::fs::write(&damaged, bridge.plain(&blobs[0])).unwrap();
    let folder = bridge.stop().await;
    std::fs::remove_file(&mark).unwrap();

    let bridge = TestBridge::in_folder(folder, |_| {}).await;
    let lies_plain = |blob: &PathBuf| std::fs::read(blob).unwrap() == bridge.plain(blob);
    eventually("all are sealed but one", async || (!blobs.iter().any(lies_plain)).then_some(())).await;
    assert!(lies_plain(&damaged), "its name is the hash of something else: for a person, as it lies there");
    for (uid, sent) in ["1.2.3", "1.2.4"].iter().zip(&sent) {
        assert!(bridge.get(&format!("/instances/{uid}")).await.1.ends_with(sent));
    }
    std::fs::remove_file(&damaged).unwrap();
    let bridge = TestBridge::in_folder(bridge.stop().await, |_| {}).await;
    eventually("the mark is there", async || mark.exists().then_some(())).await;
    assert_eq!(bridge.unfinished(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_image_is_lost_to_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    for round in 0..3 {
        let bridge = BridgeProcess::start(folder.path());
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                tokio::spawn(send_until_cut(bridge.dicom, format!("1.{round}.{sender}"), acknowledged.clone()))
            })
            .collect();
        let before = acknowledged.lock().unwrap().len();
        eventually("images are acknowledged", async || {
            (acknowledged.lock().unwrap().len() >= before + 15).then_some(())
        })
        .await;
        bridge.kill();
        for sender in senders {
            sender.await.unwrap();
        }
    }
    let bridge = BridgeProcess::start(folder.path());
    assert_eq!(std::fs::read_dir(folder.path().join("data/incoming")).unwrap().count(), 0);
    let so_far = acknowledged.lock().unwrap().clone();
    for (sop, sent) in so_far {
        let (_, stored) = get(bridge.pixels, &format!("/instances/{sop}"), Some("secret")).await;
        assert!(stored.ends_with(&sent), "{sop} was acknowledged");
    }
    // Sending all of it again brings nothing twice.
    let (mut peer, _) = Peer::associate(bridge.dicom, "CT1").await;
    let again = acknowledged.lock().unwrap().clone();
    for (sop, sent) in &again {
        assert_eq!(peer.store(sop, sent).await, Answer::Status(0x0000));
    }
    // Beyond them only what was stored and cut off before its acknowledgement: at most one a sender and round.
    let files = blobs(&folder.path().join("data/blobs"));
    assert!((again.len()..=again.len() + 12).contains(&files), "{files} files for {} images", again.len());
}

type Acknowledged = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

async fn send_until_cut(address: std::net::SocketAddr, root: String, acknowledged: Acknowledged) {
    let (mut peer, _) = Peer::associate(address, "CT1").await;
    for number in 1.. {
        let sop = format!("{root}.{number}");
        let image = dataset(&sop, &root, "P1", &number_pixels(number));
        match peer.store(&sop, &image).await {
            Answer::Status(0) => acknowledged.lock().unwrap().push((sop, image)),
            Answer::Closed => return,
            other => panic!("{other:?}"),
        }
    }
}

fn number_pixels(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat(8_000)
}

fn blobs(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { blobs(&path) } else { 1 }).sum()
}
