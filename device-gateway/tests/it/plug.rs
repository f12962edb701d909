//! Devices on serial lines: pseudo-terminals that are pulled out and put back.

use crate::support::{ACK, Device, ENQ, EOT, Hospital, asks, astm_frame, port, vitals};
use benhan_device_gateway::SerialLine;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_serial::{SerialPort, SerialStream};

const ETX: u8 = 3;

/// A cable between device and gateway, under a name that stays.
pub struct Cable {
    links: tempfile::TempDir,
    /// A pseudo-terminal that nobody has open is an error to its other end, and the pair's own end keeps everybody
    /// else out: a plain descriptor does neither.
    open: Option<File>,
}

impl Cable {
    pub fn new() -> Self {
        Self { links: tempfile::tempdir().unwrap(), open: None }
    }

    pub fn path(&self) -> PathBuf {
        self.links.path().join("usb-analyzer")
    }

    /// The device's end.
    pub fn plug(&mut self) -> SerialStream {
        let (device, ours) = SerialStream::pair().unwrap();
        let name = ours.name().unwrap();
        self.open = Some(File::options().read(true).write(true).open(&name).unwrap());
        drop(ours);
        relink(&self.path(), &name);
        device
    }

    /// From now on the gateway alone holds its end.
    pub fn is_held(&mut self) {
        self.open = None;
    }

    pub fn unplug(&mut self, device: SerialStream) {
        std::fs::remove_file(self.path()).unwrap();
        drop(device);
    }
}

fn relink(path: &Path, to: &str) {
    let _ = std::fs::remove_file(path);
    std::os::unix::fs::symlink(to, path).unwrap();
}

pub fn results(specimen: &str) -> Vec<u8> {
    let text = format!(
        "H|\\^&|||BENHAN-HAEMA^1||||||||LIS2-A2|20261122203000\rP|1\rO|1|{specimen}||^^^ALL|R\r\
         R|1|^^^WBC|8.13|10*9/L|||F\rL|1\r"
    );
    astm_frame(1, &text, ETX)
}

/// Asks until the gateway has opened the line: before, nobody answers.
pub async fn answered(device: &mut SerialStream) {
    for _ in 0..60 {
        if tokio::time::timeout(Duration::from_secs(1), asks(device, &[ENQ])).await == Ok(ACK) {
            return;
        }
    }
    panic!("nobody opens the line");
}

#[tokio::test]
async fn a_serial_line_brings_results_and_comes_back_after_it_was_lost() {
    let mut cable = Cable::new();
    let mut device = cable.plug();
    let path = cable.path();
    let hospital = Hospital::with(|config| config.serial.push(SerialLine::at("xp-1", path))).await;
    for (number, specimen) in ["S-1", "S-2"].into_iter().enumerate() {
        answered(&mut device).await;
        cable.is_held();
        assert_eq!(asks(&mut device, &results(specimen)).await, ACK);
        device.write_all(&[EOT]).await.unwrap();
        let delivered = hospital.delivered(number + 1).await;
        assert_eq!(delivered[number]["sender"]["channel"], "serial:xp-1");
        assert_eq!(delivered[number]["groups"][0]["specimens"][0], specimen);
        if number == 0 {
            device = cable.plug();
        }
    }
    hospital.close().await;
}

#[tokio::test]
async fn a_cable_pulled_in_the_middle_of_a_message_leaves_nothing_in_the_next_one() {
    let mut cable = Cable::new();
    let mut device = cable.plug();
    let url = format!("astm+serial://{}?baud=9600&mode=8N1&flow=xonxoff", cable.path().display());
    let hospital = Hospital::with(|config| config.port.push(port("may-xn", &url))).await;
    answered(&mut device).await;
    cable.is_held();
    let begun = astm_frame(1, "H|\\^&|||BENHAN-HAEMA^1\rP|1\rO|1|S-LOST||^^^ALL\rR|1|^^^WBC|9", 0x17);
    assert_eq!(asks(&mut device, &begun).await, ACK);
    cable.unplug(device);
    let lost = hospital.delivered(1).await;
    assert_eq!((lost[0]["message_type"].as_str(), &lost[0]["groups"]), (Some("incomplete"), &serde_json::json!([])));
    // The gateway finds no line for a while; then there is one again, under the same name.
    let mut device = cable.plug();
    answered(&mut device).await;
    assert_eq!(asks(&mut device, &results("S-7")).await, ACK);
    device.write_all(&[EOT]).await.unwrap();
    let delivered = hospital.delivered(2).await;
    assert_eq!(delivered[1]["sender"]["channel"], "may-xn");
    assert_eq!(delivered[1]["groups"][0]["specimens"], serde_json::json!(["S-7"]));
    hospital.close().await;
}

#[tokio::test]
async fn a_monitor_speaks_mllp_over_a_wire() {
    let mut cable = Cable::new();
    let mut device = Device::over(cable.plug());
    let url = format!("mllp+serial://{}?baud=115200&flow=rtscts", cable.path().display());
    let hospital = Hospital::with(|config| config.port.push(port("mib", &url))).await;
    // Sent into a line that nobody has opened yet it would wait there: the terminal keeps it.
    assert_eq!(device.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    assert_eq!(hospital.delivered(1).await[0]["sender"]["channel"], "mib");
    hospital.close().await;
}
