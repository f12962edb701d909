//! Numbers as Vietnamese writes them: a comma before the decimals.

use crate::error::RenderError;

/// At most `decimals` decimals, none that are zero: `37,5`, `120`.
pub(crate) fn vietnamese(value: f64, decimals: usize) -> Result<String, RenderError> {
    if !value.is_finite() || value.abs() > 1e15 {
        return Err(RenderError::NotPrintable("a number"));
    }
    let fixed = format!("{value:.decimals$}");
    let short = if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.') } else { &fixed };
    Ok(if short == "-0" { "0".to_owned() } else { short.replace('.', ",") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_a_comma_and_never_trail() {
        for (value, decimals, text) in [
            (37.5, 1, "37,5"),
            (37.0, 1, "37"),
            (120.0, 0, "120"),
            (100.0, 1, "100"),
            (-0.04, 1, "0"),
            (52.25, 2, "52,25"),
        ] {
            assert_eq!(vietnamese(value, decimals).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for value in [f64::NAN, f64::INFINITY, 1e300] {
            assert!(vietnamese(value, 1).is_err());
        }
    }
}
