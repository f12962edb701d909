//! How fast a 2 kB ORU^R01 is parsed, beside a plain split of the same bytes. Run it with `--release`.
#![expect(clippy::print_stdout, reason = "its output is a table for a person")]

use benhan_device_codec::hl7::Message;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 200_000;

fn message() -> Vec<u8> {
    let mut text = "MSH|^~\\&|MON^00AA00BB00CC0001^EUI-64|ICU|||20261122203000+0700||ORU^R01^ORU_R01|1|P|2.6||||||UNICODE UTF-8\r\
        PID|||BN01^^^BV^PI||Nguyễn^An\rPV1||I|ICU^R1^B01\rOBR|1|||182777000^monitoring of patient^SCT|||20261122203000+0700\r"
        .to_owned();
    for number in 1..=25 {
        text.push_str(&format!(
            "OBX|{number}|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||R\r"
        ));
    }
    text.into_bytes()
}

/// What the driver needs of every observation.
fn parse(bytes: &[u8]) -> f64 {
    let Ok(message) = Message::parse(bytes) else { return 0.0 };
    let mut sum = 0.0;
    for segment in message.segments().filter(|segment| segment.id() == b"OBX") {
        let fields = segment.first::<14>();
        let code = fields.get(2).map(|field| field.component(1).raw().len()).unwrap_or(0);
        let value = fields
            .get(4)
            .and_then(|field| std::str::from_utf8(field.raw()).ok())
            .and_then(|text| text.parse::<f64>().ok());
        sum += value.unwrap_or(0.0) + f64::from(u32::try_from(code).unwrap_or(0));
    }
    sum
}

/// The same without any notion of HL7.
fn split(bytes: &[u8]) -> f64 {
    let mut sum = 0.0;
    for line in bytes.split(|byte| *byte == b'\r').filter(|line| line.starts_with(b"OBX")) {
        let mut fields = line.split(|byte| *byte == b'|');
        let code = fields.nth(3).and_then(|field| field.split(|byte| *byte == b'^').next()).map_or(0, <[u8]>::len);
        let value =
            fields.nth(1).and_then(|field| std::str::from_utf8(field).ok()).and_then(|text| text.parse::<f64>().ok());
        sum += value.unwrap_or(0.0)
            + f64::from(u32::try_from(code).unwrap_or(0))
            + f64::from(u32::try_from(fields.count()).unwrap_or(0)) * 0.0;
    }
    sum
}

fn time(name: &str, work: impl Fn(&[u8]) -> f64, bytes: &[u8]) {
    let started = Instant::now();
    for _ in 0..ROUNDS {
        black_box(work(black_box(bytes)));
    }
    let each = started.elapsed() / ROUNDS;
    println!("{name:<24} {:>8.2} µs a message", each.as_secs_f64() * 1e6);
}

fn main() {
    let bytes = message();
    println!("{} bytes, 25 observations", bytes.len());
    assert!((parse(&bytes) - split(&bytes)).abs() < f64::EPSILON, "both read the same");
    time("plain split", split, &bytes);
    time("hl7::Message", parse, &bytes);
}
