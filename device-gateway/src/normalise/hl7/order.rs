//! An order under way and the segments that may name its specimen.
//!
//! SPM and SAC stand before the orders that they lead (OUL^R21, R22, R23), or after the one that they belong
//! to (OUL^R24, ORU^R01). Which of the two, the message shows: whatever comes first for a patient, a specimen
//! or an order.

use super::super::specimen::{HL7_PLACES, candidates};
use super::{Context, Words};
use crate::profile::Place;
use benhan_contract::{Reading, ResultGroup};
use benhan_device_codec::hl7::Segment;

/// A specimen segment is looked at again for every order that it leads; no honest one is larger.
const LARGEST: usize = 8 << 10;

/// What is known of a patient's specimens.
#[derive(Default)]
pub struct Specimens<'a> {
    stand: Stand<'a>,
    /// Those that lead the next order.
    leading: Vec<Segment<'a>>,
}

#[derive(Default)]
enum Stand<'a> {
    #[default]
    Unknown,
    /// Before their orders; this segment begins another specimen.
    Before(&'a [u8]),
    After,
}

impl<'a> Specimens<'a> {
    /// True when the segment leads the orders that follow; it replaces whatever led the earlier ones.
    pub fn lead(&mut self, segment: Segment<'a>) -> bool {
        if matches!(self.stand, Stand::Unknown) {
            self.stand = Stand::Before(segment.id());
        }
        match self.stand {
            Stand::Unknown | Stand::After => return false,
            Stand::Before(first) if first == segment.id() => self.leading.clear(),
            Stand::Before(_) => self.leading.retain(|earlier| earlier.id() != segment.id()),
        }
        self.leading.extend(Some(segment).filter(|segment| segment.size() <= LARGEST));
        true
    }

    /// OBR.
    pub fn ordered(&mut self, segment: Segment<'a>, words: Words) -> Order<'a> {
        let bedside = matches!(segment.field(4).component(3).trimmed(), b"SCT" | b"MDC");
        let result = ResultGroup { service: words.raw(segment.field(4)), ..ResultGroup::default() };
        Order { result, segment: Some(segment), bedside, ..self.not_ordered() }
    }

    /// A value without any OBR.
    pub fn not_ordered(&mut self) -> Order<'a> {
        if matches!(self.stand, Stand::Unknown) {
            self.stand = Stand::After;
        }
        Order {
            result: ResultGroup::default(),
            segment: None,
            specimens: self.leading.clone(),
            bedside: false,
            last_is_reading: false,
        }
    }
}

pub struct Order<'a> {
    result: ResultGroup,
    pub segment: Option<Segment<'a>>,
    specimens: Vec<Segment<'a>>,
    /// Of a monitor: a bed is no specimen.
    bedside: bool,
    /// To which a comment belongs.
    pub last_is_reading: bool,
}

impl<'a> Order<'a> {
    pub fn has_readings(&self) -> bool {
        !self.result.readings.is_empty()
    }

    /// SPM or SAC after this order.
    pub fn specimen(&mut self, segment: Segment<'a>) {
        self.specimens.extend(Some(segment).filter(|segment| segment.size() <= LARGEST));
        self.last_is_reading = false;
    }

    pub fn read(&mut self, reading: Reading) {
        self.bedside |= matches!(reading.system.as_str(), "MDC" | "MDIL");
        self.result.readings.push(reading);
        self.last_is_reading = true;
    }

    /// One that says something.
    pub fn comment(&mut self, text: String) {
        if let Some(reading) = self.result.readings.last_mut().filter(|_| self.last_is_reading) {
            reading.comments.push(text);
        }
    }

    /// Nothing when it read nothing.
    pub fn close(mut self, context: &Context<'_>) -> Option<ResultGroup> {
        if !self.has_readings() {
            return None;
        }
        if !self.bedside {
            let profile = &context.reader.profile;
            let places: Vec<Place> = profile.specimen.iter().filter(|place| !place.is_astm()).cloned().collect();
            let look_up = |place: &Place| self.look_up(place, context.words);
            self.result.specimens = candidates(&places, HL7_PLACES, profile.code_ends_at, look_up);
        }
        Some(self.result)
    }

    /// `SPM-2.1`: a component of a field of the order or of a specimen segment.
    fn look_up(&self, place: &Place, words: Words) -> String {
        let segment = self.segments().find(|segment| place.is_in(segment.id()));
        let field = |segment: Segment<'_>| {
            words.of(segment.field(place.field).component(place.component).subcomponent(place.subcomponent))
        };
        segment.map_or_else(String::new, field)
    }

    /// The order and what leads or follows it.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'_, 'a> {
        self.segment.iter().chain(&self.specimens).copied()
    }
}
