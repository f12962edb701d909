//! Peers that lie, stop, stall or shout: each gets the protocol's answer, and nothing of theirs stays.

use crate::support::{Answer, Peer, TestBridge, dataset, eventually};
use benhan_dimse::dataset::{DatasetWriter, Encoding, Tag, Vr};
use benhan_dimse::pdu::{AbortSource, Pdu, Reject};

async fn admitted(bridge: &TestBridge) -> Peer {
    let (peer, pdu) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    assert!(matches!(pdu, Some(Pdu::AssociateAc(_))));
    peer
}

#[tokio::test]
async fn an_unknown_peer_is_refused_and_the_operator_sees_why() {
    let bridge = TestBridge::start().await;
    let (_, pdu) = Peer::associate(bridge.running.dicom_addr, "STRANGER").await;
    assert_eq!(pdu, Some(Pdu::AssociateRj(Reject { result: 1, source: 1, reason: 3 })));
    let refusals = bridge.json("/refusals").await;
    assert_eq!(refusals[0]["calling"], "STRANGER");
    assert_eq!(refusals[0]["reason"], "the calling AE title is on no list");
}

#[tokio::test]
async fn a_peer_without_the_right_to_store_gets_no_context_for_it() {
    let bridge = TestBridge::start().await;
    let (_, pdu) = Peer::associate(bridge.running.dicom_addr, "ECHOONLY").await;
    let Some(Pdu::AssociateAc(accept)) = pdu else { panic!("the peer itself is known") };
    assert_eq!(accept.contexts[0].result, benhan_dimse::pdu::ContextResult::AbstractSyntaxNotSupported);
}

#[tokio::test]
async fn beyond_the_limit_a_peer_is_asked_to_come_again() {
    let bridge = TestBridge::with(|config| config.max_associations = 2).await;
    let _first = admitted(&bridge).await;
    let second = admitted(&bridge).await;
    let (_, pdu) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    assert_eq!(pdu, Some(Pdu::AssociateRj(Reject { result: 2, source: 3, reason: 1 })));
    drop(second);
    eventually("a place becomes free", async || {
        let (_, pdu) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
        matches!(pdu, Some(Pdu::AssociateAc(_))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_dataset_that_declares_more_than_it_has_is_not_understood() {
    let bridge = TestBridge::start().await;
    let mut peer = admitted(&bridge).await;
    let mut writer = DatasetWriter::new(Encoding::ExplicitLittle);
    writer.text(Tag(0x0008, 0x0016), Vr::UI, crate::support::CT_IMAGE);
    writer.text(Tag(0x0008, 0x0018), Vr::UI, "1.2.3");
    let mut lying = writer.finish();
    lying.extend_from_slice(&[0x10, 0, 0x10, 0, b'U', b'N', 0, 0, 0xFF, 0xFF, 0xFF, 0x7F]);
    lying.resize(600, 0x41);
    assert_eq!(peer.store("1.2.3", &lying).await, Answer::Status(0xC000));

    // Cut off in the middle of the pixels, as a modality with a full disk sends it.
    let whole = dataset("1.2.4", "1.2", "P1", &[7; 4000]);
    assert_eq!(peer.store("1.2.4", &whole[..whole.len() - 1000]).await, Answer::Status(0xC000));

    // The association goes on, and nothing is left behind.
    assert_eq!(peer.store("1.2.4", &whole).await, Answer::Status(0x0000));
    assert_eq!(bridge.unfinished(), 0);
    assert_eq!(bridge.get("/instances/1.2.3").await.0, 404);
}

#[tokio::test]
async fn a_dataset_that_is_another_than_announced_is_refused() {
    let bridge = TestBridge::start().await;
    let mut peer = admitted(&bridge).await;
    let other = dataset("1.2.99", "1.2", "P1", &[0; 8]);
    assert_eq!(peer.store("1.2.3", &other).await, Answer::Status(0xA900));
    assert_eq!(bridge.unfinished(), 0);
}

#[tokio::test]
async fn a_path_for_a_uid_is_a_mistyped_argument() {
    let bridge = TestBridge::start().await;
    let mut peer = admitted(&bridge).await;
    // 1.2.3.4.5 padded becomes ../../etc: same length, so only the characters change.
    let mut wire = Peer::store_message("1.2.3.4.5", &dataset("1.2.3.4.5", "1.2", "P1", &[0; 8]));
    let at = wire.windows(9).position(|window| window == b"1.2.3.4.5").unwrap();
    wire[at..at + 9].copy_from_slice(b"../../etc");
    peer.say(&wire).await;
    assert_eq!(peer.answer().await, Answer::Status(0x0212));
}

#[tokio::test]
async fn an_abort_inside_a_dataset_leaves_no_file() {
    let bridge = TestBridge::start().await;
    let mut peer = admitted(&bridge).await;
    let wire = Peer::store_message("1.2.3", &dataset("1.2.3", "1.2", "P1", &vec![1; 900_000]));
    peer.say(&wire[..600_000]).await;
    eventually("the part appears", async || (bridge.unfinished() == 1).then_some(())).await;
    drop(peer);
    eventually("the part is gone", async || (bridge.unfinished() == 0).then_some(())).await;
    assert_eq!(bridge.get("/instances/1.2.3").await.0, 404);
}

#[tokio::test]
async fn malformed_pdus_end_in_an_abort() {
    let bridge = TestBridge::start().await;
    let provider = |reason| Some(Pdu::Abort(benhan_dimse::pdu::Abort { source: AbortSource::Provider { reason } }));
    let cases: [(&str, &[u8], Option<Pdu>); 5] = [
        ("a PDU of four gigabytes", &[4, 0, 0xFF, 0xFF, 0xFF, 0xFF], provider(6)),
        ("a PDU of nothing", &[4, 0, 0, 0, 0, 0], provider(6)),
        ("an unknown type", &[0x47, 0x45, 0x54, 0x20, 0x2F, 0x20], provider(1)),
        ("a dataset before its command", &[4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 2, 0, 0], provider(2)),
        ("a context that nobody agreed on", &[4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 9, 3], provider(2)),
    ];
    for (what, bytes, expected) in cases {
        let mut peer = admitted(&bridge).await;
        peer.say(bytes).await;
        assert_eq!(peer.pdu().await, expected, "{what}");
    }
}

#[tokio::test]
async fn slow_peers_are_let_go() {
    let bridge = TestBridge::with(|config| {
        config.artim_seconds = 1;
        config.idle_seconds = 1;
    })
    .await;
    // Never says what it wants.
    let mut silent = Peer::connect(bridge.running.dicom_addr).await;
    silent.say(&[1, 0, 0]).await;
    // Has said it, and begins a message that it does not finish.
    let mut idle = admitted(&bridge).await;
    idle.say(&Peer::store_message("1.2.3", &dataset("1.2.3", "1.2", "P1", &[0; 8]))[..40]).await;
    assert!(matches!(silent.pdu().await, Some(Pdu::Abort(_)) | None));
    assert!(matches!(idle.pdu().await, Some(Pdu::Abort(_)) | None));
}

// Clauses: C46-6.c
#[tokio::test]
async fn a_full_disk_is_out_of_resources() {
    let bridge = TestBridge::with(|config| config.min_free_percent = 101).await;
    let mut peer = admitted(&bridge).await;
    let image = dataset("1.2.3", "1.2", "P1", &[0; 8]);
    assert_eq!(peer.store("1.2.3", &image).await, Answer::Status(0xA700));
    assert_eq!(bridge.unfinished(), 0);
}

#[tokio::test]
async fn an_instance_beyond_the_limit_is_refused_and_leaves_no_file() {
    let bridge = TestBridge::with(|config| config.max_instance_mib = 1).await;
    let mut peer = admitted(&bridge).await;
    let large = dataset("1.2.3", "1.2", "P1", &vec![0; 3 << 20]);
    assert_eq!(peer.store("1.2.3", &large).await, Answer::Status(0xA700));
    assert_eq!(peer.store("1.2.4", &dataset("1.2.4", "1.2", "P1", &[0; 8])).await, Answer::Status(0x0000));
    eventually("the part is gone", async || (bridge.unfinished() == 0).then_some(())).await;
}

#[tokio::test]
async fn an_address_from_which_no_peer_may_call_is_not_answered() {
    let bridge = TestBridge::with(|config| {
        let elsewhere = benhan_pacs_bridge::Network::parse("10.0.0.0/8").unwrap();
        config.peers.iter_mut().for_each(|peer| peer.addresses = vec![elsewhere]);
    })
    .await;
    let (_, pdu) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    assert_eq!(pdu, None);
}

#[tokio::test]
async fn one_address_never_takes_every_connection() {
    let bridge = TestBridge::start().await;
    let mut silent = Vec::new();
    for _ in 0..24 {
        silent.push(Peer::connect(bridge.running.dicom_addr).await);
    }
    let (_, pdu) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
    assert_eq!(pdu, None, "three quarters of 32 are taken");
    silent.clear();
    eventually("a place becomes free", async || {
        let (_, pdu) = Peer::associate(bridge.running.dicom_addr, "CT1").await;
        matches!(pdu, Some(Pdu::AssociateAc(_))).then_some(())
    })
    .await;
}
