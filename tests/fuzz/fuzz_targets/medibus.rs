//! MEDIBUS: any bytes and events in any order end in a defined state within bounds; what a line said does not
//! depend on how it was cut; what is stored can be read.
#![no_main]

use benhan_device_codec::driver::{Action, Driver, Event};
use benhan_device_codec::medibus::{Decoder, MedibusDriver, Settings, read};
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
            assert!(decoder.held() <= 2 * 4096);
        }
        all
    };
    assert_eq!(found(&mut data.chunks(3)), found(&mut [data].into_iter()));
    let _ = read(data);

    let mut driver = MedibusDriver::new(Settings { codes: vec![0xD6], ..Settings::default() });
    let (mut now, mut out) = (Duration::ZERO, Vec::new());
    driver.handle(Event::LinkUp, now, &mut out);
    for piece in data.chunks(9) {
        let event = match piece {
            [0xF0, ..] => Event::LinkUp,
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
    for action in out {
        if let Action::Store(record) = action {
            assert_eq!(read(&record), read(&record));
        }
    }
});
