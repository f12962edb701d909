//! Reading definitions: which forms there are, by code and by day. What a definition is stands in `benhan_domain::form`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use benhan_domain::form::{Abbreviations, FormDefinition};
use benhan_domain::personal_data::Purpose;

use crate::catalogue::CATALOGUE;
use crate::embedded::FORM_FILES;
use crate::error::FormError;

/// The file that holds the abbreviations, among the forms.
pub(crate) const ABBREVIATIONS: &str = "viet-tat.toml";
/// How the name of a file ends whose sections others include.
const PART: &str = ".part.toml";

/// How the name of a file ends that says what personal data is used for.
const PURPOSE: &str = ".purpose.toml";

/// Name → text.
pub(crate) type Files<'a> = BTreeMap<&'a str, &'a str>;

/// A definition and the file in which it stands.
pub(crate) type Defined<'a> = (&'a str, FormDefinition);

/// Reads a definition that includes nothing; `file` names it in errors.
pub fn parse(file: &str, text: &str) -> Result<FormDefinition, FormError> {
    read(file, text, &Files::new())
}

fn read(file: &str, text: &str, files: &Files<'_>) -> Result<FormDefinition, FormError> {
    let refuse = |reason: String| FormError::Definition { file: file.to_owned(), reason };
    let unreadable = |e: toml::de::Error| refuse(e.to_string().trim_end().to_owned());
    let mut table: toml::Table = toml::from_str(text).map_err(unreadable)?;
    // Read from the text where that is possible: its errors know the line.
    let form: FormDefinition =
        if include(&mut table, files).map_err(refuse)? { table.try_into() } else { toml::from_str(text) }
            .map_err(unreadable)?;
    let flaws: Vec<String> = form.flaws().iter().map(ToString::to_string).collect();
    if flaws.is_empty() { Ok(form) } else { Err(refuse(flaws.join("; "))) }
}

/// Puts the sections of `x.part.toml` where `[[sections]] include = "x.part.toml"` stands. A part includes none.
fn include(form: &mut toml::Table, files: &Files<'_>) -> Result<bool, String> {
    let Some(toml::Value::Array(sections)) = form.get_mut("sections") else { return Ok(false) };
    let (mut whole, mut found) = (Vec::new(), false);
    for section in std::mem::take(sections) {
        let Some(name) = section.get("include").and_then(toml::Value::as_str) else {
            whole.push(section);
            continue;
        };
        let text = files.get(name).filter(|_| name.ends_with(PART));
        let text = text.ok_or_else(|| format!("it includes {name}, which is no {PART} beside it"))?;
        let mut part: toml::Table = toml::from_str(text).map_err(|e| format!("{name}: {e}"))?;
        match part.remove("sections") {
            Some(toml::Value::Array(of_part)) if part.is_empty() => whole.extend(of_part),
            _ => return Err(format!("{name}: a part holds sections and nothing else")),
        }
        found = true;
    }
    *sections = whole;
    Ok(found)
}

/// Reads the list of abbreviations. A word put in is not looked at again, so it holds no abbreviation itself.
pub(crate) fn abbreviations(text: &str) -> Result<Abbreviations, FormError> {
    let refuse = |reason: String| FormError::Definition { file: ABBREVIATIONS.to_owned(), reason };
    let list: Abbreviations = toml::from_str(text).map_err(|e| refuse(e.to_string().trim_end().to_owned()))?;
    for (short, long) in list.iter() {
        let word = (1..=20).contains(&short.chars().count()) && short.chars().all(char::is_alphanumeric);
        if !word || long.trim().is_empty() || long.chars().count() > 200 {
            return Err(refuse(format!("{short}: one word of at most 20 letters and digits, and what it stands for")));
        }
        if !list.expand(long).found.is_empty() {
            return Err(refuse(format!("{short}: «{long}» is abbreviated itself")));
        }
    }
    Ok(list)
}

/// What personal data is used for, sorted by code and first day; no two of a code have one version or one day.
pub(crate) fn purposes(files: &Files<'_>, flaws: &mut Vec<FormError>) -> Vec<Purpose> {
    let mut purposes: Vec<Purpose> = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(PURPOSE)) {
        let refuse = |reason: String| FormError::Definition { file: (*name).to_owned(), reason };
        match toml::from_str::<Purpose>(text) {
            Err(e) => flaws.push(refuse(e.to_string().trim_end().to_owned())),
            Ok(purpose) => {
                let twin = |one: &Purpose| {
                    one.code == purpose.code
                        && (one.version == purpose.version
                            || (one.version < purpose.version) != (one.valid_from < purpose.valid_from))
                };
                if let Some(flaw) = purpose.flaw() {
                    flaws.push(refuse(flaw));
                } else if purposes.iter().any(twin) {
                    flaws.push(refuse("a later version of a code has a higher number and a later first day".into()));
                } else {
                    purposes.push(purpose);
                }
            }
        }
    }
    purposes.sort_by(|a, b| (&a.code, a.version).cmp(&(&b.code, b.version)));
    purposes
}

/// Whether a file of this name comes with the program.
pub fn ships(name: &str) -> bool {
    FORM_FILES.iter().any(|(known, _)| *known == name)
}

/// The definitions that come with the program.
pub fn builtin() -> Result<&'static [FormDefinition], FormError> {
    static BUILTIN: LazyLock<Result<Vec<FormDefinition>, FormError>> = LazyLock::new(|| {
        let mut flaws = Vec::new();
        let forms = definitions(&FORM_FILES.iter().copied().collect(), &mut flaws);
        flaws.into_iter().next().map_or_else(|| Ok(forms.into_iter().map(|(_, form)| form).collect()), Err)
    });
    BUILTIN.as_deref().map_err(Clone::clone)
}

/// Every definition among `files`, sorted by code and first day; no two of a code have one version or one day.
pub(crate) fn definitions<'a>(files: &Files<'a>, flaws: &mut Vec<FormError>) -> Vec<Defined<'a>> {
    let named = files.iter().filter(|(name, _)| {
        name.ends_with(".toml")
            && !name.ends_with(PART)
            && !name.ends_with(PURPOSE)
            && ![ABBREVIATIONS, CATALOGUE].contains(name)
    });
    let mut forms = Vec::new();
    for (name, text) in named {
        match read(name, text, files) {
            Ok(form) => forms.push((*name, form)),
            Err(flaw) => flaws.push(flaw),
        }
    }
    forms.sort_by(|(_, a), (_, b)| (&a.code, a.valid_from).cmp(&(&b.code, b.valid_from)));
    for pair in forms.windows(2) {
        if let [(_, earlier), (file, later)] = pair
            && earlier.code == later.code
        {
            if earlier.is_valid_on(later.valid_from) {
                flaws.push(FormError::Overlap { code: later.code.clone(), day: later.valid_from });
            }
            if earlier.version >= later.version {
                let reason = format!("its version must be above {}, the one before", earlier.version);
                flaws.push(FormError::Definition { file: (*file).to_owned(), reason });
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn text(from: &str, to: &str) -> String {
        numbered(1, from, to)
    }

    fn numbered(version: u32, from: &str, to: &str) -> String {
        format!(
            "code='x'\ntitle='X'\ntitle_en='X'\nversion={version}\nlegal_act='-'\nvalid_from='{from}'\n{to}\ntemplate='x.typ'\nkind='drawn'\n\
             [signing]\nunit='entry'\nauthors=['nurse']\nslots=[]\n"
        )
    }

    // Clauses: PDP-2, PDP-3
    #[test]
    fn the_purposes_that_ship_can_be_used_and_a_flaw_in_one_is_named() {
        let mut files: Files<'_> = FORM_FILES.iter().copied().collect();
        let mut flaws = Vec::new();
        let shipped = purposes(&files, &mut flaws);
        assert!(shipped.len() >= 6 && flaws.is_empty(), "{flaws:?}");
        let again = FORM_FILES.iter().find(|(name, _)| name.ends_with(PURPOSE)).expect("one").1;
        files.insert("hai-lan.purpose.toml", again);
        files.insert("sai.purpose.toml", "code = \"x\"\nticked = true");
        purposes(&files, &mut flaws);
        let said = flaws.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        assert!(flaws.len() == 2 && said.contains("hai-lan") && said.contains("sai"), "{said}");
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
        let flaws = |old: &str, new: &str| {
            let mut flaws = Vec::new();
            let forms = definitions(&[("a.toml", old), ("b.toml", new)].into(), &mut flaws);
            assert_eq!(forms.len(), 2);
            flaws
        };
        let (old, new) = (text("2024-01-01", "valid_to='2025-12-31'"), numbered(2, "2026-01-01", ""));
        assert_eq!(flaws(&old, &new), []);
        let open = text("2024-01-01", "");
        assert!(matches!(flaws(&open, &new).as_slice(), [FormError::Overlap { .. }]));
        let again = text("2026-01-01", "");
        assert!(matches!(flaws(&old, &again).as_slice(), [FormError::Definition { file, .. }] if file == "b.toml"));
    }

    #[test]
    fn a_part_stands_where_it_is_included_and_a_missing_one_is_named() {
        let part = "[[sections]]\nname='chung'\nfields=[{name='a',label='A',kind='line'}]\n";
        let form = text("2024-01-01", "")
            + "[[sections]]\ninclude='chung.part.toml'\n[[sections]]\nname='rieng'\nfields=[{name='b',label='B',kind='line'}]\n";
        let read = |files: &[(&'static str, &str)]| read("x.toml", &form, &files.iter().copied().collect());
        let whole = read(&[("chung.part.toml", part)]).unwrap();
        assert_eq!(whole.fields().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let nested = "[[sections]]\ninclude='chung.part.toml'\n";
        for wrong in [&[][..], &[("chung.part.toml", "x=1")], &[("chung.part.toml", nested)], &[("chung.toml", part)]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_abbreviation_is_one_word_and_stands_for_words_in_full() {
        assert!(abbreviations("HA = 'huyết áp'\n'ĐTĐ' = 'đái tháo đường'").is_ok());
        for wrong in ["'X-quang' = 'tia X'", "HA = ' '", "HA = 'huyết áp'\nTHA = 'tăng HA'", "HA = 1"] {
            assert!(abbreviations(wrong).is_err(), "{wrong}");
        }
    }
}
