//! ASTM results: P begins a patient, O a group, R a reading, C a comment on what stands before it.

use super::devices::{Reader, Readers};
use super::hl7::plain;
use super::set_aside::{aside, is_sentinel};
use super::specimen::{ASTM_PLACES, candidates};
use super::value::{is_decimal, number};
use super::{MOST_IDS, MOST_PARTS, Part, most_parts, text};
use benhan_contract::{Comparator, Processing, Reading, ReadingStatus, ReadingValue, ResultGroup, SenderPatient};
use benhan_device_codec::astm::frame;
use benhan_device_codec::astm::record::{Field, Message, Record, messages};
use benhan_device_codec::charset::Charset;
use benhan_uplink::StoredReceipt;

/// One part for each patient of each message in the frames (or in bare records).
pub fn read(stored: &StoredReceipt, readers: &Readers) -> Vec<Part> {
    let framed = frame::text(&stored.raw);
    let text = if framed.is_empty() { &stored.raw } else { &framed };
    let most = most_parts(stored.raw.len());
    let mut parts = Vec::new();
    for message in messages(text) {
        let walk = Walk::new(message, stored, readers);
        let head = walk.head.clone();
        parts.extend(walk.run(message));
        if parts.len() > most {
            // A crowd that no honest transmission holds waits unread.
            return vec![head];
        }
    }
    // What no message measured is said once, by the one that came last.
    let measured = |part: &Part| !part.groups.is_empty() || !part.set_aside.is_empty();
    match parts.iter().any(measured) {
        true => parts.retain(measured),
        false => drop(parts.drain(..parts.len().saturating_sub(1))),
    }
    parts
}

struct Walk {
    reader: Reader,
    charset: Charset,
    head: Part,
    parts: Vec<Part>,
    now: Part,
    group: ResultGroup,
    /// O-12 = Q: a control, whatever the header says.
    control: bool,
    open: bool,
}

impl Walk {
    fn new(message: Message<'_>, stored: &StoredReceipt, readers: &Readers) -> Self {
        let header = message.header();
        let ascii = |field: Field<'_>| text::name(&Charset::Utf8.decode(&field.unescaped()));
        let application = ascii(header.field(5).component(1));
        let reader = readers.reader(&stored.channel, &stored.address, &application);
        let charset = Charset::of(&stored.raw, b"", reader.charset);
        let word = |field: Field<'_>| text::name(&charset.decode(&field.unescaped()));
        let rest: Vec<String> = header.field(5).components().skip(1).take(MOST_PARTS).map(word).collect();
        let head = Part {
            application: word(header.field(5).component(1)),
            facility: rest.join("^").trim_end_matches('^').to_owned(),
            message_at: reader.time(header.field(14).trimmed()),
            processing: Some(match header.field(12).trimmed() {
                b"T" => Processing::Training,
                b"D" => Processing::Debugging,
                b"Q" => Processing::QualityControl,
                _ => Processing::Production,
            }),
            message_type: text::name(&charset.decode(header.field(11).trimmed())),
            ..Part::default()
        };
        Self {
            reader,
            charset,
            now: head.clone(),
            head,
            parts: Vec::new(),
            group: ResultGroup::default(),
            control: false,
            open: false,
        }
    }

    fn run(mut self, message: Message<'_>) -> Vec<Part> {
        for record in message.records() {
            match record.kind() {
                b'P' => self.patient(record),
                b'O' => self.order(record),
                b'R' => self.result(record),
                b'C' => self.comment(record),
                // Histograms of an analyzer; the bytes stay in the raw message.
                b'M' => self.now.set_aside.push(aside("M", "", "attachment")),
                _ => {}
            }
        }
        self.close_group();
        self.parts.push(self.now);
        self.parts
    }

    fn word(&self, field: Field<'_>) -> String {
        text::clean(&self.charset.decode(&field.unescaped()))
    }

    fn name(&self, field: Field<'_>) -> String {
        text::name(&self.charset.decode(&field.unescaped()))
    }

    fn patient(&mut self, record: Record<'_>) {
        self.close_group();
        self.control = false;
        let patient = self.read_patient(record);
        let begun = !self.now.groups.is_empty() || !self.now.set_aside.is_empty() || self.now.patient.is_some();
        if begun && self.now.patient != patient {
            self.parts.push(std::mem::replace(&mut self.now, self.head.clone()));
        }
        self.now.patient = patient;
    }

    fn read_patient(&self, record: Record<'_>) -> Option<SenderPatient> {
        let mut ids: Vec<String> = Vec::new();
        for number in [3, 4, 5] {
            let id = self.name(record.field(number).component(1));
            if !id.is_empty() && !ids.contains(&id) && ids.len() < MOST_IDS {
                ids.push(id);
            }
        }
        let parts = [1, 3, 2].map(|number| self.name(record.field(6).component(number)));
        let name = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        let patient =
            SenderPatient { ids, name, birth_date: self.name(record.field(8)), sex: self.name(record.field(9)) };
        (patient != SenderPatient::default()).then_some(patient)
    }

    fn order(&mut self, record: Record<'_>) {
        self.close_group();
        self.control = record.field(12).trimmed() == b"Q";
        let profile = &self.reader.profile;
        let places: Vec<String> = profile.specimen.iter().filter(|place| place.starts_with("O-")).cloned().collect();
        let look_up = |place: &str| {
            let number = place.strip_prefix("O-").unwrap_or_default();
            let (field, component) = number.split_once('.').unwrap_or((number, "1"));
            let (Ok(field), Ok(component)) = (field.parse::<usize>(), component.parse::<usize>()) else {
                return String::new();
            };
            self.word(record.field(field).component(component))
        };
        self.group = ResultGroup {
            specimens: candidates(&places, ASTM_PLACES, profile.code_ends_at, look_up),
            service: text::name(&self.charset.decode(record.field(5).trimmed())),
            readings: Vec::new(),
        };
    }

    fn result(&mut self, record: Record<'_>) {
        self.open = false;
        let (code, channel) = self.test(record.field(3));
        let text = self.value_text(record.field(4));
        let control = self.control || self.head.processing != Some(Processing::Production);
        if let Some(why) = self.not_a_value(record, &text) {
            return self.now.set_aside.push(aside(&code, &text, why));
        }
        let unit = self.word(record.field(5));
        let ucum = self.reader.profile.ucum(&unit).map(str::to_owned);
        let range = self.word(record.field(6));
        let flags: Vec<String> = record
            .field(7)
            .repetitions()
            .take(MOST_PARTS)
            .map(|flag| self.word(flag))
            .filter(|flag| !flag.is_empty())
            .collect();
        let mut comments = Vec::new();
        let comma = self.reader.profile.decimal_comma;
        let value = match beyond_range(&text, &flags, &range) {
            Some(value) => {
                comments.extend(Some(text.clone()).filter(|text| !text.is_empty()));
                value
            }
            None if text.is_empty() => return self.now.set_aside.push(aside(&code, "", "empty")),
            None => number(&text, comma).unwrap_or_else(|| ReadingValue::Text { text: text.clone() }),
        };
        if control {
            let why = if self.control || self.head.processing == Some(Processing::QualityControl) {
                "quality-control"
            } else {
                "demo"
            };
            return self.now.set_aside.push(aside(&code, &plain(&value), why));
        }
        let time = [13, 12].into_iter().find_map(|field| self.reader.time(record.field(field).trimmed()));
        let loinc = self.reader.profile.loinc(&code, ucum.as_deref().unwrap_or_default()).map(str::to_owned);
        self.group.readings.push(Reading {
            name: String::new(),
            system: String::new(),
            loinc,
            channel,
            value,
            unit,
            ucum,
            reference_range: range,
            flags,
            status: status(record.field(9)),
            effective_at: time,
            aperiodic: false,
            comments,
            code,
        });
        self.open = true;
    }

    fn not_a_value(&self, record: Record<'_>, text: &str) -> Option<&'static str> {
        match record.field(9).trimmed() {
            b"X" | b"I" => return Some("not-final"),
            b"D" => return Some("deleted"),
            _ => {}
        }
        is_sentinel(text, &self.reader.profile.not_a_value).then_some("sentinel")
    }

    /// the maker's code is component 4 and after; a name in the first three makes it part of a panel,
    /// and then only the whole tells one result from another (analyte, Ct and end point of one assay).
    fn test(&self, field: Field<'_>) -> (String, String) {
        let parts: Vec<String> = field.components().take(MOST_PARTS).map(|part| self.word(part)).collect();
        let filled = |part: &&String| !part.is_empty();
        let first = parts.iter().position(|part| !part.is_empty()).unwrap_or(0);
        let own: Vec<&String> = parts.iter().skip(first).collect();
        let ends_at = self.reader.profile.code_ends_at;
        match own.as_slice() {
            [] => (String::new(), String::new()),
            [code] => (cut(code, ends_at), String::new()),
            // A plain code and its dilution or channel: `WBC^1`.
            [code, channel] if first >= 3 => (cut(code, ends_at), (*channel).clone()),
            _ if first >= 3 && own.iter().skip(1).filter(|part| filled(part)).count() == 0 => {
                (cut(own.first().map_or("", |code| code.as_str()), ends_at), String::new())
            }
            _ => {
                let joined = own.iter().map(|part| part.as_str()).collect::<Vec<_>>().join("^");
                (joined.trim_end_matches('^').to_owned(), String::new())
            }
        }
    }

    /// the one component that says something, or all of them (`3+^3+^45`).
    fn value_text(&self, field: Field<'_>) -> String {
        let parts: Vec<String> = field.components().take(MOST_PARTS).map(|part| self.word(part)).collect();
        let filled: Vec<&String> = parts.iter().filter(|part| !part.is_empty()).collect();
        match filled.as_slice() {
            [] => String::new(),
            [one] => (*one).clone(),
            _ => parts.join("^"),
        }
    }

    fn comment(&mut self, record: Record<'_>) {
        let text: Vec<String> = record
            .field(4)
            .components()
            .take(MOST_PARTS)
            .map(|part| self.word(part))
            .filter(|part| !part.is_empty())
            .collect();
        if let Some(reading) = self.group.readings.last_mut().filter(|_| self.open && !text.is_empty()) {
            reading.comments.push(text.join(" "));
        }
    }

    fn close_group(&mut self) {
        self.open = false;
        let group = std::mem::take(&mut self.group);
        if !group.readings.is_empty() {
            self.now.groups.push(group);
        }
    }
}

fn cut(code: &str, ends_at: Option<char>) -> String {
    ends_at.and_then(|end| code.split(end).next()).unwrap_or(code).trim().to_owned()
}

/// Empty says nothing about verification.
fn status(field: Field<'_>) -> ReadingStatus {
    match field.trimmed() {
        b"F" | b"V" | b"R" | b"Q" => ReadingStatus::Final,
        b"C" => ReadingStatus::Corrected,
        b"P" | b"S" => ReadingStatus::Preliminary,
        _ => ReadingStatus::Unverified,
    }
}

/// `DETECTED`, flag `>` and range `40.00 to 10000000.00` mean more than 10000000.00: the number stands
/// only in the range, and must not be lost.
fn beyond_range(text: &str, flags: &[String], range: &str) -> Option<ReadingValue> {
    let (least, most) = range.split_once(" to ").or_else(|| range.split_once('-'))?;
    let (comparator, bound) = match flags {
        [flag] if flag == ">" => (Comparator::Greater, most.trim()),
        [flag] if flag == "<" => (Comparator::Less, least.trim()),
        _ => return None,
    };
    let stated = number(text, false).is_some();
    (!stated && is_decimal(bound))
        .then(|| ReadingValue::Number { decimal: bound.to_owned(), comparator: Some(comparator) })
}
