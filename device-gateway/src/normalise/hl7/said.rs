//! What a profile's rules may look at: the header before anything is known of the sender, later all that a value
//! belongs to.

use super::super::{MOST_PARTS, text};
use super::Words;
use super::order::Order;
use crate::profile::{Place, Said};
use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::Segment;

/// A header by itself, before its charset is known.
impl Said for Segment<'_> {
    fn said(&self, place: &Place) -> Vec<String> {
        if place.is_in(self.id()) { texts(*self, place, Words { charset: Charset::Utf8 }) } else { Vec::new() }
    }

    fn sender(&self) -> Vec<String> {
        let names = [3, 4].into_iter().flat_map(|field| self.field(field).components().take(MOST_PARTS));
        names.map(|name| text::name(&Charset::Utf8.decode(&name.unescaped()))).filter(|name| !name.is_empty()).collect()
    }
}

/// One value and what stands above it.
pub struct Value<'v, 'a> {
    pub header: Segment<'a>,
    pub patient: Option<Segment<'a>>,
    pub visit: Option<Segment<'a>>,
    pub order: &'v Order<'a>,
    pub value: Segment<'a>,
    pub words: Words,
}

impl Said for Value<'_, '_> {
    fn said(&self, place: &Place) -> Vec<String> {
        let named = [Some(self.value), Some(self.header), self.patient, self.visit].into_iter().flatten();
        let segment = named.chain(self.order.segments()).find(|segment| place.is_in(segment.id()));
        segment.map_or_else(Vec::new, |segment| texts(segment, place, self.words))
    }

    fn sender(&self) -> Vec<String> {
        self.header.sender()
    }
}

fn texts(segment: Segment<'_>, place: &Place, words: Words) -> Vec<String> {
    let repetitions = segment.field(place.field).repetitions().take(MOST_PARTS);
    let parts = repetitions.map(|part| words.name(part.component(place.component).subcomponent(place.subcomponent)));
    parts.filter(|text| !text.is_empty()).collect()
}
