//! Messages over the wire: whatever the sizes of PDUs, PDVs and reads, the same message comes out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests assert the blunt way")]

use benhan_dimse::pdu::{AcceptedContext, AssociateAc, RELEASE_REQUEST};
use benhan_dimse::pdu::{
    AssociateRq, ContextResult, Event, Limits, Pdu, PduError, ProposedContext, Reader, write_message,
};
use benhan_dimse::{AeTitle, Assembler, AssemblyError, Part, Request, StoreRequest, Uid};
use bytes::BytesMut;
use proptest::prelude::*;

const LIMITS: Limits = Limits { associate: 1024 * 1024, data: 128 * 1024 };

fn store() -> Request {
    Request::Store(StoreRequest {
        message_id: 7,
        sop_class: Uid::parse("1.2.840.10008.5.1.4.1.1.2").unwrap(),
        sop_instance: Uid::parse("2.25.1").unwrap(),
    })
}

/// Feeds `wire` in pieces of the given sizes, over and over, and gathers what the assembler says.
fn receive(wire: &[u8], pieces: &[usize]) -> (Vec<Request>, Vec<u8>, bool) {
    let mut reader = Reader::new(LIMITS);
    let mut assembler = Assembler::default();
    let (mut requests, mut dataset, mut ended) = (Vec::new(), Vec::new(), false);
    let mut input = BytesMut::new();
    let mut sizes = pieces.iter().cycle();
    let mut rest = wire;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
        input.extend_from_slice(piece);
        rest = after;
        while let Some(event) = reader.next(&mut input).unwrap() {
            let Event::Fragment(fragment) = event else {
                panic!("no control PDU was sent");
            };
            match assembler.accept(fragment).unwrap() {
                Some(Part::Command { set, .. }) => requests.push(Request::read(&set).unwrap()),
                Some(Part::Dataset { data, last }) => {
                    dataset.extend_from_slice(&data);
                    ended = last;
                }
                None => {}
            }
        }
    }
    (requests, dataset, ended)
}

proptest! {
    #[test]
    fn a_message_arrives_whole_in_any_cut(
        dataset in proptest::collection::vec(any::<u8>(), 0..5_000),
        max_pdu in 1u32..3_000,
        pieces in proptest::collection::vec(1usize..700, 1..6),
    ) {
        let mut wire = Vec::new();
        write_message(&mut wire, 3, &store().to_set().encode(), Some(&dataset), max_pdu);
        let (requests, received, ended) = receive(&wire, &pieces);
        prop_assert_eq!(requests, vec![store()]);
        prop_assert_eq!(received, dataset);
        prop_assert!(ended);
    }

    #[test]
    fn any_bytes_end_in_events_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let mut reader = Reader::new(LIMITS);
        let mut assembler = Assembler::default();
        let mut input = BytesMut::from(bytes.as_slice());
        while let Ok(Some(event)) = reader.next(&mut input) {
            if let Event::Fragment(fragment) = event {
                let _ = assembler.accept(fragment);
            }
        }
    }

    #[test]
    fn an_association_request_survives_the_wire(
        contexts in proptest::collection::vec(("[0-9.]{1,64}", proptest::collection::vec("[0-9.]{1,64}", 0..5)), 0..20),
        max_pdu: u32,
    ) {
        let contexts = (1u8..).step_by(2).zip(contexts).map(|(id, (abstract_syntax, transfer_syntaxes))| {
            ProposedContext { id, abstract_syntax, transfer_syntaxes }
        });
        let request = AssociateRq {
            protocol_version: 1,
            called: AeTitle::parse("BENHAN").unwrap(),
            calling: AeTitle::parse("CT 1").unwrap(),
            application_context: "1.2.840.10008.3.1.1.1".into(),
            contexts: contexts.collect(),
            max_pdu,
            implementation_uid: "2.25.9".into(),
            implementation_version: "TEST".into(),
        };
        let mut input = BytesMut::from(request.to_pdu().as_slice());
        let event = Reader::new(LIMITS).next(&mut input);
        prop_assert_eq!(event, Ok(Some(Event::Pdu(Pdu::AssociateRq(request)))));
        prop_assert!(input.is_empty());
    }
}

#[test]
fn a_command_in_one_byte_pdvs_is_still_a_command() {
    let command = store().to_set().encode();
    let mut wire = Vec::new();
    for (index, byte) in command.iter().enumerate() {
        let last = if index + 1 == command.len() { 0b11 } else { 0b01 };
        wire.extend_from_slice(&[4, 0, 0, 0, 0, 7, 0, 0, 0, 3, 1, last, *byte]);
    }
    wire.extend_from_slice(&[4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 0b10, 0xAB, 0xCD]);
    let (requests, dataset, ended) = receive(&wire, &[1]);
    assert_eq!(requests, [store()]);
    assert_eq!(dataset, [0xAB, 0xCD]);
    assert!(ended);
}

#[test]
fn an_acceptance_survives_the_wire() {
    let accept = AssociateAc {
        called: AeTitle::parse("BENHAN").unwrap(),
        calling: AeTitle::parse("CT").unwrap(),
        contexts: vec![AcceptedContext {
            id: 1,
            result: ContextResult::AbstractSyntaxNotSupported,
            transfer_syntax: "1.2.840.10008.1.2".into(),
        }],
        max_pdu: 16_384,
        implementation_uid: "2.25.9".into(),
        implementation_version: "TEST".into(),
    };
    let mut input = BytesMut::from(accept.to_pdu().as_slice());
    let event = Reader::new(LIMITS).next(&mut input).unwrap();
    assert_eq!(event, Some(Event::Pdu(Pdu::AssociateAc(accept))));
}

#[test]
fn broken_pdus_are_named() {
    let read = |bytes: &[u8]| Reader::new(LIMITS).next(&mut BytesMut::from(bytes));
    let huge = [4, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    assert!(matches!(read(&huge), Err(PduError::TooLong { kind: 4, .. })));
    let empty = [4, 0, 0, 0, 0, 0];
    assert!(matches!(read(&empty), Err(PduError::TooShort { .. })));
    assert_eq!(read(b"GET / HTTP/1.1\r\n"), Err(PduError::UnknownType(b'G')));
    let pdv_beyond_pdu = [4, 0, 0, 0, 0, 8, 0, 0, 0, 99, 1, 0];
    assert!(matches!(read(&pdv_beyond_pdu), Err(PduError::PdvLength { .. })));
    assert_eq!(read(RELEASE_REQUEST.get(..9).unwrap()), Ok(None));
}

#[test]
fn a_dataset_without_a_command_breaks_the_association() {
    let mut reader = Reader::new(LIMITS);
    let mut input = BytesMut::from([4, 0, 0, 0, 0, 8, 0, 0, 0, 4, 1, 0b10, 1, 2].as_slice());
    let Some(Event::Fragment(fragment)) = reader.next(&mut input).unwrap() else {
        panic!("a fragment was sent");
    };
    let answer = Assembler::default().accept(fragment);
    assert_eq!(answer, Err(AssemblyError::DatasetBeforeCommand));
}
