//! GE and Datex-Ohmeda records: any bytes and events end in a defined state; a framed record is found again.
#![no_main]

use benhan_device_codec::dri::{Decoder, DriDriver, Found, Settings, frame, read};
use benhan_device_codec::driver::{Driver, Event};
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
            assert!(decoder.held() <= 2048);
        }
        all
    };
    assert_eq!(found(&mut data.chunks(3)), found(&mut [data].into_iter()));
    let _ = read(data);
    // Past the checksum and the length, which no fuzzer guesses.
    let mut record = data.to_vec();
    record.truncate(1500);
    if let (Ok(length), Some(said)) = (u16::try_from(record.len()), record.get_mut(..2)) {
        said.copy_from_slice(&length.to_le_bytes());
    }
    let framed = frame(&record);
    assert_eq!(found(&mut [framed.as_slice()].into_iter()), [Found::Record(record)]);
    let _ = read(&framed);

    let mut driver = DriDriver::new(Settings::default());
    let (mut now, mut out) = (Duration::ZERO, Vec::new());
    driver.handle(Event::LinkUp, now, &mut out);
    for piece in [framed.as_slice()].into_iter().chain(data.chunks(50)) {
        let event = match piece {
            [0xF1, ..] => Event::LinkDown,
            [0xF2, ok, ..] => Event::Stored { ok: ok % 2 == 0 },
            [0xF3, seconds, ..] => {
                now += Duration::from_secs(u64::from(*seconds));
                Event::Timer
            }
            [0xF4, ..] => Event::Stop,
            _ => Event::Bytes(piece),
        };
        driver.handle(event, now, &mut out);
    }
});
