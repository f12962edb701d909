//! The ASTM sender against anything, and against our own receiver over a line that the fuzzer damages: it ends in a
//! defined state, and what the receiver has for whole, in numbered frames, is what was sent.
#![no_main]

use benhan_device_codec::astm::frame::{Action, Form, Order, Receiver, Sender, Side, frames, text};
use libfuzzer_sys::fuzz_target;

const TEXT: &[u8] = b"H|\\^&|||BENHAN\rP|1\rO|1|S-77||^^^GLU\\^^^UREA|R||||||N||||SER||||||||||Q\rL|1|F\r";

fn anything(data: &[u8]) {
    let mut sender = Sender::new(Side::Host);
    let mut out = Vec::new();
    for piece in data.chunks(3) {
        match piece.first() {
            Some(0xF0) => sender.timer(&mut out),
            Some(0xF1) => sender.given_back(&mut out),
            Some(0xF2) => sender.closed(&mut out),
            Some(0xF3) => drop(sender.begin(frames(TEXT, Form::default()), &mut out)),
            Some(0xF4) => drop(sender.begin(frames(data, Form { text: piece.len(), record_a_frame: false }), &mut out)),
            _ => drop(sender.feed(piece, &mut out)),
        }
        for order in out.drain(..) {
            if let Order::Send(bytes) = order {
                assert!(!bytes.is_empty() && bytes.len() <= 64_000);
            }
        }
    }
}

/// Each byte of `data` says what becomes of the next bytes on the line.
fn damaged(data: &[u8]) {
    let (mut sender, mut receiver) = (Sender::new(Side::Instrument), Receiver::new(64 << 10));
    let (mut orders, mut at) = (Vec::new(), 0usize);
    assert!(sender.begin(frames(TEXT, Form { text: 40, record_a_frame: true }), &mut orders));
    for _ in 0..200 {
        let mut actions = Vec::new();
        if orders.is_empty() {
            sender.timer(&mut orders);
        }
        for order in std::mem::take(&mut orders) {
            if let Order::Send(mut bytes) = order {
                at += 1;
                if let Some(damage) = data.get(at).filter(|damage| **damage > 0x7F) {
                    let place = usize::from(data.get(at + 1).copied().unwrap_or(0)) % bytes.len();
                    bytes[place] ^= 1 << (damage & 7);
                }
                receiver.feed(&bytes, &mut actions);
            }
        }
        while !actions.is_empty() {
            for action in std::mem::take(&mut actions) {
                match action {
                    Action::Send(byte) => drop(sender.feed(&[byte], &mut orders)),
                    Action::Store(_) => receiver.stored(true, &mut actions),
                    Action::Complete(message) => assert_eq!(text(&message), TEXT),
                    _ => {}
                }
            }
        }
        if !sender.is_busy() {
            return;
        }
    }
}

fuzz_target!(|data: &[u8]| {
    anything(data);
    damaged(data);
});
