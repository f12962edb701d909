//! Stored bytes to deliveries. Stateless: the same bytes and profiles give the same deliveries, so a reading
//! that was wrong is repaired by reading again.
//!
//! Whatever cannot be read is delivered all the same, with its bytes and without groups: it waits on a list
//! for a person. Several patients in one message become several deliveries, so that no value of one can
//! reach another.

mod astm;
mod bedside;
mod capture;
mod devices;
mod hl7;
mod set_aside;
mod settle;
pub(crate) mod specimen;
mod text;
mod value;

pub use capture::{Capture, LARGEST_CAPTURE, ReadMessage, read_capture};
pub use devices::{Reader, Readers, UnknownProfile};

use crate::profile::Profile;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benhan_contract::{DeliveryId, DeviceDelivery, Processing, Protocol, ResultGroup, Sender};
use benhan_contract::{SenderLocation, SenderPatient, SetAside};
use benhan_device_codec::charset::Charset;
use benhan_uplink::StoredReceipt;
use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// More than any honest message holds; beyond it, the message is delivered unread.
const MOST_LINES: usize = 5_000;
/// Repetitions and components looked at in one field.
const MOST_PARTS: usize = 32;
/// Numbers by which one patient is known.
const MOST_IDS: usize = 8;
/// Patients in one message: each one's delivery carries the bytes of the whole message. More wait unread.
const MOST_PATIENTS: usize = 64;
/// Bytes that all deliveries of one message may carry together.
const LARGEST_TOTAL: usize = 8 << 20;

/// What one message, or one patient's part of it, turned out to say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub application: String,
    pub facility: String,
    pub equipment: String,
    pub message_at: Option<i64>,
    pub processing: Option<Processing>,
    pub control_id: Option<String>,
    pub message_type: String,
    pub patient: Option<SenderPatient>,
    pub location: Option<SenderLocation>,
    pub groups: Vec<ResultGroup>,
    pub set_aside: Vec<SetAside>,
    /// The bytes it came from, where that is not the whole receipt (a batch).
    pub raw: Option<Vec<u8>>,
    /// Nothing where it was not read.
    pub read_with: Option<ReadWith>,
}

/// By what a message was read.
#[derive(Clone, Debug)]
pub struct ReadWith {
    pub profile: Arc<Profile>,
    pub charset: Charset,
}

impl ReadWith {
    fn new(reader: &Reader, charset: Charset) -> Self {
        Self { profile: Arc::clone(&reader.profile), charset }
    }
}

/// Reads one stored message.
#[must_use]
pub fn receipt(stored: &StoredReceipt, readers: &Readers) -> Vec<DeviceDelivery> {
    explained(stored, readers).into_iter().map(|(delivery, _)| delivery).collect()
}

/// As [`receipt`], and by what each was read.
fn explained(stored: &StoredReceipt, readers: &Readers) -> Vec<(DeviceDelivery, Option<ReadWith>)> {
    let read = || if stored.complete { parts(stored, readers) } else { Vec::new() };
    // A mistake of ours over one message must not keep all others from being read.
    let parts = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        tracing::error!(sequence = stored.sequence, "a message could not be read; it is delivered as it came");
        Vec::new()
    });
    let total = parts.iter().map(|part| part.raw.as_ref().map_or(stored.raw.len(), Vec::len)).sum::<usize>();
    // An honest batch has several messages and carries each once.
    if parts.is_empty() || (parts.len() > 1 && total > LARGEST_TOTAL) {
        return vec![(delivery(stored, 0, unread(stored)), None)];
    }
    let one = |(index, mut part): (usize, Part)| {
        let read_with = part.read_with.take();
        (delivery(stored, index, part), read_with)
    };
    parts.into_iter().enumerate().map(one).collect()
}

fn parts(stored: &StoredReceipt, readers: &Readers) -> Vec<Part> {
    let lines = stored.raw.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
    if lines > MOST_LINES {
        return Vec::new();
    }
    match stored.protocol {
        Protocol::Hl7 => hl7::read(stored, readers),
        Protocol::Astm => astm::read(stored, readers),
        other => match benhan_device_codec::bedside::Protocol::named(other.name()) {
            Some(protocol) => bedside::read(protocol, stored, readers),
            None => Vec::new(),
        },
    }
}

/// Parts that may each carry so many bytes: found out before they are made.
fn most_parts(bytes: usize) -> usize {
    (LARGEST_TOTAL / bytes.max(1)).clamp(1, MOST_PATIENTS)
}

/// What can be said about a message that could not be read: that it came.
fn unread(stored: &StoredReceipt) -> Part {
    let message_type = if stored.complete { "" } else { "incomplete" };
    Part { message_type: message_type.to_owned(), ..Part::default() }
}

fn delivery(stored: &StoredReceipt, index: usize, part: Part) -> DeviceDelivery {
    let own = part.raw.as_deref();
    let processing = processing(&part);
    DeviceDelivery {
        id: nth_id(stored.id, index),
        sequence: stored.sequence,
        sender: Sender {
            channel: stored.channel.clone(),
            address: stored.address.clone(),
            application: part.application,
            facility: part.facility,
            equipment: part.equipment,
        },
        protocol: stored.protocol,
        received_at: stored.received_at,
        message_at: part.message_at,
        processing,
        control_id: part.control_id,
        message_type: part.message_type,
        raw: STANDARD.encode(own.unwrap_or(&stored.raw)),
        raw_sha256: own.map_or_else(|| stored.raw_sha256.clone(), sha256_hex),
        patient: part.patient,
        location: part.location,
        groups: part.groups,
        set_aside: part.set_aside,
    }
}

/// A message of which only controls or a demonstration came is as good as one that says so of itself: nobody need
/// look whose it is.
fn processing(part: &Part) -> Processing {
    let stated = part.processing.unwrap_or(Processing::Production);
    if stated != Processing::Production || !part.groups.is_empty() {
        return stated;
    }
    let has = |why: &str| part.set_aside.iter().any(|aside| aside.why == why);
    if has("quality-control") || has("calibration") {
        Processing::QualityControl
    } else if has("demo") {
        Processing::Training
    } else {
        stated
    }
}

/// The first delivery has the receipt's id; each further one an id made from it (UUIDv8), so that a second
/// reading gives the same ids.
fn nth_id(id: DeliveryId, index: usize) -> DeliveryId {
    if index == 0 {
        return id;
    }
    let mut hash = Sha256::new();
    hash.update(id.0.as_bytes());
    hash.update(u64::try_from(index).unwrap_or(u64::MAX).to_be_bytes());
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    for (slot, byte) in bytes.iter_mut().zip(digest) {
        *slot = byte;
    }
    DeliveryId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod bounds_tests;
#[cfg(test)]
mod profile_tests;
#[cfg(test)]
mod tests;
