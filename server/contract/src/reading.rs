//! One measured value as the device stated it.

use crate::Micros;
use serde::{Deserialize, Serialize};

/// Code, value, unit and status stay in the device's words; `ucum` is the gateway's reading of the unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// OBX-3.1 or the test code of R-3. For IEEE 11073 the full decimal code (partition × 65536 + term).
    pub code: String,
    pub name: String,
    /// `MDC` when the code is IEEE 11073 (also when it came as MDIL hex), else as sent.
    pub system: String,
    /// LOINC by the device's profile or the IEEE 11073 table; nothing when neither knows the code.
    pub loinc: Option<String>,
    /// OBX-4: two channels of one metric are two readings.
    pub channel: String,
    pub value: ReadingValue,
    /// As sent.
    pub unit: String,
    pub ucum: Option<String>,
    pub reference_range: String,
    pub flags: Vec<String>,
    pub status: ReadingStatus,
    /// OBX-14, else OBR-7 (R-13, else R-12); never the time of arrival.
    pub effective_at: Option<Micros>,
    /// A spot measurement such as a cuff pressure (OBX-17 APERIODIC): charted each time, never averaged.
    pub aperiodic: bool,
    pub comments: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ReadingValue {
    /// A decimal as written (`36.80` keeps its zero), with the comparator of `<5` or `>1000` apart.
    Number {
        decimal: String,
        comparator: Option<Comparator>,
    },
    Text {
        text: String,
    },
    Coded {
        code: String,
        text: String,
        system: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// OBX-11 or R-9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingStatus {
    Unverified,
    Preliminary,
    Final,
    Corrected,
}
