//! What must be known of a message before it is stored: its lane and the key of its repetitions.
//!
//! The key leaves out the time of sending (MSH-7, H-14), which a device renews when it sends again, but only
//! where the message states the time of its measurements: else two equal readings a minute apart would
//! pass for one. A message that states no time at all is a repetition only for minutes. MSH-10 is never an identity by itself; some analyzers send a constant.

use crate::clock;
use benhan_contract::Protocol;
use benhan_device_codec::astm::{frame, record};
use benhan_device_codec::bedside::Protocol as Bedside;
use benhan_device_codec::hl7::{Message, batch};
use benhan_uplink::{DuplicateWindow, Incoming};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

/// Where the results of a POCT1-A message begin.
const SERVICE: &[u8] = b"<SVC";

/// A message on its way into the spool.
pub fn incoming(
    protocol: Protocol,
    channel: &str,
    address: &str,
    received_at: i64,
    complete: bool,
    raw: Vec<u8>,
) -> Incoming {
    let mut hash = Sha256::new();
    for part in [channel, address, if complete { "whole" } else { "part" }] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let (application, is_timed) = match protocol {
        Protocol::Hl7 => hl7(&raw, &mut hash),
        Protocol::Astm => astm(&raw, &mut hash),
        other => bedside(other, &raw, received_at, &mut hash),
    };
    Incoming {
        channel: channel.to_owned(),
        address: address.to_owned(),
        lane: format!("{channel}|{address}|{application}"),
        protocol,
        dedupe_key: hash.finalize().into(),
        received_at,
        repeats_within: if is_timed { DuplicateWindow::TIMED } else { DuplicateWindow::UNTIMED },
        raw,
        complete,
    }
}

/// The sender's name, and whether the message states any time: one that does is the same message a week later.
fn hl7(raw: &[u8], hash: &mut Sha256) -> (String, bool) {
    let first = batch::messages(raw).next().unwrap_or(raw);
    let Ok(message) = Message::parse(first) else {
        hash.update(raw);
        return (String::new(), false);
    };
    let header = message.header();
    let sent_at = header.field(7).raw();
    let states_times = message.segments().any(|segment| match segment.id() {
        b"OBX" => is_time(segment.field(14).component(1).trimmed()),
        b"OBR" => is_time(segment.field(7).component(1).trimmed()),
        _ => false,
    });
    hash_without(raw, if states_times { sent_at } else { b"" }, hash);
    let name = text(&[header.field(3).raw(), b"/", header.field(4).raw()].concat());
    (name, states_times || is_time(sent_at))
}

fn astm(raw: &[u8], hash: &mut Sha256) -> (String, bool) {
    let content = frame::text(raw);
    let content = if content.is_empty() { raw } else { &content };
    let Some(message) = record::messages(content).next() else {
        hash.update(content);
        return (String::new(), false);
    };
    let header = message.header();
    let states_times = message
        .records()
        .any(|record| record.kind() == b'R' && [12, 13].iter().any(|n| is_time(record.field(*n).trimmed())));
    hash_without(content, if states_times { header.field(14).raw() } else { b"" }, hash);
    (text(header.field(5).raw()), states_times || is_time(header.field(14).trimmed()))
}

/// A monitor says nothing twice: what it measures again is another measurement. What waits for an acknowledgement is
/// sent again without it; a meter's results begin with their service, and its greeting is new each time.
fn bedside(protocol: Protocol, raw: &[u8], received_at: i64, hash: &mut Sha256) -> (String, bool) {
    let name = protocol.name().to_owned();
    if protocol.is_bedside_monitor() {
        hash.update(received_at.to_be_bytes());
        hash.update(raw);
        return (name, true);
    }
    let reports = Bedside::named(&name).map(|protocol| protocol.read(raw)).unwrap_or_default();
    for device in reports.iter().filter_map(|report| report.device.as_ref()) {
        hash.update(device.as_bytes());
    }
    let results = raw.windows(SERVICE.len()).position(|part| part == SERVICE).filter(|_| protocol == Protocol::Poct1A);
    hash.update(results.and_then(|at| raw.get(at..)).unwrap_or(raw));
    (name, !reports.is_empty() && reports.iter().all(|report| report.at.is_some()))
}

/// Of a device without a clock, an equal message tomorrow is tomorrow's: its sample numbers begin anew each day.
fn is_time(text: &[u8]) -> bool {
    clock::parse(text, &TimeZone::UTC).is_some()
}

/// Leaves out `part`, which is a slice of `whole`; looking for its text instead could be made slow on purpose.
fn hash_without(whole: &[u8], part: &[u8], hash: &mut Sha256) {
    let at = part.as_ptr().addr().checked_sub(whole.as_ptr().addr()).filter(|_| !part.is_empty());
    match at.and_then(|at| Some((whole.get(..at)?, whole.get(at + part.len()..)?))) {
        Some((before, after)) => {
            hash.update(before);
            hash.update([0]);
            hash.update(after);
        }
        None => hash.update(whole),
    }
}

/// A lane's name is for sorting, so any text will do, as long as it is short.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..bytes.len().min(120)).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(raw: &str) -> [u8; 32] {
        incoming(Protocol::Hl7, "mllp", "10.0.9.1", 0, true, raw.as_bytes().to_vec()).dedupe_key
    }

    fn message(sent: &str, measured: &str, value: &str) -> String {
        format!("MSH|^~\\&|MON|ICU|||{sent}||ORU^R01|1|P|2.6\rOBR|1||||||{measured}\rOBX|1|NM|1||{value}\r")
    }

    #[test]
    fn a_repetition_sent_later_has_the_same_key() {
        assert_eq!(
            key(&message("20260101100000", "20260101095900", "7")),
            key(&message("20260101100500", "20260101095900", "7"))
        );
        assert_ne!(
            key(&message("20260101100000", "20260101095900", "7")),
            key(&message("20260101100000", "20260101095900", "8"))
        );
    }

    #[test]
    fn equal_readings_without_a_time_of_their_own_are_two_messages() {
        assert_ne!(key(&message("20260101100000", "", "7")), key(&message("20260101100500", "", "7")));
        assert_eq!(key(&message("20260101100000", "", "7")), key(&message("20260101100000", "", "7")));
    }

    #[test]
    fn without_any_time_a_repetition_is_one_only_for_minutes() {
        let window =
            |protocol, raw: &str| incoming(protocol, "c", "10.0.9.1", 0, true, raw.as_bytes().to_vec()).repeats_within;
        let hl7 = |sent, measured| window(Protocol::Hl7, &message(sent, measured, "7"));
        assert_eq!(hl7("", ""), DuplicateWindow::UNTIMED);
        assert_eq!(hl7("00000000000000", "0"), DuplicateWindow::UNTIMED, "a clock that was never set");
        assert_eq!(hl7("20260101100000", ""), DuplicateWindow::TIMED);
        assert_eq!(hl7("", "20260101100000"), DuplicateWindow::TIMED);
        let astm = |sent, measured| {
            window(Protocol::Astm, &format!("H|\\^&|||X|||||||||{sent}\rO|1|7\rR|1|^^^K|4.1|||||F|||{measured}\rL|1\r"))
        };
        assert_eq!(astm("", ""), DuplicateWindow::UNTIMED);
        assert_eq!(astm("20260101100000", ""), DuplicateWindow::TIMED);
        assert_eq!(astm("", "20260101100000"), DuplicateWindow::TIMED);
    }
}
