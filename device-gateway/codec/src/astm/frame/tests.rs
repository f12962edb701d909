//! Conversations on the line, as an analyzer would hold them.

use super::*;
use proptest::prelude::*;

pub(super) fn frame(number: Option<u8>, text: &[u8], end: u8) -> Vec<u8> {
    let mut body: Vec<u8> = number.map(|n| b'0' + n).into_iter().collect();
    body.extend_from_slice(text);
    body.push(end);
    let sum = body.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    [&[STX][..], &body, format!("{sum:02X}\r\n").as_bytes()].concat()
}

/// Plays the line with a disk that works; returns the answers and the rest of the actions.
pub(super) fn play(receiver: &mut Receiver, bytes: &[u8]) -> (Vec<u8>, Vec<Action>) {
    let mut pending = Vec::new();
    receiver.feed(bytes, &mut pending);
    let (mut sent, mut others) = (Vec::new(), Vec::new());
    while !pending.is_empty() {
        for action in std::mem::take(&mut pending) {
            match action {
                Action::Send(byte) => sent.push(byte),
                Action::Store(_) => receiver.stored(true, &mut pending),
                Action::Timer(_) => {}
                other => others.push(other),
            }
        }
    }
    (sent, others)
}

#[test]
fn each_frame_is_acknowledged_and_the_message_is_whole_at_eot() {
    let mut receiver = Receiver::new(10_000);
    let (one, two) = (frame(Some(1), b"H|\\^&\r", ETX), frame(Some(2), b"L|1|N\r", ETX));
    assert_eq!(play(&mut receiver, &[ENQ]).0, [ACK]);
    assert_eq!(play(&mut receiver, &one).0, [ACK]);
    assert_eq!(play(&mut receiver, &two).0, [ACK]);
    let (sent, others) = play(&mut receiver, &[EOT]);
    assert!(sent.is_empty());
    assert_eq!(others, [Action::Complete([one, two].concat())]);
    assert!(!receiver.is_busy());
}

#[test]
fn a_frame_waits_for_the_disk_before_its_answer() {
    let mut receiver = Receiver::new(10_000);
    let mut out = Vec::new();
    receiver.feed(&[ENQ], &mut out);
    receiver.feed(&frame(Some(1), b"H|\\^&\r", ETX), &mut out);
    assert!(matches!(out.last(), Some(Action::Store(_))));
    out.clear();
    receiver.stored(false, &mut out);
    assert_eq!(out[..2], [Action::Note(Note::NotStored), Action::Send(NAK)]);
    out.clear();
    receiver.feed(&[EOT], &mut out);
    assert!(!out.iter().any(|action| matches!(action, Action::Complete(_))));
}

#[test]
fn without_frame_numbers_the_last_frame_again_is_a_lost_acknowledgement() {
    let mut receiver = Receiver::new(10_000);
    let (one, two) = (frame(None, b"H|\\^&\rR|1|^^^GLU|5.4\r", ETX), frame(None, b"R|2|^^^GLU|5.4\rL|1\r", ETX));
    play(&mut receiver, &[ENQ]);
    assert_eq!(play(&mut receiver, &one).0, [ACK]);
    assert_eq!(play(&mut receiver, &one), (vec![ACK], vec![Action::Note(Note::Repeated)]));
    assert_eq!(play(&mut receiver, &two).0, [ACK]);
    assert_eq!(play(&mut receiver, &[EOT]).1, [Action::Complete([one, two].concat())]);
}

#[test]
fn a_bad_checksum_is_refused_and_the_repeated_frame_is_taken() {
    let mut receiver = Receiver::new(10_000);
    let good = frame(Some(1), b"H|\\^&\rR|1|^^^GLU|5.4\rL|1\r", ETX);
    let mut bad = good.clone();
    bad[20] ^= 1;
    play(&mut receiver, &[ENQ]);
    assert_eq!(play(&mut receiver, &bad), (vec![NAK], vec![Action::Note(Note::BadChecksum)]));
    assert_eq!(play(&mut receiver, &good).0, [ACK]);
    assert_eq!(play(&mut receiver, &[EOT]).1, [Action::Complete(good)]);
}

#[test]
fn a_sender_that_gives_up_on_a_refused_frame_has_not_sent_a_message() {
    let mut receiver = Receiver::new(10_000);
    let mut bad = frame(Some(2), b"R|1|^^^GLU|5.4\r", ETX);
    bad[5] ^= 1;
    play(&mut receiver, &[&[ENQ][..], &frame(Some(1), b"H|\\^&\r", ETX), &bad].concat());
    assert_eq!(play(&mut receiver, &[EOT]).1, [Action::Park(Why::GivenUp)]);
}

#[test]
fn the_same_frame_again_is_acknowledged_and_not_taken_twice() {
    let mut receiver = Receiver::new(10_000);
    let one = frame(Some(1), b"H|\\^&\r", ETX);
    play(&mut receiver, &[&[ENQ][..], &one].concat());
    assert_eq!(play(&mut receiver, &one), (vec![ACK], vec![Action::Note(Note::Repeated)]));
    assert_eq!(play(&mut receiver, &[EOT]).1, [Action::Complete(one)]);
}

#[test]
fn a_frame_out_of_sequence_is_refused() {
    let mut receiver = Receiver::new(10_000);
    play(&mut receiver, &[ENQ]);
    let (sent, others) = play(&mut receiver, &frame(Some(3), b"P|1\r", ETX));
    assert_eq!((sent, others), (vec![NAK], vec![Action::Note(Note::OutOfSequence)]));
}

#[test]
fn frame_numbers_go_round_after_seven() {
    let mut receiver = Receiver::new(10_000);
    play(&mut receiver, &[ENQ]);
    for index in 1..=20u8 {
        let next = frame(Some(index % 8), b"C|1\r", ETB);
        assert_eq!(play(&mut receiver, &next).0, [ACK], "frame {index}");
    }
}

#[test]
fn a_field_split_by_etb_is_joined_and_a_record_without_cr_is_ended_by_etx() {
    let frames = [
        frame(Some(1), b"H|\\^&\rR|1|^^^GLU|5", ETB),
        frame(Some(2), b".4|mmol/L", ETX),
        frame(Some(3), b"L|1|N", ETX),
    ]
    .concat();
    assert_eq!(text(&frames), b"H|\\^&\rR|1|^^^GLU|5.4|mmol/L\rL|1|N\r");
}

#[test]
fn a_device_without_frame_numbers_is_understood() {
    let whole = frame(None, b"H|\\^&\rP|1\rL|1\r", ETX);
    let capture = read_capture(&[&[ENQ][..], &whole, &[EOT]].concat());
    assert_eq!(capture.messages, std::slice::from_ref(&whole));
    assert_eq!(text(&whole), b"H|\\^&\rP|1\rL|1\r");
}

#[test]
fn silence_parks_what_was_begun() {
    let mut receiver = Receiver::new(10_000);
    play(&mut receiver, &[&[ENQ][..], &frame(Some(1), b"H|\\^&\r", ETX)].concat());
    let mut out = Vec::new();
    receiver.timer(&mut out);
    assert_eq!(out, [Action::Timer(None), Action::Park(Why::TimeOut)]);
    assert!(!receiver.is_busy());
}

#[test]
fn an_enquiry_in_the_middle_of_a_frame_begins_anew() {
    let mut receiver = Receiver::new(10_000);
    play(&mut receiver, &[&[ENQ][..], &frame(Some(1), b"H|\\^&\r", ETX), b"\x022R|1|par"].concat());
    let (sent, others) = play(&mut receiver, &[ENQ]);
    assert_eq!((sent, others), (vec![ACK], vec![Action::Park(Why::Restarted)]));
    assert_eq!(play(&mut receiver, &frame(Some(1), b"H|\\^&\r", ETX)).0, [ACK]);
}

#[test]
fn a_trailer_without_lf_ends_with_its_timer() {
    let mut receiver = Receiver::new(10_000);
    let mut one = frame(Some(1), b"H|\\^&\r", ETX);
    one.truncate(one.len() - 2);
    assert!(play(&mut receiver, &[&[ENQ][..], &one].concat()).1.is_empty());
    let mut out = Vec::new();
    receiver.timer(&mut out);
    assert!(out.iter().any(|action| matches!(action, Action::Store(_))));
}

#[test]
fn frames_and_messages_without_end_are_refused_and_forgotten() {
    let mut receiver = Receiver::new(100_000);
    let endless = [&[ENQ, STX, b'1'][..], &vec![b'x'; 200_000]].concat();
    play(&mut receiver, &endless);
    assert_eq!(play(&mut receiver, b"\x03AA\r\n"), (vec![NAK], vec![Action::Note(Note::FrameTooLong)]));
    let big = |n: u8| frame(Some(n), &vec![b'y'; 40_000], ETB);
    assert_eq!(play(&mut receiver, &big(1)).0, [ACK]);
    assert_eq!(play(&mut receiver, &big(2)).0, [ACK]);
    assert_eq!(play(&mut receiver, &big(3)).1, [Action::Note(Note::MessageTooLong)]);
}

#[test]
fn a_line_cut_at_any_byte_tells_the_same() {
    let line =
        [&[ENQ][..], &frame(Some(1), b"H|\\^&\rP|1\rO|1|S7", ETB), &frame(Some(2), b"7\rL|1\r", ETX), &[EOT]].concat();
    let mut whole = Receiver::new(10_000);
    let expected = play(&mut whole, &line);
    assert_eq!(expected.0, [ACK, ACK, ACK]);
    for at in 0..=line.len() {
        let mut receiver = Receiver::new(10_000);
        let (left, right) = line.split_at(at);
        let (mut sent, mut others) = play(&mut receiver, left);
        let rest = play(&mut receiver, right);
        sent.extend(rest.0);
        others.extend(rest.1);
        assert_eq!((sent, others), expected, "cut at {at}");
    }
}

proptest! {
    /// One flipped bit in a frame never passes as another text.
    #[test]
    fn a_flipped_bit_is_never_taken_for_another_value(bit in 0usize..8, at in 1usize..30) {
        let good = frame(Some(1), b"H|\\^&\rR|1|^^^GLU|5.41|mmol/L\r", ETX);
        let mut bad = good.clone();
        bad[at] ^= 1 << bit;
        let capture = read_capture(&[&[ENQ][..], &bad, &[EOT]].concat());
        prop_assert!(capture.messages.is_empty());
    }

    #[test]
    fn any_events_in_any_order_end_and_stay_within_the_limit(
        events in proptest::collection::vec(
            (0u8..10, proptest::collection::vec(prop_oneof![Just(ENQ), Just(STX), Just(ETX), Just(EOT), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..20)), 0..60)
    ) {
        let mut receiver = Receiver::new(64);
        let mut out = Vec::new();
        for (kind, bytes) in events {
            match kind {
                0 => receiver.timer(&mut out),
                1 => receiver.stored(true, &mut out),
                2 => receiver.stored(false, &mut out),
                3 => receiver.closed(&mut out),
                _ => receiver.feed(&bytes, &mut out),
            }
        }
        for action in out {
            if let Action::Complete(message) = action {
                prop_assert!(message.len() <= 64);
                let _ = text(&message);
            }
        }
    }

    #[test]
    fn any_capture_is_read(bytes: Vec<u8>) {
        let _ = read_capture(&bytes);
        let _ = text(&bytes);
    }
}
