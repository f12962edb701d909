//! ASTM results: P begins a patient, O a group, R a reading, C a comment on what stands before it.

use super::devices::{Reader, Readers};
use super::hl7::plain;
use super::set_aside::{aside, is_sentinel};
use super::settle::settle;
use super::specimen::{ASTM_PLACES, candidates};
use super::value::{is_decimal, number};
use super::{MOST_IDS, MOST_PARTS, Part, ReadWith, most_parts, text};
use crate::profile::{Place, Said};
use benhan_contract::{
    Comparator, Micros, Processing, Reading, ReadingStatus, ReadingValue, ResultGroup, SenderPatient,
};
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

struct Walk<'a> {
    header: Record<'a>,
    patient: Option<Record<'a>>,
    order: Option<Record<'a>>,
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

impl<'a> Walk<'a> {
    fn new(message: Message<'a>, stored: &StoredReceipt, readers: &Readers) -> Self {
        let header = message.header();
        let reader = readers.reader_of(&stored.channel, &stored.address, &header);
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
            read_with: Some(ReadWith::new(&reader, charset)),
            ..Part::default()
        };
        Self {
            header,
            patient: None,
            order: None,
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

    fn run(mut self, message: Message<'a>) -> Vec<Part> {
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

    fn patient(&mut self, record: Record<'a>) {
        self.close_group();
        self.control = false;
        (self.patient, self.order) = (Some(record), None);
        let patient = self.read_patient(record);
        let begun = !self.now.groups.is_empty() || !self.now.set_aside.is_empty() || self.now.patient.is_some();
        if begun && self.now.patient != patient {
            self.parts.push(std::mem::replace(&mut self.now, self.head.clone()));
        }
        self.now.patient = patient;
    }

    fn read_patient(&self, record: Record<'_>) -> Option<SenderPatient> {
        let mut ids: Vec<String> = Vec::new();
        let own = self.reader.profile.patient.iter().filter(|place| place.is_in(b"P"));
        let own: Vec<(usize, usize)> = own.map(|place| (place.field, place.component)).collect();
        for (number, component) in if own.is_empty() { [3, 4, 5].map(|number| (number, 1)).to_vec() } else { own } {
            let id = self.name(record.field(number).component(component));
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

    fn order(&mut self, record: Record<'a>) {
        self.close_group();
        self.order = Some(record);
        self.control = record.field(12).trimmed() == b"Q";
        let profile = &self.reader.profile;
        let places: Vec<Place> = profile.specimen.iter().filter(|place| place.is_in(b"O")).cloned().collect();
        let look_up = |place: &Place| self.word(record.field(place.field).component(place.component));
        self.group = ResultGroup {
            specimens: candidates(&places, ASTM_PLACES, profile.code_ends_at, look_up),
            service: text::name(&self.charset.decode(record.field(5).trimmed())),
            readings: Vec::new(),
        };
    }

    fn result(&mut self, record: Record<'a>) {
        self.open = false;
        let said = Value { walk: self, result: record };
        let (code, channel) = self.own_code(&said).unwrap_or_else(|| self.test(record.field(3)));
        let rule = self.reader.profile.aside(&said);
        let measured = self.measured_at(&said);
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
        if let Some(why) = rule {
            return self.now.set_aside.push(aside(&code, &plain(&value), why));
        }
        let mut reading = Reading {
            name: String::new(),
            system: String::new(),
            loinc: None,
            channel,
            value,
            unit,
            ucum,
            reference_range: range,
            flags,
            status: status(record.field(9)),
            effective_at: measured,
            aperiodic: false,
            comments,
            code,
        };
        if let Err(why) = settle(&mut reading, &self.reader.profile) {
            return self.now.set_aside.push(aside(&reading.code, &text, why));
        }
        self.group.readings.push(reading);
        self.open = true;
    }

    /// R-13, else R-12; or where the profile looks for it.
    fn measured_at(&self, said: &Value<'_, '_>) -> Option<Micros> {
        let own: Vec<&Place> = self.reader.profile.time.iter().filter(|place| place.is_astm()).collect();
        if own.is_empty() {
            let usual = [13, 12].into_iter();
            return usual.map(|field| said.result.field(field)).find_map(|field| self.reader.time(field.trimmed()));
        }
        own.into_iter().find_map(|place| said.said(place).iter().find_map(|text| self.reader.time(text.as_bytes())))
    }

    /// The code where the profile says that it stands.
    fn own_code(&self, said: &Value<'_, '_>) -> Option<(String, String)> {
        let mut places = self.reader.profile.code.iter().filter(|place| place.is_astm());
        let found = places.find_map(|place| said.said(place).into_iter().next())?;
        Some((cut(&found, self.reader.profile.code_ends_at), String::new()))
    }

    fn texts(&self, record: Record<'_>, place: &Place) -> Vec<String> {
        let parts = record.field(place.field).repetitions().take(MOST_PARTS);
        let parts = parts.map(|part| self.name(part.component(place.component)));
        parts.filter(|text| !text.is_empty()).collect()
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
        let text = text.join(" ");
        let says = !text.is_empty() && !self.reader.profile.skips_comment(&text);
        if let Some(reading) = self.group.readings.last_mut().filter(|_| self.open && says) {
            reading.comments.push(text);
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

/// A header by itself, before its charset is known.
impl Said for Record<'_> {
    fn said(&self, place: &Place) -> Vec<String> {
        if !place.is_in(&[self.kind()]) {
            return Vec::new();
        }
        let field = self.field(place.field).component(place.component);
        Some(text::name(&Charset::Utf8.decode(&field.unescaped())))
            .filter(|text| !text.is_empty())
            .into_iter()
            .collect()
    }

    fn sender(&self) -> Vec<String> {
        let names = self.field(5).components().take(MOST_PARTS);
        names.map(|name| text::name(&Charset::Utf8.decode(&name.unescaped()))).filter(|name| !name.is_empty()).collect()
    }
}

/// One value and what stands above it.
struct Value<'w, 'a> {
    walk: &'w Walk<'a>,
    result: Record<'a>,
}

impl Said for Value<'_, '_> {
    fn said(&self, place: &Place) -> Vec<String> {
        let Walk { header, patient, order, .. } = self.walk;
        let records = [Some(self.result), *order, *patient, Some(*header)].into_iter().flatten();
        let mut fitting = records.filter(|record| place.is_in(&[record.kind()]));
        fitting.next().map_or_else(Vec::new, |record| self.walk.texts(record, place))
    }

    fn sender(&self) -> Vec<String> {
        self.walk.header.sender()
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
