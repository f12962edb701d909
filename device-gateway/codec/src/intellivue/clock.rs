//! The monitor's two clocks: a civil time in BCD, and a counter of eighths of a millisecond that starts at
//! power-on and goes round after six days. Messages are stamped with the counter; the civil time of a stamp
//! follows from a moment at which both were told.

use crate::device_clock::DeviceTime;
use crate::octets::Octets;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clocks {
    pub civil: DeviceTime,
    pub counter: u32,
}

impl Clocks {
    /// The civil time of a counter. Right for three days before and after: the counter's distance is taken
    /// round its end, and the pair that stands in a record is never older than minutes.
    pub fn civil(self, counter: u32) -> Option<DeviceTime> {
        let eighths = i64::from(counter.wrapping_sub(self.counter).cast_signed());
        self.civil.plus_millis(eighths.div_euclid(8))
    }
}

/// Century, year, month, day, hour, minute, second in BCD, and fractions that no monitor fills. All ones: the
/// monitor does not tell.
pub(super) fn absolute(octets: &mut Octets<'_>) -> Option<Option<DeviceTime>> {
    let bytes: [u8; 8] = octets.take(8)?.try_into().ok()?;
    Some(civil(bytes))
}

fn civil(bytes: [u8; 8]) -> Option<DeviceTime> {
    let [century, year, month, day, hour, minute, second, _] = bytes.map(bcd);
    let year = u16::from(century?) * 100 + u16::from(year?);
    DeviceTime::new((year, month?, day?), (hour?, minute?, second?), 0)
}

fn bcd(byte: u8) -> Option<u8> {
    let (tens, units) = (byte >> 4, byte & 0xF);
    (tens < 10 && units < 10).then_some(tens * 10 + units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clocks(counter: u32) -> Clocks {
        Clocks { civil: DeviceTime::new((2026, 12, 31), (23, 59, 30), 0).unwrap(), counter }
    }

    #[test]
    fn hours_later_the_time_is_exact_to_the_millisecond() {
        let five_hours = 5 * 3600 * 8000;
        let shown = |before, after| clocks(before).civil(after).unwrap().to_string();
        assert_eq!(shown(1000, 1000 + five_hours), "2027-01-01T04:59:30");
        assert_eq!(shown(1000, 1000 + five_hours + 12), "2027-01-01T04:59:30.001");
        assert_eq!(shown(1000, 1000), "2026-12-31T23:59:30");
        assert_eq!(shown(1000, 999), "2026-12-31T23:59:29.999");
    }

    #[test]
    fn the_counter_may_go_round_between_the_two() {
        assert_eq!(clocks(u32::MAX - 7999).civil(8000 * 29).unwrap().to_string(), "2027-01-01T00:00:00");
    }

    #[test]
    fn a_monitor_that_does_not_tell_the_time_has_none() {
        assert_eq!(absolute(&mut Octets(&[0xFF; 8])), Some(None));
        assert_eq!(absolute(&mut Octets(&[0x20, 0x26, 0x1A, 1, 1, 1, 1, 0])), Some(None));
        assert_eq!(absolute(&mut Octets(&[0x20; 7])), None);
        let told = absolute(&mut Octets(&[0x20, 0x26, 0x11, 0x30, 0x23, 0x59, 0x07, 0])).unwrap().unwrap();
        assert_eq!(told.to_string(), "2026-11-30T23:59:07");
    }

    proptest! {
        #[test]
        fn the_distance_of_two_times_is_that_of_their_counters(base: u32, eighths in -1_000_000_000i32..1_000_000_000) {
            let clocks = clocks(base);
            let civil = clocks.civil(base.wrapping_add_signed(eighths)).unwrap();
            let millis = civil.epoch_millis() - clocks.civil.epoch_millis();
            prop_assert_eq!(millis, i64::from(eighths).div_euclid(8));
        }
    }
}
