use super::simulator::{answers, commands, device, says};
use super::*;
use crate::driver::bed::{Bed, does};
use crate::driver::{Action, Close, Driver, Event, Note};
use crate::reading::NotAValue;
use proptest::prelude::*;
use std::time::Duration;

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

/// What an ordinary ventilator answers.
fn ventilator(command: char) -> Option<String> {
    Some(match command {
        'R' => "0161'Evita'02.01:03.00".to_owned(),
        '(' => "11:12:1909-OKT-26".to_owned(),
        '$' => "D618  7D 22 B9 7.4F0 40 E6 38 ".to_owned(),
        '\'' => "K9BMIN VOL HIGH".to_owned(),
        '*' => "065SIMV \u{3}".to_owned(),
        _ => String::new(),
    })
}

fn numbers(reported: &crate::reading::Reported) -> Vec<(&str, String, &str)> {
    reported
        .readings
        .iter()
        .map(|reading| (reading.code.as_str(), reading.value.to_string(), reading.unit.as_ref()))
        .collect()
}

#[test]
fn the_examples_of_the_protocol_definition_are_framed_as_it_shows_them() {
    assert_eq!(command(DEVICE_ID, &[]), [0x1B, 0x52, 0x36, 0x44, 0x0D]);
    assert_eq!(command(NOP, &[]), [0x1B, 0x30, 0x34, 0x42, 0x0D]);
    assert_eq!(command(MEASURED_PAGE_1, &[]), [0x1B, 0x24, 0x33, 0x46, 0x0D]);
    assert_eq!(response(DEVICE_ID, &[]), [0x01, 0x52, 0x35, 0x33, 0x0D]);
    assert_eq!(response(NAK, &[]), [0x01, 0x15, 0x31, 0x36, 0x0D]);
    assert_eq!(command(CONFIGURE_DATA, b"$EB"), [0x1B, 0x4A, 0x24, 0x45, 0x42, 0x31, 0x30, 0x0D]);
}

#[test]
fn values_alarms_texts_and_time_are_read_out_of_one_record() {
    let record = [
        answers("R0161'Evita'02.01:03.00"),
        answers("(11:12:1909-OKT-26"),
        answers("$D618  7D- 5 78    B9 x.4AA   1"),
        answers("+21 510"),
        answers("'K9BMIN VOL HIGH"),
        answers("*065SIMV \u{3}"),
    ]
    .concat();
    let reported = read(&record);
    assert_eq!(reported.device.as_deref(), Some("Dräger Evita 0161 02.01:03.00"));
    let expected = [("CP1:D6", "18".into(), "/min"), ("CP1:7D", "-5".into(), "mbar"), ("CP1:AA", "1".into(), "")];
    assert_eq!(numbers(&reported)[..3], expected);
    assert_eq!(numbers(&reported)[3], ("CP2:21", "510".into(), "mL"));
    assert_eq!(reported.readings[0].metric, Some(151_562));
    assert_eq!(reported.readings[2].metric, None, "a code that is not in the list has no metric");
    assert_eq!(reported.at.unwrap().to_string(), "2026-10-09T11:12:19");
    assert_eq!(reported.readings[0].at, reported.at);
    let aside: Vec<_> = reported.aside.iter().map(|aside| (aside.code.as_str(), aside.why)).collect();
    assert_eq!(aside, [("CP1:78", NotAValue::Absent), ("CP1:B9", NotAValue::Malformed)]);
    assert_eq!((reported.alarms[0].text.as_str(), reported.alarms[0].priority), ("MIN VOL HIGH", 27));
    assert_eq!(reported.remarks[0].text, "SIMV");
}

#[test]
fn an_answer_with_a_piece_missing_gives_no_value_at_all() {
    let reported = read(&answers("$D618  7D 22"));
    assert_eq!(reported.readings, []);
    assert_eq!(reported.aside[0].why, NotAValue::Malformed);
}

#[test]
fn curve_data_and_a_command_inside_an_answer_do_not_disturb_it() {
    let whole = answers("$D618  ");
    let inside = [&whole[..4], &[0xD1, 0x91, 0x81], &says("0"), &[0x9F], &whole[4..]].concat();
    let [Found::Frame(nop), Found::Frame(answer)] = &found(&[&inside])[..] else { panic!() };
    assert_eq!((nop.kind, nop.code), (Kind::Command, NOP));
    assert_eq!((answer.kind, answer.data.as_slice()), (Kind::Response, b"D618  ".as_slice()));
}

#[test]
fn dates_of_all_known_devices_are_read() {
    let read = |text: &str| message::date_time(text.as_bytes()).map(|time| time.to_string());
    assert_eq!(read("11:11:1911-NOV-93").as_deref(), Some("1993-11-11T11:11:19"));
    assert_eq!(read(" 8:06:05 4-MAR-26").as_deref(), Some("2026-03-04T08:06:05"));
    assert_eq!(read("11:11 11-DEZ-14").as_deref(), Some("2014-12-11T11:11:00"));
    assert_eq!(read("11:11:1930-FEB-26"), None);
    assert_eq!(read("11:11:1911-XXX-26"), None);
    assert_eq!(read("ĐĐĐ"), None);
}

#[test]
fn a_ventilator_is_called_asked_and_its_round_kept_with_its_time() {
    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(ventilator));
    bed.happens(Event::LinkUp);
    assert_eq!(commands(&bed.sent), "QR($+'.*");
    assert!(bed.others.contains(&Action::Note(Note::Connected)));
    let reported = read(&bed.stored[0]);
    assert_eq!(reported.readings.len(), 5);
    assert_eq!((reported.alarms.len(), reported.remarks.len()), (1, 1));
    assert!(reported.device.is_some() && reported.at.is_some());
    bed.passes(Duration::from_secs(12));
    assert_eq!(commands(&bed.sent), "QR($+'.*00($+'.*00($+'.*0", "rounds at 0, 5 and 10 s, a NOP after 2 s of rest");
    assert_eq!(bed.stored.len(), 3);
}

#[test]
fn what_the_device_asks_is_answered_and_a_damaged_command_is_told_so() {
    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(|_| None));
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(&says("Q")));
    bed.happens(Event::Bytes(&says("R")));
    bed.happens(Event::Bytes(&says("I")));
    bed.happens(Event::Bytes(b"\x1bI65\r"));
    let answers: Vec<_> = bed.sent.iter().filter(|bytes| bytes[0] == 1).collect();
    assert_eq!(*answers[0], simulator::answers("Q"));
    assert!(answers[1].starts_with(b"\x01R0161'"));
    assert_eq!(*answers[2], [0x01, 0x49, 0x34, 0x41, 0x0D]);
    assert_eq!(*answers[3], [0x01, 0x15, 0x31, 0x36, 0x0D]);
}

#[test]
fn three_seconds_of_silence_begin_anew_and_what_had_come_is_kept() {
    let mut bed = Bed::new(
        MedibusDriver::new(Settings::default()),
        device(|command| match command {
            '+' => None,
            other => ventilator(other),
        }),
    );
    bed.happens(Event::LinkUp);
    assert_eq!(commands(&bed.sent), "QR($+");
    bed.device = Box::new(device(|_| None));
    bed.passes(Duration::from_millis(2999));
    assert_eq!((commands(&bed.sent).as_str(), bed.stored.len()), ("QR($+", 0));
    bed.passes(Duration::from_millis(1));
    assert_eq!((commands(&bed.sent).as_str(), bed.stored.len()), ("QR($+Q", 1));
    bed.passes(Duration::from_secs(6));
    assert_eq!(commands(&bed.sent), "QR($+QQQ", "called every three seconds");
}

#[test]
fn a_request_without_answer_is_repeated_three_times_after_ten_seconds_each() {
    let mut bed = Bed::new(
        MedibusDriver::new(Settings::default()),
        device(|command| match command {
            '$' => None,
            other => ventilator(other),
        }),
    );
    bed.happens(Event::LinkUp);
    // The device shows that it is there, as its document says: a NOP every two seconds.
    for _ in 0..21 {
        bed.passes(Duration::from_secs(2));
        bed.happens(Event::Bytes(&says("0")));
    }
    assert_eq!(commands(&bed.sent), "QR($$$$QR($");
}

#[test]
fn the_next_round_waits_for_the_disk() {
    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(ventilator));
    bed.disk = false;
    bed.happens(Event::LinkUp);
    bed.passes(Duration::from_secs(60));
    assert_eq!(bed.stored.len(), 1);
    bed.happens(Event::Stored { ok: false });
    assert!(bed.others.contains(&Action::Note(Note::NotStored)));
    assert_eq!(bed.stored.len(), 2);
}

#[test]
fn the_wanted_codes_are_configured_after_the_device_knows_who_asks() {
    let settings = Settings { codes: vec![0xD6, 0xEB], ..Settings::default() };
    let mut bed = Bed::new(MedibusDriver::new(settings), device(ventilator));
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(&says("R")));
    bed.passes(Duration::from_millis(199));
    assert!(!commands(&bed.sent).contains('J'));
    bed.passes(Duration::from_millis(1));
    assert!(bed.sent.contains(&says("J$D6EB")));
}

#[test]
fn the_gateway_says_good_bye_and_a_device_that_does_not_answer_is_left_anyway() {
    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(ventilator));
    bed.happens(Event::LinkUp);
    bed.happens(Event::Stop);
    assert_eq!(bed.sent.last(), Some(&says("U")));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Done)));

    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(|_| None));
    bed.happens(Event::LinkUp);
    bed.happens(Event::Stop);
    bed.passes(Duration::from_secs(3));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Done)));
}

#[test]
fn between_dc1_and_dc3_nothing_is_sent() {
    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(|_| None));
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(&[0x11]));
    let before = bed.sent.len();
    bed.happens(Event::Bytes(&says("Q")));
    assert_eq!(bed.sent.len(), before);
    bed.happens(Event::Bytes(&[0x13]));
    assert_eq!(bed.sent[before..], [answers("Q"), says("R")]);
}

#[test]
fn a_slow_device_s_round_is_finished_before_the_next() {
    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(|_| None));
    bed.happens(Event::LinkUp);
    for _ in 0..10 {
        bed.passes(Duration::from_secs(2));
        let asked = char::from(bed.sent.last().unwrap()[1]);
        bed.happens(Event::Bytes(&answers(&format!("{asked}{}", ventilator(asked).unwrap_or_default()))));
    }
    assert_eq!(commands(&bed.sent), "QR($+'.*($+");
    assert_eq!(read(&bed.stored[0]).remarks.len(), 1);
}

#[test]
fn curves_alone_are_no_sign_of_life() {
    let mut bed = Bed::new(MedibusDriver::new(Settings::default()), device(ventilator));
    bed.happens(Event::LinkUp);
    bed.device = Box::new(device(|_| None));
    for _ in 0..3 {
        bed.passes(Duration::from_millis(999));
        bed.happens(Event::Bytes(&[0xD1, 0x91, 0x81]));
    }
    assert!(!bed.others.contains(&Action::Note(Note::Silent)));
    bed.passes(Duration::from_millis(3));
    assert!(bed.others.contains(&Action::Note(Note::Silent)));
}

#[test]
fn a_frame_without_end_is_given_up_at_the_limit() {
    let endless = [b"\x01$".as_slice(), &[b'0'; 5000], b"\r", &answers("$D618  ")].concat();
    let [Found::Broken(Kind::Response), Found::Frame(_)] = &found(&[&endless])[..] else { panic!() };
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(1u8), Just(0x1B), Just(0x0D), Just(0x11), Just(0x13), Just(0x18), b'0'..=b'F', any::<u8>()]
}

/// Messages of a device and bytes between them.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let message = prop_oneof![
        Just(says("Q")),
        Just(says("R")),
        Just(answers("Q")),
        Just(answers("R")),
        Just(answers("$D618  ")),
        proptest::collection::vec(any_byte(), 0..9),
    ];
    proptest::collection::vec(message, 0..12).prop_map(|messages| messages.concat())
}

fn records() -> impl Strategy<Value = Vec<(u8, i16)>> {
    proptest::collection::vec((any::<u8>(), -99i16..9999), 1..12)
}

proptest! {
    #[test]
    fn any_events_end_in_a_defined_state_within_bounds(
        events in proptest::collection::vec((0u8..8, proptest::collection::vec(any_byte(), 0..24), 0u64..4000), 0..30)
    ) {
        let mut driver = MedibusDriver::new(Settings { codes: vec![0xD6], ..Settings::default() });
        let (mut now, mut out) = (Duration::ZERO, Vec::new());
        for (kind, bytes, millis) in &events {
            now += Duration::from_millis(*millis);
            let event = match kind {
                0 => Event::LinkUp,
                1 => Event::LinkDown,
                2 => Event::Stored { ok: bytes.len() % 2 == 0 },
                3 => Event::Timer,
                4 if bytes.len() < 3 => Event::Stop,
                _ => Event::Bytes(bytes),
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
    fn any_bytes_are_read_without_panic_and_held_within_the_limit(bytes in proptest::collection::vec(any_byte(), 0..200)) {
        let mut decoder = Decoder::default();
        let mut input = bytes.as_slice();
        while decoder.next(&mut input).is_some() {}
        prop_assert!(decoder.held() <= 2 * 4096);
        let _ = read(&bytes);
    }

    #[test]
    fn a_stream_cut_anywhere_holds_the_same(bytes in proptest::collection::vec(any_byte(), 0..200), cut in 0usize..200) {
        let cut = cut.min(bytes.len());
        prop_assert_eq!(found(&[&bytes[..cut], &bytes[cut..]]), found(&[&bytes]));
        let single: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(found(&single), found(&[&bytes]));
    }

    #[test]
    fn a_flipped_bit_never_makes_another_value(records in records(), place: prop::sample::Index, bit in 0u32..8) {
        let body: String = records.iter().map(|(code, value)| format!("{code:02X}{value:>4}")).collect();
        let mut bytes = answers(&format!("${body}"));
        let before = read(&bytes).readings;
        prop_assert_eq!(before.len(), records.len());
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        for reading in read(&bytes).readings {
            prop_assert!(before.contains(&reading), "{:?}", reading);
        }
    }

    #[test]
    fn a_driver_does_the_same_however_its_bytes_are_cut(bytes in line()) {
        let whole = does(MedibusDriver::new(Settings::default()), &[&bytes]);
        prop_assert_eq!(does(MedibusDriver::new(Settings::default()), &bytes.chunks(1).collect::<Vec<_>>()), whole.clone());
        prop_assert_eq!(does(MedibusDriver::new(Settings::default()), &bytes.chunks(7).collect::<Vec<_>>()), whole);
    }
}
