//! What is written is read again, and what the standard says of kinds, answers, batches and escapes.

use super::ack::{self, Code, Due};
use super::*;
use crate::charset::Charset;
use proptest::prelude::*;

fn header(rest: &str) -> Vec<u8> {
    format!("MSH|^~\\&|A|B|C|D|1||{rest}\r").into_bytes()
}

#[test]
fn kinds_of_messages_are_known_in_old_and_new_versions() {
    for (name, kind) in [
        ("ORU^R01", Kind::OruR01),
        ("ORU", Kind::OruR01),
        ("ORU^R01^ORU_R01", Kind::OruR01),
        ("ORU^R40^ORU_R40", Kind::OruR40),
        ("OUL^R22^OUL_R22", Kind::OulR22),
        ("QBP^Q11^QBP_Q11", Kind::QbpQ11),
        ("QRY^Q02", Kind::QryQ02),
        ("QRY^A19", Kind::QryA19),
        ("QBP^Q22^QBP_Q21", Kind::QbpQ22),
        ("ORL^O34^ORL_O34", Kind::OrlO34),
        ("ACK^R22^ACK", Kind::Ack),
        ("ADT^A01", Kind::Other { code: b"ADT", event: b"A01" }),
    ] {
        let bytes = header(&format!("{name}|1|P|2.5.1^X"));
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(Kind::of(&message), kind, "{name}");
        assert_eq!(version(&message), Some((2, 5, 1)));
    }
    assert!(Kind::QryQ02.is_query() && !Kind::OruR01.is_query() && Kind::OrlO34.is_answer());
    assert_eq!(version(&Message::parse(b"MSH|^~\\&|").unwrap()), None);
}

#[test]
fn each_condition_of_the_header_has_the_answer_of_the_standard() {
    let (yes, fail) = (Code::Accepted, Code::StorageFailed);
    let due = |commit: Option<Code>, application: Option<Code>| Due { commit, application };
    for (conditions, kept_and_done, kept_not_done, not_kept) in [
        ("|", due(None, Some(yes)), due(None, Some(fail)), due(None, Some(fail))),
        ("AL|AL", due(Some(yes), Some(yes)), due(Some(yes), Some(fail)), due(Some(fail), None)),
        ("AL|NE", due(Some(yes), None), due(Some(yes), None), due(Some(fail), None)),
        ("NE|AL", due(None, Some(yes)), due(None, Some(fail)), due(None, None)),
        ("ER|ER", due(None, None), due(None, Some(fail)), due(Some(fail), None)),
        ("SU|SU", due(Some(yes), Some(yes)), due(Some(yes), None), due(None, None)),
        ("NE|NE", due(None, None), due(None, None), due(None, None)),
        ("|AL", due(None, Some(yes)), due(None, Some(fail)), due(None, None)),
    ] {
        let bytes = header(&format!("ORU^R01|1|P|2.6|||{conditions}"));
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(ack::due(&message, yes, yes), kept_and_done, "{conditions}");
        assert_eq!(ack::due(&message, yes, fail), kept_not_done, "{conditions}");
        assert_eq!(ack::due(&message, fail, yes), not_kept, "{conditions}");
    }
}

#[test]
fn a_batch_whose_counts_do_not_fit_is_named() {
    let counts = |text: &[u8]| batch::counts(text);
    let whole = counts(b"FHS|^~\\&|X\rBHS|^~\\&|X\rMSH|^~\\&|one\rPID|1\rMSH|^~\\&|two\rBTS|2\rFTS|1\r");
    assert_eq!((whole.messages, whole.messages_said, whole.batches_said), (2, Some(2), Some(1)));
    assert!(!whole.disagree());
    assert!(counts(b"BHS|^~\\&|X\rMSH|^~\\&|one\rBTS|2\r").disagree(), "one is missing");
    assert!(counts(b"BHS|^~\\&|X\rMSH|^~\\&|one\r").unfinished);
    assert!(!counts(b"BHS#^~\\&#X\rMSH#^~\\&#one\rBTS#1#x\r").disagree(), "in its own delimiters");
    assert!(!counts(b"BHS|^~\\&|X\rMSH|^~\\&|one\rBTS|\r").disagree(), "it says nothing");
    assert!(!counts(b"MSH|^~\\&|one\r").disagree());
}

#[test]
fn formatted_text_keeps_its_lines_and_other_charsets_their_escapes() {
    let message = Message::parse(
        b"MSH|^~\\&|A\rNTE|1||a\\.sp+2\\b\\.in+4\\c\\.ce\\d\\.sk3\\e\\.sp99999\\\\C2842\\f\\M123456\\g\\Z07\\h\\.xy\\",
    )
    .unwrap();
    let text = message.segment(b"NTE").unwrap().field(3);
    assert_eq!(text.unescaped().as_ref(), b"a\n\nbc\nd   e\\.sp99999\\\\C2842\\f\\M123456\\g\\Z07\\h\\.xy\\");
}

#[test]
fn a_message_in_utf_16_or_gb18030_is_taken_apart_as_what_it_says() {
    // 診 and others end with the byte of a delimiter in GB18030.
    let text = "MSH|^~\\&|迈瑞|||||| ORU^R01|1|P|2.3.1||||||GB 18030-2000\rPID|1||7||診|u\r";
    for charset in [Charset::Gb18030, Charset::Utf16Le, Charset::Utf16Be] {
        let bytes = charset.encode(text);
        let whole = Whole::of(&bytes, None);
        let message = Message::parse(&whole.bytes).unwrap();
        assert_eq!(whole.read_as.decode(message.segment(b"PID").unwrap().field(5).raw()), "診", "{charset:?}");
        assert_eq!((whole.sent_in, whole.answer(b"MSA|AA".to_vec())), (charset, charset.encode("MSA|AA")));
    }
    let whole = Whole::of(b"MSH|^~\\&|A\r", None);
    assert!(matches!(whole.bytes, std::borrow::Cow::Borrowed(_)));
}

#[test]
fn a_message_beyond_the_limit_is_not_written() {
    let mut writer = Writer::new(Delimiters::USUAL, Charset::Utf8);
    for _ in 0..200 {
        writer.segment("NTE").text(3, &"x".repeat(10_000));
    }
    assert_eq!(writer.finish(), Err(TooLong));
}

#[test]
fn letters_that_are_control_characters_of_the_line_are_written_as_hexadecimal() {
    let mut writer = Writer::new(Delimiters::USUAL, Charset::Viscii);
    writer.segment("NTE").text(3, "Ẵ\tẪm\rx\ny");
    let bytes = writer.finish().unwrap();
    assert!(bytes.ends_with(b"NTE|||\\X05\\ \\X06\\m x\\.br\\y\r"), "{}", bytes.escape_ascii());
    let message = Message::parse(&bytes).unwrap();
    let field = message.segment(b"NTE").unwrap().field(3);
    assert_eq!(Charset::Viscii.decode(&field.unescaped()), "Ẵ Ẫm x\ny");
}

proptest! {
    /// In any delimiters and any charset of one byte.
    #[test]
    fn fields_written_are_fields_read(
        fields in proptest::collection::vec("[ -~àạăấểịỗớữỹđĐỄ\n]{0,20}", 1..10),
        other in any::<bool>(),
        charset in prop_oneof![
            Just(Charset::Utf8), Just(Charset::Windows1258), Just(Charset::Viscii)],
    ) {
        let strange = Delimiters { field: b'#', component: b'*', repetition: b'_', escape: b'!', subcomponent: b'$' };
        let delimiters = if other { strange } else { Delimiters::USUAL };
        let mut writer = Writer::new(delimiters, charset);
        writer.segment("ZZZ");
        for (at, field) in (1..).zip(&fields) {
            writer.parts(at, &["", field, "end"]);
        }
        let bytes = writer.finish().unwrap();
        let message = Message::parse(&bytes).unwrap();
        prop_assert_eq!(message.segments().count(), 2);
        let segment = message.segment(b"ZZZ").unwrap();
        for (at, field) in (1..).zip(&fields) {
            let read = charset.decode(&segment.field(at).component(2).unescaped());
            prop_assert_eq!(&read, field);
            prop_assert_eq!(segment.field(at).component(3).raw(), b"end");
        }
    }

    #[test]
    fn any_bytes_have_counts_a_charset_and_a_kind(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        for head in [&b"MSH|^~\\&|"[..], b"BHS|^~\\&|\rMSH|", b"\xff\xfeM\0S\0H\0"] {
            let bytes = [head, &tail].concat();
            let _ = batch::counts(&bytes);
            let whole = Whole::of(&bytes, Some(Charset::Gb18030));
            if let Ok(message) = Message::parse(&whole.bytes) {
                let _ = (Kind::of(&message), version(&message), ack::due(&message, Code::Accepted, Code::Accepted));
            }
        }
    }
}
