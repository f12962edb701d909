//! Texts found in a recording.

use super::Instrument;
use super::frame::{Decoder, Found};
use crate::recording::Recording;

/// Takes a recording apart.
#[must_use]
pub fn recording(instrument: Instrument, mut bytes: &[u8]) -> Recording {
    let mut found_all = Recording::default();
    let mut decoder = Decoder::new(instrument);
    while let Some(found) = decoder.next(&mut bytes) {
        match found {
            Found::Text(text) => found_all.records.push(text),
            Found::Damaged => found_all.damaged += 1,
            Found::Enquiry => {}
        }
    }
    found_all.unfinished = decoder.in_text();
    found_all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_of_a_recording_is_a_record() {
        let read = recording(Instrument::SysmexK1000, b"\x05\x02one\x03\x02two\x02three\x03\x02fo");
        assert_eq!(read.records, [b"\x02one\x03".to_vec(), b"\x02three\x03".to_vec()]);
        assert_eq!((read.damaged, read.unfinished), (1, true));
    }
}
