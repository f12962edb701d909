//! Forms as data: what a sheet is called, which law asks for it, since when, what its fields are and who signs it.
//! A form changed by law is a new definition with its own days of validity; the old one stays for old records.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::embedded::FORM_FILES;
use crate::error::FormError;

/// One version of a form, from a file `NAME.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDefinition {
    /// Name in the system, the same through all versions: `theo-doi-chuc-nang-song`.
    pub code: String,
    /// Number printed at the head (`MS: 37/BV2`); may be empty.
    #[serde(default)]
    pub number: String,
    pub title: String,
    pub title_en: String,
    pub version: u32,
    /// The act that asks for the form, as cited.
    pub legal_act: String,
    pub valid_from: Date,
    /// Last day of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// File name of the print template.
    pub template: String,
    pub signing: SigningPolicy,
    pub fields: Vec<Field>,
    /// Settings that only the template reads, such as the range of an axis.
    #[serde(default)]
    pub print: toml::Table,
}

/// What is signed, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningPolicy {
    /// What one signature over canonical data covers.
    pub unit: SigningUnit,
    /// Roles that may sign an entry.
    pub entry_roles: Vec<String>,
    /// Roles that may close the sheet with a signature in the PDF.
    pub sheet_roles: Vec<String>,
}

/// The smallest thing signed on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SigningUnit {
    /// Each entry or observation set.
    Entry,
    /// The sheet as a whole.
    Sheet,
}

/// One field of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    pub label: String,
    pub label_en: String,
    pub kind: FieldKind,
    /// UCUM unit of a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as printed, where it differs from UCUM: `lần/ph`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_label: Option<String>,
    #[serde(default)]
    pub required: bool,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    Quantity,
    /// Systolic over diastolic.
    BloodPressure,
    Score,
    Choice,
    Text,
    Instant,
}

impl FormDefinition {
    /// Reads a definition; `file` names it in errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, FormError> {
        let refuse = |reason: String| FormError::Definition { file: file.to_owned(), reason };
        let form: Self = toml::from_str(text).map_err(|e| refuse(e.message().to_owned()))?;
        if !is_code(&form.code) {
            return Err(refuse("the code is not lower-case letters, digits and hyphens".to_owned()));
        }
        if form.valid_to.is_some_and(|end| end < form.valid_from) {
            return Err(refuse("valid_to is before valid_from".to_owned()));
        }
        Ok(form)
    }

    /// Whether the form applies to a sheet of this day.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day <= end)
    }
}

fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The definitions that come with the program.
pub fn builtin() -> Result<&'static [FormDefinition], FormError> {
    static BUILTIN: LazyLock<Result<Vec<FormDefinition>, FormError>> =
        LazyLock::new(|| definitions(FORM_FILES.iter().copied()));
    BUILTIN.as_deref().map_err(Clone::clone)
}

/// Every definition among `files` (name, text), sorted by code and first day; no two of a code valid on one day.
pub(crate) fn definitions<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<FormDefinition>, FormError> {
    let mut forms: Vec<FormDefinition> = files
        .filter(|(name, _)| name.ends_with(".toml"))
        .map(|(n, text)| FormDefinition::parse(n, text))
        .collect::<Result<_, _>>()?;
    forms.sort_by(|a, b| (&a.code, a.valid_from).cmp(&(&b.code, b.valid_from)));
    for pair in forms.windows(2) {
        if let [earlier, later] = pair
            && earlier.code == later.code
            && earlier.is_valid_on(later.valid_from)
        {
            return Err(FormError::Overlap { code: later.code.clone(), day: later.valid_from });
        }
    }
    Ok(forms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn text(from: &str, to: &str) -> String {
        format!(
            "code='x'\ntitle='X'\ntitle_en='X'\nversion=1\nlegal_act='-'\nvalid_from='{from}'\n{to}\ntemplate='x.typ'\nfields=[]\n\
             [signing]\nunit='entry'\nentry_roles=['nurse']\nsheet_roles=['nurse']\n"
        )
    }

    #[test]
    fn a_form_is_valid_through_its_last_day() {
        let form = FormDefinition::parse("x.toml", &text("2024-01-01", "valid_to='2025-12-31'")).unwrap();
        assert!(form.is_valid_on(date(2024, 1, 1)) && form.is_valid_on(date(2025, 12, 31)));
        assert!(!form.is_valid_on(date(2023, 12, 31)) && !form.is_valid_on(date(2026, 1, 1)));
    }

    #[test]
    fn a_mistyped_key_a_bad_code_and_turned_days_are_errors() {
        let good = text("2024-01-01", "");
        assert!(FormDefinition::parse("x.toml", &good).is_ok());
        for bad in [
            good.replace("version", "versoin"),
            good.replace("code='x'", "code='X y'"),
            text("2024-01-02", "valid_to='2024-01-01'"),
        ] {
            assert!(matches!(FormDefinition::parse("x.toml", &bad), Err(FormError::Definition { .. })), "{bad}");
        }
    }

    // Clauses: C46-4.2
    #[test]
    fn a_law_change_is_two_definitions_that_never_overlap() {
        let (old, new) = (text("2024-01-01", "valid_to='2025-12-31'"), text("2026-01-01", ""));
        assert_eq!(definitions([("a.toml", old.as_str()), ("b.toml", new.as_str())].into_iter()).unwrap().len(), 2);
        let open = text("2024-01-01", "");
        assert!(matches!(
            definitions([("a.toml", open.as_str()), ("b.toml", new.as_str())].into_iter()),
            Err(FormError::Overlap { .. })
        ));
    }
}
