//! What was read from a bedside device: values that may be charted, and what must not be.
//!
//! A code of the device becomes an IEEE 11073 metric where the device's own document leaves no doubt. A value
//! whose unit is not known, a sentinel, a stale or simulated value is never a [`Reading`] with a metric.

use crate::decimal::Decimal;
use crate::device_clock::DeviceTime;
use std::borrow::Cow;
use std::fmt;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Number(Decimal),
    /// `positive`, `<0.01`: as the device wrote it.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One measured value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The device's own code, such as `CP1:D6` or `ecg.hr`.
    pub code: String,
    /// Which of several sources of the same code; empty where there is but one.
    pub channel: String,
    /// IEEE 11073 code (partition × 65536 + term), where the code's meaning is sure.
    pub metric: Option<u32>,
    pub value: Value,
    /// As the device measures, in UCUM where the device has codes for units; empty where it is not known.
    pub unit: Cow<'static, str>,
    /// What the device says of the value: `HH`, `A`.
    pub flags: Vec<String>,
    /// The device doubts the value itself.
    pub questionable: bool,
    /// One measurement, such as a cuff pressure, that a device says again and again until the next one. The same
    /// again soon after is no second measurement, even where the device stamps it anew.
    pub spot: bool,
    /// When it was measured, by the device's clock, where the device says so.
    pub at: Option<DeviceTime>,
}

/// Something with a code that is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    pub code: String,
    pub why: NotAValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAValue {
    /// Nothing is measured there.
    Absent,
    /// The device says that the value is invalid.
    Invalid,
    UnderRange,
    OverRange,
    NotCalibrated,
    /// Calibration, zeroing or a measurement is going on.
    Busy,
    /// The value is that of an earlier measurement.
    Stale,
    /// Demonstration or test data.
    Simulated,
    /// Quality control, calibration or proficiency testing.
    Control,
    /// Somebody discarded the result.
    Rejected,
    /// The text is no number, or the record does not fit its form.
    Malformed,
}

/// An alarm as the device shows it. For the record only: this is no alarm system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub code: String,
    pub text: String,
    /// As the device numbers it; a higher number is more urgent.
    pub priority: u8,
}

/// A text that the device shows, such as the ventilation mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub code: String,
    pub text: String,
}

/// All that a stored record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// What the device calls itself.
    pub device: Option<String>,
    /// The patient's identification, where the device was given one.
    pub patient: Option<String>,
    /// The specimen's or order's number, likewise.
    pub specimen: Option<String>,
    /// When the record was made, by the device's clock.
    pub at: Option<DeviceTime>,
    /// What the device says of its clock's zone: minutes ahead of UTC.
    pub zone_minutes: Option<i16>,
    pub readings: Vec<Reading>,
    pub aside: Vec<SetAside>,
    pub alarms: Vec<Alarm>,
    pub remarks: Vec<Remark>,
}

impl Reported {
    pub(crate) fn set_aside(&mut self, code: impl Into<String>, why: NotAValue) {
        self.aside.push(SetAside { code: code.into(), why });
    }
}
