//! Identifiers that others issue, each parsed once. Where the rule is a habit and not a law, it only warns.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $why:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, BadIdentifier> {
                let text: String = text.trim().to_owned();
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(BadIdentifier($why)) }
            }
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl TryFrom<String> for $name {
            type Error = BadIdentifier;
            fn try_from(text: String) -> Result<Self, BadIdentifier> { Self::parse(&text) }
        }
        impl From<$name> for String { fn from(id: $name) -> Self { id.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    };
}

/// What is wrong, in the words that the form shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadIdentifier(pub &'static str);

fn all(text: &str, lengths: std::ops::RangeInclusive<usize>, ok: fn(char) -> bool) -> bool {
    lengths.contains(&text.len()) && text.chars().all(ok)
}

identifier!(
    /// Mã người bệnh: one per patient and facility, given by us.
    PatientCode, "Mã người bệnh chỉ gồm chữ số và dấu chấm", |t| all(t, 4..=16, |c| c.is_ascii_digit() || c == '.')
);
identifier!(
    /// Số định danh cá nhân (12 digits), CMND (9 digits) or a passport (a capital and 7 digits). There is no check digit.
    NationalId, "Số định danh gồm 12 chữ số (hoặc CMND 9 số, hộ chiếu 1 chữ và 7 số)", |t| {
        let digits = all(t, 9..=12, |c| c.is_ascii_digit()) && (t.len() == 9 || t.len() == 12);
        let passport = t.len() == 8 && t.starts_with(|c: char| c.is_ascii_uppercase()) && t.chars().skip(1).all(|c| c.is_ascii_digit());
        digits || passport
    }
);
identifier!(
    /// Số thẻ BHYT: two letters and 13 digits. The benefit digit and the province are not checked here.
    InsuranceCard, "Số thẻ BHYT gồm 2 chữ và 13 chữ số", |t| {
        t.len() == 15 && t.chars().take(2).all(|c| c.is_ascii_uppercase()) && t.chars().skip(2).all(|c| c.is_ascii_digit())
    }
);
identifier!(
    /// What is printed on a tube: Code 128, at most 13 characters so that every analyzer reads it.
    SpecimenBarcode, "Mã vạch mẫu có 4–13 chữ hoặc số", |t| all(t, 4..=13, |c| c.is_ascii_alphanumeric())
);
identifier!(
    /// Accession number of an imaging order: DICOM SH, at most 16 characters.
    Accession, "Số phiếu chẩn đoán hình ảnh có 4–16 chữ hoặc số", |t| all(t, 4..=16, |c| c.is_ascii_alphanumeric())
);

/// Last four characters, for lists where the whole number is not needed.
pub fn tail(id: &str) -> String {
    let skip = id.chars().count().saturating_sub(4);
    id.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: C13-1.3
    #[test]
    fn numbers_are_taken_as_cards_print_them() {
        assert!(NationalId::parse("079170001234").is_ok());
        assert!(NationalId::parse("B1234567").is_ok());
        assert!(NationalId::parse("07917000123").is_err());
        assert!(InsuranceCard::parse("DN4790112342231").is_ok());
        assert!(SpecimenBarcode::parse("26^11").is_err());
        assert_eq!(tail("079170001234"), "1234");
    }
}
