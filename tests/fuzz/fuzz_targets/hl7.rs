//! HL7 over MLLP: any bytes, in any two pieces, are payloads or not; any payload is a message or not; any
//! message has an answer that is itself a message.
#![no_main]

use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::ack::{self, Answer, Code, Mode};
use benhan_device_codec::hl7::{Message, batch};
use benhan_device_codec::mllp::{Decoder, Found, frame};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 64 << 10;

fn payloads(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    payloads_of(Decoder::new(LIMIT), pieces)
}

fn payloads_of(mut decoder: Decoder, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        while let Some(found) = decoder.next(&mut input) {
            if let Found::Payload(payload) = found {
                assert!(payload.len() <= LIMIT);
                payloads.push(payload);
            }
        }
    }
    if let Some(Found::Payload(payload)) = decoder.silence() {
        payloads.push(payload);
    }
    payloads
}

fuzz_target!(|data: &[u8]| {
    let at = data.first().map_or(0, |first| usize::from(*first) % data.len());
    let (left, right) = data.split_at(at);
    assert_eq!(payloads(&[data]), payloads(&[left, right]));
    let lenient = || Decoder::lenient(LIMIT);
    assert_eq!(payloads_of(lenient(), &[data]), payloads_of(lenient(), &[left, right]));

    for bytes in batch::messages(data).chain([data]) {
        let Ok(message) = Message::parse(bytes) else { continue };
        let charset = Charset::of(bytes, message.header().field(18).raw(), None);
        for segment in message.segments() {
            for field in segment.fields() {
                for part in field.repetitions() {
                    let _ = charset.decode(&part.component(2).subcomponent(2).unescaped());
                }
            }
        }
        let answer =
            Answer { code: Code::Accepted, mode: Mode::Application, control_id: "1", time: "20260101", text: "" };
        let built = ack::build(&message, answer);
        let read = Message::parse(&built).expect("an answer is a message");
        // An answer that echoes a framing byte of the sender's is that sender's to take apart.
        let plain = !built.contains(&0x0B) && !built.contains(&0x1C);
        if plain && message.delimiters() == read.delimiters() && ack::wanted(&message, Code::Accepted) {
            assert_eq!(payloads(&[&frame(&built)]).len(), 1);
        }
    }
});
