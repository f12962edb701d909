//! IntelliVue: any messages and events end in a defined state; a framed message is found again; what is stored
//! can be read.
#![no_main]

use benhan_device_codec::driver::{Action, Driver, Event};
use benhan_device_codec::intellivue::{Decoder, Found, IntellivueDriver, Settings, Transport, frame, read};
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

fuzz_target!(|data: &[u8]| {
    let found = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut decoder = Decoder::default();
        let mut all = Vec::new();
        for mut piece in pieces {
            while let Some(found) = decoder.next(&mut piece) {
                all.push(found);
            }
            assert!(decoder.held() <= 16_384);
        }
        all
    };
    assert_eq!(found(&mut data.chunks(3)), found(&mut [data].into_iter()));
    let message = &data[..data.len().min(8000)];
    let framed = frame(message);
    assert_eq!(found(&mut [framed.as_slice()].into_iter()), [Found::Message(message.to_vec())]);
    let _ = read(&framed);

    // The first byte's bits choose the transport; the rest are messages with their length in front.
    let Some((first, mut rest)) = data.split_first() else { return };
    let transport = if first % 2 == 0 { Transport::Udp } else { Transport::Serial };
    let mut driver = IntellivueDriver::new(Settings { extended: first % 4 > 1, ..Settings::new(transport) });
    let (mut now, mut out) = (Duration::ZERO, Vec::new());
    driver.handle(Event::LinkUp, now, &mut out);
    while let Some((length, after)) = rest.split_first() {
        let (piece, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        let framed = frame(piece);
        let event = match piece {
            [0xF1, ..] => Event::LinkDown,
            [0xF2, ok, ..] => Event::Stored { ok: ok % 2 == 0 },
            [0xF3, seconds, ..] => {
                now += Duration::from_secs(u64::from(*seconds));
                Event::Timer
            }
            [0xF4, ..] => Event::Stop,
            [0xF5, ..] => Event::LinkUp,
            _ if transport == Transport::Udp => Event::Bytes(piece),
            _ => Event::Bytes(&framed),
        };
        driver.handle(event, now, &mut out);
    }
    for action in out {
        if let Action::Store(record) = action {
            let _ = read(&record);
        }
    }
});
