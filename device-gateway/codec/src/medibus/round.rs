//! One round of requests and the answers to it, which are kept together: values, their time, the alarms and the
//! mode that the device was in.

use super::frame::Frame;
use super::{ALARMS_PAGE_1, ALARMS_PAGE_2, DATE_TIME, DEVICE_ID, MEASURED_PAGE_1, MEASURED_PAGE_2, TEXTS};

/// What a round asks for after date and time.
const REQUESTS: [u8; 5] = [MEASURED_PAGE_1, MEASURED_PAGE_2, ALARMS_PAGE_1, ALARMS_PAGE_2, TEXTS];

#[derive(Debug, Default)]
pub(super) struct Round {
    /// The device's identification; it stands at the head of every record.
    device: Vec<u8>,
    answers: Vec<u8>,
    /// Anything but date and time has come.
    worth_keeping: bool,
    asked: usize,
    running: bool,
}

impl Round {
    pub fn begin(&mut self) {
        self.answers.clear();
        self.worth_keeping = false;
        self.asked = 0;
        self.running = true;
    }

    /// The next request of the round that has begun.
    pub fn next(&mut self) -> Option<u8> {
        let code = REQUESTS.get(self.asked).filter(|_| self.running)?;
        self.asked += 1;
        Some(*code)
    }

    /// Does such an answer belong into a record?
    pub fn takes(frame: &Frame) -> bool {
        (frame.code == DATE_TIME || REQUESTS.contains(&frame.code)) && !frame.data.is_empty()
    }

    pub fn add(&mut self, frame: &Frame) {
        if frame.code == DEVICE_ID {
            self.device = frame.bytes();
        } else if self.running && Self::takes(frame) {
            self.worth_keeping |= frame.code != DATE_TIME;
            self.answers.extend(frame.bytes());
        }
    }

    /// The record of what has come, if there is anything worth to be kept.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        self.running = false;
        let answers = std::mem::take(&mut self.answers);
        std::mem::take(&mut self.worth_keeping).then(|| [self.device.as_slice(), &answers].concat())
    }
}
