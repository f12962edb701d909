//! Vital signs: what is measured on a ward round, in which unit, and what a value may plausibly be.
//!
//! The ranges refuse slips of the keyboard and the cuff, not illness: outside *soft* asks for a reason,
//! outside *hard* cannot be a reading of a living patient.

use serde::{Deserialize, Serialize};

/// One column of the round sheet. Stored under its LOINC code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VitalCode {
    Pulse,
    Temp,
    Sbp,
    Dbp,
    Resp,
    Spo2,
    /// 0 air (khí trời), 1 oxygen; litres per minute may stand in the text.
    Oxygen,
    /// Tri giác: A, C, V, P or U.
    Acvpu,
    Pain,
    Weight,
    Urine,
    Height,
}

/// How a vital sign is written and what it may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VitalKind {
    pub code: VitalCode,
    pub name: &'static str,
    pub loinc: &'static str,
    /// UCUM; empty for a score or a code.
    pub unit: &'static str,
    pub decimals: usize,
    pub hard: (f64, f64),
    pub soft: (f64, f64),
}

const fn kind(
    code: VitalCode,
    name: &'static str,
    loinc: &'static str,
    unit: &'static str,
    decimals: usize,
    hard: (f64, f64),
    soft: (f64, f64),
) -> VitalKind {
    VitalKind { code, name, loinc, unit, decimals, hard, soft }
}

/// In the order of the paper sheet.
pub const KINDS: [VitalKind; 12] = [
    kind(VitalCode::Pulse, "Mạch", "8867-4", "/min", 0, (10.0, 300.0), (30.0, 200.0)),
    kind(VitalCode::Temp, "Nhiệt độ", "8310-5", "Cel", 1, (25.0, 45.0), (34.0, 41.5)),
    kind(VitalCode::Sbp, "HA tâm thu", "8480-6", "mm[Hg]", 0, (30.0, 300.0), (60.0, 240.0)),
    kind(VitalCode::Dbp, "HA tâm trương", "8462-4", "mm[Hg]", 0, (10.0, 200.0), (30.0, 140.0)),
    kind(VitalCode::Resp, "Nhịp thở", "9279-1", "/min", 0, (2.0, 100.0), (6.0, 60.0)),
    kind(VitalCode::Spo2, "SpO₂", "59408-5", "%", 0, (30.0, 100.0), (70.0, 100.0)),
    kind(VitalCode::Oxygen, "Oxy", "107117-6", "", 0, (0.0, 1.0), (0.0, 1.0)),
    kind(VitalCode::Acvpu, "Tri giác", "67775-7", "", 0, (0.0, 0.0), (0.0, 0.0)),
    kind(VitalCode::Pain, "Đau", "72514-3", "{score}", 0, (0.0, 10.0), (0.0, 10.0)),
    kind(VitalCode::Weight, "Cân nặng", "29463-7", "kg", 1, (0.2, 400.0), (1.0, 200.0)),
    kind(VitalCode::Urine, "Nước tiểu", "9192-6", "mL", 0, (0.0, 20_000.0), (0.0, 6_000.0)),
    kind(VitalCode::Height, "Chiều cao", "8302-2", "cm", 0, (20.0, 260.0), (40.0, 220.0)),
];

/// A value in a device's UCUM unit, as `unit` states it; nothing where the two measure different things or one is not
/// known. A number without its unit is never taken for ours.
pub fn from_ucum(unit: &str, value: f64, ucum: &str) -> Option<f64> {
    let ucum = ucum.trim();
    if ucum == unit {
        return Some(value);
    }
    let converted = match (unit, ucum) {
        ("Cel", "[degF]") => (value - 32.0) * 5.0 / 9.0,
        ("Cel", "K") => value - 273.15,
        ("mm[Hg]", "kPa") => value * 7.500_615,
        ("/min", "1/min" | "{beats}/min" | "{breaths}/min" | "{pulse}/min") => value,
        ("kg", "g") => value / 1_000.0,
        ("kg", "[lb_av]") => value * 0.453_592_37,
        ("cm", "m") => value * 100.0,
        ("cm", "mm") => value / 10.0,
        ("cm", "[in_i]") => value * 2.54,
        ("mL", "L") => value * 1_000.0,
        ("{score}", "1" | "") => value,
        _ => return None,
    };
    Some(converted)
}

impl VitalCode {
    pub fn kind(self) -> &'static VitalKind {
        // KINDS names every code (tested), so the first entry is never the answer to another's question.
        KINDS.iter().find(|k| k.code == self).unwrap_or(&KINDS[0])
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pulse => "pulse",
            Self::Temp => "temp",
            Self::Sbp => "sbp",
            Self::Dbp => "dbp",
            Self::Resp => "resp",
            Self::Spo2 => "spo2",
            Self::Oxygen => "oxygen",
            Self::Acvpu => "acvpu",
            Self::Pain => "pain",
            Self::Weight => "weight",
            Self::Urine => "urine",
            Self::Height => "height",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        KINDS.iter().map(|k| k.code).find(|c| c.as_str() == text)
    }

    /// The vital sign that a device's LOINC code means; several sources of one sign count as it.
    pub fn from_loinc(loinc: &str) -> Option<Self> {
        match loinc {
            "8889-8" => Some(Self::Pulse),
            "2708-6" => Some(Self::Spo2),
            "8329-5" | "8332-9" | "8333-7" => Some(Self::Temp),
            _ => KINDS.iter().find(|k| k.loinc == loinc).map(|k| k.code),
        }
    }
}

/// Why a cell of the round holds no value: T từ chối, N ngủ, V vắng.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotMeasured {
    Refused,
    Asleep,
    Absent,
}

/// Who measured: a hand, a monitor, or a monitor whose value a nurse changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    Manual,
    Device,
    DeviceEdited,
}

/// Level of consciousness: alert, new confusion, voice, pain, unresponsive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acvpu {
    A,
    C,
    V,
    P,
    U,
}

impl Acvpu {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "A" => Some(Self::A),
            "C" => Some(Self::C),
            "V" => Some(Self::V),
            "P" => Some(Self::P),
            "U" => Some(Self::U),
            _ => None,
        }
    }
}

/// One checked cell of a round, as it is stored and signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VitalValue {
    pub code: VitalCode,
    /// Rounded to the kind's decimals.
    pub value: Option<f64>,
    pub text: Option<String>,
    pub not_measured: Option<NotMeasured>,
    pub provenance: Provenance,
    pub out_of_range_reason: Option<String>,
}

/// What a form or a device offers for one cell, before it is checked.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    pub value: Option<f64>,
    pub text: Option<String>,
    pub not_measured: Option<NotMeasured>,
    pub out_of_range_reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Implausible {
    #[error("Phải có giá trị, hoặc lý do không đo")]
    Empty,
    #[error("{value} không thể là {name}: chỉ nhận từ {low} đến {high}")]
    Impossible { name: &'static str, value: f64, low: f64, high: f64 },
    #[error("{name} {value} ngoài khoảng thường gặp {low}–{high}: kiểm tra lại, hoặc ghi lý do")]
    NeedsReason { name: &'static str, value: f64, low: f64, high: f64 },
    #[error("Tri giác phải là A, C, V, P hoặc U")]
    NotAcvpu,
}

impl VitalValue {
    /// The one way in: a cell has a plausible value, a level, or a reason why it has none.
    pub fn check(code: VitalCode, offered: Offered, provenance: Provenance) -> Result<Self, Implausible> {
        let kind = code.kind();
        let reason = offered.out_of_range_reason.map(|r| crate::text::clean(&r)).filter(|r| !r.is_empty());
        let mut cell =
            Self { code, value: None, text: None, not_measured: None, provenance, out_of_range_reason: None };
        if let Some(why) = offered.not_measured {
            cell.not_measured = Some(why);
            return Ok(cell);
        }
        if code == VitalCode::Acvpu {
            let level = offered.text.as_deref().map(str::trim).filter(|t| Acvpu::parse(t).is_some());
            cell.text = Some(level.ok_or(Implausible::NotAcvpu)?.to_owned());
            return Ok(cell);
        }
        let value = offered.value.filter(|v| v.is_finite()).ok_or(Implausible::Empty)?;
        let value = round(value, kind.decimals);
        let (name, (low, high)) = (kind.name, kind.hard);
        if value < low || value > high {
            return Err(Implausible::Impossible { name, value, low, high });
        }
        let (low, high) = kind.soft;
        if value < low || value > high {
            if reason.is_none() && provenance != Provenance::Device {
                return Err(Implausible::NeedsReason { name, value, low, high });
            }
            cell.out_of_range_reason = reason;
        }
        cell.value = Some(value);
        cell.text = offered.text.map(|t| crate::text::clean(&t)).filter(|t| !t.is_empty());
        Ok(cell)
    }

    /// Below or above the plausible range, for the arrow beside the number.
    pub fn outside(&self) -> Option<Outside> {
        let (low, high) = self.code.kind().soft;
        match self.value {
            Some(v) if v < low => Some(Outside::Low),
            Some(v) if v > high => Some(Outside::High),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    Low,
    High,
}

/// A lower pressure that is not below the upper one is a slip.
pub fn pressures_agree(values: &[VitalValue]) -> bool {
    let of = |code| values.iter().find(|v| v.code == code).and_then(|v| v.value);
    match (of(VitalCode::Sbp), of(VitalCode::Dbp)) {
        (Some(sbp), Some(dbp)) => dbp < sbp,
        _ => true,
    }
}

/// A half goes away from zero, as in the preview that the nurse sees while she types.
pub(crate) fn round(value: f64, decimals: usize) -> f64 {
    let factor = if decimals == 0 { 1.0 } else { 10.0 };
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(code: VitalCode, value: f64) -> Result<VitalValue, Implausible> {
        VitalValue::check(code, Offered { value: Some(value), ..Offered::default() }, Provenance::Manual)
    }

    #[test]
    fn every_code_has_its_kind() {
        for kind in &KINDS {
            assert_eq!(kind.code.kind(), kind);
            assert_eq!(VitalCode::parse(kind.code.as_str()), Some(kind.code));
            assert_eq!(VitalCode::from_loinc(kind.loinc), Some(kind.code));
        }
    }

    #[test]
    fn a_device_is_understood_in_its_own_unit_or_not_at_all() {
        let charted = |code: VitalCode, value, ucum| {
            let value = from_ucum(code.kind().unit, value, ucum)?;
            VitalValue::check(code, Offered { value: Some(value), ..Offered::default() }, Provenance::Device)
                .ok()?
                .value
        };
        assert_eq!(charted(VitalCode::Sbp, 16.0, "kPa"), Some(120.0));
        assert_eq!(charted(VitalCode::Temp, 98.6, "[degF]"), Some(37.0));
        assert_eq!(charted(VitalCode::Temp, 37.04, "Cel"), Some(37.0));
        assert_eq!(charted(VitalCode::Pulse, 80.0, "1/min"), Some(80.0));
        assert_eq!(charted(VitalCode::Sbp, 120.0, ""), None, "a bare number says nothing");
        assert_eq!(charted(VitalCode::Sbp, 120.0, "cm[H2O]"), None);
        assert_eq!(charted(VitalCode::Temp, 37.0, "%"), None);
    }

    // Clauses: T32-52.2a
    #[test]
    fn a_slip_is_refused_and_a_rarity_wants_a_reason() {
        assert!(matches!(typed(VitalCode::Temp, 384.5), Err(Implausible::Impossible { .. })));
        assert!(matches!(typed(VitalCode::Temp, 42.0), Err(Implausible::NeedsReason { .. })));
        let reasoned =
            Offered {
                value: Some(42.0), out_of_range_reason: Some(" đo lại 2 lần ".into()), ..Offered::default()
            };
        let cell = VitalValue::check(VitalCode::Temp, reasoned, Provenance::Manual).expect("kept");
        assert_eq!(cell.out_of_range_reason.as_deref(), Some("đo lại 2 lần"));
        assert_eq!(cell.outside(), Some(Outside::High));
        assert_eq!(typed(VitalCode::Temp, 36.84).expect("kept").value, Some(36.8));
        assert!(matches!(typed(VitalCode::Pulse, f64::NAN), Err(Implausible::Empty)));
    }

    #[test]
    fn consciousness_is_a_letter_and_a_sleeping_patient_has_no_number() {
        let cell = |text: &str| {
            VitalValue::check(
                VitalCode::Acvpu,
                Offered { text: Some(text.into()), ..Offered::default() },
                Provenance::Manual,
            )
        };
        assert_eq!(cell("C").expect("kept").text.as_deref(), Some("C"));
        assert_eq!(cell("tỉnh"), Err(Implausible::NotAcvpu));
        let asleep = Offered { not_measured: Some(NotMeasured::Asleep), ..Offered::default() };
        assert_eq!(VitalValue::check(VitalCode::Pain, asleep, Provenance::Manual).expect("kept").value, None);
    }
}
