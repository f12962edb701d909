//! Headers and pixels for the server.

use crate::support::{TestBridge, TestServer, eventually, order, small_ct};
use benhan_contract::StudyDelivery;
use benhan_pacs_bridge::simulate::{Examination, Modality};

async fn examined(bridge: &TestBridge, server: &TestServer, examination: Examination) -> StudyDelivery {
    let modality = Modality { examination, ..small_ct(bridge.running.dicom_addr, 5) };
    modality.send(&order("ACC1")).await.unwrap();
    eventually("the study is told", async || server.studies().first().cloned()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ct_slice_is_served_as_header_pixels_and_picture() {
    let server = TestServer::start(Vec::new()).await;
    let bridge = TestBridge::with(|config| config.uplink = Some(server.uplink())).await;
    let study = examined(&bridge, &server, Examination::Ct { slices: 2, side: 512 }).await;
    let instance = &study.series[0].instances[0];
    let sop = &instance.sop_uid;

    let header = bridge.json(&format!("/instances/{sop}/metadata")).await;
    assert_eq!(header[0]["00100010"]["Value"][0]["Alphabetic"], "Nguyễn^Văn Đức");
    assert_eq!(header[0]["00280010"]["Value"][0], 512);
    assert!(header[0].get("7FE00010").is_none(), "pixels are no part of a header");
    let series = bridge.json(&format!("/series/{}/metadata", study.series[0].series_uid)).await;
    assert_eq!(series.as_array().unwrap().len(), 2);

    let (_, file) = bridge.get(&format!("/instances/{sop}")).await;
    let (_, frame) = bridge.get(&format!("/instances/{sop}/frames/1")).await;
    assert_eq!(frame.len(), 512 * 512 * 2);
    assert!(file.ends_with(&frame), "the frame is the stored bytes");
    assert_eq!(bridge.get(&format!("/instances/{sop}/frames/2")).await.0, 404);

    let (status, jpeg) = bridge.get(&format!("/instances/{sop}/rendered?window=-600,1600")).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&jpeg));
    let lung = image::load_from_memory(&jpeg).unwrap().to_luma8();
    assert_eq!(lung.dimensions(), (512, 512));
    let (_, png) = bridge.get(&format!("/instances/{sop}/rendered?format=png")).await;
    let soft = image::load_from_memory(&png).unwrap().to_luma8();
    // The left lung: black in the soft tissue window, grey in the lung window.
    assert!(soft.get_pixel(150, 256).0[0] < 10 && lung.get_pixel(150, 256).0[0] > 60);
    let (_, small) = bridge.get(&format!("/instances/{sop}/thumbnail")).await;
    assert_eq!(image::load_from_memory(&small).unwrap().to_luma8().dimensions(), (256, 256));
    // The second time it comes from the cache, the same to the byte.
    assert_eq!(bridge.get(&format!("/instances/{sop}/rendered?format=png")).await.1, png);

    assert_eq!(bridge.get_without_token(&format!("/instances/{sop}")).await, 401);
    assert_eq!(bridge.get("/instances/../../etc/passwd").await.0, 404);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_decoder_images_are_still_stored_and_served() {
    let server = TestServer::start(Vec::new()).await;
    let bridge = TestBridge::with(|config| {
        config.uplink = Some(server.uplink());
        config.worker_command = Vec::new();
    })
    .await;
    let study = examined(&bridge, &server, Examination::Cr { side: 128 }).await;
    let sop = &study.series[0].instances[0].sop_uid;
    assert_eq!(bridge.get(&format!("/instances/{sop}/frames/1")).await.0, 200);
    let (status, problem) = bridge.get(&format!("/instances/{sop}/rendered")).await;
    assert_eq!(status, 415);
    assert!(String::from_utf8_lossy(&problem).contains("no decoder is configured"));
    bridge.stop().await;
}

/// A sender wrote the length of the compressed bytes where the standard has none.
#[tokio::test]
async fn compressed_pixels_with_a_length_of_their_own_are_not_served_as_samples() {
    use crate::support::{Answer, Peer};
    use benhan_dimse::dataset::{DatasetWriter, Encoding, Tag, Vr};
    let bridge = TestBridge::start().await;
    let jpeg = "1.2.840.10008.1.2.4.50";
    let mut peer = Peer::connect(bridge.running.dicom_addr).await;
    let mut request = Peer::association_request("CT1");
    request.contexts[0].transfer_syntaxes = vec![jpeg.into()];
    peer.say(&request.to_pdu()).await;
    assert!(peer.pdu().await.is_some());
    let mut writer = DatasetWriter::new(Encoding::ExplicitLittle);
    writer.text(Tag(0x0008, 0x0016), Vr::UI, crate::support::CT_IMAGE).text(Tag(0x0008, 0x0018), Vr::UI, "1.2.3");
    writer.text(Tag(0x0020, 0x000D), Vr::UI, "1.2").text(Tag(0x0020, 0x000E), Vr::UI, "1.2.1");
    for (tag, value) in [(0x0002, 1), (0x0010, 8), (0x0011, 8), (0x0100, 8), (0x0101, 8), (0x0102, 7), (0x0103, 0)] {
        writer.u16(Tag(0x0028, tag), value);
    }
    writer.bytes(Tag::PIXEL_DATA, Vr::OB, &[7; 64]);
    assert_eq!(peer.store("1.2.3", &writer.finish()).await, Answer::Status(0x0000));
    assert_eq!(bridge.get("/instances/1.2.3/frames/1").await.0, 415);
    bridge.stop().await;
}

/// Child processes of this one, by their `/proc` folders.
fn children() -> Vec<std::path::PathBuf> {
    let own = format!("PPid:\t{}", std::process::id());
    let is_ours = |folder: &std::path::PathBuf| {
        std::fs::read_to_string(folder.join("status")).is_ok_and(|status| status.lines().any(|line| line == own))
    };
    std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).filter(is_ours).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decoding_process_can_open_nothing_and_write_to_no_file() {
    let server = TestServer::start(Vec::new()).await;
    let bridge = TestBridge::with(|config| config.uplink = Some(server.uplink())).await;
    let study = examined(&bridge, &server, Examination::Cr { side: 128 }).await;
    let sop = &study.series[0].instances[0].sop_uid;
    assert_eq!(bridge.get(&format!("/instances/{sop}/rendered")).await.0, 200);
    let decoders = children();
    assert_eq!(decoders.len(), 1);
    let limits = std::fs::read_to_string(decoders[0].join("limits")).unwrap();
    let of = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of("Max open files"), ["3", "3"]);
    assert_eq!(of("Max file size"), ["0", "0"]);
    assert_eq!(of("Max core file size"), ["0", "0"]);
    for bounded in ["Max cpu time", "Max address space"] {
        assert!(of(bounded).iter().all(|limit| limit != "unlimited"), "{bounded}");
    }
    bridge.stop().await;
}
