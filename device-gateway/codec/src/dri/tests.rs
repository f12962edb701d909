use super::simulator::{alarm, displayed, record, sent};
use super::*;
use crate::driver::bed::{Bed, does};
use crate::driver::{Action, Close, Driver, Event, Note};
use crate::reading::{NotAValue, Reading, Reported};
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

fn reading<'a>(reported: &'a Reported, code: &str) -> &'a Reading {
    reported.readings.iter().find(|reading| reading.code == code).unwrap_or_else(|| panic!("{code}: {reported:?}"))
}

fn why(reported: &Reported, code: &str) -> NotAValue {
    reported.aside.iter().find(|aside| aside.code == code).unwrap_or_else(|| panic!("{code}")).why
}

/// Status: exists and measures.
const ON: i16 = 3;

#[test]
fn the_requests_are_those_of_the_specification_s_appendix() {
    let hex = |text: &str| -> Vec<u8> { text.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect() };
    let head = "7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00 00 \
                00 00 00 00 00 00 00 00 00";
    assert_eq!(request::displayed_values(10), hex(&format!("{head} 01 0a 00 0e 00 00 00 00 00 49 7e")));
    assert_eq!(request::displayed_values(0), hex(&format!("{head} 01 00 00 00 00 00 00 00 00 31 7e")));
    // The checksum itself is 7D and must be escaped.
    assert_eq!(request::displayed_values(62)[50..], [0x7D, 0x5D, 0x7E]);
}

#[test]
fn displayed_values_are_read_with_scale_unit_and_time() {
    let words = [
        (0, ON | 1 << 3),
        (6, 72),
        (8, 51),
        (14, 16),
        (16, ON),
        (20, 1),
        (22, 12_050),
        (24, 8000),
        (26, 9350),
        (28, 71),
        (72, ON),
        (78, 13_100),
        (80, 7900),
        (82, 9600),
        (84, 70),
        (86, ON),
        (90, 4),
        (92, 3690),
        (118, ON),
        (124, 9800),
        (126, 71),
        (128, 250),
        (132, ON),
        (138, 512),
        (140, 0),
        (142, 16),
        (144, 7600),
        (200, ON),
        (206, 5230),
        (208, 3701),
        (212, 1100),
    ];
    let reported = read(&sent(&displayed(0, &words)));
    let shown = |code: &str| {
        let Reading { metric, value, unit, .. } = reading(&reported, code);
        (value.to_string(), unit.as_ref(), *metric)
    };
    assert_eq!(shown("ecg.hr"), ("72".into(), "/min", Some(147_842)));
    assert_eq!(shown("ecg.st1"), ("0.51".into(), "mm", None));
    assert_eq!(shown("p1.sys"), ("120.50".into(), "mm[Hg]", Some(150_033)));
    assert_eq!(shown("nibp.dia"), ("79.00".into(), "mm[Hg]", Some(150_022)));
    assert_eq!(shown("t1.temp"), ("36.90".into(), "Cel", Some(188_420)));
    assert_eq!(shown("spo2.spo2"), ("98.00".into(), "%", Some(150_456)));
    assert_eq!(shown("co2.et"), ("5.12".into(), "%", Some(151_708)));
    assert_eq!(shown("co2.amb_press"), ("760.0".into(), "mm[Hg]", None));
    assert_eq!(shown("co_wedge.co"), ("5.230".into(), "L/min", Some(150_276)));
    assert!(reading(&reported, "nibp.dia").spot && !reading(&reported, "p1.dia").spot);
    assert_eq!(reading(&reported, "ecg.hr").at.unwrap().to_string(), "2026-01-01T00:00:00");
    assert_eq!(why(&reported, "p2.sys"), NotAValue::Absent, "no module there: a zero is no pressure");
}

#[test]
fn a_sign_a_zeroing_and_an_old_cuff_pressure_are_no_values() {
    let words = [
        (0, ON),
        (6, -32_767),
        (8, -32_766),
        (10, -32_764),
        (12, -32_763),
        (14, -32_762),
        (16, ON | 1 << 2),
        (22, 12_000),
        (72, ON),
        (76, 1 << 8),
        (78, 12_000),
        (86, ON),
        (92, -32_001),
        (94, ON),
        (100, -32_000),
    ];
    let reported = read(&sent(&displayed(0, &words)));
    assert_eq!(why(&reported, "ecg.hr"), NotAValue::Absent);
    assert_eq!(why(&reported, "ecg.st1"), NotAValue::Stale);
    assert_eq!(why(&reported, "ecg.st2"), NotAValue::UnderRange);
    assert_eq!(why(&reported, "ecg.st3"), NotAValue::OverRange);
    assert_eq!(why(&reported, "ecg.imp_rr"), NotAValue::NotCalibrated);
    assert_eq!(why(&reported, "p1.sys"), NotAValue::Busy);
    assert_eq!(why(&reported, "nibp.sys"), NotAValue::Stale);
    assert_eq!(why(&reported, "t1.temp"), NotAValue::Invalid);
    assert_eq!(reading(&reported, "t2.temp").value.to_string(), "-320.00", "the lowest number that is a value");
}

#[test]
fn the_source_of_a_heart_rate_decides_what_it_is() {
    let metric = |source: i16| reading(&read(&sent(&displayed(0, &[(0, ON | source << 3), (6, 80)]))), "ecg.hr").metric;
    assert_eq!([metric(1), metric(6), metric(2), metric(0)], [147_842, 149_530, 149_514, 149_514].map(Some));
}

#[test]
fn the_further_classes_are_read_where_they_say_that_they_are() {
    let ext1 = read(&sent(&displayed(1, &[(48, ON), (76, -120), (78, ON), (82, 8), (84, 11_900)])));
    assert_eq!(reading(&ext1, "ecg12.stV6").value.to_string(), "-1.20");
    assert_eq!(reading(&ext1, "p7.sys").metric, Some(150_037));
    let ext2 = read(&sent(&displayed(2, &[(96, ON), (102, 44), (112, ON), (118, 41)])));
    assert_eq!(reading(&ext2, "eeg_bis.bis").value.to_string(), "44");
    let ext3 = read(&sent(&displayed(3, &[(14, ON), (22, 950), (126, ON), (132, 7200)])));
    assert_eq!(reading(&ext3, "flow_vol2.pmean").value.to_string(), "9.50");
    assert_eq!(reading(&ext3, "cpp.value").metric, Some(153_604));
    assert_eq!(read(&sent(&displayed(9, &[(0, ON), (6, 1)]))).readings, []);
}

#[test]
fn alarms_are_read_by_text_and_colour() {
    let reported = read(&sent(&alarm(&[(b"HR LOW", 3), (b"T\xE9l\xE9", 1), (b"gone", 0)])));
    let alarms: Vec<_> = reported.alarms.iter().map(|alarm| (alarm.text.as_str(), alarm.priority)).collect();
    assert_eq!(alarms, [("HR LOW", 3), ("Télé", 1)]);
}

#[test]
fn a_record_that_is_not_as_long_as_it_says_gives_no_value() {
    let whole = displayed(0, &[(0, ON), (6, 72)]);
    assert_eq!(Record::parse(&whole[..300]), Err(Fault::Length { said: 318, have: 300 }));
    assert_eq!(Record::parse(&whole[..39]), Err(Fault::Short(39)));
    assert_eq!(read(&sent(&whole[..300])).readings, []);
    let mut outside = whole;
    outside[16] = 0xFF;
    outside[17] = 0x7F;
    assert_eq!(Record::parse(&outside).unwrap().subrecords(), Err(Fault::Outside(0)));
}

#[test]
fn a_monitor_is_asked_kept_and_asked_again_after_it_was_switched_off() {
    let mut bed = Bed::new(DriDriver::new(Settings { every_seconds: 10, alarms: false }), |_| vec![]);
    bed.happens(Event::LinkUp);
    assert_eq!(bed.sent, [request::displayed_values(10)]);
    let frame = sent(&displayed(0, &[(0, ON), (6, 72)]));
    bed.happens(Event::Bytes(&frame[..100]));
    bed.happens(Event::Bytes(&frame[100..]));
    assert_eq!(bed.stored, [frame]);
    assert_eq!(bed.others, [Action::Note(Note::Connected)]);
    bed.passes(Duration::from_millis(29_999));
    assert_eq!(bed.sent.len(), 1);
    bed.passes(Duration::from_millis(1));
    assert_eq!(bed.sent.len(), 2, "asked again after three intervals");
    bed.happens(Event::Stop);
    assert_eq!(bed.sent.last(), Some(&request::displayed_values(0)));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Done)));
}

#[test]
fn curves_are_skipped_and_a_slow_disk_loses_only_what_is_beyond_the_limit() {
    let mut bed = Bed::new(DriDriver::new(Settings::default()), |_| vec![]);
    bed.disk = false;
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(&sent(&record(1, 1, &[0; 100]))));
    for _ in 0..20 {
        bed.happens(Event::Bytes(&sent(&displayed(0, &[]))));
    }
    assert_eq!(bed.stored.len(), 16);
    assert_eq!(bed.others.iter().filter(|other| **other == Action::Note(Note::Overrun)).count(), 4);
    bed.happens(Event::Stored { ok: true });
    bed.happens(Event::Bytes(&sent(&displayed(0, &[]))));
    assert_eq!(bed.stored.len(), 17);
}

#[test]
fn noise_casts_doubt_on_a_heart_rate() {
    let doubt = |status| reading(&read(&sent(&displayed(0, &[(0, status), (6, 80)]))), "ecg.hr").questionable;
    assert_eq!([doubt(ON), doubt(ON | 1 << 7), doubt(ON | 1 << 9)], [false, true, true]);
}

#[test]
fn alarms_alone_do_not_say_that_values_still_come() {
    let mut bed = Bed::new(DriDriver::new(Settings::default()), |_| vec![]);
    bed.happens(Event::LinkUp);
    bed.passes(Duration::from_secs(29));
    bed.happens(Event::Bytes(&sent(&alarm(&[(b"HR LOW", 3)]))));
    assert_eq!((bed.stored.len(), bed.sent.len()), (1, 2));
    bed.passes(Duration::from_secs(1));
    assert_eq!(bed.sent.len(), 4);
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(0x7Eu8), Just(0x7D), Just(0x5E), Just(0x5D), any::<u8>()]
}

fn values() -> impl Strategy<Value = Vec<(usize, i16)>> {
    let groups = [(0, 5), (16, 4), (72, 4), (86, 1), (118, 3), (132, 4)];
    let all: Vec<_> =
        groups.into_iter().flat_map(|(at, fields)| (0..fields).map(move |field| at + 6 + field * 2)).collect();
    proptest::collection::vec((proptest::sample::select(all), any::<i16>()), 1..12)
        .prop_map(move |words| groups.into_iter().map(|(at, _)| (at, ON)).chain(words).collect())
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_held_within_the_limit(bytes in proptest::collection::vec(any_byte(), 0..300)) {
        let mut decoder = Decoder::default();
        let mut input = bytes.as_slice();
        while decoder.next(&mut input).is_some() {}
        prop_assert!(decoder.held() <= 2048);
        let _ = read(&bytes);
        let _ = read(&sent(&bytes));
    }

    #[test]
    fn any_content_of_any_record_is_read_without_panic(
        main_type in 0u16..9, kind in 0u8..4, subrecord in proptest::collection::vec(any::<u8>(), 0..600)
    ) {
        let _ = read(&sent(&record(main_type, kind, &subrecord)));
    }

    #[test]
    fn what_is_framed_is_found_and_a_stream_cut_anywhere_holds_the_same(
        records in proptest::collection::vec(proptest::collection::vec(any_byte(), 1..80), 1..5), cut in any::<prop::sample::Index>()
    ) {
        let line: Vec<u8> = records.iter().flat_map(|record| frame(record)).collect();
        let wanted: Vec<_> = records.iter().cloned().map(Found::Record).collect();
        prop_assert_eq!(&found(&[&line]), &wanted);
        let (before, after) = line.split_at(cut.index(line.len()));
        prop_assert_eq!(found(&[before, after]), wanted);
        prop_assert_eq!(&line, &records.iter().flat_map(|record| sent(record)).collect::<Vec<_>>());
    }

    #[test]
    fn a_flipped_bit_never_makes_another_value(words in values(), place: prop::sample::Index, bit in 0u32..8) {
        let mut bytes = sent(&displayed(0, &words));
        let before = read(&bytes).readings;
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        for reading in read(&bytes).readings {
            prop_assert!(before.contains(&reading), "{:?}", reading);
        }
    }

    #[test]
    fn any_events_end_in_a_defined_state(
        events in proptest::collection::vec((0u8..7, proptest::collection::vec(any_byte(), 0..30), 0u64..20_000), 0..25)
    ) {
        let mut driver = DriDriver::new(Settings::default());
        let (mut now, mut out) = (Duration::ZERO, Vec::new());
        for (kind, bytes, millis) in &events {
            now += Duration::from_millis(*millis);
            let event = match kind {
                0 => Event::LinkUp,
                1 => Event::LinkDown,
                2 => Event::Stored { ok: bytes.len() % 2 == 0 },
                3 => Event::Timer,
                4 if bytes.len() < 5 => Event::Stop,
                _ => Event::Bytes(bytes),
            };
            driver.handle(event, now, &mut out);
            prop_assert!(matches!(out.last(), Some(Action::Timer(_))));
        }
    }

    #[test]
    fn a_driver_does_the_same_however_its_bytes_are_cut(records in proptest::collection::vec(values(), 0..4), noise in proptest::collection::vec(any_byte(), 0..30)) {
        let mut bytes: Vec<u8> = records.iter().flat_map(|words| sent(&displayed(0, words))).collect();
        bytes.extend(noise);
        let whole = does(DriDriver::new(Settings::default()), &[&bytes]);
        prop_assert_eq!(does(DriDriver::new(Settings::default()), &bytes.chunks(1).collect::<Vec<_>>()), whole.clone());
        prop_assert_eq!(does(DriDriver::new(Settings::default()), &bytes.chunks(7).collect::<Vec<_>>()), whole);
    }
}
