//! Commands and datasets to P-DATA-TF PDUs.

use super::P_DATA_TF;

/// PDU header (6), PDV length (4), context and control byte (2); the first six do not count towards the maximum.
const PDV_OVERHEAD: usize = 6;
/// When a peer names no limit, or one too small to carry anything.
const OWN_LIMIT: u32 = 128 * 1024;
const SMALLEST: u32 = 32;

/// Appends a message, command and dataset behind one another, so that one write can carry a whole answer.
pub fn write_message(out: &mut Vec<u8>, context: u8, command: &[u8], dataset: Option<&[u8]>, peer_max_pdu: u32) {
    let limit = match peer_max_pdu {
        0 => OWN_LIMIT,
        max => max.clamp(SMALLEST, OWN_LIMIT),
    };
    let room = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(PDV_OVERHEAD).max(1);
    write_pdvs(out, context, 0b01, command, room);
    if let Some(dataset) = dataset {
        write_pdvs(out, context, 0b00, dataset, room);
    }
}

fn write_pdvs(out: &mut Vec<u8>, context: u8, kind: u8, bytes: &[u8], room: usize) {
    let mut rest = bytes;
    loop {
        let (piece, after) = rest.split_at_checked(room).unwrap_or((rest, &[]));
        let control = if after.is_empty() { kind | 0b10 } else { kind };
        let pdv = u32::try_from(piece.len()).unwrap_or(u32::MAX).saturating_add(2);
        out.extend_from_slice(&[P_DATA_TF, 0]);
        out.extend_from_slice(&pdv.saturating_add(4).to_be_bytes());
        out.extend_from_slice(&pdv.to_be_bytes());
        out.extend_from_slice(&[context, control]);
        out.extend_from_slice(piece);
        rest = after;
        if rest.is_empty() {
            return;
        }
    }
}
