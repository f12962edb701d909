//! A person's name, sex, birth date and age, as a Vietnamese ward writes them.

use crate::text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Family, middle, given, in that order, NFC. 1 to 120 characters with at least one letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Họ tên phải có từ 1 đến 120 ký tự và có chữ cái")]
pub struct NotAName;

impl Name {
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        let name = text::clean(text);
        let fits = name.chars().count() <= 120 && name.chars().any(char::is_alphabetic);
        if fits { Ok(Self(name)) } else { Err(NotAName) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = NotAName;
    fn try_from(text: String) -> Result<Self, NotAName> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// National code list: 1 nam, 2 nữ, 3 chưa xác định.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    Male,
    Female,
    Unknown,
}

impl Sex {
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "male" => Some(Self::Male),
            "female" => Some(Self::Female),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }

    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Male => "Nam",
            Self::Female => "Nữ",
            Self::Unknown => "Chưa xác định",
        }
    }
}

/// Whole years on `day`; a birth date after `day` counts as 0.
pub fn age_years(birth: Date, day: Date) -> u16 {
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    let years = i32::from(day.year()) - i32::from(birth.year()) - i32::from(!had_birthday);
    u16::try_from(years).unwrap_or(0)
}

/// `24t`; under three years in months (`8 th`), under one month in days (`12 ng`): how paediatric charts state it.
pub fn age_text(birth: Date, day: Date) -> String {
    let years = age_years(birth, day);
    if years >= 3 {
        return format!("{years}t");
    }
    let months = (i32::from(day.year()) - i32::from(birth.year())) * 12 + i32::from(day.month())
        - i32::from(birth.month())
        - i32::from(day.day() < birth.day());
    if months >= 1 {
        return format!("{months} th");
    }
    let days = birth.until(day).map(|span| span.get_days()).unwrap_or(0).max(0);
    format!("{days} ng")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn ages_turn_on_the_birthday() {
        assert_eq!(age_years(date(1970, 11, 22), date(2026, 11, 21)), 55);
        assert_eq!(age_years(date(1970, 11, 22), date(2026, 11, 22)), 56);
        assert_eq!(age_years(date(2027, 1, 1), date(2026, 11, 22)), 0);
    }

    #[test]
    fn small_children_are_told_in_months_and_days() {
        assert_eq!(age_text(date(2026, 3, 23), date(2026, 11, 22)), "7 th");
        assert_eq!(age_text(date(2026, 11, 10), date(2026, 11, 22)), "12 ng");
        assert_eq!(age_text(date(2002, 1, 1), date(2026, 11, 22)), "24t");
    }

    #[test]
    fn a_name_needs_a_letter() {
        assert!(Name::parse("  123 ").is_err());
        assert_eq!(Name::parse(" Lê  Ngọc Ẩn ").expect("a name").as_str(), "Lê Ngọc Ẩn");
    }
}
