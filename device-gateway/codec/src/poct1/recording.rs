//! Results found in a recording, each behind the greeting of its device.

use super::message::{Kind, Message};
use super::splitter::{Found, Splitter};
use crate::recording::Recording;

/// Takes a recording apart; our own documents in it do no harm.
#[must_use]
pub fn recording(mut bytes: &[u8]) -> Recording {
    let mut found_all = Recording::default();
    let mut splitter = Splitter::default();
    let mut hello = Vec::new();
    while let Some(found) = splitter.next(&mut bytes) {
        match found {
            Found::Document(document) => match Message::parse(&document).map(|message| message.kind) {
                Some(Kind::Hello) => hello = document,
                Some(Kind::Observations) => found_all.records.push([hello.as_slice(), &document].concat()),
                Some(_) => {}
                None => {
                    found_all.damaged += 1;
                    found_all.records.push(document);
                }
            },
            Found::Refused => found_all.damaged += 1,
            Found::Garbage => {}
        }
    }
    found_all.unfinished = splitter.held() > 0;
    found_all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_result_of_a_recording_stands_behind_its_devices_greeting() {
        let document = |name: &str| format!("<{name}><HDR><HDR.control_id V=\"1\"/></HDR></{name}>");
        let [hello, status, result] = ["HEL.R01", "DST.R01", "OBS.R01"].map(document);
        let line = format!("{hello}\n{status}<odd/>{result}{result}<OBS.R01><HD");
        let read = recording(line.as_bytes());
        let record = format!("{hello}{result}").into_bytes();
        assert_eq!(read.records, [b"<odd/>".to_vec(), record.clone(), record.clone()]);
        assert_eq!((read.damaged, read.unfinished), (1, true));
        assert_eq!(recording(&record).records, [record]);
    }
}
