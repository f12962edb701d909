use super::simulator::{Answer, NO_TIME, asked, attribute, bcd, clocks, created, error, label, number, serial};
use super::*;
use crate::driver::bed::{Bed, does};
use crate::driver::{Action, Close, Driver, Event, Note};
use crate::reading::{NotAValue, Reported};
use proptest::prelude::*;
use std::time::Duration;

const ACCEPT: &[u8] = &[0x0E, 0x02, 0, 0];
const SECOND: u32 = 8000;

fn found(pieces: &[&[u8]]) -> Vec<Found> {
    let mut decoder = Decoder::default();
    let mut all = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        while let Some(found) = decoder.next(&mut input) {
            all.push(found);
        }
    }
    all
}

/// Heart rate, temperature, a cuff pressure measured at 10:00, and a sign.
fn objects() -> Vec<(u16, Vec<Vec<u8>>)> {
    let cuff = [number(18949, 0, 0x0F20, 128), number(18950, 0, 0x0F20, 79), number(18951, 0, 0x0F20, 95)];
    let compound = [simulator::be(&[3, 30]), cuff.concat()].concat();
    vec![
        (1, vec![attribute(0x0950, &number(16770, 0, 0x0AA0, 72)), attribute(0x0927, &label("HR"))]),
        (2, vec![attribute(0x0950, &number(19272, 0x4000, 0x17A0, 0xFF00_0171))]),
        (3, vec![attribute(0x094B, &compound), attribute(0x0990, &bcd(10, 0, 0))]),
        (4, vec![attribute(0x0950, &number(19384, 0, 0x0220, 0x007F_FFFF))]),
    ]
}

fn answer(invoke: u16, counter: u32) -> Answer {
    Answer { invoke, class: 6, counter, civil: NO_TIME.to_vec(), objects: objects() }
}

/// A monitor that accepts, greets, and answers every poll; its clocks say 10:05 at counter 0.
fn monitor(message: &[u8]) -> Vec<Vec<u8>> {
    match (message[0], asked(message)) {
        (0x0D, _) => vec![ACCEPT.to_vec(), created(&clocks(&bcd(10, 5, 0), 0), 0)],
        (0x09, _) => vec![vec![0x0A, 0x18]],
        (_, Some((invoke, 6))) => vec![answer(invoke, 60 * SECOND).last()],
        (_, Some((invoke, class))) => {
            let objects = vec![(0, clocks(&bcd(10, 6, 0), 60 * SECOND))];
            vec![Answer { invoke, class, counter: 60 * SECOND, civil: NO_TIME.to_vec(), objects }.last()]
        }
        _ => vec![],
    }
}

fn bed(transport: Transport) -> Bed<IntellivueDriver> {
    Bed::new(IntellivueDriver::new(Settings::new(transport)), monitor)
}

fn record(messages: &[Vec<u8>]) -> Vec<u8> {
    messages.iter().flat_map(|message| serial(message)).collect()
}

fn shown(reported: &Reported) -> Vec<String> {
    let line = |reading: &crate::reading::Reading| {
        let at = reading.at.map_or("-".to_owned(), |at| at.to_string());
        format!("{} {} {} {} {at}", reading.code, reading.channel, reading.value, reading.unit)
    };
    reported.readings.iter().map(line).collect()
}

#[test]
fn numerics_are_read_with_unit_channel_and_the_time_of_their_measurement() {
    let reported = read(&record(&[created(&clocks(&bcd(10, 5, 0), 1000), 1000), answer(1, 1000 + 90 * SECOND).last()]));
    assert_eq!(
        shown(&reported),
        [
            "0002-4182 HR 72 /min 2026-11-30T10:06:30",
            "0002-4b48 0.2 36.9 Cel 2026-11-30T10:06:30",
            "0002-4a05 0.3 128 mm[Hg] 2026-11-30T10:00:00",
            "0002-4a06 0.3 79 mm[Hg] 2026-11-30T10:00:00",
            "0002-4a07 0.3 95 mm[Hg] 2026-11-30T10:00:00",
        ]
    );
    assert_eq!(reported.readings[0].metric, Some(147_842));
    assert!(reported.readings[1].questionable && !reported.readings[0].questionable);
    assert!(reported.readings[2].spot && !reported.readings[0].spot);
    assert_eq!((reported.aside[0].code.as_str(), reported.aside[0].why), ("0002-4bb8", NotAValue::Absent));
    assert_eq!(reported.device.as_deref(), Some("ICU 5"));
}

#[test]
fn a_numeric_s_own_stamp_by_either_clock_is_its_time() {
    let value = attribute(0x0950, &number(16770, 0, 0x0AA0, 72));
    let at = |stamp: Vec<u8>| {
        let objects = vec![(1, vec![value.clone(), stamp])];
        let polled = Answer { objects, ..answer(1, 90 * SECOND) };
        let reported = read(&record(&[created(&clocks(&bcd(10, 5, 0), 0), 0), polled.last()]));
        reported.readings[0].at.unwrap().to_string()
    };
    assert_eq!(at(attribute(0x0990, &bcd(9, 59, 0))), "2026-11-30T09:59:00");
    assert_eq!(at(attribute(0x0991, &(30 * SECOND).to_be_bytes())), "2026-11-30T10:05:30");
    assert_eq!(at(attribute(0x0990, &NO_TIME)), "2026-11-30T10:06:30");
}

#[test]
fn a_message_whose_lengths_disagree_is_not_read() {
    let mut shorter = answer(1, 0).last();
    shorter[7] -= 2;
    let mut longer = answer(1, 0).last();
    longer[7] += 2;
    for message in [shorter, longer] {
        let reported = read(&record(&[message]));
        assert_eq!((reported.readings.len(), reported.aside[0].why), (0, NotAValue::Malformed));
    }
}

#[test]
fn an_answer_without_end_is_cut_at_the_limit() {
    let mut bed = bed(Transport::Udp);
    bed.device = Box::new(|message| match asked(message) {
        Some((invoke, 6)) => vec![answer(invoke, 0).linked(2, 1); 40],
        _ => monitor(message),
    });
    bed.happens(Event::LinkUp);
    assert_eq!(bed.others.iter().filter(|other| **other == Action::Note(Note::Overrun)).count(), 8);
    bed.passes(Duration::from_secs(3));
    assert_eq!(read(&bed.stored[0]).readings.len(), 32 * 5);
}

#[test]
fn a_state_that_says_no_value_is_obeyed() {
    let why = |state| {
        let objects = vec![(1, vec![attribute(0x0950, &number(16770, state, 0x0AA0, 72))])];
        let reported = read(&record(&[Answer { objects, ..answer(1, 0) }.last()]));
        reported.aside.first().map(|aside| aside.why)
    };
    assert_eq!(why(0x8000), Some(NotAValue::Invalid));
    assert_eq!(why(0x2000), Some(NotAValue::Absent));
    assert_eq!(why(0x0400), Some(NotAValue::Simulated));
    assert_eq!(why(0x0800), Some(NotAValue::Simulated));
    assert_eq!(why(0x1000), Some(NotAValue::Busy));
    assert_eq!(why(0x0020), Some(NotAValue::Busy));
    assert_eq!(why(0x0082), None, "validated, in alarm: a value");
}

#[test]
fn a_term_or_a_unit_that_we_do_not_know_has_no_metric() {
    let objects = vec![
        (1, vec![attribute(0x0950, &number(0xF0A0, 0, 0x0AA0, 5))]),
        (2, vec![attribute(0x0950, &number(16770, 0, 0xFFFF, 72))]),
    ];
    let reported = read(&record(&[Answer { objects, ..answer(1, 0) }.last()]));
    assert_eq!(reported.readings.iter().map(|reading| reading.metric).collect::<Vec<_>>(), [None, None]);
    assert_eq!(reported.readings[0].at, None, "no clocks, no time");
}

#[test]
fn an_extended_answer_and_linked_ones_read_like_a_plain_one() {
    let plain = read(&record(&[answer(1, 0).last()]));
    assert_eq!(read(&record(&[answer(1, 0).extended()])), plain);
    let half = |range: std::ops::Range<usize>| Answer { objects: objects()[range].to_vec(), ..answer(1, 0) };
    assert_eq!(read(&record(&[half(0..2).linked(1, 1), half(2..4).last()])), plain);
}

#[test]
fn a_piece_of_a_message_gives_no_value() {
    let whole = answer(1, 0).last();
    for length in 0..whole.len() {
        assert_eq!(read(&record(&[whole[..length].to_vec()])).readings, [], "{length}");
    }
}

#[test]
fn a_monitor_is_associated_confirmed_polled_and_kept_with_its_clocks() {
    let mut bed = bed(Transport::Udp);
    bed.happens(Event::LinkUp);
    assert!(bed.others.contains(&Action::Note(Note::Connected)));
    let confirmation =
        [0xE1, 0, 0, 2, 0, 2, 0, 0x14, 0, 1, 0, 1, 0, 0x0E, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0x0D, 6, 0, 0];
    assert!(bed.sent.contains(&confirmation.to_vec()));
    assert_eq!(read(&bed.stored[0]).at.unwrap().to_string(), "2026-11-30T10:06:00");
    bed.passes(Duration::from_secs(21));
    assert_eq!(bed.stored.len(), 5, "polled every five seconds");
    bed.happens(Event::Stop);
    assert_eq!(bed.sent.last().map(|message| message[0]), Some(0x09));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Done)));
}

#[test]
fn the_clocks_are_asked_for_every_minute_and_date_what_comes_after() {
    let mut bed = bed(Transport::Udp);
    bed.happens(Event::LinkUp);
    // Somebody sets the monitor's clock an hour on.
    bed.device = Box::new(|message| match asked(message) {
        Some((invoke, 0x21)) => {
            let objects = vec![(0, clocks(&bcd(11, 6, 0), 60 * SECOND))];
            vec![Answer { invoke, class: 0x21, counter: 0, civil: NO_TIME.to_vec(), objects }.last()]
        }
        _ => monitor(message),
    });
    bed.passes(Duration::from_secs(59));
    assert_eq!(read(bed.stored.last().unwrap()).at.unwrap().to_string(), "2026-11-30T10:06:00");
    bed.passes(Duration::from_secs(2));
    assert_eq!(read(bed.stored.last().unwrap()).at.unwrap().to_string(), "2026-11-30T11:06:00");
}

#[test]
fn the_serial_port_speaks_the_same_in_frames() {
    let device = |line: &[u8]| {
        let [Found::Message(message)] = &found(&[line])[..] else { panic!() };
        monitor(message).iter().map(|answer| serial(answer)).collect()
    };
    let mut bed = Bed::new(IntellivueDriver::new(Settings::new(Transport::Serial)), device);
    bed.happens(Event::LinkUp);
    bed.passes(Duration::from_secs(6));
    assert_eq!(bed.stored.len(), 2);
    assert_eq!(read(&bed.stored[1]).readings.len(), 5);
}

#[test]
fn a_monitor_that_does_not_answer_is_called_every_five_seconds_and_one_that_stops_is_called_anew() {
    let mut bed = bed(Transport::Udp);
    bed.device = Box::new(|_| vec![]);
    bed.happens(Event::LinkUp);
    bed.passes(Duration::from_secs(10));
    assert_eq!(bed.sent.iter().map(|message| message[0]).collect::<Vec<_>>(), [0x0D; 3]);

    bed.device = Box::new(monitor);
    bed.passes(Duration::from_secs(5));
    assert_eq!(bed.stored.len(), 1);
    bed.device = Box::new(|_| vec![]);
    bed.sent.clear();
    bed.passes(Duration::from_millis(13_999));
    assert_eq!(bed.sent.iter().map(|message| message[0]).collect::<Vec<_>>(), [0xE1; 3], "three polls without answer");
    bed.passes(Duration::from_millis(1));
    assert_eq!(bed.sent[3..].iter().map(|message| message[0]).collect::<Vec<_>>(), [0x19, 0x0D]);
}

#[test]
fn what_came_of_a_linked_answer_is_kept_when_the_rest_is_lost() {
    let mut bed = bed(Transport::Udp);
    bed.device = Box::new(|message| match asked(message) {
        Some((invoke, 6)) => vec![answer(invoke, 0).linked(1, 1)],
        _ => monitor(message),
    });
    bed.happens(Event::LinkUp);
    assert_eq!(bed.stored.len(), 0);
    bed.passes(Duration::from_secs(3));
    assert_eq!(read(&bed.stored[0]).readings.len(), 5);
}

#[test]
fn while_the_disk_is_slow_only_the_clocks_are_polled() {
    let mut bed = bed(Transport::Udp);
    bed.disk = false;
    bed.happens(Event::LinkUp);
    bed.passes(Duration::from_secs(21));
    assert_eq!(bed.stored.len(), 1);
    let classes: Vec<_> = bed.sent.iter().filter_map(|message| asked(message)).map(|(_, class)| class).collect();
    assert_eq!(classes, [6, 0x21, 0x21, 0x21, 0x21], "the association is kept");
    bed.happens(Event::Stored { ok: true });
    bed.passes(Duration::from_secs(5));
    assert_eq!(bed.stored.len(), 2);
}

#[test]
fn a_monitor_that_says_too_much_of_itself_does_not_swell_every_record() {
    let mut bed = bed(Transport::Udp);
    bed.device = Box::new(|message| match message[0] {
        0x0D => {
            let attributes = [clocks(&bcd(10, 5, 0), 0), vec![attribute(0x0999, &[7; 20_000])]].concat();
            vec![ACCEPT.to_vec(), created(&attributes, 0)]
        }
        _ => monitor(message),
    });
    bed.happens(Event::LinkUp);
    assert!(bed.stored[0].len() < 1000);
}

#[test]
fn refusal_abort_release_and_error_are_understood() {
    let mut bed = bed(Transport::Udp);
    bed.device = Box::new(|_| vec![vec![0x0C, 0]]);
    bed.happens(Event::LinkUp);
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Refused)));

    bed.device = Box::new(monitor);
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(&[0x19, 0x2E]));
    bed.sent.clear();
    bed.passes(Duration::from_secs(5));
    assert_eq!(bed.sent[0][0], 0x0D, "called again");

    bed.device = Box::new(|message| asked(message).map(|(invoke, _)| error(invoke)).into_iter().collect());
    bed.others.clear();
    bed.passes(Duration::from_secs(5));
    assert!(bed.others.contains(&Action::Note(Note::Refused)));

    bed.happens(Event::Bytes(&[0x09, 0x18]));
    assert_eq!(bed.sent.last().map(|message| message[0]), Some(0x0A));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Lost)));
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0xC0u8), Just(0xC1), Just(0x7D), Just(0x11), Just(0x01), any::<u8>()]
}

/// A message with a few bytes changed: deep in the reader, wrong in places.
fn nearly_right() -> impl Strategy<Value = Vec<u8>> {
    let messages = prop_oneof![
        Just(answer(1, 99).last()),
        Just(answer(1, 99).extended()),
        Just(answer(1, 99).linked(1, 1)),
        Just(created(&clocks(&bcd(10, 5, 0), 7), 7)),
    ];
    (messages, proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)).prop_map(
        |(mut message, changes)| {
            for (place, byte) in changes {
                let place = place.index(message.len());
                message[place] = byte;
            }
            message
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_held_within_the_limit(bytes in proptest::collection::vec(any_byte(), 0..400)) {
        let mut decoder = Decoder::default();
        let mut input = bytes.as_slice();
        while decoder.next(&mut input).is_some() {}
        prop_assert!(decoder.held() <= 16_384);
        let _ = read(&bytes);
        let _ = read(&serial(&bytes));
    }

    #[test]
    fn a_message_that_is_nearly_right_is_read_without_panic(messages in proptest::collection::vec(nearly_right(), 1..4)) {
        let _ = read(&record(&messages));
    }

    #[test]
    fn what_is_framed_is_found_and_a_stream_cut_anywhere_holds_the_same(
        messages in proptest::collection::vec(proptest::collection::vec(any_byte(), 0..80), 1..5), cut in any::<prop::sample::Index>()
    ) {
        let line: Vec<u8> = messages.iter().flat_map(|message| frame(message)).collect();
        let wanted: Vec<_> = messages.iter().cloned().map(Found::Message).collect();
        prop_assert_eq!(&found(&[&line]), &wanted);
        let (before, after) = line.split_at(cut.index(line.len()));
        prop_assert_eq!(found(&[before, after]), wanted);
        prop_assert_eq!(line, record(&messages));
    }

    #[test]
    fn a_flipped_bit_never_makes_another_value(place: prop::sample::Index, bit in 0u32..8) {
        let mut bytes = record(&[answer(1, 0).last()]);
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert_eq!(read(&bytes).readings, []);
    }

    #[test]
    fn any_events_end_in_a_defined_state(
        serial_port: bool,
        events in proptest::collection::vec((0u8..10, nearly_right(), 0u64..6000), 0..60)
    ) {
        let transport = if serial_port { Transport::Serial } else { Transport::Udp };
        let mut driver = IntellivueDriver::new(Settings { extended: serial_port, ..Settings::new(transport) });
        let (mut now, mut out) = (Duration::ZERO, Vec::new());
        for (kind, message, millis) in &events {
            now += Duration::from_millis(*millis);
            let bytes = if serial_port { serial(message) } else { message.clone() };
            let event = match kind {
                0 => Event::LinkUp,
                1 if *millis < 600 => Event::LinkDown,
                2 => Event::Stored { ok: millis % 2 == 0 },
                3 => Event::Bytes(ACCEPT),
                4 if *millis < 600 => Event::Stop,
                5 | 6 => Event::Timer,
                _ => Event::Bytes(&bytes),
            };
            driver.handle(event, now, &mut out);
            prop_assert!(matches!(out.last(), Some(Action::Timer(_))));
        }
        for action in out {
            if let Action::Store(record) = action {
                let _ = read(&record);
            }
        }
    }

    #[test]
    fn a_driver_does_the_same_however_its_bytes_are_cut(messages in proptest::collection::vec(nearly_right(), 0..5)) {
        let bytes = [record(&[ACCEPT.to_vec(), created(&clocks(&bcd(1, 2, 3), 0), 0)]), record(&messages)].concat();
        let whole = does(IntellivueDriver::new(Settings::new(Transport::Serial)), &[&bytes]);
        prop_assert_eq!(does(IntellivueDriver::new(Settings::new(Transport::Serial)), &bytes.chunks(1).collect::<Vec<_>>()), whole.clone());
        prop_assert_eq!(does(IntellivueDriver::new(Settings::new(Transport::Serial)), &bytes.chunks(7).collect::<Vec<_>>()), whole);
    }
}

#[test]
fn an_association_is_kept_though_numerics_are_wanted_once_a_minute() {
    let settings = Settings { every: Duration::from_secs(60), ..Settings::new(Transport::Udp) };
    let mut bed = Bed::new(IntellivueDriver::new(settings), monitor);
    bed.happens(Event::LinkUp);
    let mut polls = 0;
    for _ in 0..15 {
        bed.passes(Duration::from_secs(8));
        let sent = bed.sent.iter().filter(|message| asked(message).is_some()).count();
        assert!(sent > polls, "the monitor hears of us before its ten seconds are over");
        polls = sent;
    }
    assert_eq!(bed.stored.len(), 3, "now, and each minute of two");
}
