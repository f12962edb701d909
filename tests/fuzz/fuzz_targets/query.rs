//! Queries: any bytes ask something or nothing, and whatever they ask has an answer that is itself a message in the
//! same charset, of the segments and records that its dialect has and no others.
#![no_main]

use benhan_device_codec::astm::record;
use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::{Message, Whole};
use benhan_device_codec::query::{AstmForm, Found, Order, Ours, Person, Query, Test, answer, read_astm, read_hl7};
use libfuzzer_sys::fuzz_target;

const SEGMENTS: [&[u8]; 16] = [
    b"MSH", b"MSA", b"ERR", b"QAK", b"QPD", b"QRD", b"QRF", b"PID", b"PV1", b"SPM", b"SAC", b"ORC", b"TQ1", b"OBR",
    b"DSP", b"DSC",
];

/// A worklist whose every word is the fuzzer's.
fn found(word: &str) -> [Found; 4] {
    let person = Person { id: word.to_owned(), family: word.to_owned(), ward: word.to_owned(), ..Person::default() };
    let test = Test { code: word.to_owned(), name: word.to_owned(), system: word.to_owned() };
    let order = Order {
        specimen: word.to_owned(),
        placer: word.to_owned(),
        patient: Some(person.clone()),
        tests: vec![test; 2],
        ..Order::default()
    };
    [Found::Orders(vec![order; 2]), Found::People(vec![person]), Found::Nothing, Found::Failed]
}

fn answers(query: &Query, word: &str) -> Vec<Vec<u8>> {
    let ours = Ours { control_id: "1", time: "20260101000000+0700", name: "BENHAN" };
    found(word).iter().flat_map(|found| answer(query, found, &ours).expect("a small answer is in bounds")).collect()
}

fuzz_target!(|data: &[u8]| {
    let (choice, bytes) = data.split_first().map_or((0, data), |(first, rest)| (usize::from(*first), rest));
    let profile = Charset::ALL.get(choice % 16).copied();
    let word = String::from_utf8_lossy(bytes.get(..bytes.len().min(12)).unwrap_or_default());
    if let Ok(query) = read_hl7(bytes, profile) {
        for message in answers(&query, &word) {
            let whole = Whole::of(&message, Some(query.charset()));
            // A charset in which our ASCII looks like another one is that sender's to sort out.
            let Ok(message) = Message::parse(&whole.bytes) else {
                assert!(!query.charset().divisible());
                continue;
            };
            if message.delimiters().escape != 0 && query.charset().divisible() {
                for segment in message.segments() {
                    assert!(SEGMENTS.contains(&segment.id()), "{:?}", segment.id().escape_ascii().to_string());
                }
            }
        }
    }
    for message in record::messages(bytes).take(8) {
        let charset = profile.filter(|charset| charset.divisible()).unwrap_or(Charset::Utf8);
        let Ok(query) =
            read_astm(&message, charset, AstmForm { specimen_component: choice % 4, ..AstmForm::default() })
        else {
            continue;
        };
        for text in answers(&query, &word) {
            let answer = record::messages(&text).next().expect("an answer begins with its header");
            for record in answer.records() {
                assert!(b"HPOL".contains(&record.kind()), "{}", text.escape_ascii());
            }
        }
    }
});
