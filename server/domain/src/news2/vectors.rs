//! The preview in the browser and the score of the record are held to the same answers, in one file.

use super::{News2, Subject, score};
use crate::vitals::{Provenance, VitalCode, VitalValue};
use serde::Deserialize;

const VECTORS: &str = include_str!("../../../../frontend/src/lib/news2.vectors.json");

#[derive(Deserialize)]
struct Vector {
    name: String,
    input: Input,
    expect: News2,
}

/// What was measured; a code that is absent was not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Input {
    resp: Option<f64>,
    spo2: Option<f64>,
    oxygen: Option<bool>,
    sbp: Option<f64>,
    pulse: Option<f64>,
    acvpu: Option<String>,
    temp: Option<f64>,
    age_years: u16,
    pregnant: bool,
}

impl Input {
    fn cells(self) -> Vec<VitalValue> {
        let number = |code, value: Option<f64>| value.map(|value| cell(code, Some(value), None));
        [
            number(VitalCode::Resp, self.resp),
            number(VitalCode::Spo2, self.spo2),
            number(VitalCode::Oxygen, self.oxygen.map(|on| if on { 1.0 } else { 0.0 })),
            number(VitalCode::Sbp, self.sbp),
            number(VitalCode::Pulse, self.pulse),
            self.acvpu.map(|level| cell(VitalCode::Acvpu, None, Some(level))),
            number(VitalCode::Temp, self.temp),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn cell(code: VitalCode, value: Option<f64>, text: Option<String>) -> VitalValue {
    VitalValue { code, value, text, not_measured: None, provenance: Provenance::Manual, out_of_range_reason: None }
}

#[test]
fn the_record_scores_as_the_preview_does() {
    let vectors: Vec<Vector> = serde_json::from_str(VECTORS).expect("vectors of this shape");
    assert!(vectors.len() > 60, "only {} vectors", vectors.len());
    for Vector { name, input, expect } in vectors {
        let subject = Subject { age_years: Some(input.age_years), pregnant: input.pregnant };
        assert_eq!(score(subject, &input.cells()), expect, "{name}");
    }
}
