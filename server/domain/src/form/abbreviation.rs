//! Viết tắt: the facility's list of abbreviations, and writing them out where a sheet leaves the house.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Abbreviation → words. Case counts: `HA` is blood pressure, `ha` is a hectare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Abbreviations(BTreeMap<String, String>);

/// A text with its abbreviations written out, and which they were, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expanded {
    pub text: String,
    pub found: Vec<(String, String)>,
}

impl Abbreviations {
    pub fn new(list: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(list.into_iter().collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(short, long)| (short.as_str(), long.as_str()))
    }

    /// Whole words only. The words put in are not looked at again, so that no list can grow a text for ever.
    pub fn expand(&self, text: &str) -> Expanded {
        let mut out = Expanded { text: String::with_capacity(text.len()), found: Vec::new() };
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            if word.is_empty() {
                let mut signs = rest.chars();
                out.text.extend(signs.next());
                rest = signs.as_str();
                continue;
            }
            match self.0.get_key_value(word) {
                Some((short, long)) => {
                    out.text.push_str(long);
                    if !out.found.iter().any(|(known, _)| known == short) {
                        out.found.push((short.clone(), long.clone()));
                    }
                }
                None => out.text.push_str(word),
            }
            rest = rest.strip_prefix(word).unwrap_or_default();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Abbreviations {
        let of = |short: &str, long: &str| (short.to_owned(), long.to_owned());
        Abbreviations::new([of("THA", "tăng huyết áp"), of("BN", "người bệnh"), of("ĐTĐ", "đái tháo đường")])
    }

    #[test]
    fn whole_words_are_written_out_and_named_once() {
        let out = list().expand("BN có THA, ĐTĐ típ 2; (THA độ 2)\nTHALASSEMIA");
        assert_eq!(out.text, "người bệnh có tăng huyết áp, đái tháo đường típ 2; (tăng huyết áp độ 2)\nTHALASSEMIA");
        let found: Vec<&str> = out.found.iter().map(|(short, _)| short.as_str()).collect();
        assert_eq!(found, ["BN", "THA", "ĐTĐ"]);
    }

    #[test]
    fn a_text_without_them_stays_as_it_was() {
        let plain = "Huyết áp 120/80 mmHg, tim đều – tha thứ.";
        assert_eq!(list().expand(plain), Expanded { text: plain.to_owned(), found: Vec::new() });
    }

    proptest::proptest! {
        #[test]
        fn an_empty_list_changes_nothing(text in ".{0,80}") {
            proptest::prop_assert_eq!(Abbreviations::default().expand(&text).text, text);
        }
    }
}
