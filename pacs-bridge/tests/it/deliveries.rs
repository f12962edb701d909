//! A study that settles reaches the server, through outages and restarts.

use crate::support::{TestBridge, TestServer, eventually, order, small_ct};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settled_study_is_told_once_and_later_images_again() {
    let server = TestServer::start(Vec::new()).await;
    let bridge = TestBridge::with(|config| {
        config.uplink = Some(server.uplink());
        config.settle_seconds = 1;
    })
    .await;
    let ct = small_ct(bridge.running.dicom_addr, 1);
    assert_eq!(ct.send(&order("ACC1")).await.unwrap(), 3);
    let study = eventually("the study is told", async || server.studies().first().cloned()).await;
    assert_eq!((study.accession.as_str(), study.patient_id.as_str()), ("ACC1", "BN000123"));
    assert_eq!(study.patient_name, "Nguyễn^Văn Đức");
    assert_eq!(study.station_ae, "CT1");
    assert_eq!(study.series[0].instances.len(), 3);
    assert_eq!(study.series[0].instances[0].rows, Some(64));

    // The same images again are repeats and no news; another series is, and the study is told whole.
    ct.send(&order("ACC1")).await.unwrap();
    small_ct(bridge.running.dicom_addr, 2).send(&order("ACC1")).await.unwrap();
    let studies =
        eventually("the addition is told", async || Some(server.studies()).filter(|all| all.len() == 2)).await;
    assert_eq!(studies[1].series.iter().map(|series| series.instances.len()).sum::<usize>(), 6);
    assert_ne!(studies[0].id, studies[1].id);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_study_waits_for_a_server_that_is_away_even_over_a_restart() {
    let server = TestServer::start(Vec::new()).await;
    server.set_away(true);
    let bridge = TestBridge::with(|config| config.uplink = Some(server.uplink())).await;
    small_ct(bridge.running.dicom_addr, 1).send(&order("ACC1")).await.unwrap();
    let folder = bridge.stop().await;

    let bridge = TestBridge::in_folder(folder, |config| config.uplink = Some(server.uplink())).await;
    server.set_away(false);
    let study = eventually("the study is told", async || server.studies().first().cloned()).await;
    assert_eq!(study.series[0].instances.len(), 3);
    bridge.stop().await;
}
