//! NEWS2, the National Early Warning Score (Royal College of Physicians, December 2017), SpO₂ scale 1.
//!
//! Not under 16 years and not in pregnancy; no total while a part is missing. Scale 2 (hypercapnic
//! respiratory failure) needs a doctor's order and is not offered yet.

use crate::vitals::{VitalCode, VitalValue, round};
use serde::{Deserialize, Serialize};

/// The seven parts, in chart order.
pub const PARTS: [VitalCode; 7] = [
    VitalCode::Resp,
    VitalCode::Spo2,
    VitalCode::Oxygen,
    VitalCode::Sbp,
    VitalCode::Pulse,
    VitalCode::Acvpu,
    VitalCode::Temp,
];

/// Who the score is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// `None` when the birth date is unknown: no score then, because a child's numbers would look like an emergency and
    /// an adult's like health. The ward asks for the age and has its number.
    pub age_years: Option<u16>,
    pub pregnant: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotApplicable {
    Age,
    Pregnancy,
}

/// Clinical response bands: 0 · 1–4 · 5–6 or a single 3 · 7 and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    None,
    Watch,
    Urgent,
    Emergency,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub code: VitalCode,
    pub score: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct News2 {
    pub total: Option<u8>,
    pub band: Option<Band>,
    /// One part alone scores 3.
    pub single3: bool,
    pub missing: Vec<VitalCode>,
    pub not_applicable: Option<NotApplicable>,
    pub parts: Vec<Part>,
}

pub fn score(subject: Subject, values: &[VitalValue]) -> News2 {
    let none = |why| News2 {
        total: None,
        band: None,
        single3: false,
        missing: vec![],
        not_applicable: Some(why),
        parts: vec![],
    };
    if subject.age_years.is_none_or(|age| age < 16) {
        return none(NotApplicable::Age);
    }
    if subject.pregnant {
        return none(NotApplicable::Pregnancy);
    }
    let (mut parts, mut missing) = (Vec::new(), Vec::new());
    for code in PARTS {
        match values.iter().find(|v| v.code == code).and_then(points) {
            Some(score) => parts.push(Part { code, score }),
            None => missing.push(code),
        }
    }
    let single3 = parts.iter().any(|p| p.score == 3);
    let total = missing.is_empty().then(|| parts.iter().map(|p| p.score).sum());
    let band = total.map(|total: u8| match total {
        7.. => Band::Emergency,
        5..=6 => Band::Urgent,
        _ if single3 => Band::Urgent,
        1..=4 => Band::Watch,
        0 => Band::None,
    });
    News2 { total, band, single3, missing, not_applicable: None, parts }
}

fn points(cell: &VitalValue) -> Option<u8> {
    // As the chart writes it: 38.04 is 38.0.
    let v = cell.value.map(|v| round(v, cell.code.kind().decimals));
    Some(match cell.code {
        VitalCode::Resp => match v? {
            v if v <= 8.0 => 3,
            v if v <= 11.0 => 1,
            v if v <= 20.0 => 0,
            v if v <= 24.0 => 2,
            _ => 3,
        },
        VitalCode::Spo2 => match v? {
            v if v <= 91.0 => 3,
            v if v <= 93.0 => 2,
            v if v <= 95.0 => 1,
            _ => 0,
        },
        VitalCode::Oxygen => {
            if v? > 0.0 {
                2
            } else {
                0
            }
        }
        VitalCode::Sbp => match v? {
            v if v <= 90.0 => 3,
            v if v <= 100.0 => 2,
            v if v <= 110.0 => 1,
            v if v <= 219.0 => 0,
            _ => 3,
        },
        VitalCode::Pulse => match v? {
            v if v <= 40.0 => 3,
            v if v <= 50.0 => 1,
            v if v <= 90.0 => 0,
            v if v <= 110.0 => 1,
            v if v <= 130.0 => 2,
            _ => 3,
        },
        VitalCode::Acvpu => match cell.text.as_deref()? {
            "A" => 0,
            _ => 3,
        },
        VitalCode::Temp => match v? {
            v if v <= 35.0 => 3,
            v if v <= 36.0 => 1,
            v if v <= 38.0 => 0,
            v if v <= 39.0 => 1,
            _ => 2,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vitals::Provenance;

    const ADULT: Subject = Subject { age_years: Some(54), pregnant: false };

    fn set(resp: f64, spo2: f64, oxygen: f64, sbp: f64, pulse: f64, acvpu: &str, temp: f64) -> Vec<VitalValue> {
        let cell = |code, value, text: Option<&str>| VitalValue {
            code,
            value,
            text: text.map(str::to_owned),
            not_measured: None,
            provenance: Provenance::Manual,
            out_of_range_reason: None,
        };
        vec![
            cell(VitalCode::Resp, Some(resp), None),
            cell(VitalCode::Spo2, Some(spo2), None),
            cell(VitalCode::Oxygen, Some(oxygen), None),
            cell(VitalCode::Sbp, Some(sbp), None),
            cell(VitalCode::Pulse, Some(pulse), None),
            cell(VitalCode::Acvpu, None, Some(acvpu)),
            cell(VitalCode::Temp, Some(temp), None),
        ]
    }

    #[test]
    fn a_well_patient_scores_nothing() {
        let news2 = score(ADULT, &set(16.0, 97.0, 0.0, 120.0, 72.0, "A", 36.8));
        assert_eq!((news2.total, news2.band, news2.single3), (Some(0), Some(Band::None), false));
    }

    #[test]
    fn a_single_three_is_urgent_though_the_sum_is_small() {
        let news2 = score(ADULT, &set(25.0, 97.0, 0.0, 120.0, 72.0, "A", 36.8));
        assert_eq!((news2.total, news2.band, news2.single3), (Some(3), Some(Band::Urgent), true));
    }

    #[test]
    fn seven_is_an_emergency() {
        let news2 = score(ADULT, &set(22.0, 93.0, 1.0, 108.0, 92.0, "A", 37.0));
        assert_eq!((news2.total, news2.band), (Some(8), Some(Band::Emergency)));
    }

    #[test]
    fn every_threshold_of_the_chart() {
        let at = |code: VitalCode, v: f64| {
            let mut cells = set(16.0, 97.0, 0.0, 120.0, 72.0, "A", 36.8);
            cells.iter_mut().filter(|c| c.code == code).for_each(|c| c.value = Some(v));
            score(ADULT, &cells).total.expect("complete")
        };
        for (v, s) in [(8.0, 3), (9.0, 1), (11.0, 1), (12.0, 0), (20.0, 0), (21.0, 2), (24.0, 2), (25.0, 3)] {
            assert_eq!(at(VitalCode::Resp, v), s, "resp {v}");
        }
        for (v, s) in [(91.0, 3), (92.0, 2), (93.0, 2), (94.0, 1), (95.0, 1), (96.0, 0)] {
            assert_eq!(at(VitalCode::Spo2, v), s, "spo2 {v}");
        }
        for (v, s) in [(90.0, 3), (91.0, 2), (100.0, 2), (101.0, 1), (110.0, 1), (111.0, 0), (219.0, 0), (220.0, 3)] {
            assert_eq!(at(VitalCode::Sbp, v), s, "sbp {v}");
        }
        for (v, s) in [
            (40.0, 3),
            (41.0, 1),
            (50.0, 1),
            (51.0, 0),
            (90.0, 0),
            (91.0, 1),
            (110.0, 1),
            (111.0, 2),
            (130.0, 2),
            (131.0, 3),
        ] {
            assert_eq!(at(VitalCode::Pulse, v), s, "pulse {v}");
        }
        for (v, s) in [(35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2)] {
            assert_eq!(at(VitalCode::Temp, v), s, "temp {v}");
        }
    }

    #[test]
    fn no_total_while_a_part_is_missing() {
        let mut cells = set(16.0, 97.0, 0.0, 120.0, 72.0, "A", 36.8);
        cells.retain(|c| c.code != VitalCode::Temp);
        let news2 = score(ADULT, &cells);
        assert_eq!((news2.total, news2.missing), (None, vec![VitalCode::Temp]));
    }

    #[test]
    fn not_for_children_nor_in_pregnancy() {
        let cells = set(16.0, 97.0, 0.0, 120.0, 72.0, "A", 36.8);
        let child = Subject { age_years: Some(15), pregnant: false };
        assert_eq!(score(child, &cells).not_applicable, Some(NotApplicable::Age));
        let unknown = Subject { age_years: None, pregnant: false };
        assert_eq!(score(unknown, &cells).not_applicable, Some(NotApplicable::Age), "nobody is an adult by default");
        let mother = Subject { age_years: Some(30), pregnant: true };
        assert_eq!(score(mother, &cells).not_applicable, Some(NotApplicable::Pregnancy));
    }
}
