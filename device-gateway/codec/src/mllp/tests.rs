//! Streams as devices send them, in any pieces.

use super::*;
use proptest::prelude::*;

fn all(pieces: &[&[u8]], limit: usize) -> Vec<Found> {
    let mut decoder = Decoder::new(limit);
    let mut found = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        while let Some(next) = decoder.next(&mut input) {
            found.push(next);
        }
    }
    found
}

#[test]
fn a_stream_cut_at_any_byte_holds_the_same_payloads() {
    let stream = b"\x0bMSH|one\r\x1c\r\x0bMSH|two\x1c\x0bMSH|three\x1c\r";
    let whole = all(&[stream], 100);
    assert_eq!(whole.len(), 3);
    for at in 0..=stream.len() {
        let (left, right) = stream.split_at(at);
        assert_eq!(all(&[left, right], 100), whole, "cut at {at}");
    }
}

#[test]
fn text_before_a_frame_is_counted_and_skipped() {
    assert_eq!(all(&[b"hello\x0bA\x1c\r"], 10), [Found::Garbage(5), Found::Payload(b"A".to_vec())]);
}

#[test]
fn a_payload_beyond_the_limit_is_skipped_and_the_next_one_is_read() {
    assert_eq!(all(&[b"\x0b123456", b"789\x1c\r\x0bok\x1c\r"], 5), [Found::TooLong, Found::Payload(b"ok".to_vec())]);
}

#[test]
fn a_sender_that_begins_anew_loses_only_what_it_had_not_finished() {
    assert_eq!(all(&[b"\x0bhalf\x0bwhole\x1c\r"], 10), [Found::Restarted(4), Found::Payload(b"whole".to_vec())]);
}

fn leniently(pieces: &[&[u8]], limit: usize) -> (Vec<Found>, Decoder) {
    let mut decoder = Decoder::lenient(limit);
    let mut found = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        while let Some(next) = decoder.next(&mut input) {
            found.push(next);
        }
    }
    (found, decoder)
}

fn payload(text: &[u8]) -> Found {
    Found::Payload(text.to_vec())
}

#[test]
fn a_message_without_a_frame_ends_with_the_next_one_or_with_silence() {
    let stream = b"MSH|^~\\&|one\rPID|MSH|\rMSH|^~\\&|two\r";
    for at in 0..=stream.len() {
        let (left, right) = stream.split_at(at);
        let (found, mut decoder) = leniently(&[left, right], 100);
        assert_eq!(found, [payload(b"MSH|^~\\&|one\rPID|MSH|\r")], "cut at {at}");
        assert!(decoder.waits_for_silence() && decoder.in_payload());
        assert_eq!(decoder.silence(), Some(payload(b"MSH|^~\\&|two\r")));
        assert_eq!((decoder.silence(), decoder.held()), (None, 0));
    }
}

#[test]
fn a_strict_decoder_takes_no_message_without_a_frame_and_knows_no_silence() {
    assert_eq!(all(&[b"MSH|one\r"], 100), [Found::Garbage(7)]);
    assert_eq!(Decoder::new(100).silence(), None);
}

#[test]
fn framed_and_bare_messages_keep_alives_and_a_cr_before_vt_stand_beside_each_other() {
    let (found, mut decoder) =
        leniently(&[b"\0\0 \x16\r\x0bMSH|one\r\x1c\x0bMSH|two\x1c\r\rMSH|three\r\x1c\rMSX noise\rMSH|four\r\x0bMSH|five\x1c\r\x06"], 100);
    assert_eq!(
        found,
        [
            payload(b"MSH|one\r"),
            payload(b"MSH|two"),
            payload(b"MSH|three\r"),
            Found::Garbage(8),
            payload(b"MSH|four\r"),
            payload(b"MSH|five"),
        ]
    );
    assert_eq!((decoder.keep_alives(), decoder.unframed(), decoder.silence()), (6, 2, None));
}

#[test]
fn a_bare_message_beyond_the_limit_is_skipped_and_the_next_one_is_read() {
    let (found, mut decoder) = leniently(&[b"MSH|123456789\rMSH|ok\r"], 8);
    assert_eq!(found, [Found::TooLong]);
    assert_eq!(decoder.silence(), Some(payload(b"MSH|ok\r")));
}

/// 下 has the byte of VT in it, Ĝ the byte of FS, in UTF-16.
#[test]
fn a_payload_in_utf_16_ends_where_its_frame_does() {
    use crate::charset::Charset;
    let text = "MSH|^~\\&|下|Ĝ|Đ\r";
    for (charset, mark) in [(Charset::Utf16Le, &b"\xff\xfe"[..]), (Charset::Utf16Be, b"\xfe\xff")] {
        for mark in [&b""[..], mark] {
            let message = [mark, &charset.encode(text)].concat();
            let narrow = [&[VT][..], &message, &[FS, CR]].concat();
            let wide = [charset.encode("\x0b"), message.clone(), charset.encode("\x1c\r")].concat();
            for one in [narrow, wide] {
                let stream = [&one[..], &one, &frame(b"MSH|plain\r")].concat();
                for at in 0..=stream.len() {
                    let (left, right) = stream.split_at(at);
                    for found in [all(&[left, right], 100), leniently(&[left, right], 100).0] {
                        let payloads: Vec<Found> =
                            found.into_iter().filter(|found| !matches!(found, Found::Garbage(_))).collect();
                        assert_eq!(
                            payloads,
                            [payload(&message), payload(&message), payload(b"MSH|plain\r")],
                            "{charset:?} {mark:?} cut at {at}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_payload_in_utf_16_beyond_the_limit_is_skipped() {
    let long = frame(&crate::charset::Charset::Utf16Le.encode(&format!("MSH|{}", "x".repeat(100))));
    assert_eq!(all(&[&long, &frame(b"ok")], 50), [Found::TooLong, payload(b"ok")]);
    assert!(matches!(all(&[&long], 208).as_slice(), [Found::Payload(whole)] if whole.len() == 208));
    assert_eq!(all(&[&long], 207)[0], Found::TooLong);
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_end_and_hold_no_more_than_the_limit(
        pieces in proptest::collection::vec(proptest::collection::vec(prop_oneof![Just(VT), Just(FS), Just(b'M'), Just(b'S'), Just(b'H'), Just(b'|'), Just(0), Just(CR), any::<u8>()], 0..60), 0..20)
    ) {
        for mut decoder in [Decoder::new(32), Decoder::lenient(32)] {
            for piece in &pieces {
                let mut input = piece.as_slice();
                while let Some(found) = decoder.next(&mut input) {
                    if let Found::Payload(payload) = found {
                        prop_assert!(payload.len() <= 32);
                    }
                }
                // The end of the frame may stand in it for a moment.
                prop_assert!(decoder.held() <= 32 + wide::LONGEST_END);
                if piece.len() % 5 == 0 && let Some(Found::Payload(payload)) = decoder.silence() {
                    prop_assert!(payload.len() <= 32);
                }
            }
        }
    }

    #[test]
    fn what_was_framed_is_found(payload in proptest::collection::vec(0x20u8..=0xff, 0..200)) {
        prop_assert_eq!(all(&[&frame(&payload)], 1000), [Found::Payload(payload)]);
    }
}
