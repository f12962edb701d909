//! The vital-sign chart, *phiếu theo dõi chức năng sống*: what a caller hands in.

mod grid;
mod view;

use serde::Serialize;

use crate::letterhead::{DocumentRef, Letterhead, Patient};
use crate::signature::SignatureMark;

pub(crate) use view::ChartView;

/// A chart of observation sets. Sets may come in any order; the sheet shows them by effective time.
#[derive(Debug, Clone)]
pub struct VitalChart {
    pub letterhead: Letterhead,
    pub patient: Patient,
    pub document: DocumentRef,
    /// The first day of the grid is the day of this instant (µs UTC), or of the first set if that is earlier.
    pub since: i64,
    pub sets: Vec<VitalSet>,
}

/// One set of observations, taken together and signed together.
#[derive(Debug, Clone)]
pub struct VitalSet {
    /// When it was true, µs UTC.
    pub effective_at: i64,
    /// The version shown; above 1 after a correction.
    pub version: u32,
    pub readings: Readings,
    /// Total of NEWS2, where it can be computed.
    pub news2: Option<u8>,
    /// Free remark of the author; may be empty.
    pub note: String,
    /// Who entered or accepted it.
    pub author: String,
    pub source: Source,
    /// Every change since version 1, oldest first.
    pub corrections: Vec<VitalCorrection>,
    /// The reason, when the whole set was withdrawn: it stays on the sheet, struck through, and off the curve.
    pub withdrawn: Option<String>,
    pub signature: Option<SignatureMark>,
}

/// The current values of a set; what was not measured is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readings {
    /// /min
    pub pulse: Option<f64>,
    /// °C
    pub temperature: Option<f64>,
    /// mmHg
    pub systolic: Option<f64>,
    /// mmHg
    pub diastolic: Option<f64>,
    /// /min
    pub respiration: Option<f64>,
    /// %
    pub spo2: Option<f64>,
    /// As printed: `khí trời`, `3 L/ph`.
    pub oxygen: Option<String>,
    /// As printed: `A`, `V`, `Tỉnh`, `G 15`.
    pub consciousness: Option<String>,
    /// 0 to 10
    pub pain: Option<f64>,
    /// kg
    pub weight: Option<f64>,
}

/// Where the values came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Typed by the author.
    Entered,
    /// Measured by a device and accepted by the author.
    Device(String),
}

/// What a correction changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VitalItem {
    EffectiveTime,
    Pulse,
    Temperature,
    BloodPressure,
    Respiration,
    Spo2,
    Oxygen,
    Consciousness,
    Pain,
    Weight,
    Note,
}

/// One changed value. The old one stays on the sheet.
#[derive(Debug, Clone)]
pub struct VitalCorrection {
    pub item: VitalItem,
    /// The old value as printed (`36,5`); empty if there was none.
    pub before: String,
    /// The new value as printed; empty if it was taken away.
    pub after: String,
    pub reason: String,
    /// Who corrected it.
    pub by: String,
    /// When, µs UTC.
    pub at: i64,
    /// The version that the correction made.
    pub version: u32,
}
