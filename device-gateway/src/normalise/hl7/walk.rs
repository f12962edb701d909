//! From segment to segment. A value joins the part under way only if that part is of its own subject.

use super::super::set_aside::aside;
use super::super::{Part, most_parts};
use super::observation::{Observed, observe, plain};
use super::order::{Order, Specimens};
use super::person::{location, patient};
use super::said::Value;
use super::subject::Subject;
use super::{Context, equipment};
use benhan_contract::Processing;
use benhan_device_codec::hl7::{Message, Segment};

pub struct Walk<'a> {
    context: &'a Context<'a>,
    patient: Option<Segment<'a>>,
    visit: Option<Segment<'a>>,
    /// Of the value that comes next.
    subject: Subject,
    specimens: Specimens<'a>,
    order: Option<Order<'a>>,
    /// The part that the last value went to.
    part: Option<Part>,
    finished: Vec<Part>,
}

impl<'a> Walk<'a> {
    pub fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            patient: None,
            visit: None,
            subject: Subject::default(),
            specimens: Specimens::default(),
            order: None,
            part: None,
            finished: Vec::new(),
        }
    }

    /// Its parts; or, of a crowd that no honest message holds, one that waits unread.
    pub fn run(mut self, message: &Message<'a>) -> Vec<Part> {
        let most = most_parts(message.bytes().len());
        for segment in message.segments() {
            if self.finished.len() > most {
                break;
            }
            match segment.id() {
                b"PID" => {
                    self.close_order();
                    self.specimens = Specimens::default();
                    self.patient = Some(segment);
                    self.subject.is(patient(segment, &self.context.reader.profile.patient, self.context.words));
                }
                b"PV1" => {
                    self.visit = Some(segment);
                    self.subject.lies_in(location(segment.field(3), self.context.words));
                }
                b"OBR" => {
                    self.close_order();
                    self.order = Some(self.specimens.ordered(segment, self.context.words));
                }
                b"SPM" | b"SAC" => self.specimen(segment),
                b"OBX" => self.observation(segment),
                b"NTE" => self.comment(segment),
                _ => {}
            }
        }
        self.close_part();
        if self.finished.len() > most {
            return vec![self.context.head.clone()];
        }
        if self.finished.is_empty() {
            self.finished.push(self.subject.part(&self.context.head));
        }
        self.finished
    }

    fn specimen(&mut self, segment: Segment<'a>) {
        if self.specimens.lead(segment) {
            self.close_order();
        } else if let Some(order) = self.order.as_mut() {
            order.specimen(segment);
        }
    }

    fn observation(&mut self, segment: Segment<'a>) {
        if self.part.as_ref().is_some_and(|part| self.subject.leaves(part)) {
            self.close_part();
        }
        let part = self.part.get_or_insert_with(|| self.subject.part(&self.context.head));
        let order = self.order.get_or_insert_with(|| self.specimens.not_ordered());
        let Context { header, reader, words, .. } = self.context;
        if part.equipment.is_empty() {
            let named = order.segment.map(|ordered| equipment(ordered.field(3), *words));
            part.equipment =
                named.filter(|name| !name.is_empty()).unwrap_or_else(|| equipment(segment.field(18), *words));
        }
        let ordered_at = order.segment.and_then(|ordered| reader.time(ordered.field(7).trimmed()));
        order.last_is_reading = false;
        let (patient, visit) = (self.patient, self.visit);
        let said = Value { header: *header, patient, visit, order, value: segment, words: *words };
        let observed = observe(segment, reader, *words, ordered_at, &said);
        let why = not_for_patients(part.processing).or_else(|| reader.profile.aside(&said));
        match observed {
            Observed::Reading(reading) => match why {
                Some(why) => part.set_aside.push(aside(&reading.code, &plain(&reading.value), why)),
                None => order.read(*reading),
            },
            Observed::Aside { code, value, why } => part.set_aside.push(aside(&code, &value, why)),
        }
    }

    fn comment(&mut self, segment: Segment<'a>) {
        let text = self.context.words.of(segment.field(3));
        let says = !text.is_empty() && !self.context.reader.profile.skips_comment(&text);
        if let Some(order) = self.order.as_mut().filter(|_| says) {
            order.comment(text);
        }
    }

    fn close_order(&mut self) {
        let group = self.order.take().and_then(|order| order.close(self.context));
        // An order that read something has a part: the reading made it.
        if let Some((part, group)) = self.part.as_mut().zip(group) {
            part.groups.push(group);
        }
    }

    /// An order without values yet goes on into the next part: its first value decides whose it is.
    fn close_part(&mut self) {
        if self.order.as_ref().is_some_and(Order::has_readings) {
            self.close_order();
        }
        self.finished.extend(self.part.take());
    }
}

/// Why nothing of such a message may reach a patient's chart.
fn not_for_patients(processing: Option<Processing>) -> Option<&'static str> {
    match processing {
        None | Some(Processing::Production) => None,
        Some(Processing::QualityControl) => Some("quality-control"),
        Some(Processing::Training | Processing::Debugging) => Some("demo"),
    }
}
