//! A GE monitor on a serial line.

use super::{Counts, at_bed, delivered, in_time, stands_still, values};
use crate::plug::Cable;
use crate::support::Hospital;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_serial::SerialStream;

const FLAG: u8 = 0x7E;

/// A record as it stands on the line.
fn sent(record: &[u8]) -> Vec<u8> {
    let sum: u32 = record.iter().map(|byte| u32::from(*byte)).sum();
    let all = record.iter().copied().chain([u8::try_from(sum % 256).unwrap()]);
    let escaped = all.flat_map(|byte| match byte {
        0x7D => vec![0x7D, 0x5D],
        0x7E => vec![0x7D, 0x5E],
        other => vec![other],
    });
    [FLAG].into_iter().chain(escaped).chain([FLAG]).collect()
}

/// Displayed values at half past eight: words at their places in the basic class.
fn displayed(words: &[(usize, i16)]) -> Vec<u8> {
    let at = 1_795_379_400u32.to_le_bytes();
    let mut record = vec![0; 40 + 4 + 270];
    record.extend([7, 0, 0, 0]);
    record[..2].copy_from_slice(&318u16.to_le_bytes());
    record[3] = 9;
    record[6..10].copy_from_slice(&at);
    // One subrecord at 0 with displayed values, and the end of their list.
    record[18] = 1;
    record[21] = 0xFF;
    record[40..44].copy_from_slice(&at);
    for (place, word) in words {
        record[44 + place..46 + place].copy_from_slice(&word.to_le_bytes());
    }
    record
}

/// ECG with the heart rate from it, a cuff's pressures, oximetry; all else says that it has no value.
fn monitor(rate: i16) -> Vec<u8> {
    let exists = 3;
    displayed(&[
        (0, exists | 1 << 3),
        (6, rate),
        (8, -32_767),
        (10, -32_767),
        (12, -32_767),
        (14, -32_767),
        (72, exists),
        (78, 12_000),
        (80, 8_000),
        (82, 9_300),
        (84, -32_767),
        (118, exists),
        (124, 9_800),
        (126, -32_767),
        (128, -32_767),
    ])
}

/// What the gateway asks for next: the kind of record, and every how many seconds or which alarms.
async fn asked(line: &mut SerialStream) -> (u8, u8) {
    let mut record: Vec<u8> = Vec::new();
    loop {
        match in_time("the gateway asks", line.read_u8()).await.unwrap() {
            FLAG if record.is_empty() => {}
            FLAG => break,
            0x7D => record.push(0x20 | line.read_u8().await.unwrap()),
            byte => record.push(byte),
        }
    }
    let sum: u32 = record[..record.len() - 1].iter().map(|byte| u32::from(*byte)).sum();
    assert_eq!(sum % 256, u32::from(record[record.len() - 1]));
    assert_eq!(usize::from(record[0]), record.len() - 1, "as long as it says");
    (record[14], record[41])
}

#[tokio::test]
async fn a_monitor_is_asked_once_and_told_to_stop() {
    let counts = Counts::default();
    let _counting = metrics::set_default_local_recorder(&counts);
    let mut cable = Cable::new();
    let mut line = cable.plug();
    let url = format!("dri+serial://{}?baud=19200&mode=8N1", cable.path().display());
    let hospital = Hospital::with(|config| config.port.push(at_bed("mon-5", &url))).await;
    assert_eq!(asked(&mut line).await, (0, 30), "values every thirty seconds");
    assert_eq!(asked(&mut line).await.0, 4, "alarms");
    cable.is_held();
    let mut harmed = sent(&monitor(71));
    harmed[60] ^= 1;
    line.write_all(&harmed).await.unwrap();
    line.write_all(&sent(&monitor(72))).await.unwrap();
    let first = &delivered(&hospital, 1).await[0];
    let wanted =
        ["147842 72 /min", "150021 120.00 mm[Hg]", "150022 80.00 mm[Hg]", "150023 93.00 mm[Hg]", "150456 98.00 %"];
    assert_eq!(values(first), wanted);
    assert_eq!(counts.of("mon-5", "damaged"), 1);
    assert_eq!((&first["sender"]["application"], &first["location"]["bed"]), (&"dri".into(), &"G05".into()));
    let readings = first["groups"][0]["readings"].as_array().unwrap();
    assert_eq!(readings[0]["loinc"], "8867-4");
    assert_eq!(
        (&readings[0]["aperiodic"], &readings[1]["aperiodic"]),
        (&false.into(), &true.into()),
        "a cuff is a spot"
    );
    assert!(first["set_aside"].as_array().unwrap().iter().all(|aside| aside["code"] != "nibp.sys"));

    line = cable.plug();
    assert_eq!(asked(&mut line).await, (0, 30), "a monitor that was away has forgotten");
    assert_eq!(asked(&mut line).await.0, 4);
    cable.is_held();
    line.write_all(&sent(&monitor(80))).await.unwrap();
    assert_eq!(values(&delivered(&hospital, 2).await[1])[0], "147842 80 /min");
    tokio::join!(hospital.close(), async {
        assert_eq!(asked(&mut line).await, (0, 0), "no more values");
        assert_eq!(asked(&mut line).await, (4, 0), "no more alarms");
    });
}

#[tokio::test]
async fn a_disk_that_stands_still_makes_the_line_wait_and_nothing_is_lost() {
    let counts = Counts::default();
    let _counting = metrics::set_default_local_recorder(&counts);
    let device = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("dri+tcp://{}", device.local_addr().unwrap());
    let hospital = Hospital::with(|config| config.port.push(at_bed("mon-6", &url))).await;
    let (mut line, _) = in_time("the gateway calls", device.accept()).await.unwrap();
    let go_on = stands_still(&hospital);
    let burst: Vec<u8> = (0..60).flat_map(|number| sent(&monitor(60 + number))).collect();
    line.write_all(&burst).await.unwrap();
    for _ in 0..2000 {
        tokio::task::yield_now().await;
    }
    go_on.send(()).unwrap();
    let all = delivered(&hospital, 60).await;
    let rates: Vec<String> = all.iter().map(|delivery| values(delivery)[0].clone()).collect();
    let wanted: Vec<String> = (60..120).map(|rate| format!("147842 {rate} /min")).collect();
    assert_eq!(rates, wanted, "each, in order");
    assert_eq!((counts.of("mon-6", "overrun"), counts.of("mon-6", "not-stored")), (0, 0));
    hospital.close().await;
}
