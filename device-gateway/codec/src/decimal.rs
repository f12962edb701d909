//! A number exactly as a device means it: digits and the place of the point, never a binary fraction.

use std::fmt;

/// `mantissa` × 10^`exponent`. Trailing zeros are what the device showed and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    pub mantissa: i64,
    pub exponent: i8,
}

impl Decimal {
    #[must_use]
    pub const fn new(mantissa: i64, exponent: i8) -> Self {
        Self { mantissa, exponent }
    }

    /// `-12.50`, `7`, `.5`: an optional sign, digits, at most one point, and nothing else; 15 digits at most.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (mut mantissa, mut exponent, mut seen, mut point) = (0i64, 0i8, 0u8, false);
        for byte in digits {
            match byte {
                b'0'..=b'9' if seen < 15 => {
                    mantissa = mantissa * 10 + i64::from(byte - b'0');
                    seen += 1;
                    exponent -= i8::from(point);
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        (seen > 0).then_some(Self { mantissa: if negative { -mantissa } else { mantissa }, exponent })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.mantissa < 0 {
            f.write_str("-")?;
        }
        let digits = self.mantissa.unsigned_abs().to_string();
        let places = usize::from(self.exponent.unsigned_abs());
        if self.exponent >= 0 {
            f.write_str(&digits)?;
            return if self.mantissa == 0 { Ok(()) } else { f.write_str(&"0".repeat(places)) };
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_written_as_the_device_meant_it() {
        let written = |mantissa, exponent| Decimal::new(mantissa, exponent).to_string();
        assert_eq!(written(3690, -2), "36.90");
        assert_eq!(written(-5, -1), "-0.5");
        assert_eq!(written(12, 2), "1200");
        assert_eq!(written(0, 3), "0");
        assert_eq!(written(0, -2), "0.00");
    }

    #[test]
    fn what_is_no_plain_number_is_none() {
        for text in ["", "-", ".", "1.2.3", "1e3", " 1", "--1", "1234567890123456", "1,5"] {
            assert_eq!(Decimal::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Decimal::parse(b"7."), Some(Decimal::new(7, 0)));
        assert_eq!(Decimal::parse(b"-.50"), Some(Decimal::new(-50, -2)));
    }

    proptest! {
        #[test]
        fn written_and_read_again_it_is_the_same_number(mantissa in -999_999_999_999i64..999_999_999_999, exponent in -3i8..=0) {
            let number = Decimal::new(mantissa, exponent);
            prop_assert_eq!(Decimal::parse(number.to_string().as_bytes()), Some(number));
        }

        #[test]
        fn any_number_can_be_written(mantissa: i64, exponent: i8) {
            prop_assert!(!Decimal::new(mantissa, exponent).to_string().is_empty());
        }
    }
}
