use super::*;
use crate::driver::bed::{Bed, does};
use crate::driver::{Action, Close, Driver, Event, Note};
use crate::reading::NotAValue;
use proptest::prelude::*;
use std::time::Duration;

fn header(id: u32) -> String {
    format!(
        "<HDR><HDR.control_id V=\"{id}\"/><HDR.version_id V=\"POCT1\"/>\
         <HDR.creation_dttm V=\"2026-11-30T09:15:00+07:00\"/></HDR>"
    )
}

fn hello(directive: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<HEL.R01>{}<DEV><DEV.device_id V=\"\">WARD^3</DEV.device_id>\
         <DEV.vendor_id V=\"ACME\"/><DEV.model_id V=\"Glu1\"/><DEV.serial_id V=\"S7\"/>\
         <DCP><DCP.application_timeout V=\"120\"/></DCP>\
         <DSC><DSC.directives_supported_cd V=\"{directive}\"/></DSC></DEV></HEL.R01>",
        header(1)
    )
}

fn status(results: u32) -> String {
    format!("<DST.R01>{}<DST><DST.new_observations_qty V=\"{results}\"/></DST></DST.R01>", header(2))
}

fn result(id: u32, patient: &str, value: &str) -> String {
    format!(
        "<OBS.R01>{}<SVC><SVC.role_cd V=\"OBS\"/><SVC.observation_dttm V=\"2026-11-30T09:10:30.00+07:00\"/>\
         <PT><PT.patient_id V=\"{patient}\"/><OBS><OBS.observation_id V=\"2339-0\" SN=\"LN\"/>\
         <OBS.value V=\"{value}\" U=\"mmol/L\"/><OBS.interpretation_cd V=\"HH\"/></OBS></PT>\
         <ORD><ORD.order_id V=\"A77\"/></ORD><NTE><NTE.text V=\"after meal &amp; walk\"/></NTE></SVC></OBS.R01>",
        header(id)
    )
}

fn end_of_topic() -> String {
    format!("<EOT.R01>{}<EOT><EOT.topic_cd V=\"OBS\"/></EOT></EOT.R01>", header(90))
}

/// Kind of a document of ours, and what it acknowledges.
fn kind(sent: &[u8]) -> String {
    let text = String::from_utf8(sent.to_vec()).unwrap();
    let name = text.split("?>").nth(1).unwrap().split(['<', '>']).nth(1).unwrap();
    let acknowledged = text.split("ACK.ack_control_id V=\"").nth(1).and_then(|rest| rest.split('"').next());
    let code = text.split("ACK.type_cd V=\"").nth(1).and_then(|rest| rest.split('"').next());
    match (code, acknowledged) {
        (Some(code), Some(id)) => format!("{code} {id}"),
        _ => name.to_owned(),
    }
}

fn kinds(bed: &Bed<Poct1Driver>) -> Vec<String> {
    bed.sent.iter().map(|sent| kind(sent)).collect()
}

/// A meter with two results, which it gives one after the other's acknowledgement.
fn meter(directive: &'static str) -> Bed<Poct1Driver> {
    let device = move |heard: &[u8]| {
        let next = match kind(heard).as_str() {
            "AA 1" => status(2),
            "REQ.R01" => result(10, "P1", "17.5"),
            "AA 10" => result(11, "P2", "5.1"),
            "AA 11" => end_of_topic(),
            _ => return vec![],
        };
        vec![next.into_bytes()]
    };
    let mut bed = Bed::new(Poct1Driver::new(Settings::default()), device);
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(hello(directive).as_bytes()));
    bed
}

fn found(pieces: &[&[u8]]) -> Vec<Found> {
    let mut splitter = Splitter::default();
    let mut all = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        while let Some(found) = splitter.next(&mut input) {
            all.push(found);
        }
    }
    all
}

#[test]
fn a_meter_gives_all_its_results_and_stays() {
    let mut bed = meter("START_CONTINUOUS");
    assert_eq!(kinds(&bed), ["AA 1", "AA 2", "REQ.R01", "AA 10", "AA 11", "AA 90", "DTV.R01"]);
    assert!(String::from_utf8(bed.sent[0].clone()).unwrap().contains("creation_dttm V=\"2026-11-30T09:15:00+07:00\""));
    bed.happens(Event::Bytes(result(12, "P3", "6.0").as_bytes()));
    assert_eq!(bed.stored.len(), 3);
    let [report] = &read(&bed.stored[2])[..] else { panic!() };
    assert_eq!(report.patient.as_deref(), Some("P3"));
    assert_eq!(report.device.as_deref(), Some("ACME Glu1 S7"));
    bed.happens(Event::Stop);
    assert_eq!(kinds(&bed).last().unwrap(), "END.R01");
    bed.happens(Event::Bytes(
        format!("<ACK.R01>{}<ACK><ACK.type_cd V=\"AA\"/></ACK></ACK.R01>", header(91)).as_bytes(),
    ));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Done)));
}

#[test]
fn a_meter_that_cannot_stay_is_told_the_end() {
    let mut bed = meter("SET_TIME");
    assert_eq!(kinds(&bed).last().unwrap(), "END.R01");
    bed.passes(Duration::from_secs(5));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Done)));
}

#[test]
fn a_result_is_acknowledged_when_it_is_on_disk_and_refused_when_it_is_not() {
    let mut bed = meter("START_CONTINUOUS");
    bed.disk = false;
    let before = bed.sent.len();
    bed.happens(Event::Bytes(result(20, "P3", "6.0").as_bytes()));
    bed.happens(Event::Bytes(result(21, "P4", "6.1").as_bytes()));
    assert_eq!(bed.sent.len(), before);
    bed.happens(Event::Stored { ok: true });
    bed.happens(Event::Stored { ok: false });
    assert_eq!(kinds(&bed)[before..], ["AA 20", "AE 21"]);
}

#[test]
fn a_silent_device_is_asked_for_a_sign_and_then_left() {
    let mut bed = meter("START_CONTINUOUS");
    bed.passes(Duration::from_secs(59));
    assert_eq!(kinds(&bed).last().unwrap(), "DTV.R01");
    bed.passes(Duration::from_secs(1));
    assert_eq!(kinds(&bed).last().unwrap(), "KPA.R01");
    bed.passes(Duration::from_secs(60));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Lost)));

    let mut bed = Bed::new(Poct1Driver::new(Settings::default()), |_| vec![]);
    bed.happens(Event::LinkUp);
    bed.passes(Duration::from_secs(30));
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::Lost)));
}

#[test]
fn a_device_without_results_is_not_asked_for_them() {
    let mut bed = Bed::new(Poct1Driver::new(Settings::default()), |_| vec![]);
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(hello("SET_TIME").as_bytes()));
    bed.happens(Event::Bytes(status(0).as_bytes()));
    assert_eq!(kinds(&bed), ["AA 1", "AA 2", "END.R01"]);
}

#[test]
fn what_cannot_be_read_is_kept_and_a_flood_ends_the_connection() {
    let mut bed = meter("START_CONTINUOUS");
    bed.happens(Event::Bytes(b"<OBS.R01><HDR></OBS.R01></HDR>"));
    assert_eq!(bed.stored.len(), 3);
    assert_eq!(read(&bed.stored[2])[0].aside[0].why, NotAValue::Malformed);
    assert!(bed.others.contains(&Action::Note(Note::Damaged)));
    bed.disk = false;
    for id in 0..17 {
        bed.happens(Event::Bytes(result(100 + id, "P", "1").as_bytes()));
    }
    assert_eq!(bed.others.last(), Some(&Action::Close(Close::OutOfStep)));
}

#[test]
fn a_hello_without_measure_does_not_swell_every_record() {
    let mut bed = Bed::new(Poct1Driver::new(Settings::default()), |_| vec![]);
    bed.happens(Event::LinkUp);
    bed.happens(Event::Bytes(hello(&"x".repeat(20_000)).as_bytes()));
    bed.happens(Event::Bytes(result(10, "P1", "5").as_bytes()));
    assert!(bed.stored[0].len() < 1000);
}

#[test]
fn a_result_is_read_with_patient_order_time_and_flag() {
    let [report] = &read(result(1, "P1", "17.50").as_bytes())[..] else { panic!() };
    let reading = &report.readings[0];
    assert_eq!(
        (reading.code.as_str(), reading.value.to_string(), reading.unit.as_ref()),
        ("LN:2339-0", "17.50".into(), "mmol/L")
    );
    assert_eq!(reading.flags, ["HH"]);
    assert_eq!(reading.at.unwrap().to_string(), "2026-11-30T09:10:30");
    assert_eq!((report.zone_minutes, report.specimen.as_deref()), (Some(420), Some("A77")));
    assert_eq!(report.remarks[0].text, "after meal & walk");
    let [unknown] = &read(result(1, "UNKNOWN", "&lt;1.1").as_bytes())[..] else { panic!() };
    assert_eq!((unknown.patient.as_deref(), unknown.readings[0].value.to_string()), (None, "<1.1".into()));
}

#[test]
fn a_zone_that_is_none_leaves_the_time_without_one() {
    let zone = |zone: &str| {
        let document = result(1, "P1", "5").replace("30.00+07:00", &format!("30{zone}"));
        let report = read(document.as_bytes()).remove(0);
        assert_eq!(report.at.unwrap().to_string(), "2026-11-30T09:10:30", "{zone}");
        report.zone_minutes
    };
    assert_eq!([zone("Z"), zone("-0330"), zone("+14:00")], [Some(0), Some(-210), Some(840)]);
    // Found by fuzzing: hours whose minutes no number holds.
    assert_eq!([zone(""), zone("+7000:00"), zone("+15:00"), zone("+07:60"), zone("+"), zone("+-7:00")], [None; 6]);
}

#[test]
fn controls_discarded_and_missing_results_are_no_values() {
    let why = |document: String| {
        let reports = read(document.as_bytes());
        assert_eq!(reports[0].readings, []);
        reports[0].aside[0].why
    };
    let patient = result(1, "P1", "5");
    assert_eq!(why(patient.replace("OBS.R01", "OBS.R02")), NotAValue::Control);
    assert_eq!(why(patient.replace("role_cd V=\"OBS\"", "role_cd V=\"LQC\"")), NotAValue::Control);
    assert_eq!(why(patient.replace("PT>", "CTC>")), NotAValue::Control);
    assert_eq!(
        why(patient.replace("<OBS.interpretation_cd V=\"HH\"/>", "<OBS.status_cd V=\"D\"/>")),
        NotAValue::Rejected
    );
    assert_eq!(why(patient.replace("V=\"5\" U=\"mmol/L\"", "NULL=\"NI\"")), NotAValue::Absent);
}

#[test]
fn two_patients_of_one_document_are_two_reports() {
    let both = result(1, "P1", "5").replace("</OBS.R01>", "") + result(1, "P2", "6").split_once("</HDR>").unwrap().1;
    let patients: Vec<_> = read(both.as_bytes()).into_iter().map(|report| report.patient.unwrap()).collect();
    assert_eq!(patients, ["P1", "P2"]);
}

#[test]
fn declarations_and_own_entities_are_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]><a>&b;</a>";
    assert_eq!(found(&[bomb.as_bytes()])[0], Found::Refused);
    assert_eq!(Element::parse(bomb.as_bytes()), Err(Fault::Declaration(0)));
    assert_eq!(Element::parse(b"<a>&b;</a>"), Err(Fault::Declaration(3)));
    assert_eq!(Element::parse(b"<a V=\"&b;\"/>"), Err(Fault::Declaration(0)));
    assert_eq!(found(&[b"<a><![CDATA[x]]></a>"])[0], Found::Refused);
    let deep = "<a>".repeat(33);
    assert_eq!(found(&[deep.as_bytes()]), [Found::Refused]);
    assert!(matches!(Element::parse((deep + &"</a>".repeat(33)).as_bytes()), Err(Fault::Depth(_))));
}

#[test]
fn a_document_without_end_is_refused_at_the_limit() {
    let mut splitter = Splitter::default();
    let text = [b"<a>".as_slice(), &vec![b'x'; (1 << 20) + 10], b"<KPA.R01/>"].concat();
    let mut input = text.as_slice();
    assert_eq!(splitter.next(&mut input), Some(Found::Refused));
    assert_eq!(splitter.held(), 0);
    assert_eq!(splitter.next(&mut input), Some(Found::Garbage));
    assert_eq!(splitter.next(&mut input), Some(Found::Document(b"<KPA.R01/>".to_vec())));
}

#[test]
fn signs_in_attributes_and_comments_do_not_end_a_document() {
    let text = "<a V=\"x>y</a>\"><!-- </a> \" > --><b V='\"'/></a>";
    assert_eq!(found(&[text.as_bytes()]), [Found::Document(text.as_bytes().to_vec())]);
    let around = format!("\u{feff}<?xml version=\"1.0\"?><!-- hello -->\r\n{text}\0 noise{text}");
    assert_eq!(
        found(&[around.as_bytes()]),
        [Found::Document(text.into()), Found::Garbage, Found::Document(text.into())]
    );
}

fn any_byte() -> impl Strategy<Value = u8> {
    proptest::sample::select(b"<>/!?-\"'=& aV;[]\n".to_vec())
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any_byte(), 0..300), other: Vec<u8>) {
        let _ = read(&bytes);
        let _ = read(&other);
        let _ = Element::parse(&other);
    }

    #[test]
    fn a_stream_cut_anywhere_holds_the_same(bytes in proptest::collection::vec(any_byte(), 0..200), cut in any::<prop::sample::Index>()) {
        let whole = found(&[&bytes]);
        let (before, after) = bytes.split_at(cut.index(bytes.len() + 1));
        prop_assert_eq!(&found(&[before, after]), &whole);
        prop_assert_eq!(found(&bytes.chunks(1).collect::<Vec<_>>()), whole);
    }

    #[test]
    fn any_events_end_in_a_defined_state(
        events in proptest::collection::vec((0u8..12, any::<prop::sample::Index>(), 0u64..50_000), 0..60)
    ) {
        let mut driver = Poct1Driver::new(Settings::default());
        let (mut now, mut out) = (Duration::ZERO, Vec::new());
        for (kind, place, millis) in &events {
            now += Duration::from_millis(*millis);
            let document = match kind {
                5 => hello("START_CONTINUOUS"),
                6 => status(1),
                7 => result(7, "P", "1"),
                8 => end_of_topic(),
                _ => "<KPA.R01><HDR/></KPA.R01>".to_owned(),
            };
            let bytes = if millis % 5 == 0 { &document.as_bytes()[..place.index(document.len())] } else { document.as_bytes() };
            let event = match kind {
                0 => Event::LinkUp,
                1 if millis % 3 == 0 => Event::LinkDown,
                2 => Event::Stored { ok: millis % 2 == 0 },
                3 => Event::Timer,
                4 if millis % 3 == 0 => Event::Stop,
                _ => Event::Bytes(bytes),
            };
            driver.handle(event, now, &mut out);
            prop_assert!(matches!(out.last(), Some(Action::Timer(_))));
        }
    }

    #[test]
    fn a_driver_does_the_same_however_its_bytes_are_cut(noise in proptest::collection::vec(any_byte(), 0..40)) {
        let conversation = [hello("SET_TIME"), status(1), result(5, "P", "1"), end_of_topic()].concat();
        let bytes = [conversation.as_bytes(), &noise].concat();
        let whole = does(Poct1Driver::new(Settings::default()), &[&bytes]);
        prop_assert_eq!(does(Poct1Driver::new(Settings::default()), &bytes.chunks(1).collect::<Vec<_>>()), whole.clone());
        prop_assert_eq!(does(Poct1Driver::new(Settings::default()), &bytes.chunks(7).collect::<Vec<_>>()), whole);
    }
}
