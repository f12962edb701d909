//! Telnet's bytes from a terminal server: what they say does not depend on how they were cut, a subnegotiation
//! keeps within its bound, and no answer is longer than what was asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;

// Both know the standard library alone, so that the gateway with its databases need not be built for this.
#[path = "../../../device-gateway/src/transport/rfc2217/session.rs"]
mod session;
#[path = "../../../device-gateway/src/transport/rfc2217/telnet.rs"]
mod telnet;

use session::{Session, Setting};
use telnet::{Decoder, Heard, LARGEST_SUB};

fuzz_target!(|input: &[u8]| {
    let [cut, wire @ ..] = input else { return };
    let (mut data, mut heard) = (Vec::new(), Vec::new());
    Decoder::default().feed(wire, &mut data, &mut heard);
    let (mut data_cut, mut heard_cut) = (Vec::new(), Vec::new());
    let mut decoder = Decoder::default();
    for piece in wire.chunks(usize::from(*cut).max(1)) {
        decoder.feed(piece, &mut data_cut, &mut heard_cut);
    }
    assert_eq!((&data, &heard), (&data_cut, &heard_cut));

    let speed = Setting { name: "the speed", command: 1, value: vec![0, 0, 0x25, 0x80] };
    let mut out = Vec::new();
    let mut session = Session::begin(vec![speed], &mut out);
    for heard in &heard {
        assert!(!matches!(heard, Heard::Sub(content) if content.len() > LARGEST_SUB));
        if session.hear(heard, &mut out).is_err() {
            break;
        }
    }
    assert!(out.len() <= 40 + wire.len());
    let _ = session.is_ready();

    let mut doubled = Vec::new();
    telnet::double(wire, &mut doubled);
    let (mut back, mut none) = (Vec::new(), Vec::new());
    Decoder::default().feed(&doubled, &mut back, &mut none);
    assert!(back == wire && none.is_empty());
});
