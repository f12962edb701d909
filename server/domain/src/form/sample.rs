//! Something for every field: with it a form is tried out before anybody fills it. Nobody's data.

use super::definition::FormDefinition;
use super::field::{Field, FieldKind};
use super::values::Values;
use serde_json::{Map, Value, json};

/// Values that [`super::values::read`] takes, with `rows` rows in each table.
pub fn sample(form: &FormDefinition, rows: usize) -> Values {
    let written = form.fields().filter(|field| field.calculation.is_none());
    written.map(|field| (field.name.clone(), one(field, rows))).collect()
}

fn one(field: &Field, rows: usize) -> Value {
    let codes = || field.options.iter().map(|option| Value::String(option.code.clone()));
    match field.kind {
        FieldKind::Line => json!("Ghi thử một dòng"),
        FieldKind::Text => {
            json!("Người bệnh tỉnh, tiếp xúc tốt, SpO₂ ≥ 96 %.\nTim đều, phổi thông khí rõ; nhiệt độ ≤ 37 °C.")
        }
        FieldKind::Quantity | FieldKind::Score => number(field),
        FieldKind::BloodPressure => json!({ "systolic": 120, "diastolic": 80 }),
        FieldKind::Choice => codes().next().unwrap_or_default(),
        FieldKind::Choices => codes().collect(),
        FieldKind::Check => json!(true),
        FieldKind::Date => json!("2026-11-28"),
        FieldKind::Instant => json!("2026-11-28T07:05:00+07:00"),
        FieldKind::Diagnosis => json!({ "text": "Viêm phổi mắc phải cộng đồng", "code": "J18.9" }),
        FieldKind::Table => {
            let written = || field.columns.iter().filter(|column| column.calculation.is_none());
            let row = || written().map(|c| (c.name.clone(), one(c, 0))).collect::<Map<_, _>>();
            (0..rows).map(|_| Value::Object(row())).collect()
        }
    }
}

/// 36, or what is nearest to it between the bounds.
fn number(field: &Field) -> Value {
    let low = field.low.unwrap_or(f64::NEG_INFINITY);
    let within = 36_f64.min(field.high.unwrap_or(f64::INFINITY)).max(low);
    json!(if field.kind == FieldKind::Score { within.ceil() } else { within })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::values;

    #[test]
    fn a_sample_is_read_and_nothing_is_missing() {
        let form: FormDefinition = serde_json::from_value(json!({
            "code": "x", "title": "X", "title_en": "X", "version": 1, "legal_act": "-", "valid_from": "2026-01-01",
            "signing": { "unit": "sheet", "authors": ["doctor"], "slots": [{ "name": "d", "label": "Bác sĩ", "roles": ["doctor"] }] },
            "sections": [{ "name": "s", "fields": [
                { "name": "apgar", "label": "Apgar", "kind": "score", "low": 0, "high": 10, "needed": "sign" },
                { "name": "weight", "label": "Cân nặng", "kind": "quantity", "low": 40.5, "needed": "sign" },
                { "name": "at", "label": "Lúc", "kind": "instant", "needed": "sign" },
                { "name": "state", "label": "Tri giác", "kind": "choices", "needed": "sign", "options": [{ "code": "a", "label": "A" }, { "code": "b", "label": "B" }] },
                { "name": "rows", "label": "Dòng", "kind": "table", "needed": "sign", "columns": [{ "name": "bp", "label": "HA", "kind": "blood-pressure", "needed": "sign" }] },
            ]}],
        }))
        .expect("a form");
        let kept = values::read(&form, &sample(&form, 3)).expect("a sample is rightly filled");
        assert_eq!(values::missing(&form, &kept, crate::form::Needed::Sign), []);
        assert_eq!((&kept["apgar"], &kept["weight"]), (&json!(10.0), &json!(40.5)));
        assert_eq!(kept["rows"].as_array().map(Vec::len), Some(3));
    }
}
