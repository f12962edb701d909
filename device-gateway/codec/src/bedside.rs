//! The bedside protocols by name: for each a driver, and what its stored records say.
//!
//! A profile names one. Whoever needs other settings than the usual ones builds the driver itself.

use crate::driver::Driver;
use crate::intellivue::{IntellivueDriver, Transport};
use crate::medibus::MedibusDriver;
use crate::poct1::Poct1Driver;
use crate::printer::{Instrument, PrinterDriver};
use crate::reading::Reported;
use crate::recording::Recording;
use crate::{dri, intellivue, medibus, poct1, printer};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Dräger ventilators and anaesthesia workplaces; serial.
    Medibus,
    /// GE and Datex-Ohmeda monitors; serial.
    Dri,
    /// Philips IntelliVue; each datagram is one event.
    IntellivueUdp,
    IntellivueSerial,
    /// Glucose meters and other readers; the device connects by TCP.
    Poct1,
    /// Instruments that only print; serial.
    Printer(Instrument),
}

const NAMES: &[(&str, Protocol)] = &[
    ("medibus", Protocol::Medibus),
    ("dri", Protocol::Dri),
    ("intellivue-udp", Protocol::IntellivueUdp),
    ("intellivue-serial", Protocol::IntellivueSerial),
    ("poct1-a", Protocol::Poct1),
    ("sysmex-k1000", Protocol::Printer(Instrument::SysmexK1000)),
    ("spotchem-el", Protocol::Printer(Instrument::SpotchemEl)),
    ("mini-vidas", Protocol::Printer(Instrument::MiniVidas)),
];

impl Protocol {
    /// The protocol that a profile means.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(have, _)| *have == name).map(|(_, protocol)| *protocol)
    }

    /// As a profile names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, protocol)| *protocol == self).map_or("", |(name, _)| name)
    }

    /// All names, for a message that tells what may be written.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Whether its values are asked for, as often as one wants. Other devices speak when they have something.
    #[must_use]
    pub fn is_asked(self) -> bool {
        matches!(self, Self::Medibus | Self::Dri | Self::IntellivueUdp | Self::IntellivueSerial)
    }

    /// A driver for one connection, with the usual settings, and values about every so long where they are asked for.
    #[must_use]
    pub fn driver(self, every: Option<Duration>) -> Box<dyn Driver + Send> {
        let intellivue = |transport| {
            let usual = intellivue::Settings::new(transport);
            IntellivueDriver::new(intellivue::Settings { every: every.unwrap_or(usual.every), ..usual })
        };
        match self {
            Self::Medibus => {
                let usual = medibus::Settings::default();
                Box::new(MedibusDriver::new(medibus::Settings { every: every.unwrap_or(usual.every), ..usual }))
            }
            Self::Dri => {
                let usual = dri::Settings::default();
                let seconds = every.map(|every| u16::try_from(every.as_secs()).unwrap_or(u16::MAX));
                let every_seconds = seconds.unwrap_or(usual.every_seconds);
                Box::new(dri::DriDriver::new(dri::Settings { every_seconds, ..usual }))
            }
            Self::IntellivueUdp => Box::new(intellivue(Transport::Udp)),
            Self::IntellivueSerial => Box::new(intellivue(Transport::Serial)),
            Self::Poct1 => Box::new(Poct1Driver::new(poct1::Settings::default())),
            Self::Printer(instrument) => Box::new(PrinterDriver::new(instrument)),
        }
    }

    /// What a record says that this protocol's driver had stored. Always the same for the same bytes.
    #[must_use]
    pub fn read(self, record: &[u8]) -> Vec<Reported> {
        match self {
            Self::Medibus => vec![medibus::read(record)],
            Self::Dri => vec![dri::read(record)],
            Self::IntellivueUdp | Self::IntellivueSerial => vec![intellivue::read(record)],
            Self::Poct1 => poct1::read(record),
            Self::Printer(instrument) => printer::read(instrument, record),
        }
    }

    /// The records that a recording of what such a device sent gives; of a stored record, that record. The same bytes
    /// always give the same.
    #[must_use]
    pub fn recording(self, bytes: &[u8]) -> Recording {
        match self {
            Self::Medibus => medibus::recording(bytes),
            Self::Dri => dri::recording(bytes),
            Self::IntellivueUdp | Self::IntellivueSerial => intellivue::recording(bytes),
            Self::Poct1 => poct1::recording(bytes),
            Self::Printer(instrument) => printer::recording(instrument, bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{Action, Close, Event};
    use proptest::prelude::*;

    #[test]
    fn every_name_has_a_driver_that_starts_and_leaves() {
        for name in Protocol::names() {
            let mut driver = Protocol::named(name).unwrap().driver(None);
            let mut out = Vec::new();
            driver.handle(Event::LinkUp, Duration::ZERO, &mut out);
            driver.handle(Event::Stop, Duration::from_secs(1), &mut out);
            // A device that does not say good-bye is left a few seconds later.
            driver.handle(Event::Timer, Duration::from_secs(10), &mut out);
            assert!(out.contains(&Action::Close(Close::Done)), "{name}");
        }
        assert_eq!(Protocol::named("modbus"), None);
    }

    proptest! {
        #[test]
        fn any_record_is_read_the_same_twice(place in 0usize..8, bytes: Vec<u8>) {
            let (_, protocol) = NAMES[place];
            prop_assert_eq!(protocol.read(&bytes), protocol.read(&bytes));
        }

        #[test]
        fn any_bytes_are_a_recording_and_its_records_are_recordings_of_themselves(place in 0usize..8, bytes: Vec<u8>) {
            let (_, protocol) = NAMES[place];
            for record in protocol.recording(&bytes).records {
                let again = protocol.recording(&record);
                prop_assert_eq!(again.records, vec![record]);
            }
        }
    }
}
