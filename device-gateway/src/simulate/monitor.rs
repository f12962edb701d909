//! A bedside monitor: one lasting MLLP connection, ORU^R01 with IEEE 11073 codes, the bed in PV1-3, a cuff
//! pressure every few minutes. It sends again what was not acknowledged.

use super::physiology::{Dice, vitals};
use benhan_uplink::Surroundings;
use jiff::tz::TimeZone;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Who the monitor is and how it behaves.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// MSH-3.1; `BENHAN-MONITOR` fits the embedded profile.
    pub name: String,
    /// EUI-64 as 16 hexadecimal digits, in MSH-3 and OBX-18.
    pub eui64: String,
    pub unit: String,
    pub room: String,
    pub bed: String,
    /// PID-3, where somebody entered it at the monitor.
    pub patient_id: Option<String>,
    pub seed: u64,
    /// Between two messages.
    pub interval: Duration,
    /// Between two cuff measurements.
    pub cuff_every: Duration,
}

/// Runs until `shutdown`; connects again whenever the link is lost.
pub async fn run_monitor(to: SocketAddr, monitor: Monitor, surroundings: Surroundings, shutdown: CancellationToken) {
    let mut count = 0u64;
    let mut unsent: Option<(String, Vec<u8>)> = None;
    let mut last_cuff = i64::MIN;
    while !shutdown.is_cancelled() {
        let Ok(mut stream) = TcpStream::connect(to).await else {
            pause(Duration::from_secs(1), &shutdown).await;
            continue;
        };
        while !shutdown.is_cancelled() {
            let (id, message) = match unsent.take() {
                Some(unsent) => unsent,
                None => {
                    count += 1;
                    let now = surroundings.now();
                    let cuff_due = Duration::from_micros(u64::try_from(now.saturating_sub(last_cuff)).unwrap_or(0))
                        >= monitor.cuff_every;
                    if cuff_due {
                        last_cuff = now;
                    }
                    let id = format!("{now}{}", count % 10);
                    let message = compose(&monitor, &id, now, cuff_due);
                    (id, message)
                }
            };
            if exchange(&mut stream, &id, &message).await.is_err() {
                unsent = Some((id, message));
                pause(Duration::from_secs(1), &shutdown).await;
                break;
            }
            pause(monitor.interval, &shutdown).await;
        }
    }
}

async fn pause(time: Duration, shutdown: &CancellationToken) {
    tokio::select! {
        () = sleep(time) => {}
        () = shutdown.cancelled() => {}
    }
}

/// Sends one message and waits for the AA that names it.
async fn exchange(stream: &mut TcpStream, id: &str, message: &[u8]) -> io::Result<()> {
    stream.write_all(message).await?;
    let wanted = format!("MSA|AA|{id}");
    let mut answer = Vec::new();
    let mut buffer = [0u8; 1024];
    while !answer.contains(&0x1C) {
        let read = timeout(ANSWER_WITHIN, stream.read(&mut buffer)).await??;
        if read == 0 || answer.len() > 8192 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
    let accepted = answer.windows(wanted.len()).any(|part| part == wanted.as_bytes());
    if accepted { Ok(()) } else { Err(io::Error::other("not accepted")) }
}

fn compose(monitor: &Monitor, id: &str, now: i64, cuff: bool) -> Vec<u8> {
    let millis = now / 1000;
    // Seconds of this century's clock fit a float exactly.
    let second = f64::from(u32::try_from(millis / 1000).unwrap_or(0));
    let vitals = vitals(monitor.seed, second);
    let time = stamp(now);
    let patient = monitor.patient_id.as_deref().unwrap_or_default();
    let mut text = format!(
        "MSH|^~\\&|{name}^{eui}^EUI-64|BENHAN|||{time}||ORU^R01^ORU_R01|{id}|P|2.6|||NE|AL||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO\r\
         PID|||{patient}^^^BV^PI\rPV1||I|{unit}^{room}^{bed}\r\
         OBR|1|{id}^{name}^{eui}^EUI-64|{id}^{name}^{eui}^EUI-64|182777000^monitoring of patient^SCT|||{time}\r",
        name = monitor.name,
        eui = monitor.eui64,
        unit = monitor.unit,
        room = monitor.room,
        bed = monitor.bed,
    );
    let mut number = 0;
    let mut observe = |code: &str, channel: &str, value: String, unit: &str, kind: &str| {
        number += 1;
        let line = format!(
            "OBX|{number}|NM|{code}^MDC|{channel}|{value}|{unit}^MDC|||||R|||{time}|||{kind}|{}^^{}^EUI-64\r",
            monitor.eui64, monitor.eui64
        );
        text.push_str(&line);
    };
    observe(
        "147842^MDC_ECG_HEART_RATE",
        "1.7.4.147842",
        format!("{:.0}", vitals.heart_rate),
        "264864^MDC_DIM_BEAT_PER_MIN",
        "",
    );
    observe(
        "150456^MDC_PULS_OXIM_SAT_O2",
        "1.3.1.150456",
        format!("{:.0}", vitals.saturation),
        "262688^MDC_DIM_PERCENT",
        "",
    );
    observe(
        "149530^MDC_PULS_OXIM_PULS_RATE",
        "1.3.1.149530",
        format!("{:.0}", vitals.heart_rate),
        "264864^MDC_DIM_BEAT_PER_MIN",
        "",
    );
    observe(
        "151562^MDC_RESP_RATE",
        "1.4.1.151562",
        format!("{:.0}", vitals.respiration),
        "264928^MDC_DIM_RESP_PER_MIN",
        "",
    );
    observe("150344^MDC_TEMP", "1.2.1.150344", format!("{:.1}", vitals.temperature), "268192^MDC_DIM_DEGC", "");
    if cuff {
        let jitter = Dice::new(monitor.seed ^ u64::try_from(millis).unwrap_or(0)).between(-3.0, 3.0);
        let (systolic, diastolic) = (vitals.systolic + jitter, vitals.diastolic + jitter);
        let mean = diastolic + (systolic - diastolic) / 3.0;
        for (code, value) in [
            ("150021^MDC_PRESS_BLD_NONINV_SYS", systolic),
            ("150022^MDC_PRESS_BLD_NONINV_DIA", diastolic),
            ("150023^MDC_PRESS_BLD_NONINV_MEAN", mean),
        ] {
            observe(code, "1.1.9.150020", format!("{value:.0}"), "266016^MDC_DIM_MMHG", "APERIODIC");
        }
    }
    [b"\x0b", text.as_bytes(), b"\x1c\r"].concat()
}

fn stamp(now: i64) -> String {
    let zone = TimeZone::fixed(jiff::tz::offset(7));
    jiff::Timestamp::from_microsecond(now)
        .map(|at| at.to_zoned(zone).strftime("%Y%m%d%H%M%S%z").to_string())
        .unwrap_or_default()
}
