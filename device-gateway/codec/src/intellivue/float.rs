//! FLOAT-Type of IEEE 11073: an exponent of ten in 8 bits, a mantissa in 24, and signs that are no number.

use crate::decimal::Decimal;
use crate::reading::NotAValue;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Float(u32);

impl Float {
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The number, exactly.
    ///
    /// # Errors
    ///
    /// When it is one of the signs: not a number, not at this resolution, an infinity, reserved.
    pub fn value(self) -> Result<Decimal, NotAValue> {
        let [exponent, mantissa @ ..] = self.0.to_be_bytes();
        let [high, middle, low] = mantissa;
        match u32::from_be_bytes([0, high, middle, low]) {
            0x7F_FFFF => Err(NotAValue::Absent),
            0x7F_FFFE => Err(NotAValue::OverRange),
            0x80_0002 => Err(NotAValue::UnderRange),
            0x80_0000 | 0x80_0001 => Err(NotAValue::Invalid),
            _ => {
                let sign = if high & 0x80 == 0 { 0 } else { 0xFF };
                let mantissa = i32::from_be_bytes([sign, high, middle, low]);
                Ok(Decimal::new(i64::from(mantissa), exponent.cast_signed()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_exact_and_signs_are_no_numbers() {
        let value = |bits| Float::from_bits(bits).value();
        assert_eq!(value(0xFF00_0171).unwrap().to_string(), "36.9");
        assert_eq!(value(0x0000_0048).unwrap().to_string(), "72");
        assert_eq!(value(0xFEFF_FF38).unwrap().to_string(), "-2.00");
        assert_eq!(value(0x0200_000C).unwrap().to_string(), "1200");
        assert_eq!(value(0x007F_FFFF), Err(NotAValue::Absent));
        assert_eq!(value(0xFF7F_FFFF), Err(NotAValue::Absent), "whatever the exponent is");
        assert_eq!(value(0x007F_FFFE), Err(NotAValue::OverRange));
        assert_eq!(value(0x0080_0002), Err(NotAValue::UnderRange));
        assert_eq!(value(0x0080_0000), Err(NotAValue::Invalid));
        assert_eq!(value(0x0080_0001), Err(NotAValue::Invalid));
        assert_eq!(value(0x007F_FFFD).unwrap().mantissa, 8_388_605);
        assert_eq!(value(0x0080_0003).unwrap().mantissa, -8_388_605);
    }

    proptest! {
        #[test]
        fn any_bits_are_a_number_or_none(bits: u32) {
            if let Ok(number) = Float::from_bits(bits).value() {
                prop_assert!(number.mantissa.abs() <= 8_388_605);
            }
        }
    }
}
