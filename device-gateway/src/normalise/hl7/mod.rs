//! HL7 v2 results: ORU, OUL and whatever else carries OBX.
//!
//! Structure is taken from the order of segments, never from the message's name: PID begins a patient, OBR
//! (or a leading SPM) a group, OBX a reading, NTE a comment on what stands before it.

mod observation;

use super::devices::{Reader, Readers};
use super::set_aside::aside;
use super::specimen::{HL7_PLACES, candidates};
use super::{MOST_PARTS, Part};
use crate::clock;
use benhan_contract::{Processing, ResultGroup, SenderLocation, SenderPatient};
use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::{Field, Message, Segment, batch};
use benhan_uplink::StoredReceipt;
pub(super) use observation::plain;
use observation::{Observed, observe};

/// One part for each patient of each message in the bytes.
pub fn read(stored: &StoredReceipt, readers: &Readers) -> Vec<Part> {
    let messages: Vec<&[u8]> = batch::messages(&stored.raw).collect();
    let several = messages.len() > 1;
    messages
        .into_iter()
        .filter_map(|bytes| Message::parse(bytes).ok())
        .flat_map(|message| {
            let mut parts = Walk::new(&message, stored, readers).run();
            if several {
                parts.iter_mut().for_each(|part| part.raw = Some(message.bytes().to_vec()));
            }
            parts
        })
        .collect()
}

/// Text of fields in the message's own charset.
#[derive(Clone, Copy)]
pub(super) struct Words {
    charset: Charset,
}

impl Words {
    pub fn of(self, field: Field<'_>) -> String {
        self.charset.decode(&field.unescaped()).trim().to_owned()
    }

    /// As sent, with its components.
    pub fn raw(self, field: Field<'_>) -> String {
        self.charset.decode(field.trimmed())
    }
}

struct Walk<'a> {
    message: &'a Message<'a>,
    reader: Reader,
    words: Words,
    head: Part,
    parts: Vec<Part>,
    now: Part,
    group: Option<Group<'a>>,
    /// SPM and SAC that stand before the OBRs they belong to (OUL).
    leading: Vec<Segment<'a>>,
    leads: bool,
}

/// A group under way and the segments that may name its specimen.
struct Group<'a> {
    result: ResultGroup,
    order: Option<Segment<'a>>,
    specimens: Vec<Segment<'a>>,
    bedside: bool,
    /// The last thing read, to which a comment belongs, is a reading.
    open: bool,
}

impl<'a> Walk<'a> {
    fn new(message: &'a Message<'a>, stored: &StoredReceipt, readers: &Readers) -> Self {
        let header = message.header();
        let plain = Words { charset: Charset::Utf8 };
        let application = plain.of(header.field(3).component(1));
        let reader = readers.reader(&stored.channel, &stored.address, &application);
        let charset = Charset::of(message.bytes(), header.field(18).raw(), reader.charset);
        let words = Words { charset };
        let kind = words.raw(header.field(9));
        let head = Part {
            application: words.of(header.field(3).component(1)),
            facility: words.of(header.field(4).component(1)),
            equipment: equipment(header.field(3), words),
            message_at: clock::parse(header.field(7).trimmed(), &reader.zone),
            processing: Some(processing(header)),
            control_id: Some(words.raw(header.field(10))).filter(|id| !id.is_empty()),
            message_type: kind.clone(),
            ..Part::default()
        };
        Self {
            message,
            reader,
            words,
            now: head.clone(),
            head,
            parts: Vec::new(),
            group: None,
            leading: Vec::new(),
            leads: kind.starts_with("OUL"),
        }
    }

    fn run(mut self) -> Vec<Part> {
        for segment in self.message.segments() {
            match segment.id() {
                b"PID" => self.patient(segment),
                b"PV1" => self.now.location = location(segment.field(3), self.words).or(self.now.location.take()),
                b"OBR" => self.order(segment),
                b"SPM" | b"SAC" => self.specimen(segment),
                b"OBX" => self.observation(segment),
                b"NTE" => self.comment(segment),
                _ => {}
            }
        }
        self.close_group();
        self.parts.push(self.now);
        self.parts
    }

    /// Another PID with another identity is another patient: nothing of the first may reach the second.
    fn patient(&mut self, segment: Segment<'a>) {
        let patient = patient(segment, self.words);
        self.close_group();
        self.leading.clear();
        let begun = !self.now.groups.is_empty() || !self.now.set_aside.is_empty() || self.now.patient.is_some();
        if begun && self.now.patient != patient {
            let next = Part { location: None, ..self.head.clone() };
            self.parts.push(std::mem::replace(&mut self.now, next));
        }
        self.now.patient = patient;
    }

    fn order(&mut self, segment: Segment<'a>) {
        self.close_group();
        let service = self.words.raw(segment.field(4));
        let bedside = matches!(segment.field(4).component(3).trimmed(), b"SCT" | b"MDC");
        if self.now.equipment.is_empty() {
            self.now.equipment = equipment(segment.field(3), self.words);
        }
        self.group = Some(Group {
            result: ResultGroup { service, ..ResultGroup::default() },
            order: Some(segment),
            specimens: self.leading.clone(),
            bedside,
            open: false,
        });
    }

    /// Before the orders it leads them (OUL); after one it belongs to that one (ORU).
    fn specimen(&mut self, segment: Segment<'a>) {
        match self.group.as_mut() {
            Some(group) if !self.leads => group.specimens.push(segment),
            _ => {
                if segment.id() == b"SPM" {
                    self.close_group();
                    self.leading.clear();
                }
                self.leading.push(segment);
            }
        }
    }

    fn observation(&mut self, segment: Segment<'a>) {
        let group = self.group.get_or_insert_with(|| Group {
            result: ResultGroup::default(),
            order: None,
            specimens: self.leading.clone(),
            bedside: false,
            open: false,
        });
        let ordered_at = group.order.and_then(|order| clock::parse(order.field(7).trimmed(), &self.reader.zone));
        if self.now.equipment.is_empty() {
            self.now.equipment = equipment(segment.field(18), self.words);
        }
        let processing = self.head.processing.unwrap_or(Processing::Production);
        group.open = false;
        match observe(segment, &self.reader, self.words, ordered_at) {
            Observed::Reading(reading) => match not_for_patients(processing) {
                Some(why) => {
                    let value = plain(&reading.value);
                    self.now.set_aside.push(aside(&reading.code, &value, why));
                }
                None => {
                    group.bedside |= matches!(reading.system.as_str(), "MDC" | "MDIL");
                    group.result.readings.push(*reading);
                    group.open = true;
                }
            },
            Observed::Aside { code, value, why } => self.now.set_aside.push(aside(&code, &value, why)),
        }
    }

    fn comment(&mut self, segment: Segment<'a>) {
        let Some(group) = self.group.as_mut().filter(|group| group.open) else {
            return;
        };
        let text = self.words.of(segment.field(3));
        if let Some(reading) = group.result.readings.last_mut().filter(|_| !text.is_empty()) {
            reading.comments.push(text);
        }
    }

    fn close_group(&mut self) {
        let Some(mut group) = self.group.take() else {
            return;
        };
        if group.result.readings.is_empty() {
            return;
        }
        if !group.bedside {
            let words = self.words;
            let look_up = |place: &str| look_up(place, group.order, &group.specimens, words);
            let profile = &self.reader.profile;
            let usual: Vec<&str> = HL7_PLACES.to_vec();
            let places: Vec<String> =
                profile.specimen.iter().filter(|place| !place.starts_with("O-")).cloned().collect();
            group.result.specimens = candidates(&places, &usual, profile.code_ends_at, look_up);
        }
        self.now.groups.push(group.result);
    }
}

/// `SPM-2.1`: a component of a field of the order or of a specimen segment.
fn look_up(place: &str, order: Option<Segment<'_>>, specimens: &[Segment<'_>], words: Words) -> String {
    let Some((id, number)) = place.split_once('-') else {
        return String::new();
    };
    let (field, component) = number.split_once('.').unwrap_or((number, "1"));
    let (Ok(field), Ok(component)) = (field.parse::<usize>(), component.parse::<usize>()) else {
        return String::new();
    };
    let segment = order.into_iter().chain(specimens.iter().copied()).find(|segment| segment.id() == id.as_bytes());
    segment.map_or_else(String::new, |segment| words.of(segment.field(field).component(component).subcomponent(1)))
}

/// Why nothing of such a message may reach a patient's chart.
fn not_for_patients(processing: Processing) -> Option<&'static str> {
    match processing {
        Processing::Production => None,
        Processing::QualityControl => Some("quality-control"),
        Processing::Training | Processing::Debugging => Some("demo"),
    }
}

/// MSH-11; MSH-16 is the kind of result on Mindray BS analyzers (1 calibration, 2 control).
fn processing(header: Segment<'_>) -> Processing {
    match (header.field(11).component(1).trimmed(), header.field(16).trimmed()) {
        (b"T" | b"t", _) => Processing::Training,
        (b"D" | b"d", _) => Processing::Debugging,
        (b"Q" | b"q", _) | (_, b"1" | b"2") => Processing::QualityControl,
        _ => Processing::Production,
    }
}

/// An equipment identifier: EI with namespace, universal id and `EUI-64`.
fn equipment(field: Field<'_>, words: Words) -> String {
    let parts: Vec<Field<'_>> =
        field.repetitions().next().into_iter().flat_map(|first| first.components()).take(MOST_PARTS).collect();
    let kind = parts.iter().position(|part| part.trimmed() == b"EUI-64");
    kind.and_then(|at| parts.get(at.checked_sub(1)?)).map_or_else(String::new, |part| words.of(*part))
}

fn patient(segment: Segment<'_>, words: Words) -> Option<SenderPatient> {
    let mut ids: Vec<String> = Vec::new();
    for field in [3, 2, 4] {
        for repetition in segment.field(field).repetitions().take(MOST_PARTS) {
            let id = words.of(repetition.component(1));
            if !id.is_empty() && id != "\"\"" && !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    let name = segment.field(5);
    // XPN is family, given, further given; Vietnamese order is family, middle, given.
    let parts = [1, 3, 2].map(|number| words.of(name.component(number)));
    let name = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    let patient = SenderPatient { ids, name, birth_date: words.of(segment.field(7)), sex: words.of(segment.field(8)) };
    (patient != SenderPatient::default()).then_some(patient)
}

/// PL: point of care, room, bed. Gateways of monitors put `ward&bed&address` into the bed alone.
fn location(field: Field<'_>, words: Words) -> Option<SenderLocation> {
    let text = words.raw(field);
    if text.is_empty() {
        return None;
    }
    let bed = field.component(3);
    let second = words.of(bed.subcomponent(2));
    let unit = words.of(field.component(1).subcomponent(1));
    let (unit, bed) = if unit.is_empty() && !second.is_empty() && second != "0" {
        (words.of(bed.subcomponent(1)), second)
    } else {
        (unit, words.of(bed.subcomponent(1)))
    };
    Some(SenderLocation { unit, room: words.of(field.component(2).subcomponent(1)), bed, text })
}
