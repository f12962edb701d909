//! Memory stays bounded, whatever is sent.

use crate::support::{Answer, BridgeProcess, CT_IMAGE, Peer, dataset};
use benhan_dimse::dataset::{DatasetWriter, Encoding, Tag, Vr};
use tokio::io::AsyncWriteExt;

/// 200 MiB here; `BENHAN_LARGE_MIB=2040` for the long proof.
fn large_mib() -> u32 {
    std::env::var("BENHAN_LARGE_MIB").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

#[tokio::test]
async fn a_large_instance_costs_no_more_memory_than_a_small_one() {
    let folder = tempfile::tempdir().unwrap();
    let bridge = BridgeProcess::start(folder.path());
    let (mut peer, _) = Peer::associate(bridge.dicom, "CT1").await;
    assert_eq!(peer.store("1.2.3", &dataset("1.2.3", "1.2", "P1", &[0; 64])).await, Answer::Status(0));
    let before = bridge.peak_kib();

    let size = large_mib() * 1024 * 1024;
    let mut head = dataset("1.2.4", "1.2", "P1", &[]);
    let at = head.len() - 4;
    head[at..].copy_from_slice(&size.to_le_bytes());
    // The command and the beginning, then the pixels piece by piece, the last one marked.
    let mut wire = Peer::store_message("1.2.4", &head);
    let last_pdv = wire.len() - head.len() - 1;
    wire[last_pdv] = 0b00;
    peer.say(&wire).await;
    let piece = vec![7_u8; 65_536];
    let count = size / 65_536;
    for number in 1..=count {
        let control = if number == count { 0b10 } else { 0b00 };
        let mut pdu = vec![4, 0];
        pdu.extend_from_slice(&(65_536_u32 + 6).to_be_bytes());
        pdu.extend_from_slice(&(65_536_u32 + 2).to_be_bytes());
        pdu.extend_from_slice(&[1, control]);
        peer.stream.write_all(&pdu).await.unwrap();
        peer.stream.write_all(&piece).await.unwrap();
    }
    assert_eq!(peer.answer().await, Answer::Status(0));
    let rise = bridge.peak_kib() - before;
    assert!(rise <= 16 * 1024, "{rise} KiB for {} MiB", large_mib());
}

#[tokio::test]
async fn hostile_datasets_cost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bridge = BridgeProcess::start(folder.path());
    let (mut peer, _) = Peer::associate(bridge.dicom, "CT1").await;
    assert_eq!(peer.store("1.2.3", &dataset("1.2.3", "1.2", "P1", &[0; 64])).await, Answer::Status(0));
    let before = bridge.peak_kib();
    for (number, hostile) in hostile_datasets().iter().enumerate() {
        let sop = format!("1.2.3.{number}");
        let answer = peer.store(&sop, hostile).await;
        assert!(matches!(answer, Answer::Status(0xC000 | 0xA900 | 0xB000)), "{number}: {answer:?}");
    }
    let rise = bridge.peak_kib() - before;
    assert!(rise <= 16 * 1024, "{rise} KiB");
}

fn hostile_datasets() -> Vec<Vec<u8>> {
    let head = |number: usize| {
        let mut writer = DatasetWriter::new(Encoding::ExplicitLittle);
        writer.text(Tag(0x0008, 0x0016), Vr::UI, CT_IMAGE);
        writer.text(Tag(0x0008, 0x0018), Vr::UI, &format!("1.2.3.{number}"));
        writer.finish()
    };
    let with = |number: usize, tail: Vec<u8>| [head(number), tail].concat();
    let long = |vr: &[u8; 2], length: u32| {
        let mut element = vec![0x10, 0, 0x10, 0, vr[0], vr[1], 0, 0];
        element.extend_from_slice(&length.to_le_bytes());
        element
    };
    let nested: Vec<u8> = [0x08, 0, 0x40, 0x11, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        .into_iter()
        .chain([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF])
        .collect();
    let empty_element = [0x11, 0, 0x10, 0, b'L', b'O', 0, 0];
    vec![
        with(0, long(b"UN", 0x7FFF_FFFF)),
        with(1, long(b"OB", 0xFFFF_FFFE)),
        with(2, long(b"UN", 0xFFFF_FFFF)),
        with(3, long(b"OW", 0xFFFF_FFFF)),
        with(4, nested.repeat(10_000)),
        // Many elements without values.
        with(5, empty_element.repeat(200_000)),
        with(6, vec![0xFF; 500_000]),
        vec![0; 500_000],
    ]
}
