//! DICOM files that lie about themselves, and callers that nobody knows.

use super::{CANARY, Target};
use benhan_tests::image::{Image, element};
use benhan_tests::modality::{Association, Said, request, store};
use benhan_tests::{dcmtk, eventually};
use tokio::io::AsyncWriteExt;

const UNKNOWN_CALLING: Said = Said::Rejected(1, 1, 3);
const UNKNOWN_CALLED: Said = Said::Rejected(1, 1, 7);
/// "Cannot understand", and "does not match what was announced".
const REFUSALS: [u16; 2] = [0xC000, 0xA900];

fn image() -> Image {
    Image::new("", "BN-9", &format!("Nguyễn^{CANARY}"))
}

/// The header of an element that promises more than follows.
fn promise(vr: &[u8; 2], length: u32) -> Vec<u8> {
    [&[0x11, 0, 0x10, 0], vr.as_slice(), &[0, 0], &length.to_le_bytes(), b"little"].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_lies_is_not_understood_and_leaves_nothing() {
    let target = Target::open().await;
    let to = target.hospital.ports().dicom;
    let mut modality = Association::open(to).await.unwrap();
    let honest = image();
    let head = honest.header();
    let nested =
        [0x08, 0, 0x40, 0x11, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
    let whole = honest.dataset();
    let cases: Vec<Vec<u8>> = vec![
        whole[..whole.len() - 500].to_vec(),
        whole[..head.len() / 2 + 1].to_vec(),
        [head.clone(), promise(b"UN", 0x7FFF_FFFF)].concat(),
        [head.clone(), promise(b"OB", 0xFFFF_FFFE)].concat(),
        [head.clone(), promise(b"UT", 0xFFFF_FF00)].concat(),
        [head.clone(), nested.repeat(20_000)].concat(),
        [head, vec![0xFF; 300_000]].concat(),
        vec![0; 300_000],
        element(0x0010, 0x0010, "PN", CANARY.as_bytes()),
    ];
    for (number, hostile) in cases.iter().enumerate() {
        let said = modality.store(&honest.sop, hostile).await.unwrap();
        let Said::Status(status) = said else { panic!("{number}: {said:?}") };
        assert!(REFUSALS.contains(&status), "{number}: {status:04X}");
    }
    // The association goes on, and the name is still free for the honest image.
    assert_eq!(modality.store(&honest.sop, &whole).await.unwrap(), Said::Status(0));
    modality.release().await.unwrap();
    let unfinished = std::fs::read_dir(target.hospital.data("pacs/incoming")).unwrap().count();
    assert_eq!(unfinished, 0, "parts of refused files are left");
    target.endures("lies", &["refused"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_on_no_list_is_refused_and_the_operator_sees_why() {
    let target = Target::open().await;
    let to = target.hospital.ports().dicom;
    assert_eq!(Association::ask(to, "STRANGER", "BENHAN").await.unwrap().1, UNKNOWN_CALLING);
    assert_eq!(Association::ask(to, "CT_DEMO", "ORTHANC").await.unwrap().1, UNKNOWN_CALLED);
    let (good, said) = dcmtk::echoscu("STRANGER", to).await;
    assert!(!good && said.contains("Calling AE Title Not Recognized"), "{said}");

    // No association at all, a length of four gigabytes, half a request, data before the handshake.
    for bytes in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![1, 0, 0xFF, 0xFF, 0xFF, 0xFF],
        vec![4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3],
    ] {
        let mut peer = tokio::net::TcpStream::connect(to).await.unwrap();
        peer.write_all(&bytes).await.unwrap();
        let mut peer = Association { stream: peer };
        assert!(matches!(peer.hear().await, Ok(Said::Aborted | Said::Rejected(..)) | Err(_)));
    }
    let half = request("CT_DEMO", "BENHAN");
    let mut peer = tokio::net::TcpStream::connect(to).await.unwrap();
    peer.write_all(&half[..half.len() / 2]).await.unwrap();
    drop(peer);

    // Cut in the middle of an image: nothing of it stays.
    let cut = image();
    let mut modality = Association::open(to).await.unwrap();
    let wire = store(&cut.sop, &Image { side: 512, ..cut.clone() }.dataset());
    modality.stream.write_all(&wire[..wire.len() / 2]).await.unwrap();
    let incoming = target.hospital.data("pacs/incoming");
    let parts = || std::fs::read_dir(&incoming).unwrap().count();
    eventually("the part appears", async || (parts() == 1).then_some(())).await;
    drop(modality);
    eventually("the part is gone", async || (parts() == 0).then_some(())).await;
    target.endures("strangers", &["the calling AE title is on no list", "an association ended early"]).await;
}
