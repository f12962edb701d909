//! A sender and what may be at the other end of its line; the clock is a number.

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

const TEXT: &[u8] = b"H|\\^&|||BENHAN\rP|1\rO|1|S-77||^^^GLU|R\rL|1|F\r";

fn begun(role: Side) -> (Sender, Vec<Order>) {
    let mut sender = Sender::new(role);
    let mut out = Vec::new();
    assert!(sender.begin(frames(TEXT, Form::default()), &mut out));
    assert!(!sender.begin(frames(TEXT, Form::default()), &mut out), "one at a time");
    (sender, out)
}

fn after(sender: &mut Sender, byte: u8) -> Vec<Order> {
    let mut out = Vec::new();
    assert!(sender.feed(&[byte], &mut out).is_empty());
    out
}

fn later(sender: &mut Sender) -> Vec<Order> {
    let mut out = Vec::new();
    sender.timer(&mut out);
    out
}

fn wait(time: Duration) -> Order {
    Order::Timer(Some(time))
}

fn send(byte: u8) -> Order {
    Order::Send(vec![byte])
}

#[test]
fn a_message_goes_out_frame_by_frame() {
    let (mut sender, out) = begun(Side::Host);
    assert_eq!(out, [send(ENQ), wait(ANSWER_TIMEOUT)]);
    let expected = frames(TEXT, Form::default());
    assert_eq!(expected.len(), 4);
    for frame in expected {
        assert_eq!(after(&mut sender, ACK), [Order::Send(frame), wait(ANSWER_TIMEOUT)]);
    }
    assert_eq!(after(&mut sender, ACK), [send(EOT), Order::Timer(None), Order::Done]);
    assert!(!sender.is_busy());
}

#[test]
fn frames_are_numbered_summed_and_no_longer_than_said() {
    let record = [b"R|1|".to_vec(), vec![b'x'; 700], b"\r".to_vec()].concat();
    let text = [b"H|\\^&\r".to_vec(), record.clone(), b"L|1\r".repeat(9)].concat();
    let short = frames(&text, Form::default());
    assert_eq!(short[0], b"\x021H|\\^&\r\x03E5\r\n");
    assert_eq!(short.len(), 1 + 3 + 9);
    assert!(short.iter().all(|frame| frame.len() <= 247));
    let ends: Vec<u8> = short.iter().map(|frame| frame[frame.len() - 5]).collect();
    assert_eq!(ends[..5], [ETX, ETB, ETB, ETX, ETX]);
    let numbers: Vec<u8> = short.iter().map(|frame| frame[1]).collect();
    assert_eq!(numbers, b"1234567012345");
    let long = frames(&text, Form { text: LONG_FRAME, record_a_frame: false });
    assert_eq!(long.len(), 1);
    let largest = frames(&vec![b'x'; 64_000], Form { text: usize::MAX, record_a_frame: false });
    assert_eq!((largest.len(), largest[0].len()), (2, 64_000));
    assert_eq!(super::text(&short.concat()), text);
    assert_eq!(
        frames(b"H|\x02\x03\x06a\n\r", Form::default()),
        frames(b"H|a\r", Form::default()),
        "no frame in a frame"
    );
}

#[test]
fn a_busy_receiver_is_asked_again_after_ten_seconds_and_six_times() {
    let (mut sender, _) = begun(Side::Host);
    for _ in 0..5 {
        assert_eq!(after(&mut sender, NAK), [wait(BUSY_PAUSE)]);
        assert_eq!(later(&mut sender), [send(ENQ), wait(ANSWER_TIMEOUT)]);
    }
    assert_eq!(after(&mut sender, NAK), [Order::Timer(None), Order::GivenUp(Failure::Busy)]);
}

#[test]
fn nobody_there_is_noticed_after_six_enquiries() {
    let (mut sender, _) = begun(Side::Host);
    for _ in 0..5 {
        assert_eq!(later(&mut sender), [send(EOT), wait(BUSY_PAUSE)]);
        assert_eq!(later(&mut sender), [send(ENQ), wait(ANSWER_TIMEOUT)]);
    }
    assert_eq!(later(&mut sender), [send(EOT), Order::Timer(None), Order::GivenUp(Failure::Silent)]);
}

#[test]
fn the_host_gives_way_to_an_instrument_that_enquires_too() {
    let (mut sender, _) = begun(Side::Host);
    assert_eq!(after(&mut sender, ENQ), [wait(CONTENTION_TIMEOUT)]);
    let mut out = Vec::new();
    assert_eq!(sender.feed(b"\x05\x021H", &mut out), b"\x021H", "the rest is the receiver's");
    assert_eq!(out, [Order::Timer(None), Order::GiveWay]);
    assert!(sender.gave_way());
    assert!(later(&mut sender).is_empty());
    out.clear();
    sender.given_back(&mut out);
    assert_eq!(out, [send(ENQ), wait(ANSWER_TIMEOUT)]);
    assert!(matches!(after(&mut sender, ACK).as_slice(), [Order::Send(_), _]));
}

#[test]
fn an_instrument_that_does_not_come_after_twenty_seconds_has_had_its_turn() {
    let (mut sender, _) = begun(Side::Host);
    after(&mut sender, ENQ);
    assert_eq!(later(&mut sender), [send(ENQ), wait(ANSWER_TIMEOUT)]);
}

#[test]
fn an_instrument_asks_again_after_a_second() {
    let (mut sender, _) = begun(Side::Instrument);
    assert_eq!(after(&mut sender, ENQ), [wait(CONTENTION_PAUSE)]);
    assert_eq!(later(&mut sender), [send(ENQ), wait(ANSWER_TIMEOUT)]);
}

#[test]
fn a_refused_frame_is_sent_again_six_times_and_then_given_up() {
    let (mut sender, _) = begun(Side::Host);
    let first = after(&mut sender, ACK);
    for _ in 0..6 {
        assert_eq!(after(&mut sender, NAK), first);
    }
    assert_eq!(after(&mut sender, NAK), [send(EOT), Order::Timer(None), Order::GivenUp(Failure::Refused)]);
}

#[test]
fn a_receiver_that_says_nothing_to_a_frame_ends_the_message() {
    let (mut sender, _) = begun(Side::Host);
    after(&mut sender, ACK);
    assert_eq!(later(&mut sender), [send(EOT), Order::Timer(None), Order::GivenUp(Failure::Silent)]);
}

#[test]
fn noise_is_no_answer() {
    let (mut sender, _) = begun(Side::Host);
    assert!(after(&mut sender, b'x').is_empty());
    after(&mut sender, ACK);
    assert!(after(&mut sender, b'\r').is_empty());
    assert!(after(&mut sender, ENQ).is_empty());
}

#[test]
fn a_receiver_that_interrupts_gets_the_line_and_later_the_whole_message() {
    let (mut sender, _) = begun(Side::Host);
    let first = after(&mut sender, ACK);
    assert_eq!(after(&mut sender, EOT), [send(EOT), wait(INTERRUPT_PAUSE)]);
    assert_eq!(after(&mut sender, ENQ), [Order::Timer(None), Order::GiveWay]);
    let mut out = Vec::new();
    sender.given_back(&mut out);
    assert_eq!(after(&mut sender, ACK), first, "from its first frame");
    for _ in 0..2 {
        after(&mut sender, EOT);
        later(&mut sender);
        after(&mut sender, ACK);
    }
    assert_eq!(after(&mut sender, EOT).last(), Some(&Order::GivenUp(Failure::Interrupted)));
}

#[test]
fn an_interrupt_at_the_last_frame_is_its_acknowledgement() {
    let (mut sender, _) = begun(Side::Host);
    for _ in 0..4 {
        after(&mut sender, ACK);
    }
    assert_eq!(after(&mut sender, EOT).last(), Some(&Order::Done));
}

#[test]
fn a_line_that_is_gone_ends_what_was_under_way() {
    let (mut sender, _) = begun(Side::Host);
    let mut out = Vec::new();
    sender.closed(&mut out);
    assert_eq!(out, [Order::Timer(None), Order::GivenUp(Failure::Closed)]);
    out.clear();
    sender.closed(&mut out);
    assert!(out.is_empty());
}

/// Our sender and our receiver on one line whose bytes towards the receiver are damaged now and then.
fn over_a_bad_line(noise: &mut dyn FnMut(u8) -> Option<u8>) -> (Vec<Vec<u8>>, Order) {
    let (mut sender, mut orders) = begun(Side::Instrument);
    let mut receiver = Receiver::new(100_000);
    let (mut taken, mut time) = (Vec::new(), Duration::ZERO);
    let (mut sender_at, mut receiver_at): (Option<Duration>, Option<Duration>) = (None, None);
    let mut back: VecDeque<u8> = VecDeque::new();
    let mut ended = None;
    for _ in 0..2000 {
        let mut actions = Vec::new();
        for order in std::mem::take(&mut orders) {
            match order {
                Order::Send(bytes) => {
                    let heard: Vec<u8> = bytes.into_iter().filter_map(&mut *noise).collect();
                    receiver.feed(&heard, &mut actions);
                }
                Order::Timer(after) => sender_at = after.map(|after| time + after),
                Order::GiveWay => {}
                end => ended = Some(end),
            }
        }
        if ended.is_none() && orders.is_empty() && actions.is_empty() && back.is_empty() {
            // Nothing moves: the clock goes on to whichever timer is next.
            match (sender_at, receiver_at) {
                (Some(one), Some(other)) if other < one => {
                    time = other;
                    receiver_at = None;
                    receiver.timer(&mut actions);
                }
                (Some(one), _) => {
                    time = one;
                    sender_at = None;
                    sender.timer(&mut orders);
                }
                (None, Some(other)) => {
                    time = other;
                    receiver_at = None;
                    receiver.timer(&mut actions);
                }
                (None, None) => panic!("nobody waits for anything"),
            }
        }
        while !actions.is_empty() {
            for action in std::mem::take(&mut actions) {
                match action {
                    Action::Send(byte) => back.push_back(byte),
                    Action::Store(_) => receiver.stored(true, &mut actions),
                    Action::Timer(after) => receiver_at = after.map(|after| time + after),
                    Action::Complete(message) => taken.push(super::text(&message)),
                    Action::Park(_) | Action::Note(_) => {}
                }
            }
        }
        if let Some(end) = ended {
            return (taken, end);
        }
        if let Some(byte) = back.pop_front() {
            sender.feed(&[byte], &mut orders);
        }
    }
    panic!("it never ends");
}

#[test]
fn a_good_line_brings_the_message_once() {
    assert_eq!(over_a_bad_line(&mut Some), (vec![TEXT.to_vec()], Order::Done));
}

#[test]
fn a_device_that_always_talks_itself_is_left_alone_at_last() {
    let (mut sender, _) = begun(Side::Host);
    let mut out = Vec::new();
    for _ in 0..32 {
        after(&mut sender, ENQ);
        after(&mut sender, ENQ);
        assert!(sender.gave_way());
        out.clear();
        sender.given_back(&mut out);
    }
    assert_eq!(out, [Order::Timer(None), Order::GivenUp(Failure::Busy)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the line does: it ends, and what the receiver has is the message, once. No checksum guards an EOT that was
    /// another byte before: then it has the first records, without the terminator that tells a whole message.
    #[test]
    fn a_message_crosses_a_bad_line_whole_or_is_given_up(seed in 1u64.., one_in in 40u64..4000) {
        // A frame is harmed once at most: two bits may cancel out in a sum.
        let (mut dice, mut calm) = (seed, 0u8);
        let mut noise = |byte: u8| {
            calm = calm.saturating_sub(1);
            if calm > 0 {
                return Some(byte);
            }
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            calm = if dice % one_in < 2 { 80 } else { 0 };
            match dice % one_in {
                0 => None,
                1 => Some(byte ^ (1 << ((dice >> 32) % 8))),
                _ => Some(byte),
            }
        };
        let (taken, end) = over_a_bad_line(&mut noise);
        for message in taken.iter().filter(|message| message.as_slice() != TEXT) {
            prop_assert!(TEXT.starts_with(message) && !message.windows(4).any(|record| record == b"\rL|1"), "{:?}", message);
        }
        prop_assert!(end == Order::Done || matches!(end, Order::GivenUp(Failure::Silent | Failure::Refused)), "{:?}", end);
        prop_assert!(taken.iter().filter(|message| message.as_slice() == TEXT).count() <= 1);
    }

    #[test]
    fn any_events_in_any_order_end_in_a_defined_state(events in proptest::collection::vec((0u8..12, any::<u8>()), 0..200)) {
        let mut sender = Sender::new(Side::Host);
        let mut out = Vec::new();
        for (kind, byte) in events {
            match kind {
                0 => sender.timer(&mut out),
                1 => sender.given_back(&mut out),
                2 => sender.closed(&mut out),
                3 => { let _ = sender.begin(frames(TEXT, Form::default()), &mut out); }
                4 => { sender.feed(&[byte], &mut out); }
                _ => { sender.feed(&[[ACK, ENQ, NAK, EOT][usize::from(byte % 4)]], &mut out); }
            }
            prop_assert!(sender.is_busy() || !sender.gave_way());
        }
    }
}
