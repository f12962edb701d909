use super::*;
use crate::driver::bed::{Bed, does};
use crate::driver::{Action, Driver, Event, Note};
use crate::reading::NotAValue;
use proptest::prelude::*;
use std::time::Duration;

/// A sample in K-1000 format: the values as the instrument sends them, five characters each, eighteen of them.
fn k1000(kind: &str, values: &[&str]) -> Vec<u8> {
    let mut text = format!("D1{kind}2611300{:>12}000000C", "A1234");
    for place in 0..18 {
        text.push_str(values.get(place).copied().unwrap_or("     "));
    }
    format!("\u{2}{text}\u{3}").into_bytes()
}

fn blood() -> Vec<u8> {
    k1000("U", &["00750", "04820", "01420", "04202", "08710", "*0000", "03380", "02500"])
}

fn vidas(fields: &[&str]) -> Vec<u8> {
    let body: String = fields.iter().map(|field| format!("\u{1e}{field}|")).collect::<String>() + "\u{1d}";
    let sum: u32 = body.bytes().map(u32::from).sum();
    format!("\u{2}{body}{:02x}", sum % 256).into_bytes()
}

const HBS: &[&str] =
    &["mtrsl", "pi", "ciZ7", "rtHBS", "tt18:35", "td10/25/26", "qlPositif", "qn>0.05", "y3UI/mL", "nc"];
const SALTS: &[u8] =
    b"\x0226/11/30 13:08 ID# X7   [B. Plasma] Na       131  mmol/L K        9.7  mmol/L Cl       96  mmol/L     \x03";

fn found(instrument: Instrument, pieces: &[&[u8]]) -> Vec<Found> {
    let mut decoder = Decoder::new(instrument);
    let mut all = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        while let Some(found) = decoder.next(&mut input) {
            all.push(found);
        }
    }
    all
}

fn shown(report: &crate::reading::Reported) -> Vec<String> {
    report.readings.iter().map(|reading| format!("{} {} {}", reading.code, reading.value, reading.unit)).collect()
}

#[test]
fn a_blood_count_is_read_by_its_places() {
    let [report] = &read(Instrument::SysmexK1000, &blood())[..] else { panic!() };
    let expected = [
        "WBC 7.5 10*3/uL",
        "RBC 4.82 10*6/uL",
        "HGB 14.2 g/dL",
        "HCT 42.0 %",
        "MCV 87.1 fL",
        "MCHC 33.8 g/dL",
        "PLT 250 10*3/uL",
    ];
    assert_eq!(shown(report), expected);
    assert_eq!(report.specimen.as_deref(), Some("A1234"));
    assert!(report.readings[3].questionable && report.readings[3].flags == ["2"]);
    assert_eq!((report.aside[0].code.as_str(), report.aside[0].why), ("MCH", NotAValue::Invalid));
    assert_eq!(report.aside[1].why, NotAValue::Absent);
}

#[test]
fn a_text_with_a_lost_or_a_strange_character_is_not_read_at_all() {
    let mut short = blood();
    short.remove(50);
    let mut long = blood();
    long.insert(50, b'0');
    let mut letter = blood();
    letter[40] = b'x';
    for text in [short, long, letter] {
        let [report] = &read(Instrument::SysmexK1000, &text)[..] else { panic!() };
        assert_eq!((report.readings.len(), report.aside[0].why), (0, NotAValue::Malformed));
    }
}

#[test]
fn a_control_is_no_patient_s_count() {
    let [report] = &read(Instrument::SysmexK1000, &k1000("C", &["00750"]))[..] else { panic!() };
    assert_eq!((report.readings.len(), report.aside[0].why), (0, NotAValue::Control));
}

#[test]
fn electrolytes_are_read_by_their_labels() {
    let [report] = &read(Instrument::SpotchemEl, SALTS)[..] else { panic!() };
    assert_eq!(shown(report), ["Na 131 mmol/L", "K 9.7 mmol/L", "Cl 96 mmol/L"]);
    assert_eq!(
        (report.specimen.as_deref(), report.at.unwrap().to_string()),
        (Some("X7"), "2026-11-30T13:08:00".to_owned())
    );
    let wrong = String::from_utf8(SALTS.to_vec()).unwrap().replace(" K ", " Ca ");
    assert_eq!(read(Instrument::SpotchemEl, wrong.as_bytes())[0].aside[0].why, NotAValue::Malformed);
}

#[test]
fn an_immunoassay_is_read_by_its_tags() {
    let [report] = &read(Instrument::MiniVidas, &vidas(HBS))[..] else { panic!() };
    assert_eq!(shown(report), ["HBS >0.05 UI/mL", "HBS Positif "]);
    assert_eq!(
        (report.specimen.as_deref(), report.at.unwrap().to_string()),
        (Some("Z7"), "2026-10-25T18:35:00".to_owned())
    );
    assert_eq!(report.patient, None);
}

#[test]
fn a_text_is_acknowledged_when_it_is_on_disk() {
    let mut bed = Bed::new(PrinterDriver::new(Instrument::SysmexK1000), |_| vec![]);
    bed.disk = false;
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(&[blood(), blood()].concat()));
    assert_eq!((bed.stored.len(), bed.sent.len()), (1, 0));
    bed.happens(Event::Stored { ok: true });
    assert_eq!((bed.stored.len(), bed.sent.as_slice()), (2, [vec![0x06]].as_slice()));
    bed.happens(Event::Stored { ok: false });
    assert_eq!(bed.sent, [vec![0x06], vec![0x15]]);
    assert_eq!(bed.others, [Action::Note(Note::NotStored)]);
}

#[test]
fn an_instrument_that_does_not_listen_is_sent_nothing() {
    let mut bed = Bed::new(PrinterDriver::new(Instrument::SpotchemEl), |_| vec![]);
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(SALTS));
    assert_eq!((bed.stored.len(), bed.sent.len()), (1, 0));
}

#[test]
fn an_enquiry_is_answered_a_wrong_checksum_refused_and_half_a_text_forgotten() {
    let mut bed = Bed::new(PrinterDriver::new(Instrument::MiniVidas), |_| vec![]);
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(&[0x05]));
    let mut wrong = vidas(HBS);
    wrong[12] ^= 1;
    bed.happens(Event::Bytes(&wrong));
    bed.happens(Event::Bytes(&vidas(HBS)[..20]));
    bed.passes(Duration::from_secs(10));
    bed.happens(Event::Bytes(&vidas(HBS)));
    assert_eq!(bed.sent, [vec![0x06], vec![0x15], vec![0x15], vec![0x06]]);
    assert_eq!(bed.stored, [vidas(HBS)]);
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(2u8), Just(3), Just(4), Just(5), Just(0x1D), Just(0x1E), Just(b'|'), b' '..b'z', any::<u8>()]
}

fn instruments() -> impl Strategy<Value = Instrument> {
    prop_oneof![Just(Instrument::SysmexK1000), Just(Instrument::SpotchemEl), Just(Instrument::MiniVidas)]
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(instrument in instruments(), bytes in proptest::collection::vec(any_byte(), 0..150), place: prop::sample::Index, byte: u8) {
        let _ = read(instrument, &bytes);
        let mut nearly = match instrument {
            Instrument::SysmexK1000 => blood(),
            Instrument::SpotchemEl => SALTS.to_vec(),
            Instrument::MiniVidas => vidas(HBS),
        };
        let place = place.index(nearly.len());
        nearly[place] = byte;
        let _ = read(instrument, &nearly);
    }

    #[test]
    fn a_stream_cut_anywhere_holds_the_same(instrument in instruments(), bytes in proptest::collection::vec(any_byte(), 0..200), cut: prop::sample::Index) {
        let (before, after) = bytes.split_at(cut.index(bytes.len() + 1));
        prop_assert_eq!(found(instrument, &[before, after]), found(instrument, &[&bytes]));
    }

    #[test]
    fn a_flipped_bit_never_makes_another_value_where_there_is_a_checksum(place: prop::sample::Index, bit in 0u32..8) {
        let mut bytes = vidas(HBS);
        let before = read(Instrument::MiniVidas, &bytes);
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        for report in read(Instrument::MiniVidas, &bytes) {
            prop_assert!(report.readings.is_empty() || before.contains(&report));
        }
    }

    #[test]
    fn any_events_end_in_a_defined_state(instrument in instruments(), events in proptest::collection::vec((0u8..8, proptest::collection::vec(any_byte(), 0..24), 0u64..20_000), 0..25)) {
        let mut driver = PrinterDriver::new(instrument);
        let (mut now, mut out) = (Duration::ZERO, Vec::new());
        for (kind, bytes, millis) in &events {
            now += Duration::from_millis(*millis);
            let event = match kind {
                0 => Event::LinkUp,
                1 if bytes.len() < 9 => Event::LinkDown,
                2 => Event::Stored { ok: bytes.len() % 2 == 0 },
                3 => Event::Timer,
                4 if bytes.len() < 9 => Event::Stop,
                _ => Event::Bytes(bytes),
            };
            driver.handle(event, now, &mut out);
            prop_assert!(matches!(out.last(), Some(Action::Timer(_))));
        }
    }

    #[test]
    fn a_driver_does_the_same_however_its_bytes_are_cut(instrument in instruments(), bytes in proptest::collection::vec(any_byte(), 0..200)) {
        let whole = does(PrinterDriver::new(instrument), &[&bytes]);
        prop_assert_eq!(does(PrinterDriver::new(instrument), &bytes.chunks(1).collect::<Vec<_>>()), whole.clone());
        prop_assert_eq!(does(PrinterDriver::new(instrument), &bytes.chunks(7).collect::<Vec<_>>()), whole);
    }
}
