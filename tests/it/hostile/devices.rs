//! HL7 and ASTM as broken devices, and people who only look like devices, send them.

use super::{CANARY, Target};
use benhan_tests::analyzer::{ACK, ENQ, EOT, Line, NAK, frame, report};
use benhan_tests::monitor::Monitor;
use benhan_tests::{eventually, within};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

// Clauses: SEC-7
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_hl7_is_answered_stored_and_waits() {
    let target = Target::open().await;
    let waiting = || target.hospital.database.count("SELECT count(*) FROM inbox");
    let before = waiting();
    let mut device = Monitor::connect(target.hospital.ports().mllp).await.unwrap();
    // What is no HL7 is rejected (AR); what has a header is stored, so it is accepted (AA), however odd the rest.
    let head = "MSH|^~\\&|X||||20261122080000||ORU^R01|";
    let patient = format!("PID|||BN9||Nguyễn^{CANARY}||19600229|F");
    let cases: [(String, &str); 8] = [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), "AR"),
        (format!("PID|||BN9||{CANARY}\r"), "AR"),
        ("MSH".to_owned(), "AR"),
        (format!("{head}C-1|P|2.3\r{patient}\rOBX|1|NM|147842^X^MDC||not a number|||||||F\r"), "AA"),
        (format!("{head}C-2|P|2.3\r{patient}\rOBX|1\rOBX\rOBX|||||||||||||||||||||||||||\r"), "AA"),
        (format!("{head}C-3|P|9.9\r{patient}\rZZZ|{}\r", "~^&\\".repeat(2_000)), "AA"),
        (format!("{head}C-4|P|2.3\r{patient}\rPV1||I|{}\r", "^".repeat(20_000)), "AA"),
        (
            format!(
                "{head}C-5|P|2.3\r{patient}\rOBX|1|NM|147842^H^MDC||99999999999999999999999|bpm|||||F|||99999999999999\r"
            ),
            "AA",
        ),
    ];
    for (message, expected) in &cases {
        let answer = device.say(message.as_bytes()).await;
        assert!(answer.starts_with(&format!("MSA|{expected}|")), "{answer} to {message:.60}");
    }
    // Bytes of no charset, and none at all.
    let mut odd = format!("{head}C-6|P|2.3\rPID|||BN9||").into_bytes();
    odd.extend((128..=255).filter(|byte| *byte != 0x1C));
    assert_eq!(device.say(&odd).await, "MSA|AA|C-6");
    drop(device.try_say(b"").await);
    eventually("all of it waits for a person", async || (waiting() >= before + 9).then_some(())).await;
    drop(device);
    target.endures("hl7", &["a message is not HL7; it waits for a person"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_astm_frames_are_refused_and_their_repetition_is_taken() {
    let target = Target::open().await;
    let mut line = Line::connect(target.hospital.ports().astm).await.unwrap();
    let text = report("HOSTILE-1", &[("K", "4.1", "mmol/L")]).replacen("P|1\r", &format!("P|1||BN9||{CANARY}\r"), 1);
    let good = frame(1, &text, true);
    let mut sum = good.clone();
    let at = sum.len() - 4;
    sum[at] ^= 1;
    assert_eq!(line.ask(&[ENQ]).await.unwrap(), ACK);
    for broken in [sum, frame(5, &text, true)] {
        assert_eq!(line.ask(&broken).await.unwrap(), NAK);
    }
    assert_eq!(line.ask(&good).await.unwrap(), ACK, "the same frame, whole");
    line.stream.write_all(&[EOT]).await.unwrap();

    // Noise, an endless handshake, a message that is given up, a frame that never ends.
    let mut noise = Line::connect(target.hospital.ports().astm).await.unwrap();
    noise.stream.write_all(&[0xFF; 4_000]).await.unwrap();
    noise.stream.write_all(&[ENQ; 2_000]).await.unwrap();
    noise.stream.write_all(&[EOT; 2_000]).await.unwrap();
    drop(noise);
    let mut half = Line::connect(target.hospital.ports().astm).await.unwrap();
    assert_eq!(half.ask(&[ENQ]).await.unwrap(), ACK);
    assert_eq!(half.ask(&frame(1, text.get(..100).unwrap(), false)).await.unwrap(), ACK);
    drop(half);
    let mut endless = Line::connect(target.hospital.ports().astm).await.unwrap();
    assert_eq!(endless.ask(&[ENQ]).await.unwrap(), ACK);
    endless.stream.write_all(&[0x02, b'1']).await.unwrap();
    for _ in 0..160 {
        if endless.stream.write_all(&[b'x'; 65_536]).await.is_err() {
            break;
        }
    }
    let arrived = async || {
        let rows = target.hospital.database.count("SELECT count(*) FROM inbox WHERE specimen = 'HOSTILE-1'");
        assert!(rows <= 1, "twice");
        (rows == 1).then_some(())
    };
    eventually("the whole message arrives once", arrived).await;
    let told = async || target.log().contains("a message was begun and not ended").then_some(());
    eventually("the operator hears of the message that was given up", told).await;
    drop((line, endless));
    target.endures("astm", &["a frame was not as it should be", "a message was begun and not ended"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_without_an_end_costs_one_connection_at_most_16_mib() {
    let target = Target::open().await;
    let to = target.hospital.ports().mllp;
    let before = target.hospital.process().memory_kib("VmRSS");
    let mut device = Monitor::connect(to).await.unwrap();
    device.stream.write_all(b"\x0bMSH|^~\\&|X||||20261122080000||ORU^R01|BIG|P|2.3\rPID|||").await.unwrap();
    let piece = CANARY.repeat(65_536 / CANARY.len());
    for _ in 0..600 {
        device.stream.write_all(piece.as_bytes()).await.unwrap();
    }
    let rise = target.hospital.process().memory_kib("VmRSS").saturating_sub(before);
    assert!(rise <= 16 << 10, "{rise} KiB for one connection");
    // It gets its answer when it ends after all, and the connection goes on.
    device.stream.write_all(b"\r\x1c\r").await.unwrap();
    let answer = device.hear().await.unwrap();
    assert!(answer.starts_with("MSA|AE|"), "{answer}");
    drop(device);
    target.endures("oversized", &["a message is too long"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_devices_that_never_finish_keep_nobody_out_who_is_in() {
    let target = Target::open().await;
    let to = target.hospital.ports().mllp;
    let mut honest = Monitor::connect(to).await.unwrap();
    assert!(honest.say(b"MSH|^~\\&|X||||20261122080000||ORU^R01|H-1|P|2.3\r").await.starts_with("MSA|AA|H-1"));
    let mut slow = Vec::new();
    for _ in 0..300 {
        let mut device = Monitor::connect(to).await.unwrap();
        // Those beyond the limit are closed at once: their write may fail.
        drop(device.stream.write_all(b"\x0bMSH|^~").await);
        slow.push(device);
    }
    let told = async || target.log().contains("too many at one time").then_some(());
    within(Duration::from_secs(20), "the limit is told", told).await;
    let answer = honest.try_say(b"MSH|^~\\&|X||||20261122080000||ORU^R01|H-2|P|2.3\r").await.unwrap();
    assert_eq!(answer, "MSA|AA|H-2");
    let mut cut = 0;
    for device in &mut slow[260..] {
        cut += usize::from(device.is_cut_off(Duration::from_secs(5)).await);
    }
    assert_eq!(cut, 40, "whoever is too many is told so at once");
    drop((slow, honest));
    // The seats are free again.
    eventually("a device is let in", async || {
        let mut device = Monitor::connect(to).await.ok()?;
        device.try_say(b"MSH|^~\\&|X||||20261122080000||ORU^R01|H-3|P|2.3\r").await.ok()
    })
    .await;
    target.endures("slow", &["too many at one time"]).await;
}
