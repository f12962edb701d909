//! One analyzer reading as a result: which analyte it is, and what the catalog says of its value. Pure.

use benhan_contract::{Comparator, Reading, ReadingValue};
use benhan_domain::lab::{Flag, Measured, factor};
use benhan_domain::text;
use benhan_store::catalog::Analyte;
use benhan_store::results::Value;

/// The analyte that a reading means among those that were ordered: by LOINC, else by code, else by name.
pub fn analyte<'a>(reading: &Reading, ordered: &'a [Analyte]) -> Option<&'a Analyte> {
    let by_loinc =
        reading.loinc.as_deref().and_then(|loinc| ordered.iter().find(|a| a.loinc.as_deref() == Some(loinc)));
    let sole = |found: Vec<&'a Analyte>| if found.len() == 1 { found.first().copied() } else { None };
    let by_code = || {
        let code = reading.code.trim();
        ordered.iter().find(|a| !code.is_empty() && a.code.eq_ignore_ascii_case(code))
    };
    let by_name = || {
        let names = [text::fold(&reading.code), text::fold(&reading.name)];
        sole(ordered.iter().filter(|a| names.contains(&text::fold(&a.name))).collect())
    };
    by_loinc.or_else(by_code).or_else(by_name)
}

/// The code that a reading without an analyte is kept under.
pub fn own_code(reading: &Reading) -> String {
    let code = if reading.code.trim().is_empty() { &reading.name } else { &reading.code };
    short(code, 64)
}

pub fn own_name(reading: &Reading) -> String {
    let name = if reading.name.trim().is_empty() { &reading.code } else { &reading.name };
    short(name, 200)
}

/// The value with its unit, range and flag. The catalog judges where it understands the unit; else the device does.
pub fn value(reading: &Reading, analyte: Option<&Analyte>, fallback_at: i64) -> Value {
    let (written, number, measured) = amount(&reading.value);
    let sent_unit = reading.ucum.as_deref().unwrap_or(&reading.unit);
    let scale = analyte.and_then(|a| factor(sent_unit, &a.unit));
    // The same scale under another spelling is shown as the laboratory writes it.
    let same_scale = scale.is_some_and(|s| (s - 1.0).abs() < 1e-9);
    let unit = match analyte {
        Some(a) if same_scale => a.unit.clone(),
        _ => short(sent_unit, 40),
    };
    let judged = analyte.zip(scale).zip(measured).map(|((a, scale), m)| (a, a.limits.judge(m.scaled(scale))));
    let own_flag = reading.flags.iter().find_map(|f| Flag::parse(f));
    let flag = match &judged {
        Some((a, flag)) if a.limits.has_range() => *flag,
        Some((_, critical @ Some(Flag::LL | Flag::HH))) => *critical,
        _ => own_flag,
    };
    let critical = match &judged {
        Some((_, flag)) => matches!(flag, Some(Flag::LL | Flag::HH)),
        // Nobody here could judge it: what the analyzer calls a panic value is told.
        None => matches!(own_flag, Some(Flag::LL | Flag::HH)),
    };
    let range = analyte.filter(|a| same_scale && a.limits.has_range()).map(range_of);
    Value {
        value: written,
        number,
        unit,
        reference_range: range.unwrap_or_else(|| short(&reading.reference_range, 100)),
        flag,
        critical,
        effective_at: reading.effective_at.unwrap_or(fallback_at),
    }
}

/// As written, as a number where it is exactly one, and as something that limits can judge.
fn amount(value: &ReadingValue) -> (String, Option<f64>, Option<Measured>) {
    match value {
        ReadingValue::Number { decimal, comparator } => {
            let number = decimal.trim().parse::<f64>().ok().filter(|n| n.is_finite());
            let sign = match comparator {
                None => "",
                Some(Comparator::Less) => "<",
                Some(Comparator::LessOrEqual) => "≤",
                Some(Comparator::Greater) => ">",
                Some(Comparator::GreaterOrEqual) => "≥",
            };
            let measured = number.map(|n| match comparator {
                None => Measured::Exactly(n),
                Some(Comparator::Less | Comparator::LessOrEqual) => Measured::AtMost(n),
                Some(Comparator::Greater | Comparator::GreaterOrEqual) => Measured::AtLeast(n),
            });
            (format!("{sign}{}", short(decimal, 60)), number.filter(|_| comparator.is_none()), measured)
        }
        ReadingValue::Text { text } => (short(text, 4_000), None, None),
        ReadingValue::Coded { code, text, .. } => {
            (short(if text.trim().is_empty() { code } else { text }, 4_000), None, None)
        }
    }
}

/// `3.5 – 5.1`, `≤ 5`, `≥ 60`
fn range_of(analyte: &Analyte) -> String {
    match (analyte.limits.low, analyte.limits.high) {
        (Some(low), Some(high)) => format!("{low} – {high}"),
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => String::new(),
    }
}

fn short(text: &str, most: usize) -> String {
    text::clean_lines(text).chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_contract::ReadingStatus;
    use benhan_domain::lab::Limits;

    fn potassium() -> Analyte {
        let limits = Limits { low: Some(3.5), high: Some(5.1), critical_low: Some(2.5), critical_high: Some(6.5) };
        Analyte {
            code: "K".into(),
            item_code: "DIENGIAI".into(),
            name: "Kali".into(),
            loinc: Some("2823-3".into()),
            unit: "mmol/L".into(),
            limits,
            position: 1,
        }
    }

    fn sent(code: &str, decimal: &str, unit: &str) -> Reading {
        Reading {
            code: code.into(),
            name: code.into(),
            system: "L".into(),
            loinc: None,
            channel: String::new(),
            value: ReadingValue::Number { decimal: decimal.into(), comparator: None },
            unit: unit.into(),
            ucum: Some(unit.into()),
            reference_range: "3 - 6".into(),
            flags: vec!["N".into()],
            status: ReadingStatus::Final,
            effective_at: Some(7),
            aperiodic: false,
            comments: vec![],
        }
    }

    #[test]
    fn an_analyte_is_known_by_loinc_before_its_code() {
        let mut sodium = potassium();
        (sodium.code, sodium.loinc) = ("NA".into(), Some("2951-2".into()));
        sodium.name = "Natri".into();
        let ordered = [potassium(), sodium];
        let mut reading = sent("k", "4.1", "mmol/L");
        assert_eq!(analyte(&reading, &ordered).map(|a| a.code.as_str()), Some("K"));
        reading.loinc = Some("2951-2".into());
        assert_eq!(analyte(&reading, &ordered).map(|a| a.code.as_str()), Some("NA"));
        assert_eq!(analyte(&sent("KALI", "4.1", "mmol/L"), &ordered).map(|a| a.code.as_str()), Some("K"));
        assert_eq!(analyte(&sent("GLU", "4.1", "mmol/L"), &ordered), None);
    }

    #[test]
    fn the_catalog_judges_in_its_own_unit() {
        let k = potassium();
        let high = value(&sent("K", "6.80", "mmol/L"), Some(&k), 0);
        assert_eq!(
            (high.value.as_str(), high.number, high.flag, high.critical),
            ("6.80", Some(6.8), Some(Flag::HH), true)
        );
        assert_eq!(high.reference_range, "3.5 – 5.1");
        let micro = value(&sent("K", "4100", "umol/L"), Some(&k), 0);
        assert_eq!((micro.flag, micro.unit.as_str(), micro.reference_range.as_str()), (None, "umol/L", "3 - 6"));
    }

    #[test]
    fn where_the_unit_is_not_understood_the_device_is_heard() {
        let mut reading = sent("K", "26", "mg/dL");
        reading.flags = vec!["HH".into()];
        let kept = value(&reading, Some(&potassium()), 0);
        assert_eq!((kept.flag, kept.critical, kept.unit.as_str()), (Some(Flag::HH), true, "mg/dL"));
    }

    #[test]
    fn beyond_the_measuring_range_there_is_no_number() {
        let mut reading = sent("K", "10", "mmol/L");
        reading.value = ReadingValue::Number { decimal: "10".into(), comparator: Some(Comparator::Greater) };
        let kept = value(&reading, Some(&potassium()), 0);
        assert_eq!((kept.value.as_str(), kept.number, kept.flag), (">10", None, Some(Flag::HH)));
    }
}
