//! The ASTM link and records: any bytes, timers and disk answers in any order end in a defined state, within
//! the limit; and what a line said does not depend on how it was cut.
#![no_main]

use benhan_device_codec::astm::frame::{Action, Receiver, read_capture, text};
use benhan_device_codec::astm::record;
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 4096;

fuzz_target!(|data: &[u8]| {
    let mut receiver = Receiver::new(LIMIT);
    let mut out = Vec::new();
    for piece in data.chunks(7) {
        match piece.first() {
            Some(0xF0) => receiver.timer(&mut out),
            Some(0xF1) => receiver.stored(true, &mut out),
            Some(0xF2) => receiver.stored(false, &mut out),
            Some(0xF3) => receiver.closed(&mut out),
            _ => receiver.feed(piece, &mut out),
        }
    }
    for action in out {
        if let Action::Complete(message) = action {
            assert!(message.len() <= LIMIT);
        }
    }
    for message in read_capture(data).messages.iter().map(|frames| text(frames)).chain([data.to_vec()]) {
        for message in record::messages(&message) {
            for record in message.records() {
                for field in record.fields() {
                    let _ = (record.kind(), field.component(5).unescaped().len(), field.repetitions().count());
                }
            }
        }
    }
});
