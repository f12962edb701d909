//! What a laboratory value says: its unit, whether it lies in range, and whether it must be told at once.
//!
//! No conversion between amount of substance and mass: that depends on the analyte, and a wrong one harms.

use serde::{Deserialize, Serialize};

/// Where a result stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResultStatus {
    /// As the analyzer sent it; no technician has released it.
    Preliminary,
    Final,
    /// The analyzer changed a value that had been released.
    Corrected,
    /// Never true: matched to the wrong patient. Kept, not shown.
    EnteredInError,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Kết quả này đã được duyệt hoặc đã huỷ: tải lại danh sách")]
pub struct NotToRelease;

impl ResultStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preliminary => "preliminary",
            Self::Final => "final",
            Self::Corrected => "corrected",
            Self::EnteredInError => "entered-in-error",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Preliminary, Self::Final, Self::Corrected, Self::EnteredInError].into_iter().find(|s| s.as_str() == text)
    }

    /// After the analyzer sent another value: what was released is not silently taken back.
    pub fn revised(self) -> Self {
        match self {
            Self::Preliminary | Self::EnteredInError => Self::Preliminary,
            Self::Final | Self::Corrected => Self::Corrected,
        }
    }

    /// After a technician released it. `by_person` tells whether the standing version is a technician's already.
    pub fn released(self, by_person: bool) -> Result<Self, NotToRelease> {
        match self {
            Self::Preliminary => Ok(Self::Final),
            Self::Corrected if !by_person => Ok(Self::Corrected),
            _ => Err(NotToRelease),
        }
    }

    /// Counts for the doctor.
    pub fn stands(self) -> bool {
        matches!(self, Self::Final | Self::Corrected)
    }
}

/// HL7 table 0078, as far as it is about high and low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flag {
    L,
    H,
    LL,
    HH,
    A,
}

impl Flag {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::L => "L",
            Self::H => "H",
            Self::LL => "LL",
            Self::HH => "HH",
            Self::A => "A",
        }
    }

    /// A device's own flag; `N` and what we do not know are none.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "L" => Some(Self::L),
            "H" => Some(Self::H),
            "LL" | "<" => Some(Self::LL),
            "HH" | ">" => Some(Self::HH),
            "A" | "AA" => Some(Self::A),
            _ => None,
        }
    }
}

/// Where the catalog draws its lines, in the catalog's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub critical_low: Option<f64>,
    pub critical_high: Option<f64>,
}

/// A number with the comparator that some analyzers put before it (`<0.01`, `>1000`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    Exactly(f64),
    /// The true value is this or less.
    AtMost(f64),
    /// The true value is this or more.
    AtLeast(f64),
}

impl Measured {
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Self::Exactly(n) => Self::Exactly(n * factor),
            Self::AtMost(n) => Self::AtMost(n * factor),
            Self::AtLeast(n) => Self::AtLeast(n * factor),
        }
    }

    fn surely_below(self, limit: Option<f64>) -> bool {
        limit.is_some_and(|limit| match self {
            Self::Exactly(n) => n < limit,
            Self::AtMost(n) => n <= limit,
            Self::AtLeast(_) => false,
        })
    }

    fn surely_above(self, limit: Option<f64>) -> bool {
        limit.is_some_and(|limit| match self {
            Self::Exactly(n) => n > limit,
            Self::AtLeast(n) => n >= limit,
            Self::AtMost(_) => false,
        })
    }
}

impl Limits {
    pub fn has_range(&self) -> bool {
        self.low.is_some() || self.high.is_some()
    }

    /// LL and HH are critical: the laboratory tells the ward at once.
    pub fn judge(&self, value: Measured) -> Option<Flag> {
        if value.surely_below(self.critical_low) {
            Some(Flag::LL)
        } else if value.surely_above(self.critical_high) {
            Some(Flag::HH)
        } else if value.surely_below(self.low) {
            Some(Flag::L)
        } else if value.surely_above(self.high) {
            Some(Flag::H)
        } else {
            None
        }
    }
}

/// By what a value in unit `from` is multiplied to stand in unit `to`; nothing where the two measure different
/// things or one is not understood. Both in UCUM's case-sensitive form, or as analyzers abbreviate it.
pub fn factor(from: &str, to: &str) -> Option<f64> {
    let (from, to) = (from.trim(), to.trim());
    if from == to {
        return Some(1.0);
    }
    let (a, b) = (Unit::parse(from)?, Unit::parse(to)?);
    (a.what == b.what && a.per_litre == b.per_litre).then(|| 10_f64.powi(a.exponent - b.exponent))
}

#[derive(Debug, PartialEq, Eq)]
struct Unit {
    what: &'static str,
    per_litre: bool,
    exponent: i32,
}

impl Unit {
    fn parse(text: &str) -> Option<Self> {
        let text = text.replace(['µ', 'μ'], "u");
        let (top, bottom) = match text.split_once('/') {
            Some((top, bottom)) => (top, Some(bottom)),
            None => (text.as_str(), None),
        };
        let (what, up) = numerator(top)?;
        let down = match bottom {
            Some(bottom) => litre(bottom)?,
            None => 0,
        };
        Some(Self { what, per_litre: bottom.is_some(), exponent: up - down })
    }
}

fn numerator(text: &str) -> Option<(&'static str, i32)> {
    // A count: 10*9, 10^9, 10E9, or nothing but a 1.
    for mark in ["10*", "10^", "10E", "10e", "x10*", "x10^"] {
        if let Some(power) = text.strip_prefix(mark) {
            return power.parse::<i32>().ok().filter(|p| (0..=15).contains(p)).map(|p| ("count", p));
        }
    }
    if let Some(prefixed) = text.strip_suffix("mol") {
        return Some(("mol", prefix(prefixed)?));
    }
    if let Some(prefixed) =
        text.strip_suffix("[IU]").or_else(|| text.strip_suffix("IU")).or_else(|| text.strip_suffix('U'))
    {
        return Some(("unit", prefix(prefixed)?));
    }
    if let Some(prefixed) = text.strip_suffix('g') {
        return Some(("g", prefix(prefixed)?));
    }
    litre(text).map(|exponent| ("litre", exponent))
}

fn litre(text: &str) -> Option<i32> {
    match text {
        "mm3" => return Some(-6),
        "um3" => return Some(-15),
        _ => {}
    }
    text.strip_suffix(['L', 'l']).and_then(prefix)
}

fn prefix(text: &str) -> Option<i32> {
    Some(match text {
        "" => 0,
        "k" => 3,
        "d" => -1,
        "c" => -2,
        "m" => -3,
        "u" => -6,
        "n" => -9,
        "p" => -12,
        "f" => -15,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technician_releases_once_and_an_analyzer_cannot_take_a_release_back() {
        assert_eq!(ResultStatus::Preliminary.released(false), Ok(ResultStatus::Final));
        assert_eq!(ResultStatus::Final.released(true), Err(NotToRelease));
        let corrected = ResultStatus::Final.revised();
        assert_eq!(corrected, ResultStatus::Corrected);
        assert_eq!(corrected.released(false), Ok(ResultStatus::Corrected));
        assert_eq!(corrected.released(true), Err(NotToRelease));
        assert_eq!(ResultStatus::EnteredInError.released(false), Err(NotToRelease));
    }

    #[test]
    fn potassium_is_low_then_critical() {
        let potassium = Limits { low: Some(3.5), high: Some(5.1), critical_low: Some(2.5), critical_high: Some(6.5) };
        let at = |n| potassium.judge(Measured::Exactly(n));
        assert_eq!((at(3.5), at(5.1)), (None, None), "the limits belong to the range");
        assert_eq!((at(3.4), at(5.2)), (Some(Flag::L), Some(Flag::H)));
        assert_eq!((at(2.4), at(6.6)), (Some(Flag::LL), Some(Flag::HH)));
        assert_eq!(potassium.judge(Measured::AtLeast(6.5)), Some(Flag::HH));
        assert_eq!(potassium.judge(Measured::AtMost(9.0)), None, "it may be anything below nine");
    }

    #[test]
    fn one_amount_has_many_spellings() {
        let close = |from, to, expected: f64| {
            let got = factor(from, to).unwrap_or_else(|| panic!("{from} to {to}"));
            assert!((got / expected - 1.0).abs() < 1e-12, "{from} to {to}: {got}");
        };
        close("10*3/uL", "10*9/L", 1.0);
        close("10^3/µL", "10*9/L", 1.0);
        close("10*6/uL", "10*12/L", 1.0);
        close("g/dL", "g/L", 10.0);
        close("umol/L", "mmol/L", 0.001);
        close("U/l", "[IU]/L", 1.0);
        close("um3", "fL", 1.0);
        close("ng/mL", "ug/L", 1.0);
    }

    #[test]
    fn mass_is_no_amount_of_substance_and_nonsense_is_no_unit() {
        assert_eq!(factor("mg/dL", "mmol/L"), None);
        assert_eq!(factor("g/L", "g"), None);
        assert_eq!(factor("/hpf", "10*9/L"), None);
        assert_eq!(factor("10*99/L", "10*9/L"), None);
        assert_eq!(factor("%", "%"), Some(1.0));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(from in ".{0,12}", to in ".{0,12}") {
            if let Some(there) = factor(&from, &to) {
                let back = factor(&to, &from).expect("a way there is a way back");
                proptest::prop_assert!((there * back - 1.0).abs() < 1e-9);
            }
        }
    }
}
