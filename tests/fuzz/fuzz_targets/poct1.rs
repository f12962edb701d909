//! POCT1-A documents and printed texts: any bytes and events end in a defined state; cutting changes nothing.
#![no_main]

use benhan_device_codec::driver::{Action, Driver, Event};
use benhan_device_codec::poct1::{Element, Poct1Driver, Settings, Splitter, read};
use benhan_device_codec::printer::{self, Instrument, PrinterDriver};
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

fn run(driver: &mut dyn Driver, data: &[u8]) -> Vec<Vec<u8>> {
    let (mut now, mut out) = (Duration::ZERO, Vec::new());
    driver.handle(Event::LinkUp, now, &mut out);
    for piece in data.split(|byte| *byte == 0xFF) {
        let event = match piece {
            [0xF1, ..] => Event::LinkDown,
            [0xF2, ok, ..] => Event::Stored { ok: ok % 2 == 0 },
            [0xF3, seconds, ..] => {
                now += Duration::from_secs(u64::from(*seconds));
                Event::Timer
            }
            [0xF4, ..] => Event::Stop,
            [0xF5, ..] => Event::LinkUp,
            _ => Event::Bytes(piece),
        };
        driver.handle(event, now, &mut out);
    }
    let stored = |action| if let Action::Store(record) = action { Some(record) } else { None };
    out.into_iter().filter_map(stored).collect()
}

fuzz_target!(|data: &[u8]| {
    let found = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut splitter = Splitter::default();
        let mut all = Vec::new();
        for mut piece in pieces {
            while let Some(found) = splitter.next(&mut piece) {
                all.push(found);
            }
            assert!(splitter.held() <= 1 << 20);
        }
        all
    };
    assert_eq!(found(&mut data.chunks(3)), found(&mut [data].into_iter()));
    let _ = Element::parse(data);
    let _ = read(data);
    for record in run(&mut Poct1Driver::new(Settings::default()), data) {
        let _ = read(&record);
    }
    for instrument in [Instrument::SysmexK1000, Instrument::SpotchemEl, Instrument::MiniVidas] {
        for record in run(&mut PrinterDriver::new(instrument), data) {
            assert!(printer::read(instrument, &record).len() <= 1);
        }
    }
});
