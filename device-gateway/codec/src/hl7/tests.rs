//! What devices send, and what must come of it.

use super::ack::{Answer, Code, Mode};
use super::*;
use proptest::prelude::*;

const MONITOR: &[u8] = b"MSH|^~\\&|VITAL^0011223344556677^EUI-64|ICU|||20261122203000+0700||ORU^R01^ORU_R01|77|P|2.6|||NE|AL||UNICODE UTF-8\r\
PID|||BN01^^^BV^PI||Nguyen^An\rPV1||I|ICU^R2^B07\r\
OBR|1|||182777000^monitoring^SCT|||20261122202959\r\
OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||R\r";

fn segment<'a>(message: &Message<'a>, id: &[u8]) -> Segment<'a> {
    message.segments().find(|segment| segment.id() == id).unwrap()
}

#[test]
fn fields_are_counted_as_in_the_standard() {
    let message = Message::parse(MONITOR).unwrap();
    let header = message.header();
    assert_eq!(header.field(1).raw(), b"|");
    assert_eq!(header.field(2).raw(), b"^~\\&");
    assert_eq!(header.field(10).raw(), b"77");
    assert_eq!(segment(&message, b"PV1").field(3).component(3).raw(), b"B07");
    let observation = segment(&message, b"OBX");
    assert_eq!(observation.field(3).component(1).raw(), b"150456");
    assert_eq!(observation.field(11).raw(), b"R");
    assert!(observation.field(40).is_empty());
    assert_eq!(observation.first::<5>()[4].raw(), b"97");
}

#[test]
fn segments_end_with_cr_or_lf_or_both() {
    for end in ["\r", "\n", "\r\n"] {
        let text = ["MSH|^~\\&|A", "PID|1", "", "OBX|1"].join(end);
        let message = Message::parse(text.as_bytes()).unwrap();
        let ids: Vec<_> = message.segments().map(|segment| segment.id()).collect();
        assert_eq!(ids, [&b"MSH"[..], b"PID", b"OBX"]);
    }
}

#[test]
fn delimiters_are_read_and_not_assumed() {
    let message = Message::parse(b"MSH#*_!$#APP#\rOBX#1#NM#8867-4*HR*LN##6!F!1\r").unwrap();
    assert_eq!(message.delimiters().repetition, b'_');
    let observation = segment(&message, b"OBX");
    assert_eq!(observation.field(3).component(2).raw(), b"HR");
    assert_eq!(observation.field(5).unescaped().as_ref(), b"6#1");
}

#[test]
fn escapes_become_what_they_stand_for_and_unknown_ones_stay() {
    let message = Message::parse(
        b"MSH|^~\\&|A\rNTE|1||a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g\\X4142\\\\H\\!\\N\\\\Zx\\ end\\\r",
    )
    .unwrap();
    let text = segment(&message, b"NTE").field(3);
    assert_eq!(text.unescaped().as_ref(), b"a|b^c&d~e\\f\ngAB!\\Zx\\ end\\");
}

#[test]
fn a_batch_gives_its_messages_without_the_envelope() {
    let batch = b"FHS|^~\\&|X\rBHS|^~\\&|X\rMSH|^~\\&|one\rPID|1\rMSH|^~\\&|two\rBTS|2\rFTS|1\r";
    let found: Vec<_> = batch::messages(batch).collect();
    assert_eq!(found, [&b"MSH|^~\\&|one\rPID|1\r"[..], b"MSH|^~\\&|two\r"]);
}

#[test]
fn the_answer_echoes_the_control_id_byte_for_byte() {
    let bytes = b"MSH|^~\\&|APP|FAC|LIS|LAB|20260101||ORU^R01|\xc4\x90-7\\T\\|P|2.3.1||||||8859/1\r";
    let message = Message::parse(bytes).unwrap();
    let answer = Answer {
        code: Code::Accepted,
        mode: Mode::Application,
        control_id: "G1",
        time: "20260101000000+0700",
        text: "",
    };
    let expected =
        b"MSH|^~\\&|LIS|LAB|APP|FAC|20260101000000+0700||ACK^R01^ACK|G1|P|2.3.1||||||8859/1\rMSA|AA|\xc4\x90-7\\T\\\r";
    assert_eq!(ack::build(&message, answer), expected);
    let commit = Answer { mode: Mode::Commit, code: Code::StorageFailed, ..answer };
    assert!(ack::build(&message, commit).windows(7).any(|part| part == b"MSA|CE|"));
}

/// Found by fuzzing: the answer echoed the NUL as «no component separator» and was no message itself.
#[test]
fn a_header_whose_delimiter_is_a_control_byte_is_no_hl7() {
    assert_eq!(Message::parse(b" \0MSH/\0").err(), Some(NotHl7::NoHeader));
    assert_eq!(Message::parse(b"MSH/\0").err(), Some(NotHl7::NoDelimiters));
    assert_eq!(Message::parse(b"MSH|\x1c~\\&|VITAL").err(), Some(NotHl7::NoDelimiters));
}

#[test]
fn what_is_no_hl7_is_rejected_in_plain_hl7() {
    assert_eq!(Message::parse(b"hello"), Err(NotHl7::NoHeader));
    assert_eq!(Message::parse(b"MSH"), Err(NotHl7::NoDelimiters));
    let answer = Answer {
        code: Code::Rejected,
        mode: Mode::Application,
        control_id: "G2",
        time: "20260101000000+0700",
        text: "not HL7",
    };
    assert_eq!(ack::build_rejection(answer), b"MSH|^~\\&|||||20260101000000+0700||ACK|G2|P|2.3.1\rMSA|AR||not HL7\r");
}

#[test]
fn an_answer_is_given_when_either_condition_wants_one() {
    for (conditions, accepted, failed) in [
        ("|", true, true),
        ("AL|NE", true, true),
        ("NE|AL", true, true),
        ("NE|NE", false, false),
        ("ER|NE", false, true),
        ("SU|NE", true, false),
        // Mindray BS: MSH-15 empty, MSH-16 the kind of result (sample, calibration, control).
        ("|0", true, true),
        ("|1", true, true),
        ("|2", true, true),
        ("NE|0", false, true),
        ("AL|2", true, true),
        ("\0|\0", true, true),
    ] {
        let text = format!("MSH|^~\\&|A|B|C|D|1||ORU^R01|1|P|2.6|||{conditions}\r");
        let message = Message::parse(text.as_bytes()).unwrap();
        assert_eq!(ack::wanted(&message, Code::Accepted), accepted, "{conditions}");
        assert_eq!(ack::wanted(&message, Code::StorageFailed), failed, "{conditions}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_message_or_not_and_never_a_panic(tail in proptest::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [&b"MSH"[..], &tail].concat();
        if let Ok(message) = Message::parse(&bytes) {
            for segment in message.segments() {
                for number in 0..9 {
                    let field = segment.field(number);
                    let _ = (field.component(2).subcomponent(2).raw(), field.unescaped().len());
                }
            }
            let answer = Answer { code: Code::Accepted, mode: Mode::Application, control_id: "1", time: "", text: "" };
            let _ = (ack::build(&message, answer), ack::wanted(&message, Code::Accepted));
        }
        prop_assert!(batch::messages(&bytes).map(<[u8]>::len).sum::<usize>() <= bytes.len());
    }

    #[test]
    fn fields_written_are_fields_read(fields in proptest::collection::vec("[ -\\[\\]_a-z\u{e0}-\u{1ef9}]{0,12}", 1..12)) {
        let clean: Vec<String> = fields.iter().map(|field| field.replace(['|', '\\'], "")).collect();
        let text = format!("MSH|^~\\&|A\rZZZ|{}\r", clean.join("|"));
        let message = Message::parse(text.as_bytes()).unwrap();
        let segment = segment(&message, b"ZZZ");
        for (index, field) in clean.iter().enumerate() {
            prop_assert_eq!(segment.field(index + 1).raw(), field.as_bytes());
        }
    }
}
