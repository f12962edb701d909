use super::session::{Refused, Session};
use super::telnet::{DO, DONT, Decoder, Heard, IAC, LARGEST_SUB, SB, SE, WILL, WONT, double};
use super::*;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn decoded(pieces: &[&[u8]]) -> (Vec<u8>, Vec<Heard>) {
    let (mut decoder, mut data, mut heard) = (Decoder::default(), Vec::new(), Vec::new());
    for piece in pieces {
        decoder.feed(piece, &mut data, &mut heard);
    }
    (data, heard)
}

fn confirmation(setting: &Setting) -> Heard {
    Heard::Sub([&[44, setting.command + 100], setting.value.as_slice()].concat())
}

#[test]
fn a_stream_cut_at_any_byte_says_the_same() {
    let stream =
        [b"\x05H|\xff\xff".as_slice(), &[IAC, DO, 44, IAC, SB, 44, 101, 0, 0, IAC, IAC, 0, IAC, SE, IAC, 241, b'z']]
            .concat();
    let whole = decoded(&[&stream]);
    assert_eq!(whole, (b"\x05H|\xffz".to_vec(), vec![Heard::Asked(DO, 44), Heard::Sub(vec![44, 101, 0, 0, 255, 0])]));
    for at in 0..=stream.len() {
        let (left, right) = stream.split_at(at);
        assert_eq!(decoded(&[left, right]), whole, "cut at {at}");
    }
}

#[test]
fn a_subnegotiation_without_end_is_neither_kept_nor_believed() {
    let long = [vec![IAC, SB], vec![1; 100_000], vec![IAC, SE, b'x', IAC, SB, 44, IAC, DO, 1]].concat();
    assert_eq!(decoded(&[&long]), (b"x".to_vec(), vec![Heard::Asked(DO, 1)]));
}

proptest! {
    #[test]
    fn what_is_doubled_arrives_as_it_was(data in proptest::collection::vec(prop_oneof![Just(IAC), any::<u8>()], 0..300), cut in 0usize..600) {
        let mut wire = Vec::new();
        double(&data, &mut wire);
        let (left, right) = wire.split_at(cut.min(wire.len()));
        prop_assert_eq!(decoded(&[left, right]), (data, vec![]));
    }

    #[test]
    fn any_bytes_end_in_a_defined_state_and_are_owed_no_more_than_they_brought(
        bytes in proptest::collection::vec(prop_oneof![Just(IAC), Just(SB), Just(SE), 251u8..=254, Just(44), Just(0), any::<u8>()], 0..400)
    ) {
        let mut out = Vec::new();
        let mut session = Session::begin(settings(LineSettings::default()), &mut out);
        let (greeting, (data, heard)) = (out.len(), decoded(&[&bytes]));
        for heard in &heard {
            prop_assert!(!matches!(heard, Heard::Sub(content) if content.len() > LARGEST_SUB));
            if session.hear(heard, &mut out).is_err() {
                break;
            }
        }
        prop_assert!(data.len() + heard.len() <= bytes.len());
        prop_assert!(out.len() <= greeting + bytes.len() + 60);
    }
}

#[test]
fn the_line_is_ready_when_everything_is_binary_and_each_setting_is_confirmed() {
    let line = LineSettings { baud: 19_200, ..LineSettings::default() }.with_mode("7E1").unwrap();
    let mut out = Vec::new();
    let mut session = Session::begin(settings(line), &mut out);
    out.clear();
    for heard in [Heard::Asked(DO, 0), Heard::Asked(WILL, 0), Heard::Asked(WILL, 3)] {
        session.hear(&heard, &mut out).unwrap();
    }
    assert!(out.is_empty(), "nothing is set before the server says that it can");
    session.hear(&Heard::Asked(DO, 44), &mut out).unwrap();
    let asked = [
        [IAC, SB, 44, 1, 0, 0, 0x4b, 0, IAC, SE].as_slice(),
        &[IAC, SB, 44, 2, 7, IAC, SE],
        &[IAC, SB, 44, 3, 3, IAC, SE],
        &[IAC, SB, 44, 4, 1, IAC, SE],
        &[IAC, SB, 44, 5, 1, IAC, SE],
    ];
    assert_eq!(out, asked.concat());
    for setting in settings(line) {
        assert!(!session.is_ready());
        session.hear(&confirmation(&setting), &mut out).unwrap();
    }
    assert!(session.is_ready());
    // Somebody else sets the line while we hold it.
    let changed = session.hear(&Heard::Sub(vec![44, 103, 1]), &mut out);
    assert_eq!(changed, Err(Refused::Setting("the parity")));
}

#[test]
fn what_a_server_wants_beside_is_refused_and_what_it_refuses_ends_the_call() {
    let mut out = Vec::new();
    let mut session = Session::begin(settings(LineSettings::default()), &mut out);
    out.clear();
    session.hear(&Heard::Asked(WILL, 1), &mut out).unwrap();
    session.hear(&Heard::Asked(DO, 24), &mut out).unwrap();
    assert_eq!(out, [IAC, DONT, 1, IAC, WONT, 24]);
    assert_eq!(session.clone().hear(&Heard::Asked(DONT, 44), &mut out), Err(Refused::ComPort));
    assert_eq!(session.hear(&Heard::Asked(WONT, 0), &mut out), Err(Refused::Binary));
}

/// Answers what it is asked, as a terminal server does.
async fn serve(mut server: tokio::io::DuplexStream) -> tokio::io::DuplexStream {
    let line = settings(LineSettings::default());
    let mut hears = vec![0; 15];
    server.read_exact(&mut hears).await.unwrap();
    server.write_all(&[IAC, WILL, 1, IAC, DO, 0, IAC, WILL, 0, IAC, DO, 44]).await.unwrap();
    let mut asked = vec![0; 3 + 10 + 4 * 7];
    server.read_exact(&mut asked).await.unwrap();
    for setting in &line {
        let mut answer = Vec::new();
        telnet::sub(&[&[44, setting.command + 100], setting.value.as_slice()].concat(), &mut answer);
        server.write_all(&answer).await.unwrap();
    }
    server
}

#[tokio::test(start_paused = true)]
async fn data_passes_both_ways_and_commands_in_between_do_not() {
    let (ours, theirs) = tokio::io::duplex(64);
    let (telnet, mut server) = tokio::join!(greet(ours, LineSettings::default()), serve(theirs));
    let mut telnet = telnet.unwrap();
    server.write_all(&[b'a', IAC, IAC, IAC, SB, 44, 107, 0x30, IAC, SE, b'b']).await.unwrap();
    let mut data = [0; 3];
    telnet.read_exact(&mut data).await.unwrap();
    assert_eq!(data, [b'a', IAC, b'b']);
    telnet.write_all(&[6, IAC, 7]).await.unwrap();
    telnet.flush().await.unwrap();
    let mut wire = [0; 4];
    server.read_exact(&mut wire).await.unwrap();
    assert_eq!(wire, [6, IAC, IAC, 7]);
    drop(server);
    assert_eq!(telnet.read(&mut data).await.unwrap(), 0, "the end is an end");
}

#[tokio::test(start_paused = true)]
async fn a_port_that_says_nothing_or_asks_without_end_is_given_up() {
    let (ours, _silent) = tokio::io::duplex(64);
    assert_eq!(greet(ours, LineSettings::default()).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    let (ours, mut flood) = tokio::io::duplex(64);
    let asks = tokio::spawn(async move { while flood.write_all(&[IAC, DO, 24]).await.is_ok() {} });
    assert!(greet(ours, LineSettings::default()).await.is_err());
    asks.await.unwrap();
}
