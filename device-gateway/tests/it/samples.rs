//! Every HL7 and ASTM sample with an expected reading is read so by the code of the live path.
//!
//! The samples are not part of the project: `BENHAN_SHARED`, or `../shared` beside the checkout. Without them
//! the test says so and passes. The expected files hold a raw reading (fields as sent); here each value that
//! they list must come out as a reading, or stand among what was set aside.

use benhan_contract::{Comparator, DeviceDelivery, Reading, ReadingStatus, ReadingValue};
use benhan_device_gateway::{Capture, Profile};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Where our reading differs from the expected file on purpose.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "openelis_malformed.astm",
        "A file of broken messages: what has no usable header is not read at all, where the raw reader shifts \
         fields; what is read keeps its own fields.",
    ),
    (
        "openelis_qc-control-results.astm",
        "Control results in Q records of a private layout: LIS02-A2 has queries there. No reading comes of \
         them, the message waits with its bytes.",
    ),
];

fn samples() -> Option<PathBuf> {
    let shared = std::env::var_os("BENHAN_SHARED").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    [shared, Some(beside)].into_iter().flatten().map(|root| root.join("samples/devices")).find(|dir| dir.is_dir())
}

/// Read by the profile that its header asks for. One device says nothing of its charset: that is configured.
fn read(name: &str, bytes: &[u8]) -> (Vec<DeviceDelivery>, String) {
    let configured = name.contains("windows1258").then(|| {
        let mut profile = Profile::unknown_device();
        profile.charset = Some(benhan_device_codec::charset::Charset::Windows1258);
        profile.into()
    });
    let capture = Capture::read(bytes, configured, Vec::new());
    let profile =
        capture.messages.iter().find_map(|message| message.profile.as_ref()).map(|profile| profile.id.clone());
    (capture.messages.into_iter().map(|message| message.delivery).collect(), profile.unwrap_or_default())
}

/// What the list of samples says of recordings that have no expected file: code, value and unit.
const RECORDINGS: &[(&str, &str, &[&str])] = &[
    (
        "draeger_medibus_measured_cp1.bin",
        "draeger-medibus",
        &["151570 18 /min", "151817 22 mbar", "151880 7.4 L/min", "152196 40 %", "151728 38 mm[Hg]"],
    ),
    (
        "ge_dri_phdb.bin",
        "ge-dri",
        &[
            "149514 72 /min",
            "150021 120.00 mm[Hg]",
            "150022 80.00 mm[Hg]",
            "150023 93.00 mm[Hg]",
            "150456 98.00 %",
            "150344 36.90 Cel",
        ],
    ),
];

#[test]
fn the_recordings_of_bedside_devices_are_read_by_their_profiles() {
    let Some(dir) = samples() else {
        println!("skipped: no device samples (set BENHAN_SHARED, or put shared beside the checkout)");
        return;
    };
    for (name, profile, wanted) in RECORDINGS {
        let shipped = benhan_device_gateway::profile::shipped().unwrap();
        let profile = shipped.iter().find(|other| other.id == *profile).map(std::sync::Arc::clone);
        let capture = Capture::read(&std::fs::read(dir.join(name)).unwrap(), profile, Vec::new());
        assert_eq!((capture.refused.len(), capture.unfinished), (0, 0), "{name}");
        let readings =
            capture.messages.iter().flat_map(|message| &message.delivery.groups).flat_map(|group| &group.readings);
        let read: Vec<String> = readings
            .map(|reading| match &reading.value {
                ReadingValue::Number { decimal, .. } => {
                    format!("{} {decimal} {}", reading.code, reading.ucum.as_deref().unwrap_or("?"))
                }
                other => format!("{} {other:?}", reading.code),
            })
            .collect();
        println!(
            "{name}: {read:?}; set aside: {:?}",
            capture.messages.iter().map(|m| &m.delivery.set_aside).collect::<Vec<_>>()
        );
        assert!(wanted.iter().all(|value| read.iter().any(|have| have == value)), "{name}: {read:?}");
    }
}

#[test]
fn every_sample_with_an_expected_reading_is_read_so() {
    let Some(dir) = samples() else {
        println!("skipped: no device samples (set BENHAN_SHARED, or put shared beside the checkout)");
        return;
    };
    let (mut checked, mut values, mut failures) = (0, 0, Vec::new());
    let mut names: Vec<String> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".expected.json").map(str::to_owned))
        .collect();
    names.sort();
    for name in names {
        let expected: Value =
            serde_json::from_slice(&std::fs::read(dir.join(format!("{name}.expected.json"))).unwrap()).unwrap();
        let bytes = std::fs::read(dir.join(&name)).unwrap();
        let (read, profile) = read(&name, &bytes);
        if let Some((_, reason)) = DIFFERENCES.iter().find(|(file, _)| *file == name) {
            println!("differs  {name}: {reason}");
            continue;
        }
        let before = failures.len();
        values += compare(&name, &expected, &read, &mut failures);
        checked += 1;
        println!("{}  {name}  [{profile}]", if failures.len() == before { "as read " } else { "WRONG   " });
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(checked >= 40 && values >= 300, "only {checked} samples with {values} values were there");
    println!("{checked} samples, {values} values");
}

fn compare(name: &str, expected: &Value, read: &[DeviceDelivery], failures: &mut Vec<String>) -> usize {
    let messages = expected["messages"].as_array().unwrap();
    let is_astm = expected["kind"] == "astm";
    if messages.is_empty() && !read.is_empty() {
        failures.push(format!("{name}: refused on the line, yet {} deliveries", read.len()));
    }
    let mut got = Got::of(read);
    let mut values = 0;
    for message in messages {
        for patient in message["patient"].as_array().into_iter().flatten() {
            got.patient(name, patient, is_astm, failures);
        }
        for specimen in message["specimen"].as_array().into_iter().flatten() {
            got.specimen(name, specimen, failures);
        }
        for result in message["results"].as_array().into_iter().flatten() {
            values += 1;
            if let Err(why) = got.result(result, is_astm) {
                failures.push(format!("{name}: {why}: {result}"));
            }
        }
    }
    if !got.readings.is_empty() && !messages.is_empty() {
        let codes: Vec<_> = got.readings.iter().map(|reading| reading.code.as_str()).collect();
        failures.push(format!("{name}: readings that nobody expects: {codes:?}"));
    }
    values
}

/// What was read and is not accounted for yet.
struct Got<'a> {
    read: &'a [DeviceDelivery],
    readings: Vec<&'a Reading>,
    aside: Vec<&'a benhan_contract::SetAside>,
}

impl<'a> Got<'a> {
    fn of(read: &'a [DeviceDelivery]) -> Self {
        let groups = read.iter().flat_map(|delivery| &delivery.groups);
        Self {
            read,
            readings: groups.flat_map(|group| &group.readings).collect(),
            aside: read.iter().flat_map(|delivery| &delivery.set_aside).collect(),
        }
    }

    fn patient(&self, name: &str, patient: &Value, is_astm: bool, failures: &mut Vec<String>) {
        let keys: &[&str] = if is_astm { &["practice_id", "lab_id", "id3"] } else { &["id", "alt"] };
        for key in keys {
            let id = text(&patient[*key]).split(['^', '~']).next().unwrap_or_default().trim().to_owned();
            let known = self.read.iter().filter_map(|delivery| delivery.patient.as_ref());
            if !id.is_empty() && !known.flat_map(|patient| &patient.ids).any(|have| *have == id) {
                failures.push(format!("{name}: patient {key} {id} is not read"));
            }
        }
    }

    fn specimen(&self, name: &str, specimen: &Value, failures: &mut Vec<String>) {
        let fields = match specimen {
            Value::String(one) => vec![one.clone()],
            record => vec![text(&record["o3"]), text(&record["o4"])],
        };
        let parts: Vec<String> = fields
            .iter()
            .flat_map(|field| field.split(['^', '/', '&']))
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect();
        let groups = || self.read.iter().flat_map(|delivery| &delivery.groups);
        let fits = groups().flat_map(|group| &group.specimens).any(|have| parts.contains(have));
        if !parts.is_empty() && groups().next().is_some() && !fits {
            failures.push(format!("{name}: no specimen of {parts:?} is read"));
        }
    }

    /// Finds the reading of one expected result, and strikes it out.
    fn result(&mut self, result: &Value, is_astm: bool) -> Result<(), String> {
        let wanted = Wanted::of(result, is_astm);
        if let Some(at) = self.readings.iter().position(|reading| wanted.names(reading) && wanted.has_value(reading)) {
            return wanted.agrees(self.readings.remove(at));
        }
        let aside = self.aside.iter().position(|aside| wanted.is_code(&aside.code) && wanted.may_be_aside(aside));
        match aside {
            Some(at) => {
                self.aside.remove(at);
                Ok(())
            }
            None => Err("neither read nor set aside".to_owned()),
        }
    }
}

struct Wanted {
    code: String,
    value: String,
    unit: String,
    range: String,
    flag: String,
    status: String,
    time: String,
    kind: String,
    is_astm: bool,
}

impl Wanted {
    fn of(result: &Value, is_astm: bool) -> Self {
        let field = |key: &str| text(&result[key]).trim().to_owned();
        Self {
            code: if is_astm { field("test") } else { field("code") },
            value: field("value"),
            unit: field("unit"),
            range: field("range"),
            flag: field("flag"),
            status: field("status"),
            time: field("time"),
            kind: field("type"),
            is_astm,
        }
    }

    fn is_code(&self, code: &str) -> bool {
        if self.is_astm {
            let parts: Vec<&str> = self.code.split('^').map(str::trim).collect();
            let whole = parts.join("^");
            return parts.iter().any(|part| *part == code || part.trim_end_matches('/') == code)
                || whole.trim_matches('^') == code;
        }
        let mdil = benhan_device_codec::ieee11073::parse_code(self.code.as_bytes()).map(|number| number.to_string());
        self.code == code || (self.code.contains('-') && mdil.as_deref() == Some(code))
    }

    fn names(&self, reading: &Reading) -> bool {
        let channelled = self.is_astm
            && !reading.channel.is_empty()
            && self.code.trim_matches('^') == format!("{}^{}", reading.code, reading.channel);
        // The raw reader has no code where the device left the first triplet empty.
        let alternate = !self.is_astm && self.code.is_empty();
        self.is_code(&reading.code) || channelled || alternate
    }

    fn has_value(&self, reading: &Reading) -> bool {
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match &reading.value {
            ReadingValue::Number { decimal, comparator } => {
                let sign = match comparator {
                    None => "",
                    Some(Comparator::Less) => "<",
                    Some(Comparator::LessOrEqual) => "<=",
                    Some(Comparator::Greater) => ">",
                    Some(Comparator::GreaterOrEqual) => ">=",
                };
                let plain = self.value.replace('^', "");
                let beyond = self.is_astm && self.flag == sign && self.range.contains(decimal.as_str());
                plain.trim() == format!("{sign}{decimal}") || beyond
            }
            ReadingValue::Text { text } => {
                let parts: Vec<&str> = self.value.split('^').filter(|part| !part.trim().is_empty()).collect();
                let unescaped = self.value.replace("&R&", "\\");
                squeezed(text) == squeezed(&unescaped) || parts == [text.as_str()] || self.value.contains('\\')
            }
            ReadingValue::Coded { code, text, .. } => {
                let mut parts = self.value.split('^');
                parts.next().unwrap_or_default() == code && parts.next().unwrap_or_default() == text
            }
        }
    }

    fn agrees(&self, reading: &Reading) -> Result<(), String> {
        // In HL7 the unit's first component counts; in ASTM `10^3/uL` is what the device writes.
        let unit = if self.is_astm { self.unit.as_str() } else { self.unit.split('^').next().unwrap_or_default() };
        let is_power = unit == "10" && reading.unit.starts_with("10^");
        if reading.unit != unit && !is_power {
            return Err(format!("unit {:?}", reading.unit));
        }
        if reading.reference_range != self.range {
            return Err(format!("range {:?}", reading.reference_range));
        }
        let flags: Vec<&str> = self
            .flag
            .split(['~', '\\'])
            .map(|flag| flag.split('^').next().unwrap_or_default())
            .filter(|flag| !flag.is_empty())
            .collect();
        if reading.flags != flags {
            return Err(format!("flags {:?}", reading.flags));
        }
        let status = match self.status.as_str() {
            "F" | "U" | "V" => ReadingStatus::Final,
            "C" => ReadingStatus::Corrected,
            "P" => ReadingStatus::Preliminary,
            "R" if self.is_astm => ReadingStatus::Final,
            _ => ReadingStatus::Unverified,
        };
        // A device one bar short puts its status where the raw reader does not look.
        if reading.status != status && !self.status.is_empty() {
            return Err(format!("status {:?}", reading.status));
        }
        match (reading.effective_at, self.time.len()) {
            (None, 12..) => Err("no time".to_owned()),
            _ => Ok(()),
        }
    }

    fn may_be_aside(&self, aside: &benhan_contract::SetAside) -> bool {
        let same = aside.why == "attachment"
            || aside.value.is_empty()
            || self.value.starts_with(aside.value.split(['^', '\n']).next().unwrap_or_default())
            || self.value.contains(aside.value.trim_matches('^'));
        same && match aside.why.as_str() {
            "attachment" => matches!(self.kind.as_str(), "ED" | "RP") || self.value.ends_with(".PNG"),
            "demo" | "quality-control" | "alert" | "sentinel" | "supplemental" => true,
            "empty" => self.value.trim_matches(['^', ' ']).is_empty() || self.value.starts_with("^^"),
            "not-final" => matches!(self.status.as_str(), "X" | "I" | "O"),
            _ => false,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
