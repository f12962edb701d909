//! A Philips monitor on the network, one datagram a message.

use super::{Counts, at_bed, delivered, in_time, values};
use crate::support::Hospital;
use std::net::SocketAddr;
use tokio::net::UdpSocket;

struct Monitor {
    socket: UdpSocket,
    gateway: SocketAddr,
}

fn be(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Words, then the length of the rest, then the rest.
fn sized(head: &[u16], rest: &[u8]) -> Vec<u8> {
    [be(head), be(&[u16::try_from(rest.len()).unwrap()]), rest.to_vec()].concat()
}

fn listed(items: &[Vec<u8>]) -> Vec<u8> {
    [be(&[u16::try_from(items.len()).unwrap()]), sized(&[], &items.concat())].concat()
}

fn data(kind: u16, body: &[u8]) -> Vec<u8> {
    [be(&[0xE100, 2]), sized(&[kind], body)].concat()
}

/// 2026-11-22 20:30:00 and the counter at that moment; the bed's label.
fn created() -> Vec<u8> {
    let label: Vec<u16> = "ICU 5".encode_utf16().chain([0]).collect();
    let attributes = [
        sized(&[0x0987], &[0x20, 0x26, 0x11, 0x22, 0x20, 0x30, 0x00, 0]),
        sized(&[0x098F], &8000u32.to_be_bytes()),
        sized(&[0x091E], &sized(&[], &be(&label))),
    ];
    let object = be(&[0x0021, 0, 0]);
    let info = [object.clone(), listed(&attributes)].concat();
    data(1, &sized(&[1, 1], &[object, 8000u32.to_be_bytes().to_vec(), sized(&[0x0D06], &info)].concat()))
}

/// The answer to a poll of numerics, one second later: heart rate, and a saturation that is not valid.
fn numerics(invoke: u16, rate: u8) -> Vec<u8> {
    let number =
        |term: u16, state: u16, unit: u16, mantissa: u8| [be(&[term, state, unit]), vec![0, 0, 0, mantissa]].concat();
    let object = |handle: u16, value: Vec<u8>| [be(&[handle]), listed(&[sized(&[0x0950], &value)])].concat();
    let objects = [object(1, number(0x4182, 0, 0x0AA0, rate)), object(2, number(0x4BB8, 0x8000, 0x0220, 97))];
    let mut poll = be(&[1]);
    poll.extend(16_000u32.to_be_bytes());
    poll.extend([0xFF; 8]);
    poll.extend(be(&[1, 6, 0]));
    poll.extend(listed(&[[be(&[0]), listed(&objects)].concat()]));
    data(2, &sized(&[invoke, 7], &[be(&[0x0021, 0, 0]), sized(&[0x0C16], &poll)].concat()))
}

impl Monitor {
    async fn hears(&mut self) -> Vec<u8> {
        let mut datagram = vec![0; 2000];
        let (length, from) = in_time("the gateway speaks", self.socket.recv_from(&mut datagram)).await.unwrap();
        self.gateway = from;
        datagram[..length].to_vec()
    }

    async fn says(&self, message: &[u8]) {
        self.socket.send_to(message, self.gateway).await.unwrap();
    }

    /// From the request on, until the first poll of numerics: its number.
    async fn associates(&mut self) -> u16 {
        while self.hears().await[0] != 0x0D {}
        self.says(&[0x0E, 0]).await;
        self.says(&created()).await;
        let confirmed = self.hears().await;
        assert_eq!(confirmed[..6], [0xE1, 0, 0, 2, 0, 2], "the creation is confirmed");
        self.polled().await
    }

    async fn polled(&mut self) -> u16 {
        let poll = self.hears().await;
        assert_eq!(poll[..6], [0xE1, 0, 0, 2, 0, 1]);
        assert_eq!(poll[32..34], [0, 6], "numerics");
        u16::from_be_bytes([poll[8], poll[9]])
    }
}

#[tokio::test]
async fn a_monitor_is_polled_by_datagrams_and_nobody_else_is_heard() {
    let counts = Counts::default();
    let _counting = metrics::set_default_local_recorder(&counts);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let url = format!("intellivue+udp://{}", socket.local_addr().unwrap());
    let mut monitor = Monitor { socket, gateway: SocketAddr::from(([127, 0, 0, 1], 1)) };
    let hospital = Hospital::with(|config| config.port.push(crate::support::port("mx-5", &url))).await;
    let request = monitor.hears().await;
    assert_eq!((request[0], usize::from(request[1])), (0x0D, request.len() - 2), "an association is asked for");
    // Another machine refuses in the monitor's place, and is not heard.
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    stranger.send_to(&[0x0C, 0], monitor.gateway).await.unwrap();
    monitor.says(&[]).await;
    monitor.says(&[0x0E, 0]).await;
    monitor.says(&created()).await;
    assert_eq!(monitor.hears().await[..6], [0xE1, 0, 0, 2, 0, 2]);
    assert_eq!((counts.of("mx-5", "refused"), counts.of("mx-5", "connected")), (0, 1));

    let invoke = monitor.polled().await;
    let answer = numerics(invoke, 72);
    monitor.says(&answer[..answer.len() - 1]).await;
    monitor.says(&answer).await;
    let first = &delivered(&hospital, 1).await[0];
    assert_eq!(values(first), ["147842 72 /min"]);
    assert_eq!(
        first["groups"][0]["readings"][0]["effective_at"], 1_795_354_201_000_000_i64,
        "a second after the clocks"
    );
    assert_eq!((&first["location"]["bed"], &first["sender"]["address"]), (&"ICU 5".into(), &"127.0.0.1".into()));
    assert_eq!(
        (&first["set_aside"][0]["code"], &first["set_aside"][0]["why"]),
        (&"0002-4bb8".into(), &"sentinel".into())
    );
    assert_eq!(counts.of("mx-5", "damaged"), 1, "the datagram that lost its end");

    // The monitor lets go: it is confirmed, and called anew.
    monitor.says(&[0x09, 0]).await;
    assert_eq!(monitor.hears().await[0], 0x0A);
    let invoke = monitor.associates().await;
    monitor.says(&numerics(invoke, 80)).await;
    assert_eq!(values(&delivered(&hospital, 2).await[1]), ["147842 80 /min"]);
    tokio::join!(hospital.close(), async {
        while monitor.hears().await[0] != 0x09 {}
        monitor.says(&[0x0A, 0]).await;
    });
}

#[tokio::test]
async fn a_monitor_that_is_switched_on_later_is_found() {
    let counts = Counts::default();
    let _counting = metrics::set_default_local_recorder(&counts);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at = socket.local_addr().unwrap();
    drop(socket);
    let url = format!("intellivue-udp://{at}");
    let hospital = Hospital::with(|config| config.port.push(at_bed("mx-6", &url))).await;
    // Its port is closed: the network says so to the first call, and that ends nothing.
    let mut monitor = Monitor { socket: UdpSocket::bind(at).await.unwrap(), gateway: at };
    let invoke = monitor.associates().await;
    monitor.says(&numerics(invoke, 64)).await;
    let first = &delivered(&hospital, 1).await[0];
    assert_eq!((&first["location"]["bed"], values(first)), (&"G05".into(), vec!["147842 64 /min".to_owned()]));
    tokio::join!(hospital.close(), async {
        while monitor.hears().await[0] != 0x09 {}
        monitor.says(&[0x0A, 0]).await;
    });
}
