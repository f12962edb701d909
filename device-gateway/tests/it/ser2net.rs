//! A terminal server that others wrote: ser2net, telnet with RFC 2217, a pseudo-terminal as its serial port.
//! `make setup` installs it; on a machine without it the story says so and passes. A scripted server is beside the codec.

use crate::plug::{Cable, answered, results};
use crate::support::{ACK, EOT, Hospital, asks, port};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::SerialPort;

struct Ser2net(Child);

impl Ser2net {
    /// Nothing where it is not installed.
    fn start(tcp: u16, serial: &std::path::Path, dir: &std::path::Path) -> Option<Self> {
        let file = dir.join("ser2net.yaml");
        // `local`: a pseudo-terminal has no modem.
        let text = format!(
            "connection: &moxa\n  accepter: telnet(rfc2217),tcp,127.0.0.1,{tcp}\n  connector: serialdev,{},9600n81,local\n  options:\n    kickolduser: true\n",
            serial.display()
        );
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new("ser2net");
        command.args(["-n", "-u", "-c"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        command
            .spawn()
            .or_else(|_| Command::new("/usr/sbin/ser2net").args(["-n", "-u", "-c"]).arg(&file).spawn())
            .ok()
            .map(Self)
    }
}

impl Drop for Ser2net {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_line_behind_ser2net_is_set_brings_every_byte_and_comes_back_with_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let mut cable = Cable::new();
    let mut device = cable.plug();
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(server) = Ser2net::start(tcp, &cable.path(), dir.path()) else {
        println!("no ser2net on this machine: not tried against it");
        return;
    };
    let url = format!("astm+rfc2217://127.0.0.1:{tcp}?baud=19200&mode=8N1&flow=xonxoff");
    let hospital = Hospital::with(|config| config.port.push(port("nport-2", &url))).await;
    answered(&mut device).await;
    assert_eq!(device.baud_rate().unwrap(), 19_200, "the line was set from here");
    // Every byte that telnet has a meaning for is inside the message.
    let text = b"H|\\^&|||X\rP|1||||\xff\xff\xf0\xff\xfa\rO|1|S-7||^^^ALL\rR|1|^^^WBC|8.13|10*9/L|||F\rL|1\r";
    let mut frame = [b"\x021".as_slice(), text, b"\x03"].concat();
    let sum = frame[1..].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    frame.extend_from_slice(format!("{sum:02X}\r\n").as_bytes());
    assert_eq!(asks(&mut device, &frame).await, ACK);
    device.write_all(&[EOT]).await.unwrap();
    hospital.delivered(1).await;
    let raw = hospital.running.spool.receipt(1).await.unwrap().unwrap().raw;
    assert!(raw.windows(text.len()).any(|part| part == text), "byte for byte");

    drop(server);
    let server = Ser2net::start(tcp, &cable.path(), dir.path()).unwrap();
    // What is left of the old conversation on the terminal is no answer to the new one.
    let emptied = async { while device.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {} };
    let _ = tokio::time::timeout(Duration::from_millis(200), emptied).await;
    answered(&mut device).await;
    assert_eq!(asks(&mut device, &results("S-8")).await, ACK);
    device.write_all(&[EOT]).await.unwrap();
    assert_eq!(hospital.delivered(2).await[1]["groups"][0]["specimens"][0], "S-8");
    drop(server);
    hospital.close().await;
}
