//! A captured file, read by the same code as a live line.

use super::{Readers, receipt, sha256_hex};
use crate::config::LARGEST_MESSAGE;
use crate::profile::Profile;
use benhan_contract::{DeliveryId, DeviceDelivery, Protocol};
use benhan_device_codec::{astm, hl7, mllp};
use benhan_uplink::StoredReceipt;
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Reads a capture: MLLP or bare HL7, ASTM frames or bare ASTM records. What was refused on the line (a bad
/// checksum) and what was never finished gives nothing, as it does live.
#[must_use]
pub fn read_capture(bytes: &[u8], profile: &Profile) -> Vec<DeviceDelivery> {
    let zone = profile.time_zone.clone().unwrap_or_else(|| TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or(TimeZone::UTC));
    let readers = Readers::only(profile.clone(), zone);
    let messages = split(bytes);
    let numbered = messages.into_iter().zip(1i64..);
    numbered.flat_map(|((protocol, raw), sequence)| receipt(&stored(protocol, raw, sequence), &readers)).collect()
}

fn split(bytes: &[u8]) -> Vec<(Protocol, Vec<u8>)> {
    if bytes.contains(&mllp::VT) {
        let mut decoder = mllp::Decoder::new(LARGEST_MESSAGE);
        let mut input = bytes;
        let found = std::iter::from_fn(|| decoder.next(&mut input));
        return found
            .filter_map(|found| match found {
                mllp::Found::Payload(payload) => Some((Protocol::Hl7, payload)),
                _ => None,
            })
            .collect();
    }
    if bytes.contains(&astm::frame::STX) {
        let capture = astm::frame::read_capture(bytes);
        return capture.messages.into_iter().map(|message| (Protocol::Astm, message)).collect();
    }
    if hl7::batch::messages(bytes).next().is_some() {
        return vec![(Protocol::Hl7, bytes.to_vec())];
    }
    if astm::record::messages(bytes).next().is_some() {
        return vec![(Protocol::Astm, bytes.to_vec())];
    }
    Vec::new()
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
