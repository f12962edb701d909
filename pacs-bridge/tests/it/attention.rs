//! What the bridge keeps apart, turns away or cannot deliver waits on the list of those who can act.

use crate::support::{Answer, Peer, TestBridge, TestServer, dataset, eventually, order, small_ct};
use benhan_contract::{AttentionChoice, AttentionItem, STUDY_KEY};
use benhan_pacs_bridge::dataset_sha256;

const STUDY: &str = "2.25.7";

async fn bridge(server: &TestServer) -> TestBridge {
    TestBridge::with(|config| config.uplink = Some(server.uplink())).await
}

/// The list, once it has so many items.
async fn listed(server: &TestServer, count: usize) -> Vec<AttentionItem> {
    eventually("the list is told", async || server.open_items().filter(|items| items.len() == count)).await
}

async fn store(peer: &mut Peer, patient: &str, pixels: &[u8]) -> Answer {
    peer.store("2.25.7.1.1", &dataset("2.25.7.1.1", STUDY, patient, pixels)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_content_under_a_known_uid_waits_until_somebody_has_seen_it_and_its_bytes_stay() {
    let server = TestServer::start(Vec::new()).await;
    let bridge = bridge(&server).await;
    let (mut peer, _) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    assert_eq!(store(&mut peer, "CANARY-1", &[1; 64]).await, Answer::Status(0));
    for _ in 0..2 {
        assert_eq!(store(&mut peer, "CANARY-1", &[2; 64]).await, Answer::Status(0xB000));
    }
    let items = listed(&server, 1).await;
    let item = &items[0];
    assert_eq!((item.kind.as_str(), item.sender.as_str(), item.again), ("content-differs", "CT1", false));
    assert_eq!(item.about, "2.25.7.1.1");
    eventually("the repetition counts", async || server.open_items().filter(|items| items[0].times == 2)).await;
    assert!(!server.reported().contains("CANARY"), "{}", server.reported());

    server.chooses(&item.key, AttentionChoice::Seen);
    listed(&server, 0).await;
    let kept = bridge.json("/quarantine").await;
    let sha256 = kept[0]["sha256"].as_str().unwrap();
    let blob = format!("blobs/{}/{sha256}.dcm", sha256.split_at(2).0);
    let file = bridge.folder.path().join(blob);
    assert!(bridge.plain(&file).ends_with(&[2; 64]), "the bytes stay");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_calls_often_is_one_line_and_quiet_once_seen() {
    let server = TestServer::start(Vec::new()).await;
    let bridge = bridge(&server).await;
    for _ in 0..3 {
        Peer::associate(bridge.running.dicom_addr, "STRANGER").await;
    }
    let stranger = async || server.open_items()?.first().filter(|item| item.times == 3).cloned();
    let item = eventually("three calls are one line", stranger).await;
    assert_eq!((item.kind.as_str(), item.sender.as_str()), ("peer-unknown", "STRANGER"));
    assert_eq!(item.address, "127.0.0.1");
    server.chooses(&item.key, AttentionChoice::Seen);
    listed(&server, 0).await;

    // It goes on, and another one comes: only that is news.
    Peer::associate(bridge.running.dicom_addr, "STRANGER").await;
    Peer::associate(bridge.running.dicom_addr, "OTHER").await;
    assert_eq!(listed(&server, 1).await[0].sender, "OTHER");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_study_that_the_server_refused_waits_and_is_told_whole_when_it_is_sent_again() {
    let server = TestServer::start(Vec::new()).await;
    server.set_refusing(true);
    let bridge = bridge(&server).await;
    small_ct(bridge.running.dicom_addr, 1).send(&order("ACC1")).await.unwrap();
    let item = listed(&server, 1).await.remove(0);
    assert_eq!((item.kind.as_str(), item.sender.as_str(), item.again), ("study-refused", "CT1", true));
    assert_eq!((item.about, item.reason), (order("ACC1").study_uid, "known with another patient id".to_owned()));

    // Another series while it waits: it is one study, and one line.
    small_ct(bridge.running.dicom_addr, 2).send(&order("ACC1")).await.unwrap();
    eventually("refused again", async || server.open_items().filter(|items| items[0].since > item.since)).await;
    listed(&server, 1).await;

    server.set_refusing(false);
    server.chooses(&item.key, AttentionChoice::Again);
    let study = eventually("the study is told", async || server.studies().first().cloned()).await;
    assert_eq!(study.series.iter().map(|series| series.instances.len()).sum::<usize>(), 6, "as it stands now");
    listed(&server, 0).await;
    assert!(!server.reported().contains("BN000123") && !server.reported().contains("Nguyễn"));
    bridge.stop().await;
}

// Clauses: RET-x
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_study_of_a_destroyed_record_leaves_the_disk_and_the_journal_and_no_other_does() {
    let server = TestServer::start(Vec::new()).await;
    let bridge = bridge(&server).await;
    let (mut peer, _) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    let other = dataset("2.25.8.1.1", "2.25.8", "CANARY-2", &[3; 64]);
    assert_eq!(peer.store("2.25.8.1.1", &other).await, Answer::Status(0));
    assert_eq!(store(&mut peer, "CANARY-1", &[1; 64]).await, Answer::Status(0));
    assert_eq!(store(&mut peer, "CANARY-1", &[2; 64]).await, Answer::Status(0xB000), "perhaps another's");
    drop(peer);
    eventually("both are told", async || (server.studies().len() >= 2).then_some(())).await;
    let mut before = bridge.blobs();
    assert_eq!(before.len(), 3);
    before.retain(|blob| bridge.plain(blob).ends_with(&[1; 64]));
    let (gone, stolen) = (before.remove(0), bridge.folder.path().join("copied-by-hand"));
    std::fs::copy(&gone, &stolen).unwrap();

    server.chooses(&format!("{STUDY_KEY}{STUDY}"), AttentionChoice::Erase);
    eventually("the bridge says that it is done", async || server.choices().is_empty().then_some(())).await;
    let left = bridge.blobs();
    assert_eq!(left.len(), 2, "{left:?}");
    let holds = |pixels: u8| left.iter().any(|blob| bridge.plain(blob).ends_with(&[pixels; 64]));
    assert!(holds(3) && holds(2) && !holds(1));
    assert_eq!(bridge.json("/quarantine").await.as_array().unwrap().len(), 1, "for a person, as before");
    let refused = dataset_sha256(&stolen, &bridge.keys()).unwrap_err().to_string();
    assert!(!gone.exists() && refused.contains("shredded"), "a copy that nobody knew of: {refused}");

    // Asked again, of what is gone and of what never was: done.
    server.chooses(&format!("{STUDY_KEY}{STUDY}"), AttentionChoice::Erase);
    eventually("done", async || server.choices().is_empty().then_some(())).await;
    assert_eq!(bridge.blobs().len(), 2);
    bridge.stop().await;
}
