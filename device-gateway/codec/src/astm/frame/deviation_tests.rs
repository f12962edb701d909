//! What devices do otherwise: taken where it harms nothing or the profile says so, counted, and never another value.

use super::tests::{frame, play};
use super::*;
use proptest::prelude::*;

const ALL: Tolerance = Tolerance { no_checksum: true, any_number: true, no_enquiry: true };

fn complete(receiver: &mut Receiver, line: &[u8]) -> Option<Vec<u8>> {
    play(receiver, line).1.into_iter().find_map(|action| match action {
        Action::Complete(message) => Some(text(&message)),
        _ => None,
    })
}

#[test]
fn frames_without_a_checksum_are_taken_where_the_profile_says_so() {
    let line = b"\x05\x021H|\\^&\r\x03\r\n\x022L|1\r\x03\r\n\x04";
    let mut strict = Receiver::new(10_000);
    assert_eq!(play(&mut strict, line).0, [ACK, NAK, NAK]);
    let mut lenient = Receiver::new(10_000).tolerating(ALL);
    assert_eq!(complete(&mut lenient, line).unwrap(), b"H|\\^&\rL|1\r");
    assert_eq!(lenient.forgiven().no_checksum, 2);
    let bare = b"\x05\x021H|\\^&\r\x03\x022L|1\r\x03\x04";
    assert_eq!(complete(&mut lenient, bare).unwrap(), b"H|\\^&\rL|1\r");
}

#[test]
fn a_device_that_sends_checksums_is_never_believed_without() {
    let mut lenient = Receiver::new(10_000).tolerating(ALL);
    play(&mut lenient, &[&[ENQ][..], &frame(Some(1), b"H|\\^&\r", ETX)].concat());
    assert_eq!(play(&mut lenient, b"\x022R|1|^^^GLU|5\x03\r\n").0, [NAK]);
    assert_eq!(play(&mut lenient, b"\x022R|1|^^^GLU|5\x0300\r\n").0, [NAK], "nor with a wrong one");
}

#[test]
fn frame_numbers_that_stand_still_are_taken_where_the_profile_says_so() {
    let frames = [frame(Some(0), b"H|\\^&\r", ETX), frame(Some(0), b"P|1\r", ETX), frame(Some(0), b"L|1\r", ETX)];
    let line = [&[ENQ][..], &frames.concat(), &[EOT]].concat();
    assert_eq!(complete(&mut Receiver::new(10_000), &line), None);
    let mut lenient = Receiver::new(10_000).tolerating(ALL);
    assert_eq!(complete(&mut lenient, &line).unwrap(), b"H|\\^&\rP|1\rL|1\r");
    assert_eq!(lenient.forgiven().wrong_number, 3);
    let twice = [&[ENQ][..], &frames[0], &frames[1], &frames[1], &frames[2], &[EOT]].concat();
    assert_eq!(complete(&mut lenient, &twice).unwrap(), b"H|\\^&\rP|1\rL|1\r", "the same frame is a repetition");
}

#[test]
fn a_device_that_does_not_enquire_is_heard_where_the_profile_says_so() {
    let line = [frame(Some(1), b"H|\\^&\rL|1\r", ETX), vec![EOT]].concat();
    assert_eq!(play(&mut Receiver::new(10_000), &line), (vec![], vec![]));
    let mut lenient = Receiver::new(10_000).tolerating(ALL);
    assert_eq!(complete(&mut lenient, &line).unwrap(), b"H|\\^&\rL|1\r");
    assert_eq!(lenient.forgiven().no_enquiry, 1);
}

#[test]
fn what_harms_nothing_is_taken_from_everybody_and_counted() {
    let mut receiver = Receiver::new(10_000);
    let mut without_lf = frame(Some(1), b"H|\\^&\r\nP|1\r\nL|1\r\n", ETX);
    without_lf.pop();
    let line = [&[ENQ][..], &without_lf, &[EOT]].concat();
    let records = complete(&mut receiver, &line).unwrap();
    assert_eq!(crate::astm::record::messages(&records).next().unwrap().records().count(), 3);
    let forgiven = receiver.forgiven();
    assert_eq!(
        (forgiven.no_line_feed, forgiven.line_feeds, forgiven.several_records, forgiven.whole_message),
        (1, 1, 1, 1)
    );
    let line = [&[ENQ][..], &frame(None, b"H|\\^&\rL|1\r", ETB), &[EOT]].concat();
    assert!(complete(&mut receiver, &line).is_some());
    let forgiven = receiver.forgiven();
    assert_eq!((forgiven.no_number, forgiven.unfinished_end, forgiven.no_checksum), (1, 1, 0));
}

#[test]
fn a_frame_that_lost_its_beginning_is_missed() {
    let mut receiver = Receiver::new(10_000);
    let mut second = frame(Some(2), b"R|1|^^^GLU|5.4\rL|1\r", ETX);
    second[0] = 0x12;
    let line = [&[ENQ][..], &frame(Some(1), b"H|\\^&\r", ETX), &second, &[EOT]].concat();
    assert_eq!(play(&mut receiver, &line).1, [Action::Park(Why::GivenUp)]);
}

/// One letter in 256 frames may become STX or ETX so that what is left of the frame has the right checksum.
#[test]
fn a_rest_of_a_frame_that_sums_up_by_chance_is_refused() {
    let mut begins_anew = frame(None, b"|BBR|1|^^^GLU|5\r", ETX);
    begins_anew[3] = STX;
    let mut ends_early = frame(None, b"H|CC7|1|^^^GLU|5\r", ETX);
    ends_early[3] = ETX;
    for bad in [begins_anew, ends_early] {
        let mut receiver = Receiver::new(10_000);
        let (sent, others) = play(&mut receiver, &[&[ENQ][..], &bad].concat());
        assert_eq!((sent.as_slice(), &others[0]), (&[ACK, NAK][..], &Action::Note(Note::BadChecksum)));
    }
}

fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let record =
        "[PORCL]\\|[0-9]\\|\\^\\^\\^[A-Z]{2,5}\\|[0-9]{1,3}\\.[0-9]{1,2}\\|[a-zA-Z/]{2,8}\\|[A-Za-z0-9^| .-]{0,40}\r";
    proptest::collection::vec(record.prop_map(String::into_bytes), 1..6)
        .prop_map(|rest| [vec![b"H|\\^&|||XN-1\r".to_vec()], rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// One flipped bit anywhere in a message, in the dialect with numbers and in that without; the sender keeps to the
    /// protocol. What is taken for whole is what was sent.
    #[test]
    fn a_flipped_bit_anywhere_never_makes_another_message(
        records in records(), numbered in any::<bool>(), at in any::<proptest::sample::Index>(), bit in 0u8..8,
    ) {
        let sent: Vec<Vec<u8>> = (1u8..)
            .zip(&records)
            .map(|(number, record)| frame(numbered.then_some(number % 8), record, ETX))
            .collect();
        let at = at.index(sent.iter().map(Vec::len).sum());
        let mut receiver = Receiver::new(100_000);
        play(&mut receiver, &[ENQ]);
        let mut before = 0;
        for frame in &sent {
            let mut heard = frame.clone();
            if let Some(byte) = at.checked_sub(before).and_then(|at| heard.get_mut(at)) {
                *byte ^= 1 << bit;
            }
            before += frame.len();
            match play(&mut receiver, &heard).0.last() {
                Some(&ACK) => {}
                // An ENQ in a frame began anew, and its number does not fit any more.
                Some(_) if play(&mut receiver, frame).0.last() == Some(&ACK) => {}
                _ => break,
            }
        }
        if let Some(read) = complete(&mut receiver, &[EOT]) {
            // Without its header it is no message to anybody: a CR that became ENQ after a frame without a number.
            let headless = crate::astm::record::messages(&read).next().is_none();
            prop_assert!(headless || read == records.concat(), "{}", read.escape_ascii());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_line_in_any_pieces_tells_the_same(
        bytes in proptest::collection::vec(
            prop_oneof![Just(ENQ), Just(STX), Just(ETX), Just(ETB), Just(EOT), Just(b'\r'), Just(b'\n'), Just(b'1'), any::<u8>()], 0..60),
        records in records(), lenient in any::<bool>(),
    ) {
        let good: Vec<u8> = (1u8..).zip(&records).flat_map(|(number, record)| frame(Some(number % 8), record, ETX)).collect();
        let line = [&[ENQ][..], &good, &bytes, &[EOT]].concat();
        let new = || Receiver::new(10_000).tolerating(if lenient { ALL } else { Tolerance::default() });
        let mut whole = new();
        let expected = play(&mut whole, &line);
        for at in 0..=line.len() {
            let mut receiver = new();
            let (left, right) = line.split_at(at);
            let (mut sent, mut others) = play(&mut receiver, left);
            let rest = play(&mut receiver, right);
            sent.extend(rest.0);
            others.extend(rest.1);
            prop_assert_eq!(&(sent, others), &expected);
            prop_assert_eq!(receiver.forgiven(), whole.forgiven());
            if at > 80 { break; }
        }
    }
}
