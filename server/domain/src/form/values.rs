//! What somebody filled in: read against the definition, tidied, bounded, and refused with a sentence at each place.

use super::definition::{FormDefinition, Needed};
use super::field::{Field, FieldKind};
use crate::text;
use crate::time::Instant;
use jiff::civil::Date;
use serde_json::{Map, Number, Value, json};

/// Field name → value. What is empty is not there.
pub type Values = Map<String, Value>;

const LINE: usize = 300;
const TEXT: usize = 10_000;
const ROWS: usize = 300;
/// A price in đồng at most; the sum of a table of them is printed to the last digit.
const NUMBER: f64 = 1e12;

/// What somebody must mend, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `field`, or `table/3/column` with rows from 0.
    pub place: String,
    /// Vietnamese, with the field's label.
    pub sentence: String,
}

/// The values as they are kept: known fields only, texts in NFC, blanks left out, calculations done anew.
pub fn read(form: &FormDefinition, raw: &Values) -> Result<Values, Vec<Fault>> {
    let (mut kept, mut faults) = (Values::new(), Vec::new());
    for name in raw.keys().filter(|name| form.field(name).is_none()) {
        // The name came from outside: bounded before it is said back.
        let name: String = name.chars().take(64).collect();
        faults.push(Fault { sentence: format!("Mẫu phiếu không có mục «{name}»"), place: name });
    }
    for field in form.fields().filter(|field| field.calculation.is_none()) {
        match raw.get(&field.name).map_or(Ok(None), |value| read_field(field, value, &field.name)) {
            Ok(Some(value)) => drop(kept.insert(field.name.clone(), value)),
            Ok(None) => {}
            Err(found) => faults.extend(found),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    for field in form.fields() {
        let answer = field.calculation.as_ref().and_then(|c| c.of(&kept, field.decimals.unwrap_or(0)));
        if let Some(answer) = answer {
            kept.insert(field.name.clone(), answer);
        }
    }
    Ok(kept)
}

/// What is missing for `moment`: for a signature, or also for closing the record.
pub fn missing(form: &FormDefinition, values: &Values, moment: Needed) -> Vec<Fault> {
    let needed = |field: &Field| field.needed != Needed::Never && field.needed >= moment;
    let mut found = Vec::new();
    for field in form.fields() {
        match values.get(&field.name) {
            None if needed(field) => {
                found.push(Fault { place: field.name.clone(), sentence: format!("Chưa ghi «{}»", field.label) });
            }
            Some(Value::Array(rows)) if field.kind == FieldKind::Table => {
                for (at, row) in rows.iter().enumerate() {
                    let empty = field.columns.iter().filter(|c| needed(c) && row.get(&c.name).is_none());
                    found.extend(empty.map(|column| Fault {
                        place: format!("{}/{at}/{}", field.name, column.name),
                        sentence: format!(
                            "Dòng {} của «{}»: chưa ghi «{}»",
                            at.saturating_add(1),
                            field.label,
                            column.label
                        ),
                    }));
                }
            }
            _ => {}
        }
    }
    found
}

/// Changes every text of the values: to write abbreviations out, for one.
pub fn map_texts(form: &FormDefinition, values: &mut Values, change: &mut dyn FnMut(&str) -> String) {
    fn one(field: &Field, value: &mut Value, change: &mut dyn FnMut(&str) -> String) {
        match (field.kind, value) {
            (FieldKind::Line | FieldKind::Text, Value::String(text)) => *text = change(text),
            (FieldKind::Diagnosis, Value::Object(parts)) => {
                if let Some(Value::String(text)) = parts.get_mut("text") {
                    *text = change(text);
                }
            }
            (FieldKind::Table, Value::Array(rows)) => {
                for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                    for column in &field.columns {
                        if let Some(cell) = row.get_mut(&column.name) {
                            one(column, cell, change);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for field in form.fields() {
        if let Some(value) = values.get_mut(&field.name) {
            one(field, value, change);
        }
    }
}

fn read_field(field: &Field, value: &Value, place: &str) -> Result<Option<Value>, Vec<Fault>> {
    let wrong = |what: &str| vec![Fault { place: place.to_owned(), sentence: format!("«{}»: {what}", field.label) }];
    if value.is_null() {
        return Ok(None);
    }
    let text = || value.as_str().ok_or_else(|| wrong("phải là chữ"));
    match field.kind {
        FieldKind::Line => words(text::clean(text()?), LINE).map_err(|e| wrong(&e)),
        FieldKind::Text => words(text::clean_lines(text()?), TEXT).map_err(|e| wrong(&e)),
        FieldKind::Quantity | FieldKind::Score => number(field, value).map(Some).map_err(wrong),
        FieldKind::BloodPressure => blood_pressure(value).map(Some).map_err(wrong),
        FieldKind::Choice => match text()? {
            "" => Ok(None),
            code => chosen(field, code).map(Some).ok_or_else(|| wrong("hãy chọn trong danh sách")),
        },
        FieldKind::Choices => {
            let codes = value.as_array().ok_or_else(|| wrong("hãy chọn trong danh sách"))?;
            let known: Option<Vec<Value>> = codes.iter().map(|code| chosen(field, code.as_str()?)).collect();
            let mut known =
                known.filter(|k| k.len() <= field.options.len()).ok_or_else(|| wrong("hãy chọn trong danh sách"))?;
            known.dedup();
            Ok((!known.is_empty()).then_some(Value::Array(known)))
        }
        FieldKind::Check => match value.as_bool() {
            Some(yes) => Ok(yes.then_some(Value::Bool(true))),
            None => Err(wrong("chỉ có thể đánh dấu hoặc không")),
        },
        FieldKind::Date => match text()? {
            "" => Ok(None),
            day => day.parse::<Date>().map(|d| Some(json!(d.to_string()))).map_err(|_| wrong("ngày không hợp lệ")),
        },
        FieldKind::Instant => match text()? {
            "" => Ok(None),
            at => Instant::parse(at).map(|t| Some(json!(t.rfc3339()))).ok_or_else(|| wrong("ngày giờ không hợp lệ")),
        },
        FieldKind::Diagnosis => diagnosis(value).map_err(|e| wrong(&e)),
        FieldKind::Table => table(field, value, place),
    }
}

fn words(text: String, most: usize) -> Result<Option<Value>, String> {
    if text.chars().count() > most {
        return Err(format!("tối đa {most} ký tự"));
    }
    Ok((!text.is_empty()).then_some(Value::String(text)))
}

fn number(field: &Field, value: &Value) -> Result<Value, &'static str> {
    let given = value.as_f64().filter(|n| n.is_finite()).ok_or("phải là số")?;
    if given.abs() > NUMBER {
        return Err("ngoài khoảng có thể có");
    }
    if field.kind == FieldKind::Score && given.fract() != 0.0 {
        return Err("phải là số nguyên");
    }
    if field.low.is_some_and(|low| given < low) || field.high.is_some_and(|high| given > high) {
        return Err("ngoài khoảng có thể có");
    }
    let scale = 10_f64.powi(i32::from(field.decimals.unwrap_or(3).min(6)));
    Number::from_f64((given * scale).round() / scale).map(Value::Number).ok_or("phải là số")
}

fn blood_pressure(value: &Value) -> Result<Value, &'static str> {
    let part = |name: &str| value.get(name).and_then(Value::as_f64).filter(|n| n.is_finite());
    let (Some(systolic), Some(diastolic)) = (part("systolic"), part("diastolic")) else {
        return Err("ghi cả tâm thu và tâm trương");
    };
    if !(30.0..=300.0).contains(&systolic) || !(10.0..=200.0).contains(&diastolic) || diastolic > systolic {
        return Err("ngoài khoảng có thể có");
    }
    Ok(json!({ "systolic": systolic.round(), "diastolic": diastolic.round() }))
}

fn chosen(field: &Field, code: &str) -> Option<Value> {
    field.options.iter().find(|option| option.code == code).map(|option| json!(option.code))
}

/// Words, a code, or both; the code in ICD-10's form, whatever the list of the year holds.
fn diagnosis(value: &Value) -> Result<Option<Value>, String> {
    let part = |name: &str| value.get(name).and_then(Value::as_str).map(text::clean).unwrap_or_default();
    if !value.is_object() {
        return Err("ghi chẩn đoán và mã ICD-10".to_owned());
    }
    let (words_part, code) = (words(part("text"), 1_000)?, part("code").to_uppercase());
    if !code.is_empty() && !is_icd10(&code) {
        return Err("mã ICD-10 có dạng J18.9".to_owned());
    }
    let mut kept = Map::new();
    kept.extend(words_part.map(|text| ("text".to_owned(), text)));
    kept.extend((!code.is_empty()).then(|| ("code".to_owned(), Value::String(code))));
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

/// A letter, two digits, and a point with one to four more signs.
fn is_icd10(code: &str) -> bool {
    let (category, rest) = code.split_once('.').map_or((code, None), |(c, r)| (c, Some(r)));
    let mut signs = category.chars();
    let head = signs.next().is_some_and(|c| c.is_ascii_uppercase());
    head && category.len() == 3
        && signs.all(|c| c.is_ascii_digit())
        && rest.is_none_or(|r| (1..=4).contains(&r.len()) && r.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn table(field: &Field, value: &Value, place: &str) -> Result<Option<Value>, Vec<Fault>> {
    let wrong = |what: &str| vec![Fault { place: place.to_owned(), sentence: format!("«{}»: {what}", field.label) }];
    let rows = value.as_array().ok_or_else(|| wrong("phải là các dòng"))?;
    if rows.len() > ROWS {
        return Err(wrong("tối đa 300 dòng"));
    }
    let (mut kept, mut faults) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        let Some(cells) = row.as_object() else { return Err(wrong("phải là các dòng")) };
        if cells.keys().any(|name| field.columns.iter().all(|c| c.name != *name)) {
            return Err(wrong("có cột lạ"));
        }
        let mut line = Map::new();
        for column in field.columns.iter().filter(|column| column.calculation.is_none()) {
            let cell = cells.get(&column.name).unwrap_or(&Value::Null);
            match read_field(column, cell, &format!("{place}/{at}/{}", column.name)) {
                Ok(Some(value)) => drop(line.insert(column.name.clone(), value)),
                Ok(None) => {}
                Err(found) => faults.extend(found),
            }
        }
        for column in &field.columns {
            let answer = column.calculation.as_ref().and_then(|c| c.of(&line, column.decimals.unwrap_or(0)));
            line.extend(answer.map(|answer| (column.name.clone(), answer)));
        }
        if !line.is_empty() {
            kept.push(Value::Object(line));
        }
    }
    if faults.is_empty() { Ok((!kept.is_empty()).then_some(Value::Array(kept))) } else { Err(faults) }
}
