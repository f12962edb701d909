//! A bedside monitor: HL7 over MLLP, composed and framed here byte by byte.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// What one message says.
#[derive(Clone, Debug)]
pub struct Measured {
    pub control_id: String,
    /// EUI-64 of the monitor.
    pub device: String,
    /// Ward, room and bed, as PV1-3 names them: `NGOAI^301^N01`.
    pub place: String,
    pub patient_id: String,
    pub at: Timestamp,
    pub pulse: u32,
    pub spo2: u32,
    /// A cuff pressure is charted each time; the rest once in ten minutes.
    pub cuff: Option<(u32, u32)>,
}

impl Measured {
    pub fn new(control_id: &str, place: &str, at: Timestamp) -> Self {
        Self {
            control_id: control_id.to_owned(),
            device: "00A03702EB00AA01".to_owned(),
            place: place.to_owned(),
            patient_id: String::new(),
            at,
            pulse: 84,
            spo2: 95,
            cuff: None,
        }
    }

    /// ORU^R01 as the IHE's device profile has it.
    pub fn message(&self) -> Vec<u8> {
        let Self { control_id, device, place, patient_id, pulse, spo2, .. } = self;
        let (now, at) = (stamp(Timestamp::now()), stamp(self.at));
        let mut lines = vec![
            format!(
                "MSH|^~\\&|MINDRAY_N^{device}^EUI-64|WARD|||{now}||ORU^R01^ORU_R01|{control_id}|P|2.6|||AL|NE||UNICODE UTF-8"
            ),
            format!("PID|||{patient_id}^^^BV^PI"),
            format!("PV1||I|{place}"),
            format!("OBR|1|{control_id}|{control_id}|182777000^monitoring of patient^SCT|||{at}"),
        ];
        let mut observe = |code: &str, channel: &str, value: u32, unit: &str, kind: &str| {
            let number = lines.len() - 3;
            lines.push(format!("OBX|{number}|NM|{code}^MDC|{channel}|{value}|{unit}^MDC|||||R|||{at}|||{kind}|{device}^^{device}^EUI-64"));
        };
        observe("147842^MDC_ECG_HEART_RATE", "1.7.4.147842", *pulse, "264864^MDC_DIM_BEAT_PER_MIN", "");
        observe("150456^MDC_PULS_OXIM_SAT_O2", "1.3.1.150456", *spo2, "262688^MDC_DIM_PERCENT", "");
        if let Some((systolic, diastolic)) = self.cuff {
            let unit = "266016^MDC_DIM_MMHG";
            observe("150021^MDC_PRESS_BLD_NONINV_SYS", "1.1.9.150021", systolic, unit, "APERIODIC");
            observe("150022^MDC_PRESS_BLD_NONINV_DIA", "1.1.9.150022", diastolic, unit, "APERIODIC");
        }
        (lines.join("\r") + "\r").into_bytes()
    }
}

/// HL7's time with the zone of Vietnam.
pub fn stamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(7))).strftime("%Y%m%d%H%M%S%z").to_string()
}

pub fn framed(message: &[u8]) -> Vec<u8> {
    [b"\x0b", message, b"\x1c\r"].concat()
}

/// A connection that lasts.
pub struct Monitor {
    pub stream: TcpStream,
}

impl Monitor {
    pub async fn connect(to: SocketAddr) -> io::Result<Self> {
        Ok(Self { stream: TcpStream::connect(to).await? })
    }

    /// Sends a message in its frame; the MSA segment of the answer.
    pub async fn try_say(&mut self, message: &[u8]) -> io::Result<String> {
        self.stream.write_all(&framed(message)).await?;
        self.hear().await
    }

    pub async fn say(&mut self, message: &[u8]) -> String {
        self.try_say(message).await.expect("an answer")
    }

    /// The MSA segment of the next answer.
    pub async fn hear(&mut self) -> io::Result<String> {
        let mut answer = Vec::new();
        while !answer.ends_with(b"\x1c\r") {
            answer.push(timeout(PATIENCE, self.stream.read_u8()).await??);
        }
        let text = String::from_utf8_lossy(&answer).into_owned();
        let found = text.split('\r').find(|segment| segment.starts_with("MSA"));
        found.map(str::to_owned).ok_or_else(|| io::Error::other("an answer without MSA"))
    }

    /// The other side ends the connection.
    pub async fn is_cut_off(&mut self, within: Duration) -> bool {
        let ended = timeout(within, async {
            let mut buffer = [0; 256];
            while !matches!(self.stream.read(&mut buffer).await, Ok(0) | Err(_)) {}
        });
        ended.await.is_ok()
    }
}
