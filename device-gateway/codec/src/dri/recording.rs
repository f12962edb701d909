//! Records found in a recording: each good frame of values or alarms.

use super::frame::{Decoder, Found, frame};
use super::record::{ALARM, PHYSIOLOGICAL, Record};
use crate::recording::Recording;

/// Takes a recording apart.
#[must_use]
pub fn recording(mut bytes: &[u8]) -> Recording {
    let mut found_all = Recording::default();
    let mut decoder = Decoder::default();
    while let Some(found) = decoder.next(&mut bytes) {
        let Found::Record(record) = found else {
            found_all.damaged += 1;
            continue;
        };
        match Record::parse(&record).map(|record| record.main_type) {
            Ok(PHYSIOLOGICAL | ALARM) => found_all.records.push(frame(&record)),
            Ok(_) => {}
            Err(_) => found_all.damaged += 1,
        }
    }
    found_all.unfinished = decoder.held() > 0;
    found_all
}

#[cfg(test)]
mod tests {
    use super::super::simulator::{displayed, record, sent};
    use super::*;

    #[test]
    fn each_good_frame_of_values_is_a_record() {
        let values = sent(&displayed(0, &[(6, 72)]));
        let mut damaged = values.clone();
        damaged[60] ^= 1;
        let line = [&values, &damaged, &sent(&record(1, 0, &[0; 8])), &values, b"~abc".as_slice()].concat();
        let read = recording(&line);
        assert_eq!(read.records, [values.clone(), values.clone()]);
        assert_eq!((read.damaged, read.unfinished), (1, true));
        assert_eq!(recording(&values).records, [values]);
    }
}
