//! Rounds found in a recording: the device's answers, up to the next date and time or the same answer again.

use super::DATE_TIME;
use super::frame::{Decoder, Found, Frame, Kind};
use super::round::Round;
use crate::recording::Recording;

/// Takes a recording apart; our own commands in it do no harm.
#[must_use]
pub fn recording(mut bytes: &[u8]) -> Recording {
    let mut found_all = Recording::default();
    let mut decoder = Decoder::default();
    let mut round = Round::default();
    let mut seen: Vec<u8> = Vec::new();
    round.begin();
    while let Some(found) = decoder.next(&mut bytes) {
        match found {
            Found::Frame(frame @ Frame { kind: Kind::Response, .. }) => {
                let begins = frame.code == DATE_TIME && !seen.is_empty();
                if Round::takes(&frame) && (begins || seen.contains(&frame.code)) {
                    found_all.records.extend(round.finish());
                    round.begin();
                    seen.clear();
                }
                if Round::takes(&frame) {
                    seen.push(frame.code);
                }
                round.add(&frame);
            }
            Found::Damaged(_) | Found::Broken(_) => found_all.damaged += 1,
            Found::Frame(_) | Found::Cancelled | Found::Suspend | Found::Resume => {}
        }
    }
    found_all.records.extend(round.finish());
    found_all.unfinished = decoder.held() > 0;
    found_all
}

#[cfg(test)]
mod tests {
    use super::super::simulator::{answers, says};
    use super::*;

    #[test]
    fn each_round_of_a_recording_is_a_record_with_the_device_in_front() {
        let device = answers("R8210'Evita'02.00:04.03");
        let clock = answers("(12:00:0030-NOV-26");
        let (first, second) = (answers("$D6  18"), answers("$D6  19"));
        let mut line = [says("Q"), device.clone(), clock.clone(), first.clone(), answers("0"), clock.clone()].concat();
        line.extend([second.clone(), b"\x01$D6  20FF\r".to_vec(), b"\x01$D6".to_vec()].concat());
        let read = recording(&line);
        let record = |values: &[u8]| [device.as_slice(), &clock, values].concat();
        assert_eq!(read.records, [record(&first), record(&second)]);
        assert_eq!((read.damaged, read.unfinished), (1, true));
        assert_eq!(recording(&read.records[0]).records, read.records[..1]);
        assert_eq!(recording(&[first.clone(), second.clone()].concat()).records, [first, second]);
    }
}
