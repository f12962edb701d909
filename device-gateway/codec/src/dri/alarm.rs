//! The alarm status: the five messages that the monitor shows.

use crate::octets::Octets;
use crate::reading::{Alarm, Reported};

const MESSAGES: usize = 5;
const TEXT: usize = 80;
/// Whether text and colour changed, and six reserved words.
const BEHIND_COLOUR: usize = 14;

pub(super) fn read(data: &[u8], reported: &mut Reported) -> Option<()> {
    let mut octets = Octets(data);
    // Sound and silence are for those who stand at the bed.
    octets.take(10)?;
    for _ in 0..MESSAGES {
        let text = octets.take(TEXT)?;
        let (_changed, colour) = (octets.u16_le()?, octets.u16_le()?);
        octets.take(BEHIND_COLOUR)?;
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
        if colour > 0 && !text.is_empty() {
            // The text depends on the monitor's language and is no code.
            let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text).0.into_owned();
            reported.alarms.push(Alarm {
                code: String::new(),
                text,
                priority: u8::try_from(colour).unwrap_or(u8::MAX),
            });
        }
    }
    Some(())
}
