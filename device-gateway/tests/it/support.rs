//! A gateway on free ports, a scripted server behind it, and devices that talk to it.

use crate::server::{FakeServer, TOKEN};
use benhan_device_gateway::{GatewayConfig, ListenConfig, PortEntry, Running, start};
use benhan_uplink::UplinkConfig;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

pub struct Hospital {
    pub server: Arc<FakeServer>,
    pub running: Running,
    _dir: tempfile::TempDir,
    shutdown: CancellationToken,
}

pub fn config(dir: &tempfile::TempDir, server: &FakeServer) -> GatewayConfig {
    let mut uplink = UplinkConfig::new(server.url(), TOKEN);
    uplink.retry_first_ms = 1;
    uplink.retry_longest_s = 1;
    let mut config = GatewayConfig::new(dir.path().join("gateway"), uplink);
    config.mllp = ListenConfig::at(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.astm = config.mllp.clone();
    config
}

pub fn port(name: &str, url: &str) -> PortEntry {
    PortEntry { name: name.to_owned(), url: url.to_owned(), ..PortEntry::default() }
}

impl Hospital {
    pub async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut GatewayConfig)) -> Self {
        Self::in_dir(tempfile::tempdir().unwrap(), change).await
    }

    pub async fn in_dir(dir: tempfile::TempDir, change: impl FnOnce(&mut GatewayConfig)) -> Self {
        Self::before(FakeServer::start().await, dir, change).await
    }

    /// With a server that is there already.
    pub async fn before(
        server: Arc<FakeServer>,
        dir: tempfile::TempDir,
        change: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let mut config = config(&dir, &server);
        change(&mut config);
        let shutdown = CancellationToken::new();
        let running = start(config, shutdown.clone()).await.unwrap();
        Self { server, running, _dir: dir, shutdown }
    }

    pub async fn device(&self) -> Device {
        Device::connect(self.running.mllp_addr.unwrap()).await
    }

    pub async fn analyzer(&self) -> TcpStream {
        TcpStream::connect(self.running.astm_addr.unwrap()).await.unwrap()
    }

    /// Where a port of this name listens.
    pub fn at(&self, name: &str) -> SocketAddr {
        self.running.listening.iter().find(|(channel, _)| channel == name).expect("it listens").1
    }

    /// Deliveries that the server has, once there are so many.
    pub async fn delivered(&self, count: usize) -> Vec<Value> {
        self.server.until("the deliveries arrive", |server| server.committed().len() >= count).await;
        let committed = self.server.committed();
        assert_eq!(committed.len(), count);
        committed
    }

    /// Ends everything; nothing may be left behind.
    pub async fn close(self) {
        let spool = self.running.spool.clone();
        let emptied = async {
            while spool.status().await.unwrap().waiting() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), emptied).await.expect("the spool never gets empty");
        self.shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(30), self.running.join()).await.expect("it does not end");
    }
}

/// A device that speaks MLLP, byte for byte by hand.
pub struct Device<S = TcpStream> {
    stream: S,
}

impl Device {
    pub async fn connect(to: SocketAddr) -> Self {
        Self::over(TcpStream::connect(to).await.unwrap())
    }
}

impl<S: AsyncReadExt + AsyncWriteExt + Unpin> Device<S> {
    pub fn over(stream: S) -> Self {
        Self { stream }
    }

    pub async fn sends(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends one message in its frame and reads the answer's MSA segment.
    pub async fn says(&mut self, message: &[u8]) -> String {
        self.sends(&framed(message)).await;
        self.hears().await
    }

    pub async fn hears(&mut self) -> String {
        let text = self.hears_all().await;
        text.split('\r').find(|line| line.starts_with("MSA")).unwrap().to_owned()
    }

    /// One message, whole.
    pub async fn hears_all(&mut self) -> String {
        String::from_utf8_lossy(&self.hears_all_bytes().await).into_owned()
    }

    pub async fn hears_all_bytes(&mut self) -> Vec<u8> {
        let mut answer = Vec::new();
        while !answer.ends_with(b"\x1c\r") {
            let byte = tokio::time::timeout(Duration::from_secs(30), self.stream.read_u8()).await;
            answer.push(byte.expect("no answer").expect("the connection ended"));
        }
        assert_eq!(answer.remove(0), 0x0b);
        answer.truncate(answer.len() - 2);
        answer
    }

    pub async fn is_cut_off(&mut self) -> bool {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.stream.read(&mut [0; 16])).await;
        matches!(ended, Ok(Ok(0) | Err(_)))
    }
}

pub fn framed(message: &[u8]) -> Vec<u8> {
    [b"\x0b", message, b"\x1c\r"].concat()
}

/// A monitor's message about one bed.
pub fn vitals(id: &str, bed: &str, pulse: u32) -> Vec<u8> {
    format!(
        "MSH|^~\\&|MON^00AA00BB00CC00{bed}^EUI-64|ICU|||20261122203000+0700||ORU^R01^ORU_R01|{id}|P|2.6||||||UNICODE UTF-8\r\
         PV1||I|ICU^R1^{bed}\rOBR|1|||182777000^monitoring of patient^SCT|||20261122203000+0700\r\
         OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|{pulse}|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R\r"
    )
    .into_bytes()
}

pub const ENQ: u8 = 0x05;
pub const EOT: u8 = 0x04;
pub const ACK: u8 = 0x06;
pub const NAK: u8 = 0x15;

pub fn astm_frame(number: u8, text: &str, end: u8) -> Vec<u8> {
    let mut frame = vec![2, b'0' + number];
    frame.extend_from_slice(text.as_bytes());
    frame.push(end);
    let sum = frame[1..].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    frame.extend_from_slice(format!("{sum:02X}\r\n").as_bytes());
    frame
}

/// Sends bytes on a line and reads the one answer to them.
pub async fn asks(line: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin), bytes: &[u8]) -> u8 {
    line.write_all(bytes).await.unwrap();
    line.flush().await.unwrap();
    tokio::time::timeout(Duration::from_secs(30), line.read_u8()).await.expect("no answer").unwrap()
}
