use super::*;
use crate::config::DeviceEntry;
use crate::normalise::{read_capture, receipt, sha256_hex};
use crate::profile::{Profile, shipped};
use benhan_contract::{DeliveryId, DeviceDelivery, Processing};

fn profile(id: &str) -> Profile {
    (**shipped().unwrap().iter().find(|profile| profile.id == id).unwrap()).clone()
}

/// A MEDIBUS answer with its checksum.
fn answer(body: &str) -> Vec<u8> {
    let sum = body.bytes().map(u32::from).sum::<u32>() + 1;
    format!("\u{1}{body}{:02X}\r", sum % 256).into_bytes()
}

fn round() -> Vec<u8> {
    [answer("R8210'Evita 4'02.00:04.03"), answer("(20:30:0022-NOV-26"), answer("$D6  18EB  97C1900073  12")].concat()
}

fn stored(protocol: Protocol, raw: Vec<u8>) -> StoredReceipt {
    StoredReceipt {
        id: DeliveryId(uuid::Uuid::nil()),
        sequence: 1,
        channel: "giuong-5".to_owned(),
        address: String::new(),
        lane: String::new(),
        protocol,
        received_at: 7,
        complete: true,
        raw_sha256: sha256_hex(&raw),
        raw,
    }
}

fn shown(delivery: &DeviceDelivery) -> Vec<String> {
    let readings = delivery.groups.iter().flat_map(|group| &group.readings);
    let one = |reading: &Reading| {
        let ReadingValue::Number { decimal, .. } = &reading.value else { return format!("{} text", reading.code) };
        let [ucum, loinc] = [&reading.ucum, &reading.loinc].map(|text| text.as_deref().unwrap_or("?"));
        format!("{} {decimal} {ucum} {loinc}", reading.code)
    };
    readings.map(one).collect()
}

#[test]
fn a_ventilators_round_has_its_metrics_its_time_and_its_place() {
    let entry =
        DeviceEntry { channel: "giuong-5".to_owned(), place: "HSTC^P2^G05".to_owned(), ..DeviceEntry::default() };
    let readers = Readers::with(&[entry], "Asia/Ho_Chi_Minh").unwrap();
    let delivery = receipt(&stored(Protocol::Medibus, round()), &readers).remove(0);
    assert_eq!(shown(&delivery), ["151562 18 /min 9279-1", "150456 97 % 59408-5", "151795 12 mbar ?"]);
    assert_eq!(delivery.groups[0].readings[0].effective_at, Some(1_795_354_200_000_000), "half past eight in Hanoi");
    assert_eq!(delivery.sender.application, "Dräger Evita 4 8210 02.00:04.03");
    let place = delivery.location.unwrap();
    assert_eq!((place.unit.as_str(), place.bed.as_str()), ("HSTC", "G05"));
    let aside = &delivery.set_aside[0];
    assert_eq!((aside.code.as_str(), aside.value.as_str(), aside.why.as_str()), ("CP1:C1", "9000", "implausible"));
}

#[test]
fn a_ventilator_in_standby_says_nothing_and_doubt_and_alarms_are_no_values() {
    let readers = Readers::with(&[], "Asia/Ho_Chi_Minh").unwrap();
    let quiet = receipt(&stored(Protocol::Medibus, answer("$D6    EB    ")), &readers).remove(0);
    assert_eq!((quiet.groups.len(), quiet.set_aside.len()), (0, 0));
    assert_eq!(quiet.processing, Processing::Production);
    let alarm = [answer("$D6  18"), answer("'K9BMIN VOL HIGH"), answer("*065SIMV \u{3}")].concat();
    let said = receipt(&stored(Protocol::Medibus, alarm), &readers).remove(0);
    let asides: Vec<_> = said.set_aside.iter().map(|aside| (aside.value.as_str(), aside.why.as_str())).collect();
    assert_eq!(asides, [("SIMV", "supplemental"), ("MIN VOL HIGH", "alert")]);
    // The heart rate of a noisy ECG: exists, measures, from the ECG; noise.
    let mut record = vec![0u8; 40 + 4 + 270 + 4];
    record[..2].copy_from_slice(&318u16.to_le_bytes());
    (record[18], record[21]) = (1, 0xFF);
    record[44..46].copy_from_slice(&(3u16 | 1 << 3 | 1 << 7).to_le_bytes());
    record[50..52].copy_from_slice(&72u16.to_le_bytes());
    let raw = benhan_device_codec::dri::frame(&record);
    let doubted = receipt(&stored(Protocol::Dri, raw), &readers).remove(0);
    assert!(shown(&doubted).iter().all(|reading| !reading.starts_with("147842")), "{:?}", shown(&doubted));
    assert!(
        doubted
            .set_aside
            .iter()
            .any(|aside| (aside.code.as_str(), aside.value.as_str(), aside.why.as_str())
                == ("ecg.hr", "72", "not-final"))
    );
}

#[test]
fn the_protocol_finds_the_profile_of_a_device_that_says_no_name() {
    let readers = Readers::with(&[], "Asia/Ho_Chi_Minh").unwrap();
    let text = format!("\u{2}D1U2611300{:>12}000000C{}\u{3}", "S-77", "00750".repeat(18));
    let delivery = receipt(&stored(Protocol::SysmexK1000, text.into_bytes()), &readers).remove(0);
    assert_eq!(delivery.sender.application, "sysmex-k1000");
    assert_eq!(delivery.groups[0].specimens, ["S-77"]);
    assert!(shown(&delivery).contains(&"WBC 7.5 10*3/uL 6690-2".to_owned()), "{:?}", shown(&delivery));
}

#[test]
fn each_patient_of_a_meters_message_has_a_delivery_of_its_own_and_a_control_reaches_no_chart() {
    let header = "<HDR><HDR.control_id V=\"1\"/></HDR>";
    let service = |role: &str, patient: &str, value: &str| {
        format!(
            "<SVC><SVC.role_cd V=\"{role}\"/><SVC.observation_dttm V=\"2026-11-22T20:30:00+07:00\"/><PT><PT.patient_id V=\"{patient}\"/>\
             <OBS><OBS.observation_id V=\"14743-9\" SN=\"LN\"/><OBS.value V=\"{value}\" U=\"mmol/L\"/></OBS></PT>\
             <NTE><NTE.text V=\"sau ăn\"/></NTE></SVC>"
        )
    };
    let meter = "<DEV><DEV.vendor_id V=\"Roche\"/><DEV.model_id V=\"Inform II\"/><DEV.serial_id V=\"S7\"/></DEV>";
    let results = [service("OBS", "BN-1", "6.1"), service("OBS", "BN-2", "7.4"), service("CLQC", "", "5.0")].concat();
    let raw = format!("<HEL.R01>{header}{meter}</HEL.R01><OBS.R01>{header}{results}</OBS.R01>").into_bytes();
    // Another zone's reader: the meter states its own.
    let readers = Readers::with(&[], "UTC").unwrap();
    let deliveries = receipt(&stored(Protocol::Poct1A, raw), &readers);
    assert_eq!(deliveries.len(), 3);
    for (delivery, patient, value) in [(&deliveries[0], "BN-1", "6.1"), (&deliveries[1], "BN-2", "7.4")] {
        assert_eq!(delivery.patient.as_ref().unwrap().ids, [patient]);
        assert_eq!(shown(delivery), [format!("14743-9 {value} mmol/L 14743-9")]);
        let reading = &delivery.groups[0].readings[0];
        assert_eq!(reading.effective_at, Some(1_795_354_200_000_000));
        assert_eq!((reading.system.as_str(), reading.comments.as_slice()), ("LN", ["sau ăn".to_owned()].as_slice()));
        assert_eq!(delivery.sender.application, "Roche Inform II S7");
    }
    assert_eq!(deliveries[2].processing, Processing::QualityControl);
}

#[test]
fn a_recording_is_read_by_the_protocol_of_its_profile_as_the_line_is() {
    let mut line = [b"\x1bQ6C\r".to_vec(), round(), round()].concat();
    line.extend_from_slice(b"\x01$D6  18FF\r");
    let read = crate::normalise::Capture::read(&line, Some(profile("draeger-medibus").into()), Vec::new());
    assert_eq!((read.kind, read.messages.len(), read.refused.as_slice()), ("medibus", 2, ["damaged"].as_slice()));
    let live = receipt(&stored(Protocol::Medibus, round()), &Readers::with(&[], "Asia/Ho_Chi_Minh").unwrap());
    assert_eq!(shown(&read.messages[1].delivery), shown(&live[0]));
    let own = "id = \"may-tho\"\ntitle = \"M\"\nbased_on = \"draeger-medibus\"\n";
    assert_eq!(read_capture(&round(), &Profile::parse(own).unwrap()).len(), 1, "and by one that is based on it");
}
