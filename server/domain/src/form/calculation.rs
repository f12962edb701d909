//! Fields that the program works out from others: a few named rules, so that a definition stays data.

use super::values::Values;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// `calculation = { body-mass-index = { weight = "weight", height = "height" } }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Calculation {
    /// Of the fields named, those that are filled; nothing when none is.
    Sum(Vec<String>),
    /// Of a column of a table.
    ColumnSum { table: String, column: String },
    /// `of` less `less`, when both are there: an intake–output balance.
    Difference { of: String, less: String },
    /// kg / m², from kilograms and centimetres.
    BodyMassIndex { weight: String, height: String },
    /// Calendar days from one to the other, the first counted.
    Days { from: String, to: String },
}

impl Calculation {
    /// The fields that it reads.
    pub fn reads(&self) -> Vec<&str> {
        match self {
            Self::Sum(fields) => fields.iter().map(String::as_str).collect(),
            Self::ColumnSum { table, .. } => vec![table],
            Self::Difference { of, less } => vec![of, less],
            Self::BodyMassIndex { weight, height } => vec![weight, height],
            Self::Days { from, to } => vec![from, to],
        }
    }

    /// The answer rounded to `decimals`, or nothing while something is missing.
    pub fn of(&self, values: &Values, decimals: u8) -> Option<Value> {
        let number = |name: &str| values.get(name).and_then(Value::as_f64);
        let answer = match self {
            Self::Sum(fields) => total(fields.iter().filter_map(|name| number(name))),
            Self::ColumnSum { table, column } => {
                let rows = values.get(table).and_then(Value::as_array)?;
                total(rows.iter().filter_map(|row| row.get(column).and_then(Value::as_f64)))
            }
            Self::Difference { of, less } => Some(number(of)? - number(less)?),
            Self::BodyMassIndex { weight, height } => {
                let metres = number(height).filter(|cm| *cm > 0.0)? / 100.0;
                Some(number(weight)? / (metres * metres))
            }
            Self::Days { from, to } => {
                let (from, to) = (day(values.get(from)?)?, day(values.get(to)?)?);
                let days = from.until(to).ok()?.get_days();
                (days >= 0).then(|| f64::from(days) + 1.0)
            }
        };
        let scale = 10_f64.powi(i32::from(decimals.min(6)));
        // Beyond what can be printed exactly there is no answer.
        let answer = answer.filter(|n| n.abs() <= 1e15)?;
        Number::from_f64((answer * scale).round() / scale).map(Value::Number)
    }
}

fn total(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    numbers.fold(None, |sum: Option<f64>, n| Some(sum.unwrap_or(0.0) + n))
}

/// The day in Vietnam of a date or an instant.
fn day(value: &Value) -> Option<Date> {
    let text = value.as_str()?;
    text.parse().ok().or_else(|| crate::time::Instant::parse(text).map(|at| at.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(of: Value) -> Values {
        of.as_object().expect("an object").clone()
    }

    #[test]
    fn a_body_mass_index_waits_for_both_and_is_rounded() {
        let bmi = Calculation::BodyMassIndex { weight: "w".into(), height: "h".into() };
        assert_eq!(bmi.of(&values(json!({"w": 52.5, "h": 158})), 1), Some(json!(21.0)));
        assert_eq!(bmi.of(&values(json!({"w": 52.5})), 1), None);
        assert_eq!(bmi.of(&values(json!({"w": 52.5, "h": 0})), 1), None, "nobody is 0 cm tall");
        assert_eq!(bmi.of(&values(json!({"w": 52.5, "h": 1e-9})), 1), None, "nor a billionth of one");
    }

    #[test]
    fn days_of_treatment_count_the_first() {
        let days = Calculation::Days { from: "in".into(), to: "out".into() };
        let stay = |from, to| days.of(&values(json!({"in": from, "out": to})), 0);
        assert_eq!(stay("2026-11-20T23:50:00+07:00", "2026-11-21T00:10:00+07:00"), Some(json!(2.0)));
        assert_eq!(stay("2026-11-20", "2026-11-20"), Some(json!(1.0)));
        assert_eq!(stay("2026-11-21", "2026-11-20"), None, "out before in");
    }

    #[test]
    fn sums_take_what_is_there_and_differences_need_both() {
        let sum = Calculation::Sum(vec!["e".into(), "v".into(), "m".into()]);
        assert_eq!(sum.of(&values(json!({"e": 4, "v": 5, "m": 6})), 0), Some(json!(15.0)));
        assert_eq!(sum.of(&values(json!({})), 0), None);
        let column = Calculation::ColumnSum { table: "rows".into(), column: "ml".into() };
        assert_eq!(column.of(&values(json!({"rows": [{"ml": 500}, {}, {"ml": 0.5}]})), 1), Some(json!(500.5)));
        let balance = Calculation::Difference { of: "in".into(), less: "out".into() };
        assert_eq!(balance.of(&values(json!({"in": 1500, "out": 1700})), 0), Some(json!(-200.0)));
        assert_eq!(balance.of(&values(json!({"in": 1500})), 0), None);
    }
}
