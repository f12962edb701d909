//! Reading definitions: which forms there are, by code and by day. What a definition is stands in `benhan_domain::form`.

use std::sync::LazyLock;

use benhan_domain::form::{Abbreviations, FormDefinition};

use crate::embedded::FORM_FILES;
use crate::error::FormError;

/// The file that holds the abbreviations, among the forms.
pub(crate) const ABBREVIATIONS: &str = "viet-tat.toml";

/// Reads a definition; `file` names it in errors.
pub fn parse(file: &str, text: &str) -> Result<FormDefinition, FormError> {
    let refuse = |reason: String| FormError::Definition { file: file.to_owned(), reason };
    let form: FormDefinition = toml::from_str(text).map_err(|e| refuse(e.to_string().trim_end().to_owned()))?;
    let flaws: Vec<String> = form.flaws().iter().map(ToString::to_string).collect();
    if flaws.is_empty() { Ok(form) } else { Err(refuse(flaws.join("; "))) }
}

/// Reads the list of abbreviations.
pub(crate) fn abbreviations(text: &str) -> Result<Abbreviations, FormError> {
    let refuse =
        |e: toml::de::Error| FormError::Definition { file: ABBREVIATIONS.to_owned(), reason: e.message().to_owned() };
    toml::from_str(text).map_err(refuse)
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
        .filter(|(name, _)| name.ends_with(".toml") && *name != ABBREVIATIONS)
        .map(|(n, text)| parse(n, text))
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
            "code='x'\ntitle='X'\ntitle_en='X'\nversion=1\nlegal_act='-'\nvalid_from='{from}'\n{to}\ntemplate='x.typ'\nkind='drawn'\n\
             [signing]\nunit='entry'\nauthors=['nurse']\nslots=[]\n"
        )
    }

    #[test]
    fn a_form_is_valid_through_its_last_day() {
        let form = parse("x.toml", &text("2024-01-01", "valid_to='2025-12-31'")).unwrap();
        assert!(form.is_valid_on(date(2024, 1, 1)) && form.is_valid_on(date(2025, 12, 31)));
        assert!(!form.is_valid_on(date(2023, 12, 31)) && !form.is_valid_on(date(2026, 1, 1)));
    }

    #[test]
    fn a_mistyped_key_a_bad_code_and_turned_days_are_errors() {
        let good = text("2024-01-01", "");
        assert!(parse("x.toml", &good).is_ok());
        for bad in [
            good.replace("version", "versoin"),
            good.replace("code='x'", "code='X y'"),
            text("2024-01-02", "valid_to='2024-01-01'"),
        ] {
            assert!(matches!(parse("x.toml", &bad), Err(FormError::Definition { .. })), "{bad}");
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
