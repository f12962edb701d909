//! The query's identifier and the answers to it, element by element (PS3.4 table K.6-1).

use super::matching;
use super::name::{person_name, unaccented};
use crate::charset::Charset;
use crate::config::WorklistCharset;
use benhan_contract::WorklistItem;
use benhan_dimse::dataset::{DatasetWriter, Element, Encoding, Tag, TreeError, TreeLimits, Value, Vr, parse};
use std::collections::BTreeMap;

const CHARSET: Tag = Tag(0x0008, 0x0005);
const PATIENT_NAME: Tag = Tag(0x0010, 0x0010);
const STEP: Tag = Tag(0x0040, 0x0100);
const PREGNANCY: Tag = Tag(0x0010, 0x21C0);

/// Keys of the step that are returned when a query asks for the step without saying what of it.
const WHOLE_STEP: &[(Tag, Vr)] = &[
    (MODALITY, Vr::CS),
    (STATION_AE, Vr::AE),
    (START_DATE, Vr::DA),
    (START_TIME, Vr::TM),
    (Tag(0x0040, 0x0006), Vr::PN),
    (Tag(0x0040, 0x0007), Vr::LO),
    (Tag(0x0040, 0x0009), Vr::SH),
];
const MODALITY: Tag = Tag(0x0008, 0x0060);
const STATION_AE: Tag = Tag(0x0040, 0x0001);
const START_DATE: Tag = Tag(0x0040, 0x0002);
const START_TIME: Tag = Tag(0x0040, 0x0003);

/// A query, read: the keys by tag, with the VR that answers will have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    keys: BTreeMap<Tag, Key>,
    /// Nothing when the query does not mention the step.
    step: Option<BTreeMap<Tag, Key>>,
}

#[derive(Clone, Debug)]
struct Key {
    vr: Vr,
    value: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("the identifier cannot be read: {0}")]
    Tree(#[from] TreeError),
}

impl Query {
    pub(crate) fn read(identifier: &[u8], encoding: Encoding) -> Result<Self, QueryError> {
        let elements = parse(identifier, encoding, &known_vr, TreeLimits { depth: 4, elements: 500 })?;
        let charset = elements.iter().find(|element| element.tag == CHARSET);
        let charset = Charset::from_value(match charset.map(|element| &element.value) {
            Some(Value::Bytes(bytes)) => bytes,
            _ => &[],
        });
        let step = elements.iter().find(|element| element.tag == STEP).map(|element| match &element.value {
            Value::Items(items) => items.first().map(|item| keys(item, &charset)).unwrap_or_default(),
            Value::Bytes(_) => BTreeMap::new(),
        });
        Ok(Self { keys: keys(&elements, &charset), step })
    }

    /// Whether an order is asked for by a station of this AE title.
    pub(crate) fn matches(&self, item: &WorklistItem) -> bool {
        let key = |keys: &BTreeMap<Tag, Key>, tag| keys.get(&tag).map(|key| key.value.clone()).unwrap_or_default();
        let top = |tag| key(&self.keys, tag);
        let empty = BTreeMap::new();
        let step = self.step.as_ref().unwrap_or(&empty);
        let step = |tag| key(step, tag);
        matching::name(&top(PATIENT_NAME), &item.patient_name)
            && matching::text(&top(Tag(0x0010, 0x0020)), &item.patient_id)
            && matching::text(&top(Tag(0x0008, 0x0050)), &item.accession)
            && matching::text(&top(Tag(0x0040, 0x1001)), &item.requested_procedure_id)
            && matching::text(&top(Tag(0x0020, 0x000D)), &item.study_uid)
            && matching::text(&step(MODALITY), &item.modality)
            && matching::date(&step(START_DATE), &item.scheduled_date)
            && matching::time(&step(START_TIME), &item.scheduled_time)
            // An order that names no station may be done at any.
            && (item.station_ae.is_empty() || matching::text(&step(STATION_AE), &item.station_ae))
    }

    /// One answer: the keys that were asked for, with the order's values.
    pub(crate) fn answer(
        &self,
        item: &WorklistItem,
        calling: &str,
        charset: WorklistCharset,
        encoding: Encoding,
    ) -> Vec<u8> {
        let answer = Answer { item, calling, charset };
        let mut writer = DatasetWriter::new(encoding);
        let mut tags = self.keys.clone();
        match charset {
            WorklistCharset::Utf8 => tags.insert(CHARSET, Key { vr: Vr::CS, value: String::new() }),
            WorklistCharset::Ascii => tags.remove(&CHARSET),
        };
        if self.step.is_some() {
            tags.insert(STEP, Key { vr: Vr::SQ, value: String::new() });
        }
        for (tag, key) in &tags {
            match (*tag, &self.step) {
                (STEP, Some(step)) => {
                    writer.sequence(STEP, |inside| answer.write_step(inside, step));
                }
                _ => answer.write(&mut writer, *tag, key.vr),
            }
        }
        writer.finish()
    }
}

struct Answer<'a> {
    item: &'a WorklistItem,
    calling: &'a str,
    charset: WorklistCharset,
}

impl Answer<'_> {
    fn write_step(&self, writer: &mut DatasetWriter, keys: &BTreeMap<Tag, Key>) {
        if keys.is_empty() {
            for (tag, vr) in WHOLE_STEP {
                self.write(writer, *tag, *vr);
            }
        }
        for (tag, key) in keys {
            self.write(writer, *tag, key.vr);
        }
    }

    fn write(&self, writer: &mut DatasetWriter, tag: Tag, vr: Vr) {
        if vr == Vr::SQ {
            writer.empty_sequence(tag);
        } else if tag == PREGNANCY {
            // 3: definitely pregnant; 4: unknown. That nobody ticked a box does not mean "not pregnant".
            writer.u16(tag, if self.item.pregnant { 3 } else { 4 });
        } else {
            let value = self.value(tag);
            match self.charset {
                WorklistCharset::Utf8 => writer.text(tag, vr, &value),
                WorklistCharset::Ascii => writer.text(tag, vr, &unaccented(&value)),
            };
        }
    }

    /// The order's value of a key; empty for what an order does not say.
    fn value(&self, tag: Tag) -> String {
        let item = self.item;
        match tag {
            CHARSET => "ISO_IR 192".to_owned(),
            PATIENT_NAME => person_name(&item.patient_name),
            Tag(0x0008, 0x0050) => item.accession.clone(),
            Tag(0x0008, 0x0090) | Tag(0x0032, 0x1032) => person_name(&item.referring_physician),
            Tag(0x0010, 0x0020) => item.patient_id.clone(),
            Tag(0x0010, 0x0030) => item.birth_date.clone(),
            Tag(0x0010, 0x0040) => item.sex.clone(),
            Tag(0x0010, 0x2110) => item.allergies.clone(),
            Tag(0x0020, 0x000D) => item.study_uid.clone(),
            Tag(0x0032, 0x1033) | Tag(0x0038, 0x0300) => item.ward.clone(),
            Tag(0x0032, 0x1060) | Tag(0x0040, 0x0007) => item.procedure_description.clone(),
            Tag(0x0040, 0x1001) | Tag(0x0040, 0x0009) => item.requested_procedure_id.clone(),
            MODALITY => item.modality.clone(),
            STATION_AE if item.station_ae.is_empty() => self.calling.to_owned(),
            STATION_AE => item.station_ae.clone(),
            START_DATE => item.scheduled_date.clone(),
            START_TIME => item.scheduled_time.clone(),
            Tag(0x0040, 0x0020) => "SCHEDULED".to_owned(),
            _ => String::new(),
        }
    }
}

fn keys(elements: &[Element<'_>], charset: &Charset) -> BTreeMap<Tag, Key> {
    let mut keys = BTreeMap::new();
    for element in elements.iter().filter(|element| element.tag.1 != 0 && element.tag != STEP) {
        let value = match &element.value {
            Value::Bytes(bytes) => charset.decode(bytes),
            Value::Items(_) => String::new(),
        };
        keys.insert(element.tag, Key { vr: element.vr, value });
    }
    keys
}

/// VRs of the keys of table K.6-1, for implicit queries.
fn known_vr(tag: Tag) -> Vr {
    crate::dictionary::vr_of(tag)
}
