//! The server is away for hours, and every device goes on at one message a minute; then it comes back.
//!
//! The clock is handed in: a minute lasts as long as its messages take. `BENHAN_OUTAGE_HOURS=8` makes a day shift of 30
//! analyzers and 50 monitors of it, as `make soak` does, and says how fast the gateway caught up.

use crate::server::{FakeServer, Mood};
use crate::support::{self, ACK, Device, ENQ, EOT, asks, astm_frame, config};
use benhan_device_gateway::start_with;
use benhan_uplink::Surroundings;
use futures_util::future::join_all;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

const MINUTE: i64 = 60_000_000;
/// 1 March 2026, 7:00 in Vietnam.
const MORNING: i64 = 1_772_323_200_000_000;

struct Shift {
    minutes: u32,
    analyzers: u32,
    monitors: u32,
}

impl Shift {
    fn from_environment() -> Self {
        match std::env::var("BENHAN_OUTAGE_HOURS").ok().and_then(|hours| hours.parse::<u32>().ok()) {
            Some(hours) => Self { minutes: hours * 60, analyzers: 30, monitors: 50 },
            None => Self { minutes: 20, analyzers: 3, monitors: 5 },
        }
    }

    fn messages(&self) -> usize {
        usize::try_from(self.minutes * (self.analyzers + self.monitors)).unwrap()
    }
}

enum Line {
    Analyzer(u32, TcpStream),
    Monitor(u32, Device),
}

impl Line {
    async fn sends(&mut self, minute: u32) {
        let time = format!("202603{:02}{:02}{:02}00", 1 + minute / 1440, minute / 60 % 24, minute % 60);
        match self {
            Self::Monitor(number, device) => {
                let message = format!(
                    "MSH|^~\\&|MON{number}|ICU|||{time}+0700||ORU^R01^ORU_R01|{minute}|P|2.6||||||UNICODE UTF-8\r\
                     PV1||I|ICU^R1^B{number}\rOBR|1|||182777000^monitoring of patient^SCT|||{time}+0700\r\
                     OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R\r\
                     OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||R\r"
                );
                assert!(device.says(message.as_bytes()).await.starts_with("MSA|AA|"));
            }
            Self::Analyzer(number, line) => {
                let text = format!(
                    "H|\\^&|||BENHAN-HAEMA{number}^1||||||||LIS2-A2|{time}\rP|1\rO|1|{minute}||^^^ALL|R\r\
                     R|1|^^^WBC|8.13|10*9/L|4-10|N||F||||{time}\rR|2|^^^HGB|141|g/L|120-160|N||F||||{time}\rL|1|N\r"
                );
                assert_eq!(asks(line, &[ENQ]).await, ACK);
                assert_eq!(asks(line, &astm_frame(1, &text, 3)).await, ACK);
                line.write_all(&[EOT]).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn after_hours_without_a_server_everything_arrives_in_the_order_of_each_device() {
    let shift = Shift::from_environment();
    let server = FakeServer::start().await;
    server.is(Mood::Away);
    let dir = tempfile::tempdir().unwrap();
    let (passed, shutdown) = (Arc::new(AtomicI64::new(0)), CancellationToken::new());
    let minutes = Arc::clone(&passed);
    let clock = move || MORNING + minutes.load(Ordering::SeqCst) * MINUTE;
    let surroundings = Surroundings::new(clock, || Surroundings::system().random());
    let running = start_with(config(&dir, &server), surroundings, shutdown.clone()).await.unwrap();

    let (astm, mllp) = (running.astm_addr.unwrap(), running.mllp_addr.unwrap());
    let mut lines = Vec::new();
    for number in 0..shift.analyzers {
        lines.push(Line::Analyzer(number, from(number, astm).await));
    }
    for number in 0..shift.monitors {
        lines.push(Line::Monitor(number, support::Device::over(from(number, mllp).await)));
    }
    for minute in 0..shift.minutes {
        join_all(lines.iter_mut().map(|line| line.sends(minute))).await;
        passed.fetch_add(1, Ordering::SeqCst);
    }
    assert_eq!(server.taken(), 0);

    server.is(Mood::Up);
    let back = Instant::now();
    for enough in (500..shift.messages()).step_by(500).chain([shift.messages()]) {
        server.until("the gateway catches up", |server| server.taken() >= enough).await;
    }
    tell(&shift, back.elapsed());

    let mut heard: HashMap<String, Vec<String>> = HashMap::new();
    for delivery in server.committed() {
        let sender = delivery["sender"]["application"].as_str().unwrap().to_owned();
        let minute = match delivery["protocol"].as_str().unwrap() {
            "hl7" => delivery["control_id"].as_str().unwrap(),
            _ => delivery["groups"][0]["specimens"][0].as_str().unwrap(),
        };
        heard.entry(sender).or_default().push(minute.to_owned());
    }
    let all: Vec<String> = (0..shift.minutes).map(|minute| minute.to_string()).collect();
    assert_eq!(heard.len(), lines.len());
    assert!(heard.values().all(|minutes| *minutes == all), "each device's minutes, once and in order");
    shutdown.cancel();
    running.join().await;
}

/// Each device has an address of its own.
async fn from(number: u32, to: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    let own = u8::try_from(number + 2).unwrap();
    socket.bind(SocketAddr::from(([127, 0, 9, own], 0))).unwrap();
    socket.connect(to).await.unwrap()
}

#[expect(clippy::print_stderr, reason = "a figure for the log of make soak")]
fn tell(shift: &Shift, took: Duration) {
    let away = Duration::from_secs(u64::from(shift.minutes) * 60);
    eprintln!(
        "{} min without a server, {} analyzers and {} monitors, {} messages: caught up in {:.2} s, {:.0} times real time",
        shift.minutes,
        shift.analyzers,
        shift.monitors,
        shift.messages(),
        took.as_secs_f64(),
        away.as_secs_f64() / took.as_secs_f64()
    );
}
