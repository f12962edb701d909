//! A Dräger ventilator on a serial line.

use super::{Counts, at_bed, delivered, in_time, values};
use crate::plug::Cable;
use crate::support::Hospital;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::SerialStream;

struct Ventilator {
    line: SerialStream,
    rate: u32,
}

/// Two digits of the sum of all that stands before them.
fn summed(body: &[u8]) -> Vec<u8> {
    let sum: u32 = body.iter().map(|byte| u32::from(*byte)).sum();
    [body, format!("{:02X}\r", sum % 256).as_bytes()].concat()
}

impl Ventilator {
    /// The next message, without its checksum, which must be right.
    async fn hears(&mut self) -> Vec<u8> {
        let mut heard = Vec::new();
        while heard.last() != Some(&b'\r') {
            heard.push(in_time("the gateway speaks", self.line.read_u8()).await.unwrap());
        }
        let body = heard[..heard.len() - 3].to_vec();
        assert_eq!(summed(&body), heard);
        body
    }

    async fn says(&mut self, body: &[u8]) {
        self.line.write_all(&summed(body)).await.unwrap();
    }

    fn answer_to(&self, command: u8) -> Vec<u8> {
        let data = match command {
            b'R' => "8210'Evita 4'02.00:04.03".to_owned(),
            b'(' => "20:30:0022-NOV-26".to_owned(),
            b'$' => format!("D6{:>4}EB  97B9 7.4", self.rate),
            b'*' => "065SIMV \u{3}".to_owned(),
            _ => String::new(),
        };
        [&[1, command], data.as_bytes()].concat()
    }

    /// Answers everything until it has answered this command.
    async fn goes_on_until(&mut self, last: u8) {
        loop {
            let heard = self.hears().await;
            if heard[0] != 0x1b {
                continue;
            }
            self.says(&self.answer_to(heard[1])).await;
            if heard[1] == last {
                return;
            }
        }
    }
}

#[tokio::test]
async fn a_ventilator_is_called_asked_and_left_with_a_goodbye() {
    let counts = Counts::default();
    let _counting = metrics::set_default_local_recorder(&counts);
    let mut cable = Cable::new();
    let mut ventilator = Ventilator { line: cable.plug(), rate: 18 };
    let url = format!("medibus+serial://{}?baud=19200&mode=8N1", cable.path().display());
    let hospital = Hospital::with(|config| config.port.push(at_bed("may-tho-5", &url))).await;
    assert_eq!(ventilator.hears().await, b"\x1bQ", "it is called");
    cable.is_held();
    ventilator.says(b"\x01Q").await;
    // It asks back who calls, and must be answered in the midst of its own answer.
    assert_eq!(ventilator.hears().await, b"\x1bR");
    ventilator.says(b"\x1bR").await;
    assert!(ventilator.hears().await.starts_with(b"\x01R0161'Benhan'"));
    ventilator.says(&ventilator.answer_to(b'R')).await;
    ventilator.goes_on_until(b'(').await;
    // The line harms the values once: they are not taken, and asked for again.
    assert_eq!(ventilator.hears().await, b"\x1b$");
    let mut harmed = summed(&ventilator.answer_to(b'$'));
    harmed[4] ^= 1;
    ventilator.line.write_all(&harmed).await.unwrap();
    assert_eq!(ventilator.hears().await, b"\x1b$");
    assert_eq!(counts.of("may-tho-5", "damaged"), 1);
    ventilator.says(&ventilator.answer_to(b'$')).await;
    ventilator.goes_on_until(b'*').await;

    let first = &delivered(&hospital, 1).await[0];
    assert_eq!(values(first), ["151562 18 /min", "150456 97 %", "151880 7.4 L/min"]);
    assert_eq!(first["protocol"], "medibus");
    assert_eq!(first["message_at"], 1_795_354_200_000_000_i64, "its clock, in Hanoi");
    assert_eq!(first["sender"]["application"], "Dräger Evita 4 8210 02.00:04.03");
    assert_eq!((&first["location"]["unit"], &first["location"]["bed"]), (&"HSTC".into(), &"G05".into()));

    // The cable is pulled and put back: it is called anew.
    ventilator = Ventilator { line: cable.plug(), rate: 22 };
    ventilator.goes_on_until(b'R').await;
    cable.is_held();
    ventilator.goes_on_until(b'*').await;
    let second = delivered(&hospital, 2).await.pop().unwrap();
    assert!(values(&second).contains(&"151562 22 /min".to_owned()), "{:?}", values(&second));
    assert_eq!(counts.of("may-tho-5", "connected"), 2);
    tokio::join!(hospital.close(), ventilator.goes_on_until(b'U'));
}
