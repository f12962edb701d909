//! A glucose meter that connects by TCP.

use super::{Counts, delivered, in_time, takes, values};
use crate::support::{Hospital, port};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Meter(TcpStream);

fn header(id: u32) -> String {
    format!(
        "<HDR><HDR.control_id V=\"{id}\"/><HDR.version_id V=\"POCT1\"/><HDR.creation_dttm V=\"2026-11-22T20:31:{id:02}+07:00\"/></HDR>"
    )
}

fn result(id: u32, patient: &str, value: &str) -> String {
    format!(
        "<OBS.R01>{}<SVC><SVC.role_cd V=\"OBS\"/><SVC.observation_dttm V=\"2026-11-22T20:30:00+07:00\"/>\
         <PT><PT.patient_id V=\"{patient}\"/><OBS><OBS.observation_id V=\"14743-9\" SN=\"LN\"/>\
         <OBS.value V=\"{value}\" U=\"mmol/L\"/></OBS></PT></SVC></OBS.R01>",
        header(id)
    )
}

impl Meter {
    async fn connects(to: SocketAddr) -> Self {
        let mut meter = Self(TcpStream::connect(to).await.unwrap());
        let hello = format!(
            "<?xml version=\"1.0\"?><HEL.R01>{}<DEV><DEV.vendor_id V=\"Roche\"/><DEV.model_id V=\"Inform II\"/><DEV.serial_id V=\"S7\"/>\
             <DCP><DCP.application_timeout V=\"60\"/></DCP></DEV></HEL.R01>",
            header(1)
        );
        meter.says(&hello).await;
        assert_eq!(meter.hears().await, "ACK.R01 AA 1");
        meter.says(&format!("<DST.R01>{}<DST><DST.new_observations_qty V=\"2\"/></DST></DST.R01>", header(2))).await;
        assert_eq!(meter.hears().await, "ACK.R01 AA 2");
        assert_eq!(meter.hears().await, "REQ.R01", "its results are asked for");
        meter
    }

    async fn says(&mut self, document: &str) {
        self.0.write_all(document.as_bytes()).await.unwrap();
    }

    /// Name of the next document, and what it acknowledges.
    async fn hears(&mut self) -> String {
        let mut text = String::new();
        let name = loop {
            text.push(char::from(in_time("the gateway speaks", self.0.read_u8()).await.unwrap()));
            let name = text.split("?><").nth(1).and_then(|rest| rest.split_once('>')).map(|(name, _)| name.to_owned());
            if let Some(name) = name.filter(|name| text.ends_with(&format!("</{name}>"))) {
                break name;
            }
        };
        let said = |field: &str| text.split(&format!("{field} V=\"")).nth(1).and_then(|rest| rest.split('"').next());
        [Some(name.as_str()), said("ACK.type_cd"), said("ACK.ack_control_id")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

#[tokio::test]
async fn a_meters_results_are_acknowledged_when_they_are_on_disk_and_count_once() {
    let counts = Counts::default();
    let _counting = metrics::set_default_local_recorder(&counts);
    let hospital = Hospital::with(|config| config.port.push(port("duong-huyet", "poct1-a+listen://127.0.0.1:0"))).await;
    let mut meter = Meter::connects(hospital.at("duong-huyet")).await;
    // A declaration is no document of this protocol.
    meter.says("<!DOCTYPE x>").await;
    meter.says(&result(3, "BN-1", "6.1")).await;
    assert_eq!(meter.hears().await, "ACK.R01 AA 3");
    assert!(hospital.running.spool.receipt(1).await.unwrap().is_some(), "on disk before it is acknowledged");
    assert_eq!(counts.of("duong-huyet", "damaged"), 1);
    // The network ends in the middle of the second result. What is sent again later counts once.
    let second = result(4, "BN-2", "7.4");
    meter.says(second.split_at(second.len() / 2).0).await;
    drop(meter);
    let mut meter = Meter::connects(hospital.at("duong-huyet")).await;
    for (id, patient, value) in [(7, "BN-1", "6.1"), (8, "BN-2", "7.4")] {
        meter.says(&result(id, patient, value)).await;
        assert_eq!(meter.hears().await, format!("ACK.R01 AA {id}"));
    }
    let all = delivered(&hospital, 2).await;
    assert_eq!(all.len(), 2);
    for (delivery, patient, value) in [(&all[0], "BN-1", "6.1"), (&all[1], "BN-2", "7.4")] {
        assert_eq!(delivery["patient"]["ids"][0], patient);
        assert_eq!(values(delivery), [format!("14743-9 {value} mmol/L")]);
        assert_eq!(delivery["groups"][0]["readings"][0]["effective_at"], 1_795_354_200_000_000_i64);
    }
    // The disk is full: the meter keeps its result, and gives it again when there is room.
    takes(&hospital, false).await;
    meter.says(&result(9, "BN-3", "5.0")).await;
    assert_eq!(meter.hears().await, "ACK.R01 AE 9");
    assert_eq!(counts.of("duong-huyet", "not-stored"), 1);
    takes(&hospital, true).await;
    meter.says(&result(10, "BN-3", "5.0")).await;
    assert_eq!(meter.hears().await, "ACK.R01 AA 10");
    delivered(&hospital, 3).await;
    tokio::join!(hospital.close(), async {
        assert_eq!(meter.hears().await, "END.R01", "a good-bye");
        meter.says(&format!("<ACK.R01>{}<ACK><ACK.type_cd V=\"AA\"/></ACK></ACK.R01>", header(11))).await;
        assert_eq!(meter.0.read(&mut [0; 8]).await.unwrap(), 0);
    });
}
