//! HL7 v2 results: ORU, OUL and whatever else carries OBX.
//!
//! Structure is taken from the order of segments, never from the message's name: PID and PV1 name a subject,
//! OBR (or a leading SPM or SAC) begins a group, OBX is a value, NTE a comment on what stands before it.

mod observation;
mod order;
mod person;
mod said;
mod subject;
mod walk;

use super::devices::{Reader, Readers};
use super::{MOST_PARTS, Part, ReadWith, text};
use benhan_contract::Processing;
use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::{Field, Message, Segment, Whole, batch};
use benhan_uplink::StoredReceipt;
pub(super) use observation::plain;
use walk::Walk;

/// One part for each subject of each message in the bytes.
pub fn read(stored: &StoredReceipt, readers: &Readers) -> Vec<Part> {
    // In UTF-16 no message is found before it is decoded; every other charset is read as it was sent.
    let is_wide = batch::messages(&stored.raw).next().is_none();
    let decoded = is_wide.then(|| Whole::of(&stored.raw, None));
    let bytes = decoded.as_ref().map_or(stored.raw.as_slice(), |whole| &whole.bytes);
    let messages: Vec<&[u8]> = batch::messages(bytes).collect();
    let several = messages.len() > 1;
    messages
        .into_iter()
        .filter_map(|bytes| Message::parse(bytes).ok())
        .flat_map(|message| {
            let mut parts = Walk::new(&Context::of(message, stored, readers)).run(&message);
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
        text::clean(&self.charset.decode(&field.unescaped()))
    }

    /// What something is known by.
    pub fn name(self, field: Field<'_>) -> String {
        text::name(&self.charset.decode(&field.unescaped()))
    }

    /// As sent, with its components.
    pub fn raw(self, field: Field<'_>) -> String {
        text::name(&self.charset.decode(field.trimmed()))
    }
}

/// What holds for the whole message.
pub struct Context<'a> {
    header: Segment<'a>,
    reader: Reader,
    words: Words,
    /// What every part says of the sender.
    head: Part,
}

impl<'a> Context<'a> {
    fn of(message: Message<'a>, stored: &StoredReceipt, readers: &Readers) -> Self {
        let header = message.header();
        let reader = readers.reader_of(&stored.channel, &stored.address, &header);
        let charset = Charset::of(message.bytes(), header.field(18).raw(), reader.charset);
        let words = Words { charset };
        let head = Part {
            application: words.name(header.field(3).component(1)),
            facility: words.name(header.field(4).component(1)),
            equipment: equipment(header.field(3), words),
            message_at: reader.time(header.field(7).trimmed()),
            processing: Some(processing(header)),
            control_id: Some(words.raw(header.field(10))).filter(|id| !id.is_empty()),
            message_type: words.raw(header.field(9)),
            read_with: Some(ReadWith::new(&reader, charset)),
            ..Part::default()
        };
        Self { header, reader, words, head }
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
    kind.and_then(|at| parts.get(at.checked_sub(1)?)).map_or_else(String::new, |part| words.name(*part))
}

#[cfg(test)]
mod tests;
