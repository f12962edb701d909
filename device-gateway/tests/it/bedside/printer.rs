//! A Sysmex KX behind a terminal server: it prints, and waits for its acknowledgement.

use super::{Counts, delivered, in_time, stands_still, takes, values};
use crate::support::{ACK, ENQ, Hospital, NAK, asks, port};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A sample: four digits and a sign for each of eighteen values.
fn blood(specimen: &str, first: &str) -> Vec<u8> {
    let others = ["04820", "01420", "04202", "08710", "*0000", "03380", "02500"].concat();
    format!("\u{2}D1U2611220{specimen:>12}000000C{first}{others:<85}\u{3}").into_bytes()
}

async fn connected(device: &TcpListener) -> TcpStream {
    in_time("the gateway calls", device.accept()).await.unwrap().0
}

#[tokio::test]
async fn a_printed_blood_count_is_acknowledged_when_it_is_on_disk() {
    let counts = Counts::default();
    let _counting = metrics::set_default_local_recorder(&counts);
    let device = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("sysmex-k1000+tcp://{}", device.local_addr().unwrap());
    let hospital = Hospital::with(|config| config.port.push(port("kx-21", &url))).await;
    let mut line = connected(&device).await;
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    assert_eq!(asks(&mut line, &blood("S-1", "00750")).await, ACK);
    assert!(hospital.running.spool.receipt(1).await.unwrap().is_some(), "on disk before it is acknowledged");
    let first = &delivered(&hospital, 1).await[0];
    assert_eq!(values(first)[..3], ["WBC 7.5 10*3/uL", "RBC 4.82 10*6/uL", "HGB 14.2 g/dL"]);
    assert_eq!(first["groups"][0]["specimens"][0], "S-1");
    let readings = first["groups"][0]["readings"].as_array().unwrap();
    assert_eq!((&readings[0]["loinc"], &readings[3]["flags"][0]), (&"6690-2".into(), &"2".into()));
    // Not measured.
    assert_eq!((&first["set_aside"][0]["code"], &first["set_aside"][0]["why"]), (&"MCH".into(), &"sentinel".into()));
    // One text begins in another: what came of the first is gone, and said.
    let whole = blood("S-2", "00810");
    assert_eq!(asks(&mut line, &[&whole[..40], &[2]].concat()).await, NAK);
    assert_eq!(counts.of("kx-21", "damaged"), 1);
    // The line goes in the middle of a text, and comes back.
    drop(line);
    let mut line = connected(&device).await;
    assert_eq!(asks(&mut line, &whole).await, ACK);
    // An answer that was lost: it prints the same again, which counts once.
    assert_eq!(asks(&mut line, &whole).await, ACK);
    assert_eq!(values(&delivered(&hospital, 2).await[1])[0], "WBC 8.1 10*3/uL");

    takes(&hospital, false).await;
    let third = blood("S-3", "00690");
    assert_eq!(asks(&mut line, &third).await, NAK);
    assert_eq!(counts.of("kx-21", "not-stored"), 1);
    takes(&hospital, true).await;
    assert_eq!(asks(&mut line, &third).await, ACK, "printed again, it is kept");
    let server = Arc::clone(&hospital.server);
    // It never says good-bye; the line is closed.
    tokio::join!(hospital.close(), async { assert_eq!(line.read(&mut [0; 8]).await.unwrap(), 0) });
    assert_eq!(server.committed().len(), 3, "each once");
}

#[tokio::test]
async fn nothing_is_acknowledged_while_the_disk_stands_still() {
    let device = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("sysmex-k1000+tcp://{}", device.local_addr().unwrap());
    let hospital = Hospital::with(|config| config.port.push(port("kx-21", &url))).await;
    let mut line = connected(&device).await;
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    let go_on = stands_still(&hospital);
    line.write_all(&blood("S-1", "00750")).await.unwrap();
    for _ in 0..2000 {
        tokio::task::yield_now().await;
        assert!(line.try_read(&mut [0; 1]).is_err(), "it is not on disk");
    }
    go_on.send(()).unwrap();
    assert_eq!(line.read_u8().await.unwrap(), ACK);
    assert!(hospital.running.spool.receipt(1).await.unwrap().is_some());
    tokio::join!(hospital.close(), async { assert_eq!(line.read(&mut [0; 8]).await.unwrap(), 0) });
}
