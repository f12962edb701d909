//! How long a record is kept (Circular 33/2025, group 01): N years from the end of the year in which it was closed.
//!
//! A record may have several grounds; the longest term counts, and a ground is never taken away.

use crate::time::Instant;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetentionClass {
    Ordinary,
    DomesticAccident,
    Psychiatric,
    OccupationalAccident,
    TrafficAccident,
    Cosmetic,
    Transplant,
    Death,
    /// The file of a medical incident (sự cố y khoa) is kept for ever.
    MedicalIncident,
}

impl RetentionClass {
    pub const ALL: [Self; 9] = [
        Self::Ordinary,
        Self::DomesticAccident,
        Self::Psychiatric,
        Self::OccupationalAccident,
        Self::TrafficAccident,
        Self::Cosmetic,
        Self::Transplant,
        Self::Death,
        Self::MedicalIncident,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::DomesticAccident => "domestic-accident",
            Self::Psychiatric => "psychiatric",
            Self::OccupationalAccident => "occupational-accident",
            Self::TrafficAccident => "traffic-accident",
            Self::Cosmetic => "cosmetic",
            Self::Transplant => "transplant",
            Self::Death => "death",
            Self::MedicalIncident => "medical-incident",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }

    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Ordinary => "Nội trú, ngoại trú",
            Self::DomesticAccident => "Tai nạn sinh hoạt",
            Self::Psychiatric => "Tâm thần",
            Self::OccupationalAccident => "Tai nạn lao động",
            Self::TrafficAccident => "Tai nạn giao thông",
            Self::Cosmetic => "Phẫu thuật thẩm mỹ",
            Self::Transplant => "Ghép tạng",
            Self::Death => "Tử vong",
            Self::MedicalIncident => "Sự cố y khoa",
        }
    }

    /// What the admission diagnosis says by its ICD-10 chapter; injuries say nothing of where they happened.
    pub fn of_icd10(code: &str) -> Option<Self> {
        match code.trim().chars().next()?.to_ascii_uppercase() {
            'F' => Some(Self::Psychiatric),
            'V' => Some(Self::TrafficAccident),
            _ => None,
        }
    }
}

/// Years by class, as the hospital sets them. The defaults are the circular's; where it and an older law differ, the
/// longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    pub ordinary_years: u8,
    pub domestic_accident_years: u8,
    pub psychiatric_years: u8,
    pub occupational_accident_years: u8,
    pub traffic_accident_years: u8,
    pub cosmetic_years: u8,
    pub transplant_years: u8,
    pub death_years: u8,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            ordinary_years: 10,
            domestic_accident_years: 15,
            psychiatric_years: 20,
            occupational_accident_years: 20,
            traffic_accident_years: 20,
            cosmetic_years: 20,
            transplant_years: 30,
            death_years: 30,
        }
    }
}

impl Terms {
    /// None: for ever.
    pub fn years(&self, class: RetentionClass) -> Option<u8> {
        match class {
            RetentionClass::Ordinary => Some(self.ordinary_years),
            RetentionClass::DomesticAccident => Some(self.domestic_accident_years),
            RetentionClass::Psychiatric => Some(self.psychiatric_years),
            RetentionClass::OccupationalAccident => Some(self.occupational_accident_years),
            RetentionClass::TrafficAccident => Some(self.traffic_accident_years),
            RetentionClass::Cosmetic => Some(self.cosmetic_years),
            RetentionClass::Transplant => Some(self.transplant_years),
            RetentionClass::Death => Some(self.death_years),
            RetentionClass::MedicalIncident => None,
        }
    }

    /// The ground whose term is the longest; of equal ones the first that was found.
    pub fn longest(&self, grounds: &[RetentionClass]) -> RetentionClass {
        let mut longest = RetentionClass::Ordinary;
        for ground in grounds {
            if self.rank(*ground) > self.rank(longest) {
                longest = *ground;
            }
        }
        longest
    }

    fn rank(&self, class: RetentionClass) -> u16 {
        self.years(class).map_or(u16::MAX, u16::from)
    }
}

/// Until the end of 31 December of a year, or for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptUntil {
    EndOf(i16),
    Forever,
}

impl KeptUntil {
    /// `2036-12-31`; none for ever.
    pub fn last_day(self) -> Option<String> {
        match self {
            Self::EndOf(year) => Some(format!("{year}-12-31")),
            Self::Forever => None,
        }
    }
}

/// `31 December of (year closed + N)`.
pub fn kept_until(closed: Instant, terms: &Terms, class: RetentionClass) -> KeptUntil {
    let year = closed.day().year();
    terms.years(class).map_or(KeptUntil::Forever, |years| KeptUntil::EndOf(year.saturating_add(i16::from(years))))
}

/// Whether a record may be proposed for destruction, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposal {
    Forever,
    /// Something holds it, whatever its term.
    Held,
    TooEarly {
        /// Its last year.
        until: i16,
    },
    /// Its term ends with this year.
    Due,
    /// Its term is over.
    Over,
}

/// What holds of an archived record at `now`.
pub fn disposal(kept: KeptUntil, held: bool, now: Instant) -> Disposal {
    let this_year = now.day().year();
    match kept {
        KeptUntil::Forever => Disposal::Forever,
        _ if held => Disposal::Held,
        KeptUntil::EndOf(until) if until > this_year => Disposal::TooEarly { until },
        KeptUntil::EndOf(until) if until == this_year => Disposal::Due,
        KeptUntil::EndOf(_) => Disposal::Over,
    }
}

impl Disposal {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forever => "forever",
            Self::Held => "held",
            Self::TooEarly { .. } => "too-early",
            Self::Due => "due",
            Self::Over => "over",
        }
    }

    pub fn vietnamese(self) -> String {
        match self {
            Self::Forever => "Lưu vĩnh viễn".into(),
            Self::Held => "Đang bị giữ: không đưa vào danh mục hủy".into(),
            Self::TooEarly { until } => format!("Chưa đến hạn: lưu đến hết 31/12/{until}"),
            Self::Due => "Hết hạn vào 31/12 năm nay".into(),
            Self::Over => "Đã hết hạn lưu trữ".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RetentionClass as C;
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).expect("a time")
    }

    // Clauses: RET-38, RET-39, RET-40, RET-43, RET-44
    #[test]
    fn each_class_has_the_years_of_the_circular() {
        let terms = Terms::default();
        let years = |class| terms.years(class);
        assert_eq!(years(C::Ordinary), Some(10));
        assert_eq!(years(C::DomesticAccident), Some(15), "older law, no line in the circular: the longer");
        assert_eq!([C::Psychiatric, C::OccupationalAccident, C::TrafficAccident].map(years), [Some(20); 3]);
        assert_eq!(
            (years(C::Cosmetic), years(C::Transplant)),
            (Some(20), Some(30)),
            "the law on transplants is higher"
        );
        assert_eq!((years(C::Death), years(C::MedicalIncident)), (Some(30), None));
    }

    // Clauses: RET-44, C46-6.a
    #[test]
    fn a_term_ends_with_december_and_counts_from_the_year_of_closing_in_vietnam() {
        let terms = Terms::default();
        for (closed, last) in
            [("2026-01-01T00:00:00+07:00", 2036), ("2026-12-31T23:59:00+07:00", 2036), ("2026-12-31T17:00:00Z", 2037)]
        {
            assert_eq!(kept_until(at(closed), &terms, C::Ordinary), KeptUntil::EndOf(last), "{closed}");
        }
        assert!(KeptUntil::Forever > kept_until(at("2026-06-01T00:00:00Z"), &terms, C::Death));
    }

    #[test]
    fn too_early_is_told_a_hold_blocks_and_for_ever_is_for_ever() {
        let now = at("2036-06-01T00:00:00+07:00");
        assert_eq!(disposal(KeptUntil::EndOf(2037), false, now), Disposal::TooEarly { until: 2037 });
        assert_eq!(disposal(KeptUntil::EndOf(2036), false, now), Disposal::Due);
        assert_eq!(disposal(KeptUntil::EndOf(2035), false, now), Disposal::Over);
        assert_eq!(disposal(KeptUntil::EndOf(2035), true, now), Disposal::Held);
        assert_eq!(disposal(KeptUntil::Forever, false, now), Disposal::Forever);
        assert_eq!(disposal(KeptUntil::EndOf(2036), false, at("2037-01-01T00:00:00+07:00")), Disposal::Over);
    }

    #[test]
    fn a_diagnosis_says_as_much_as_its_chapter() {
        assert_eq!(C::of_icd10("f20.0"), Some(C::Psychiatric));
        assert_eq!(C::of_icd10(" V43"), Some(C::TrafficAccident));
        assert_eq!((C::of_icd10("S72.0"), C::of_icd10("")), (None, None));
    }

    proptest! {
        #[test]
        fn another_ground_never_shortens_a_term(
            grounds in proptest::collection::vec(0..C::ALL.len(), 0..5), more in 0..C::ALL.len(), years: [u8; 8],
        ) {
            let [ordinary_years, domestic_accident_years, psychiatric_years, occupational_accident_years, ..] = years;
            let [.., traffic_accident_years, cosmetic_years, transplant_years, death_years] = years;
            let terms = Terms {
                ordinary_years, domestic_accident_years, psychiatric_years, occupational_accident_years,
                traffic_accident_years, cosmetic_years, transplant_years, death_years,
            };
            let closed = at("2026-11-22T08:00:00+07:00");
            let mut held: Vec<C> = grounds.into_iter().map(|n| C::ALL[n]).collect();
            let before = kept_until(closed, &terms, terms.longest(&held));
            held.push(C::ALL[more]);
            let after = kept_until(closed, &terms, terms.longest(&held));
            prop_assert!(after >= before);
            prop_assert!(held.iter().all(|c| kept_until(closed, &terms, *c) <= after));
        }
    }
}
