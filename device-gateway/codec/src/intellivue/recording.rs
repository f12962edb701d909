//! Polls found in a recording, each behind the message that told the clocks. The recording is of a serial line, or
//! one datagram after the other: each message says how long it is.

use super::frame::{self, Decoder, Found, frame};
use super::operation::Operation;
use super::poll::Polled;
use super::read::tells_both_clocks;
use super::request::{MDS, NUMERIC};
use super::session::{Kind, kind};
use crate::octets::Octets;
use crate::recording::Recording;

/// Takes a recording apart; our own messages in it do no harm.
#[must_use]
pub fn recording(bytes: &[u8]) -> Recording {
    let mut rows = Rows::default();
    if bytes.first() == Some(&frame::BEGIN) {
        let mut decoder = Decoder::default();
        let mut input = bytes;
        while let Some(found) = decoder.next(&mut input) {
            match found {
                Found::Message(message) => rows.message(&message),
                Found::Damaged => rows.found.damaged += 1,
            }
        }
        rows.found.unfinished = decoder.held() > 0;
    } else {
        let mut octets = Octets(bytes);
        while !octets.0.is_empty() && !rows.found.unfinished {
            match datagram(&mut octets) {
                Some(message) => rows.message(message),
                None => rows.found.unfinished = true,
            }
        }
    }
    rows.ended()
}

/// The next message by the length that it states.
fn datagram<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let mut head = *octets;
    let length = if kind(head.0) == Kind::Data {
        head.take(6)?;
        8 + usize::from(head.u16_be()?)
    } else {
        head.u8()?;
        match head.u8()? {
            u8::MAX => 4 + usize::from(head.u16_be()?),
            short => 2 + usize::from(short),
        }
    };
    octets.take(length)
}

#[derive(Default)]
struct Rows {
    found: Recording,
    clocks: Vec<u8>,
    /// Parts of the answer under way, framed.
    parts: Vec<u8>,
}

impl Rows {
    fn message(&mut self, message: &[u8]) {
        if kind(message) != Kind::Data {
            return;
        }
        match Operation::parse(message) {
            Some(Operation::Created(_)) => self.clocks = frame(message),
            Some(Operation::Answer(answer)) => match Polled::parse(&answer).map(|polled| polled.class) {
                Some(MDS) => {
                    self.clocks = Some(frame(message)).filter(|told| tells_both_clocks(told)).unwrap_or_default()
                }
                Some(NUMERIC) => {
                    self.parts.extend(frame(message));
                    if answer.last {
                        self.keep();
                    }
                }
                Some(_) => {}
                None => self.found.damaged += 1,
            },
            Some(Operation::OtherInvoke | Operation::Error { .. }) => {}
            None => self.found.damaged += 1,
        }
    }

    fn keep(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        if !parts.is_empty() {
            self.found.records.push([self.clocks.as_slice(), &parts].concat());
        }
    }

    fn ended(mut self) -> Recording {
        self.keep();
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::poll;
    use super::super::session;
    use super::super::simulator::{Answer, NO_TIME, attribute, bcd, clocks, created, number, serial};
    use super::*;

    fn pulse(invoke: u16) -> Answer {
        let value = attribute(0x0950, &number(0x4182, 0, 0x0AA0, 72));
        Answer { invoke, class: NUMERIC, counter: 9000, civil: NO_TIME.to_vec(), objects: vec![(1, vec![value])] }
    }

    #[test]
    fn datagrams_and_serial_frames_give_the_same_records() {
        let created = created(&clocks(&bcd(12, 0, 0), 8000), 8000);
        let line = [
            session::request(1000),
            created.clone(),
            poll(1, 1, NUMERIC, false),
            pulse(1).linked(1, 2),
            pulse(1).last(),
            pulse(2).last(),
        ];
        let records = [
            [serial(&created), serial(&pulse(1).linked(1, 2)), serial(&pulse(1).last())].concat(),
            [serial(&created), serial(&pulse(2).last())].concat(),
        ];
        let datagrams = recording(&line.concat());
        assert_eq!(datagrams, Recording { records: records.to_vec(), damaged: 0, unfinished: false });
        let framed: Vec<u8> = line.iter().flat_map(|message| serial(message)).collect();
        assert_eq!(recording(&framed), datagrams);
        assert_eq!(recording(&records[0]).records, records[..1]);
        assert!(recording(&line.concat()[..line.concat().len() - 3]).unfinished);
    }
}
