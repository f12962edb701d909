//! What a delivery says of itself: which kind it is, when it was true, what of it may be charted, whether a study can
//! be one. Pure, and named by nothing but the contract and the domain, so that this very file is what is fuzzed.

use benhan_contract::{DeviceDelivery, InstanceSummary, Protocol, ReadingValue, Sender, StudyDelivery};
use benhan_domain::vitals::{Offered, Provenance, VitalCode, VitalValue, from_ucum, pressures_agree};

/// A monitor speaks IEEE 11073 or a protocol of its own, or says where it stands; an analyzer names a specimen.
pub fn kind_of(delivery: &DeviceDelivery) -> &'static str {
    if delivery.protocol.is_bedside_monitor() {
        return "vitals";
    }
    let mut readings = delivery.groups.iter().flat_map(|g| &g.readings).peekable();
    if readings.peek().is_none() && delivery.set_aside.is_empty() {
        return "other";
    }
    let vital = |loinc: Option<&str>| loinc.and_then(VitalCode::from_loinc).is_some();
    let monitor =
        delivery.groups.iter().flat_map(|g| &g.readings).any(|r| r.system == "MDC" || vital(r.loinc.as_deref()));
    if monitor && delivery.protocol == Protocol::Hl7 { "vitals" } else { "lab" }
}

/// When the newest of its values was true, as the device dates it.
pub fn effective_at(delivery: &DeviceDelivery) -> Option<i64> {
    let dated = delivery.groups.iter().flat_map(|g| &g.readings).filter_map(|r| r.effective_at).max();
    dated.or(delivery.message_at)
}

pub fn sender_key(sender: &Sender) -> String {
    let own = if sender.equipment.is_empty() { &sender.address } else { &sender.equipment };
    format!("{}|{}|{}|{}", sender.channel, sender.application, sender.facility, own)
}

pub fn device_name(sender: &Sender) -> String {
    let mut parts = vec![sender.application.as_str(), sender.facility.as_str(), sender.equipment.as_str()];
    parts.retain(|p| !p.is_empty());
    if parts.is_empty() { sender.channel.clone() } else { parts.join(" · ") }
}

/// A message with more instants than this is looked at by a person.
const MOST_INSTANTS: usize = 100;

/// Values that were true at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub at: i64,
    /// The device dated them; else `at` is when it sent, or when that arrived.
    pub dated: bool,
    /// Which of them a cuff or another spot measurement gave.
    pub spot: Vec<VitalCode>,
    /// In the order of the sheet, each sign once.
    pub values: Vec<VitalValue>,
}

/// What of a message may be charted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chartable {
    /// Oldest first: an old value is never given a newer one's time.
    pub sets: Vec<Measured>,
    /// Vital signs in a unit that is not understood; they are never charted as the bare number.
    pub left_out: usize,
}

/// The chartable values of a message, instant by instant; what no living patient can have stays in the raw message.
pub fn chartable(delivery: &DeviceDelivery) -> Chartable {
    let mut found = Chartable::default();
    let sent = delivery.message_at.unwrap_or(delivery.received_at);
    for reading in delivery.groups.iter().flat_map(|g| &g.readings) {
        let Some(code) = reading.loinc.as_deref().and_then(VitalCode::from_loinc) else { continue };
        let ReadingValue::Number { decimal, comparator: None } = &reading.value else { continue };
        let Some(number) = decimal.parse::<f64>().ok().filter(|n| n.is_finite()) else { continue };
        let ucum = reading.ucum.as_deref().unwrap_or_default();
        let Some(value) = from_ucum(code.kind().unit, number, ucum) else {
            found.left_out = found.left_out.saturating_add(1);
            continue;
        };
        let offered = Offered { value: Some(value), ..Offered::default() };
        let Ok(value) = VitalValue::check(code, offered, Provenance::Device) else { continue };
        let (at, dated) = (reading.effective_at.unwrap_or(sent), reading.effective_at.is_some());
        let Some(set) = set_at(&mut found.sets, at, dated) else {
            found.left_out = found.left_out.saturating_add(1);
            continue;
        };
        if set.values.iter().any(|v| v.code == code) {
            continue; // the first channel speaks: pulse from ECG before pulse from the finger
        }
        if reading.aperiodic {
            set.spot.push(code);
        }
        set.values.push(value);
    }
    for set in &mut found.sets {
        if !pressures_agree(&set.values) {
            set.leave_out(&[VitalCode::Sbp, VitalCode::Dbp]);
        }
        set.values.sort_by_key(|v| v.code);
    }
    found.sets.retain(|set| !set.values.is_empty());
    found.sets.sort_by_key(|set| set.at);
    found
}

/// The set of this instant; nothing when a message names more instants than any monitor keeps.
fn set_at(sets: &mut Vec<Measured>, at: i64, dated: bool) -> Option<&mut Measured> {
    let place = sets.iter().position(|s| s.at == at && s.dated == dated).unwrap_or(sets.len());
    if place == sets.len() && place < MOST_INSTANTS {
        sets.push(Measured { at, dated, spot: Vec::new(), values: Vec::new() });
    }
    sets.get_mut(place)
}

impl Measured {
    pub fn leave_out(&mut self, codes: &[VitalCode]) {
        self.values.retain(|v| !codes.contains(&v.code));
        self.spot.retain(|code| !codes.contains(code));
    }
}

/// UIDs that are UIDs and texts of a bounded length: the rest of DICOM's rules the bridge has applied.
pub fn plausible(delivery: &StudyDelivery) -> Result<(), &'static str> {
    let uid = |uid: &str| !uid.is_empty() && uid.len() <= 64 && uid.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !uid(&delivery.study_uid) {
        return Err("the study UID is no UID");
    }
    let texts = [
        &delivery.accession,
        &delivery.patient_id,
        &delivery.issuer,
        &delivery.patient_name,
        &delivery.birth_date,
        &delivery.sex,
        &delivery.study_date,
        &delivery.study_time,
        &delivery.description,
        &delivery.station_ae,
    ];
    let long = |text: &str| text.len() > 1_024 || text.contains('\0');
    if texts.iter().any(|t| long(t)) {
        return Err("a text is longer than DICOM allows");
    }
    for series in &delivery.series {
        if !uid(&series.series_uid) {
            return Err("a series UID is no UID");
        }
        if [&series.modality, &series.description, &series.body_part].iter().any(|t| long(t)) {
            return Err("a text of a series is longer than DICOM allows");
        }
        let bad = |i: &InstanceSummary| {
            !uid(&i.sop_uid) || !uid(&i.sop_class) || !uid(&i.transfer_syntax) || i.sha256.len() != 64 || i.frames < 0
        };
        if series.instances.iter().any(bad) {
            return Err("an instance cannot be what it says");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_contract::{DeliveryId, SeriesSummary};

    fn told() -> StudyDelivery {
        let image = InstanceSummary {
            sop_uid: "2.25.3".into(),
            sop_class: "1.2.840.10008.5.1.4.1.1.2".into(),
            transfer_syntax: "1.2.840.10008.1.2.1".into(),
            number: Some(1),
            rows: Some(512),
            columns: Some(512),
            frames: 1,
            sha256: "a".repeat(64),
            size: 1,
        };
        let series = SeriesSummary {
            series_uid: "2.25.2".into(),
            modality: "CT".into(),
            number: Some(1),
            description: String::new(),
            body_part: String::new(),
            instances: vec![image],
        };
        StudyDelivery {
            id: DeliveryId(uuid::Uuid::from_u128(1)),
            study_uid: "2.25.1".into(),
            accession: "CD26000001".into(),
            patient_id: "26.000001".into(),
            issuer: String::new(),
            patient_name: "Nguyễn^Văn An".into(),
            birth_date: "19700312".into(),
            sex: "M".into(),
            study_date: "20261122".into(),
            study_time: "083000.123".into(),
            description: "CT sọ não".into(),
            station_ae: "CT1".into(),
            received_at: 0,
            series: vec![series],
        }
    }

    #[test]
    fn what_cannot_be_a_study_is_refused() {
        assert_eq!(plausible(&told()), Ok(()));
        let mut path = told();
        path.study_uid = "../../etc".into();
        assert!(plausible(&path).is_err());
        let mut long = told();
        long.patient_name = "a".repeat(2_000);
        assert!(plausible(&long).is_err());
        let mut odd = told();
        odd.series[0].instances[0].sop_uid = String::new();
        assert!(plausible(&odd).is_err());
    }
}
