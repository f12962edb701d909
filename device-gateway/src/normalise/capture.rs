//! A captured file, read by the same code as a live line.

use super::{Readers, explained, sha256_hex};
use crate::config::LARGEST_MESSAGE;
use crate::driver::bedside::called;
use crate::profile::Profile;
use benhan_contract::{DeliveryId, DeviceDelivery, Protocol};
use benhan_device_codec::charset::Charset;
use benhan_device_codec::recording::Recording;
use benhan_device_codec::{astm, bedside, hl7, mllp};
use benhan_uplink::StoredReceipt;
use jiff::tz::TimeZone;
use std::sync::Arc;
use uuid::Uuid;

/// Longer captures are to be cut.
pub const LARGEST_CAPTURE: usize = 64 << 20;

/// What a file held.
#[derive(Clone, Debug, Default)]
pub struct Capture {
    /// `mllp`, `hl7`, `astm-frames`, `astm` or the name of a bedside protocol; empty when it is none of them.
    pub kind: &'static str,
    pub messages: Vec<ReadMessage>,
    /// Frames and payloads that a live line would have refused.
    pub refused: Vec<&'static str>,
    /// Messages begun and never finished.
    pub unfinished: usize,
}

/// A message, and by what it was read.
#[derive(Clone, Debug)]
pub struct ReadMessage {
    pub delivery: DeviceDelivery,
    /// Nothing when it could not be read at all; an empty id when no profile knows the sender.
    pub profile: Option<Arc<Profile>>,
    pub charset: Option<Charset>,
}

impl ReadMessage {
    /// As profiles name it.
    #[must_use]
    pub fn charset_name(&self) -> Option<&'static str> {
        const NAMES: &[&str] = &["utf-8", "windows-1252", "windows-1258", "tcvn3", "vni", "viscii", "gb18030"];
        NAMES.iter().find(|name| Charset::named(name) == self.charset && self.charset.is_some()).copied()
    }
}

impl Capture {
    /// Reads MLLP or bare HL7, ASTM frames or bare ASTM records, or what the bedside protocol of `profile` sends.
    /// `profile` reads everything; without one, the header decides, as it does live, among `own` and those that ship.
    #[must_use]
    pub fn read(bytes: &[u8], profile: Option<Arc<Profile>>, own: Vec<Arc<Profile>>) -> Self {
        let zone = profile.as_ref().and_then(|profile| profile.time_zone.clone());
        let zone = zone.unwrap_or_else(|| TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or(TimeZone::UTC));
        let protocol = profile.as_ref().and_then(|profile| profile.bedside);
        let readers = Readers::for_capture(profile, own, zone);
        let Split { kind, messages, refused, unfinished } =
            protocol.map_or_else(|| split(bytes), |protocol| bedside_split(protocol, bytes));
        let numbered = messages.into_iter().zip(1i64..);
        let read = numbered.flat_map(|((protocol, raw), at)| explained(&stored(protocol, raw, at), &readers));
        let messages = read.map(|(delivery, with)| {
            let (profile, charset) = with.map(|with| (with.profile, with.charset)).unzip();
            ReadMessage { delivery, profile, charset }
        });
        Self { kind, messages: messages.collect(), refused, unfinished }
    }
}

/// Reads a capture with one profile. What was refused on the line (a bad checksum) and what was never finished
/// gives nothing, as it does live.
#[must_use]
pub fn read_capture(bytes: &[u8], profile: &Profile) -> Vec<DeviceDelivery> {
    let read = Capture::read(bytes, Some(Arc::new(profile.clone())), Vec::new());
    read.messages.into_iter().map(|message| message.delivery).collect()
}

#[derive(Default)]
struct Split {
    kind: &'static str,
    messages: Vec<(Protocol, Vec<u8>)>,
    refused: Vec<&'static str>,
    unfinished: usize,
}

fn split(bytes: &[u8]) -> Split {
    if bytes.contains(&mllp::VT) {
        return payloads(bytes);
    }
    if bytes.contains(&astm::frame::STX) {
        return frames(bytes);
    }
    let whole = |kind, protocol| Split { kind, messages: vec![(protocol, bytes.to_vec())], ..Split::default() };
    if hl7::batch::messages(bytes).next().is_some() {
        return whole("hl7", Protocol::Hl7);
    }
    if astm::record::messages(bytes).next().is_some() {
        return whole("astm", Protocol::Astm);
    }
    Split::default()
}

fn bedside_split(protocol: bedside::Protocol, bytes: &[u8]) -> Split {
    let recording = protocol.recording(bytes);
    let is_empty = recording == Recording::default();
    Split {
        kind: if is_empty { "" } else { protocol.name() },
        messages: recording.records.into_iter().map(|record| (called(protocol), record)).collect(),
        refused: vec!["damaged"; recording.damaged],
        unfinished: usize::from(recording.unfinished),
    }
}

fn payloads(bytes: &[u8]) -> Split {
    let mut split = Split { kind: "mllp", ..Split::default() };
    let mut decoder = mllp::Decoder::new(LARGEST_MESSAGE);
    let mut input = bytes;
    while let Some(found) = decoder.next(&mut input) {
        match found {
            mllp::Found::Payload(payload) => split.messages.push((Protocol::Hl7, payload)),
            mllp::Found::TooLong => split.refused.push("too-long"),
            mllp::Found::Restarted(_) => split.unfinished += 1,
            mllp::Found::Garbage(_) => {}
        }
    }
    split.unfinished += usize::from(decoder.in_payload());
    split
}

fn frames(bytes: &[u8]) -> Split {
    let capture = astm::frame::read_capture(bytes);
    let refused = capture.notes.iter().filter_map(|note| match note {
        astm::frame::Note::BadChecksum => Some("bad-checksum"),
        astm::frame::Note::OutOfSequence => Some("out-of-sequence"),
        astm::frame::Note::FrameTooLong | astm::frame::Note::MessageTooLong => Some("too-long"),
        _ => None,
    });
    Split {
        kind: "astm-frames",
        refused: refused.collect(),
        unfinished: capture.parked,
        messages: capture.messages.into_iter().map(|message| (Protocol::Astm, message)).collect(),
    }
}

fn stored(protocol: Protocol, raw: Vec<u8>, sequence: i64) -> StoredReceipt {
    let number = u64::try_from(sequence).unwrap_or(0);
    StoredReceipt {
        id: DeliveryId(Uuid::from_u64_pair(0, number)),
        sequence,
        channel: "capture".to_owned(),
        address: String::new(),
        lane: "capture".to_owned(),
        protocol,
        received_at: 0,
        complete: true,
        raw_sha256: sha256_hex(&raw),
        raw,
    }
}
