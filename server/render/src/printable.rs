//! Makes every text of the values ready to be set: composed, line ends unified, within limits, and printable.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::error::RenderError;
use crate::glyphs::{is_spacer, prints, prints_on, uncovered};
use crate::limits::Limits;

/// What stands in for a character that cannot be printed, when the caller asked for that.
const STAND_IN: char = '\u{FFFD}';

/// What to do with characters that no embedded font holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnUncovered {
    /// Refuse the sheet and name them: the right answer before signing.
    #[default]
    Refuse,
    /// Print U+FFFD in their place: for prints of old records that nobody can change any more.
    Replace,
}

/// Normalises `values` in place; the first fault ends it.
pub(crate) fn prepare(values: &mut Value, limits: &Limits, on_uncovered: OnUncovered) -> Result<(), RenderError> {
    let mut left = limits.all_text;
    walk(values, &mut String::new(), &mut Rules { limits, on_uncovered, left: &mut left })
}

struct Rules<'a> {
    limits: &'a Limits,
    on_uncovered: OnUncovered,
    left: &'a mut usize,
}

fn walk(value: &mut Value, place: &mut String, rules: &mut Rules<'_>) -> Result<(), RenderError> {
    let end = place.len();
    match value {
        Value::String(text) => *text = rules.text(text, place)?,
        Value::Array(items) => {
            if items.len() > rules.limits.rows {
                return Err(RenderError::TooLarge { what: "rows", found: items.len(), limit: rules.limits.rows });
            }
            for (index, item) in items.iter_mut().enumerate() {
                place.push_str(&format!("/{index}"));
                walk(item, place, rules)?;
                place.truncate(end);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                place.push('/');
                place.push_str(name);
                walk(member, place, rules)?;
                place.truncate(end);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

impl Rules<'_> {
    fn text(&mut self, text: &str, place: &str) -> Result<String, RenderError> {
        let length = text.chars().count();
        if length > self.limits.text {
            return Err(RenderError::TooLarge { what: "characters in a text", found: length, limit: self.limits.text });
        }
        *self.left = self.left.checked_sub(length).ok_or(RenderError::TooLarge {
            what: "characters in all texts",
            found: self.limits.all_text.saturating_add(1),
            limit: self.limits.all_text,
        })?;
        let text = compose(text);
        let characters = uncovered(&text);
        match self.on_uncovered {
            _ if characters.is_empty() => Ok(text),
            OnUncovered::Refuse => Err(RenderError::Uncovered { place: place.to_owned(), characters }),
            OnUncovered::Replace => Ok(replace(&text)),
        }
    }
}

/// NFC, one kind of line end, tabs as spaces, no invisible spacers.
fn compose(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', " ");
    unified.nfc().filter(|c| !is_spacer(*c)).collect()
}

fn replace(text: &str) -> String {
    let mut base = None;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let fine = c == '\n' || if is_combining_mark(c) { prints_on(c, base) } else { prints(c) };
        let shown = if fine { c } else { STAND_IN };
        if !(fine && is_combining_mark(c)) {
            base = (c != '\n').then_some(shown);
        }
        out.push(shown);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn decomposed_text_is_composed_and_line_ends_become_one() {
        let mut values = json!({"a": ["Nguye\u{302}\u{303}n\r\nThị\tHo\u{323}\u{302}i\u{FEFF}"]});
        prepare(&mut values, &Limits::default(), OnUncovered::Refuse).unwrap();
        assert_eq!(values, json!({"a": ["Nguyễn\nThị Hội"]}));
    }

    #[test]
    fn the_refusal_says_where_and_which() {
        let mut values = json!({"sets": [{}, {"note": "ổn 😀"}]});
        let refusal = prepare(&mut values, &Limits::default(), OnUncovered::Refuse).unwrap_err();
        let RenderError::Uncovered { place, characters } = &refusal else { panic!("{refusal}") };
        assert_eq!((place.as_str(), characters.as_slice()), ("/sets/1/note", ['😀'].as_slice()));
        assert_eq!(refusal.to_string(), "/sets/1/note: cannot print U+1F600");
    }

    #[test]
    fn each_bound_holds() {
        let limits = Limits { rows: 2, text: 5, all_text: 8, ..Limits::default() };
        let check = |mut values: Value| prepare(&mut values, &limits, OnUncovered::Refuse);
        assert!(check(json!(["12345", "123"])).is_ok());
        assert!(matches!(check(json!(["123456"])), Err(RenderError::TooLarge { what: "characters in a text", .. })));
        assert!(matches!(
            check(json!(["12345", "1234"])),
            Err(RenderError::TooLarge { what: "characters in all texts", .. })
        ));
        assert!(matches!(check(json!([1, 2, 3])), Err(RenderError::TooLarge { what: "rows", found: 3, limit: 2 })));
    }

    proptest! {
        #[test]
        fn replaced_text_is_always_printable(text in any::<String>()) {
            let mut values = json!([text]);
            prepare(&mut values, &Limits::default(), OnUncovered::Replace).unwrap();
            prop_assert_eq!(uncovered(values[0].as_str().unwrap()), Vec::<char>::new());
        }
    }
}
