//! Any bytes in any pieces are PDUs and messages, or an error; what is a request reads back the same.
#![no_main]

use benhan_dimse::pdu::{AssociateRq, Event, Limits, Pdu, Reader};
use benhan_dimse::{Assembler, CommandSet, Part, Request};
use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits { associate: 1 << 20, data: 128 * 1024 };

fuzz_target!(|input: &[u8]| {
    let Some((piece, wire)) = input.split_first() else { return };
    let mut reader = Reader::new(LIMITS);
    let mut assembler = Assembler::default();
    let mut buffer = BytesMut::new();
    for chunk in wire.chunks(usize::from(*piece).max(1)) {
        buffer.extend_from_slice(chunk);
        loop {
            match reader.next(&mut buffer) {
                Ok(Some(Event::Pdu(Pdu::AssociateRq(request)))) => again(&request),
                Ok(Some(Event::Pdu(_))) => {}
                Ok(Some(Event::Fragment(fragment))) => match assembler.accept(fragment) {
                    Ok(Some(Part::Command { set, .. })) => command(&set),
                    Ok(_) => {}
                    Err(_) => return,
                },
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
});

fn command(set: &CommandSet) {
    assert_eq!(CommandSet::parse(&set.encode()).as_ref(), Ok(set));
    if let Ok(request) = Request::read(set) {
        assert_eq!(Request::read(&request.to_set()), Ok(request));
    }
}

/// Titles with bytes that no title may hold, and text that was no UTF-8, are the only losses.
fn again(request: &AssociateRq) {
    let mut buffer = BytesMut::from(request.to_pdu().as_slice());
    let clean = format!("{request:?}").is_ascii();
    match Reader::new(LIMITS).next(&mut buffer) {
        Ok(Some(Event::Pdu(Pdu::AssociateRq(second)))) if clean => assert_eq!(&second, request),
        other => assert!(!clean || other.is_err(), "{other:?}"),
    }
}
