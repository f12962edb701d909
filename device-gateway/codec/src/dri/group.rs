//! What the layout of the physiological data is made of.

use super::layout::Labels;

/// Values that one measurement gives, behind a status and a label.
pub(super) struct Group {
    pub name: &'static str,
    /// Where it begins in its class.
    pub at: usize,
    /// Status bits that say that nothing valid is measured now: zeroing, calibrating, switched off.
    pub busy: u32,
    /// Status bits that cast doubt on the values.
    pub doubt: u32,
    /// Label bits (of groups whose label has bits) that say that a measurement is going on.
    pub busy_label: u16,
    pub fields: &'static [Field],
}

pub(super) struct Field {
    pub name: &'static str,
    /// Where it stands behind the group's beginning.
    pub at: usize,
    /// The number is × 10^this.
    pub exponent: i8,
    pub ucum: &'static str,
    pub means: Means,
    /// Label bits that say that this value is of an earlier measurement.
    pub stale_label: u16,
}

/// How a field becomes a metric.
#[derive(Clone, Copy)]
pub(super) enum Means {
    /// Nobody charts it by its code.
    Nothing,
    Metric(u32),
    /// By the group's label: place and kind in [`Labels`].
    Label(Labels),
    /// The heart rate, by the source that the status names.
    HeartRate,
}

pub(super) const fn group(name: &'static str, at: usize, fields: &'static [Field]) -> Group {
    Group { name, at, busy: 0, doubt: 0, busy_label: 0, fields }
}

impl Group {
    pub const fn busy(mut self, bits: u32) -> Self {
        self.busy = bits;
        self
    }

    pub const fn doubt(mut self, bits: u32) -> Self {
        self.doubt = bits;
        self
    }

    pub const fn busy_label(mut self, bits: u16) -> Self {
        self.busy_label = bits;
        self
    }
}

pub(super) const fn field(name: &'static str, at: usize, exponent: i8, ucum: &'static str, means: Means) -> Field {
    Field { name, at, exponent, ucum, means, stale_label: 0 }
}

impl Field {
    pub const fn stale(mut self, bits: u16) -> Self {
        self.stale_label = bits;
        self
    }
}
