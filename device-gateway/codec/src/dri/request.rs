//! What is asked of a monitor: to send displayed values every so many seconds, and alarms as they change.

use super::frame::frame;
use super::record::{ALARM, PHYSIOLOGICAL};

/// A header with one subrecord of type 0, a request, behind it.
fn record(main_type: u16, request: &[u8]) -> Vec<u8> {
    let length = u16::try_from(40 + request.len()).unwrap_or(u16::MAX);
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend([0; 12]);
    bytes.extend(main_type.to_le_bytes());
    bytes.extend([0, 0, 0]);
    bytes.extend([0, 0, 0xFF]);
    bytes.resize(40, 0);
    bytes.extend(request);
    frame(&bytes)
}

/// Asks for displayed values of all classes, every so many seconds (5 at least); 0 ends it.
pub(super) fn displayed_values(seconds: u16) -> Vec<u8> {
    let classes: u32 = if seconds == 0 { 0 } else { 0b1110 };
    let mut request = vec![1];
    request.extend(seconds.to_le_bytes());
    request.extend(classes.to_le_bytes());
    request.extend([0, 0]);
    record(PHYSIOLOGICAL, &request)
}

/// Asks for the alarms now and whenever they change, or for no more of them.
pub(super) fn alarms(on: bool) -> Vec<u8> {
    let command: u16 = if on { 2 } else { 3 };
    let mut request = command.to_le_bytes().to_vec();
    request.resize(12, 0);
    record(ALARM, &request)
}
