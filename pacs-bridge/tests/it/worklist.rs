//! The worklist as modalities see it, judged by dcmtk's findscu and by a client of another make.

use crate::support::{Answer, Peer, TestBridge, TestServer, order, small_ct};
use benhan_contract::WorklistItem;
use benhan_dimse::dataset::{DatasetWriter, Encoding, Tag, Vr};
use benhan_dimse::pdu::{Pdu, write_message};
use benhan_dimse::{FindRequest, Request, Uid};
use std::process::Command;

fn items() -> Vec<WorklistItem> {
    let item = |accession: &str, name: &str, modality: &str, date: &str| WorklistItem {
        accession: accession.into(),
        study_uid: format!("2.25.{}", accession.bytes().map(u32::from).sum::<u32>()),
        patient_id: format!("BN-{accession}"),
        patient_name: name.into(),
        birth_date: "19800520".into(),
        sex: "F".into(),
        requested_procedure_id: format!("RP-{accession}"),
        procedure_description: "Chụp ngực thẳng".into(),
        modality: modality.into(),
        scheduled_date: date.into(),
        scheduled_time: "083000".into(),
        ..WorklistItem::default()
    };
    vec![
        item("A1", "Nguyễn Văn Đức", "CT", "20261122"),
        item("A2", "Trần Thị Ánh", "CR", "20261122"),
        item("A3", "Nguyễn Thị Đào", "CT", "20261123"),
    ]
}

/// Runs findscu with these keys; answers its printed responses.
async fn findscu(bridge: &TestBridge, calling: &str, keys: &[&str]) -> String {
    let port = bridge.running.dicom_addr.port().to_string();
    let mut command = Command::new("/usr/bin/findscu");
    command.args(["-W", "-aet", calling, "-aec", "BENHAN", "127.0.0.1", &port]);
    command.args(["-k", "(0010,0020)", "-k", "(0008,0050)", "-k", "(0020,000d)", "-k", "(0010,21c0)"]);
    for key in keys {
        command.args(["-k", key]);
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    [output.stdout, output.stderr].iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

fn accessions(printed: &str) -> Vec<&str> {
    ["A1", "A2", "A3"].into_iter().filter(|name| printed.contains(&format!("[{name}]"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn findscu_finds_by_modality_date_and_name() {
    let server = TestServer::start(items()).await;
    let bridge = TestBridge::with(|config| config.uplink = Some(server.uplink())).await;
    let step = "(0040,0100)[0].";
    let modality = format!("{step}Modality=CT");
    let ask = async |keys: &[&str]| findscu(&bridge, "CT1", keys).await;

    assert_eq!(accessions(&ask(&["PatientName"]).await), ["A1", "A2", "A3"]);
    assert_eq!(accessions(&ask(&["PatientName", &modality]).await), ["A1", "A3"]);
    let today = format!("{step}ScheduledProcedureStepStartDate=20261122-20261122");
    assert_eq!(accessions(&ask(&["PatientName", &modality, &today]).await), ["A1"]);
    let found = ask(&["PatientName=NGUYEN*"]).await;
    assert_eq!(accessions(&found), ["A1", "A3"]);
    assert!(found.contains("Nguyễn^Văn Đức") && found.contains("ISO_IR 192"), "{found}");
    assert_eq!(accessions(&ask(&["PatientName=*ÁNH"]).await), ["A2"]);
    assert_eq!(accessions(&ask(&["AccessionNumber=A2"]).await), ["A2"]);

    let plain = findscu(&bridge, "OLDCT", &["PatientName=NGUYEN*"]).await;
    assert!(plain.contains("[Nguyen^Van Duc]") && !plain.contains("ISO_IR"), "{plain}");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worklist_is_answered_while_the_server_is_away() {
    let server = TestServer::start(items()).await;
    let bridge = TestBridge::with(|config| config.uplink = Some(server.uplink())).await;
    assert_eq!(small_ct(bridge.running.dicom_addr, 1).worklist().await.unwrap().len(), 2);
    server.set_away(true);
    let folder = bridge.stop().await;
    let bridge = TestBridge::in_folder(folder, |config| config.uplink = Some(server.uplink())).await;
    let found = small_ct(bridge.running.dicom_addr, 1).worklist().await.unwrap();
    assert_eq!(found.iter().map(|order| order.accession.as_str()).collect::<Vec<_>>(), ["A1", "A3"]);
    assert_eq!(found[0].patient_name, "Nguyễn^Văn Đức");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_stops_when_it_is_cancelled() {
    const WORKLIST: &str = "1.2.840.10008.5.1.4.31";
    let many = (0..400).map(|number| WorklistItem { accession: format!("N{number}"), ..items()[0].clone() });
    let server = TestServer::start(many.collect()).await;
    let bridge = TestBridge::with(|config| config.uplink = Some(server.uplink())).await;
    let mut peer = Peer::connect(bridge.running.dicom_addr).await;
    let mut asked = Peer::association_request("CT1");
    asked.contexts[0].abstract_syntax = WORKLIST.into();
    peer.say(&asked.to_pdu()).await;
    assert!(matches!(peer.pdu().await, Some(Pdu::AssociateAc(_))));

    let mut query = DatasetWriter::new(Encoding::ExplicitLittle);
    query.text(Tag(0x0008, 0x0050), Vr::SH, "");
    let find = Request::Find(FindRequest { message_id: 5, sop_class: Uid::parse(WORKLIST).unwrap() });
    let mut wire = Vec::new();
    write_message(&mut wire, 1, &find.to_set().encode(), Some(&query.finish()), 16_384);
    write_message(&mut wire, 1, &Request::Cancel { message_id: 5 }.to_set().encode(), None, 16_384);
    peer.say(&wire).await;
    let mut pending = 0;
    let last = loop {
        match peer.answer().await {
            Answer::Status(0xFF00) => pending += 1,
            other => break other,
        }
    };
    assert_eq!(last, Answer::Status(0xFE00));
    assert!(pending < 400, "{pending} answers came all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_modality_examines_what_its_worklist_says() {
    let server = TestServer::start(items()).await;
    let bridge = TestBridge::with(|config| config.uplink = Some(server.uplink())).await;
    let report = small_ct(bridge.running.dicom_addr, 1).run(Some("A3")).await.unwrap();
    assert_eq!((report.scheduled, report.sent), (2, 3));
    let told = crate::support::eventually("the study is told", async || server.studies().first().cloned()).await;
    assert_eq!((told.accession.as_str(), told.patient_id.as_str()), ("A3", "BN-A3"));
    assert_eq!(told.study_uid, report.examined.unwrap().study_uid);
    assert_ne!(told.study_uid, order("A3").study_uid);
    bridge.stop().await;
}
