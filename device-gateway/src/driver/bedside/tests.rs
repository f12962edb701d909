use super::*;
use benhan_device_codec::driver::Note;
use std::sync::{Arc, Mutex};
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

const MEDIBUS: bedside::Protocol = bedside::Protocol::Medibus;

struct Bed {
    device: DuplexStream,
    desk: Desk,
    shutdown: CancellationToken,
    talk: JoinHandle<io::Result<()>>,
    _dir: tempfile::TempDir,
}

impl Bed {
    fn with(protocol: bedside::Protocol, driver: Box<dyn Driver + Send>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::in_dir(dir.path(), "giuong-1");
        let (device, mut ours) = tokio::io::duplex(4096);
        let shutdown = CancellationToken::new();
        let (own, stop) = (desk.clone(), shutdown.clone());
        let talk = tokio::spawn(async move {
            let mut talk = Talk::new(protocol, driver, &own, "10.0.9.1");
            let ended = talk.run(&mut ours, &stop).await;
            talk.end().await;
            ended
        });
        Self { device, desk, shutdown, talk, _dir: dir }
    }

    fn of(protocol: bedside::Protocol) -> Self {
        Self::with(protocol, protocol.driver(None))
    }

    async fn hears(&mut self, bytes: &[u8]) {
        let mut heard = vec![0; bytes.len()];
        self.device.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, bytes, "{}", String::from_utf8_lossy(&heard));
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_ventilator_is_called_again_and_hears_goodbye() {
    let mut bed = Bed::of(MEDIBUS);
    let began = Instant::now();
    bed.hears(b"\x1bQ6C\r").await;
    bed.hears(b"\x1bQ6C\r").await;
    assert!(began.elapsed() >= Duration::from_secs(3) && began.elapsed() < Duration::from_secs(4));
    bed.shutdown.cancel();
    bed.hears(b"\x1bU70\r").await;
    assert!(bed.talk.await.unwrap().is_ok(), "a device that does not answer is left all the same");
}

/// Has as many records kept as the first byte says, and notes what is answered.
struct Many(Arc<Mutex<Vec<bool>>>);

impl Driver for Many {
    fn handle(&mut self, event: Event<'_>, _: Duration, out: &mut Vec<Action>) {
        match event {
            Event::Bytes([count, ..]) => out.extend((0..*count).map(|number| Action::Store(vec![number]))),
            Event::Stored { ok } => self.0.lock().unwrap().push(ok),
            Event::Stop => out.extend([Action::Store(b"last".to_vec()), Action::Close(Close::Done)]),
            _ => out.push(Action::Note(Note::Ignored)),
        }
    }

    fn held(&self) -> usize {
        0
    }
}

#[tokio::test]
async fn records_are_kept_in_order_each_is_answered_once_and_the_last_is_kept_though_the_line_closes() {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let mut bed = Bed::with(MEDIBUS, Box::new(Many(Arc::clone(&answers))));
    bed.device.write_all(&[200]).await.unwrap();
    let all = async {
        while answers.lock().unwrap().len() < 200 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), all).await.unwrap();
    bed.shutdown.cancel();
    bed.talk.await.unwrap().unwrap();
    assert_eq!(*answers.lock().unwrap(), [true; 201]);
    let stored = bed.desk.spool.unread(300).await.unwrap();
    let wanted = (0..200).map(|number| vec![number]).chain([b"last".to_vec()]);
    assert!(stored.iter().map(|receipt| receipt.raw.clone()).eq(wanted));
    assert!(stored.iter().all(|receipt| receipt.protocol == Protocol::Medibus));
}

#[tokio::test(start_paused = true)]
async fn a_document_that_never_ends_takes_no_more_than_a_messages_time() {
    let mut bed = Bed::of(bedside::Protocol::Poct1);
    let began = Instant::now();
    bed.device.write_all(b"<HEL.R01>").await.unwrap();
    while bed.device.write_all(b"<a/>").await.is_ok() {
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert_eq!(bed.talk.await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert!(began.elapsed() <= bed.desk.message_timeout + Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_meter_that_stays_and_only_answers_is_not_cut_off() {
    let mut bed = Bed::of(bedside::Protocol::Poct1);
    let header = "<HDR><HDR.control_id V=\"1\"/></HDR>";
    let hello = "<DEV><DSC><DSC.directives_supported_cd V=\"START_CONTINUOUS\"/></DSC></DEV>";
    let status = "<DST><DST.new_observations_qty V=\"0\"/></DST>";
    let greeting = format!("<HEL.R01>{header}{hello}</HEL.R01><DST.R01>{header}{status}</DST.R01>");
    bed.device.write_all(greeting.as_bytes()).await.unwrap();
    let began = Instant::now();
    let mut heard = String::new();
    while began.elapsed() < Duration::from_secs(600) {
        heard.push(char::from(bed.device.read_u8().await.expect("the line is cut off")));
        if heard.ends_with("</KPA.R01>") {
            heard.clear();
            let answer = format!("<ACK.R01>{header}<ACK><ACK.type_cd V=\"AA\"/></ACK></ACK.R01>");
            let (half, rest) = answer.split_at(40);
            bed.device.write_all(half.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
            bed.device.write_all(rest.as_bytes()).await.unwrap();
        }
    }
    bed.shutdown.cancel();
}

#[test]
fn every_bedside_protocol_has_its_name_in_spool_and_deliveries() {
    for name in bedside::Protocol::names() {
        assert_eq!(called(bedside::Protocol::named(name).unwrap()).name(), name);
        assert_eq!(serde_json::to_value(Protocol::named(name).unwrap()).unwrap(), name);
    }
}
