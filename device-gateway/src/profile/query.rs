//! How a device asks for its orders, and by which of its codes it is told what to do.

use super::{Profile, Test};
use benhan_device_codec::query::AstmForm;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// `[query]` as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueryForm {
    /// The component of Q-3 with the barcode.
    pub specimen_component: Option<usize>,
    /// The component of O-5 with the code of a test.
    pub test_component: Option<usize>,
    /// The code system of the device's tests in HL7: `99ROC`.
    pub system: Option<String>,
    /// The hospital's word for a tube → the device's: `"Huyết thanh" = "SER"`.
    pub specimen_types: HashMap<String, String>,
}

/// `facts.query`: how the device asks for orders by barcode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asks {
    /// Nothing is known: it is answered in the way in which it asks.
    #[default]
    AsItDoes,
    /// It does not, and what looks like a question is kept and not answered.
    Never,
    AstmQ,
    RocheTsreq,
    MindrayQ02,
    /// ORM^O01 of the BC analyzers, which is not answered yet.
    MindrayOrm,
    Law,
    QryA19,
    QbpQ22,
}

impl Asks {
    pub(super) const WORDS: [&str; 8] =
        ["none", "astm-q", "roche-tsreq", "mindray-q02", "mindray-orm", "law", "qry-a19", "qbp-q22"];

    /// Nothing for a word that is not known.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::Never,
            "astm-q" => Self::AstmQ,
            "roche-tsreq" => Self::RocheTsreq,
            "mindray-q02" => Self::MindrayQ02,
            "mindray-orm" => Self::MindrayOrm,
            "law" => Self::Law,
            "qry-a19" | "adt-a19" => Self::QryA19,
            "qbp-q22" => Self::QbpQ22,
            _ => return None,
        })
    }
}

/// What of a profile an answer needs.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    pub asks: Asks,
    specimen_component: usize,
    test_component: usize,
    pub system: String,
    specimen_types: HashMap<String, String>,
}

impl Asking {
    /// A word in `facts.query` that is not known says nothing: results must be read all the same, and the linter tells.
    pub(super) fn of(facts: &str, form: QueryForm, base: Self) -> Self {
        Self {
            asks: if facts.is_empty() { base.asks } else { Asks::named(facts).unwrap_or_default() },
            specimen_component: form.specimen_component.unwrap_or(base.specimen_component),
            test_component: form.test_component.unwrap_or(base.test_component),
            system: form.system.unwrap_or(base.system),
            specimen_types: base.specimen_types.into_iter().chain(form.specimen_types).collect(),
        }
    }

    #[must_use]
    pub fn astm(&self) -> AstmForm {
        AstmForm {
            specimen_component: self.specimen_component,
            test_component: self.test_component,
            roche: match self.asks {
                Asks::RocheTsreq => Some(true),
                Asks::AstmQ => Some(false),
                _ => None,
            },
        }
    }

    /// As the device calls this tube; nothing where it was not told how.
    #[must_use]
    pub fn specimen_type(&self, ours: &str) -> &str {
        self.specimen_types.get(ours).map_or("", String::as_str)
    }
}

/// A code that the device takes as an order: the first spelling of its entry.
pub(super) type Orderable = (String, Arc<Test>);

/// The device's own entries before those of what it is based on; a code that an own entry explains is no longer the
/// base's.
pub(super) fn orderable(own: Vec<Orderable>, base: Vec<Orderable>, explained: &HashSet<String>) -> Vec<Orderable> {
    own.into_iter().chain(base.into_iter().filter(|(code, _)| !explained.contains(code))).collect()
}

impl Profile {
    /// The device's codes for something of the hospital's list, by that list's code in `national`.
    pub fn ordered_as<'p>(&'p self, ours: &'p str) -> impl Iterator<Item = &'p str> {
        let named = move |(_, test): &&Orderable| !ours.is_empty() && test.national == ours;
        self.orderable.iter().filter(named).map(|(code, _)| code.as_str())
    }

    /// The device's code for a test, by the hospital's code or else by LOINC; nothing where it does not do it.
    #[must_use]
    pub fn measures<'p>(&'p self, ours: &'p str, loinc: &str) -> Option<&'p str> {
        let by_loinc = |test: &Test| !loinc.is_empty() && test.loinc.values().any(|known| known == loinc);
        let found = self.orderable.iter().find(|(_, test)| by_loinc(test)).map(|(code, _)| code.as_str());
        self.ordered_as(ours).next().or(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Framing, Level, lint, shipped};

    fn profile(keys: &str) -> Profile {
        Profile::parse(&format!("id = \"own\"\ntitle = \"Own\"\n{keys}")).unwrap()
    }

    #[test]
    fn every_shipped_profile_says_in_a_known_word_how_it_asks() {
        for profile in shipped().unwrap() {
            let word = profile.facts.query.as_str();
            assert!(word.is_empty() || Asks::named(word).is_some(), "{}: {word}", profile.id);
        }
        assert!(Asks::WORDS.iter().all(|word| Asks::named(word).is_some()));
    }

    #[test]
    fn a_way_of_asking_that_is_not_known_is_told_and_costs_no_result() {
        let text = "id = \"own\"\ntitle = \"Own\"\nbased_on = \"chemistry\"\n[facts]\nquery = \"by-pigeon\"\n";
        assert_eq!(Profile::parse(text).unwrap().asking.asks, Asks::AsItDoes);
        let found = lint(text, &[]);
        assert!(found.iter().any(|one| one.key == "facts.query" && one.level == Level::Warning), "{found:?}");
    }

    #[test]
    fn what_a_profile_says_of_its_line_and_its_questions_is_what_holds() {
        let keys = "[facts]\nquery = \"roche-tsreq\"\n[query]\nspecimen_component = 3\ntest_component = 5\n\
             [line]\nframing = \"lenient\"\nforgive = [\"any-number\"]\n";
        let own = profile(keys);
        let form = own.asking.astm();
        assert_eq!((form.specimen_component, form.test_component, form.roche), (3, 5, Some(true)));
        assert_eq!(own.line.framing, Framing::Lenient);
        assert!(own.line.tolerance.any_number && !own.line.tolerance.no_checksum);
        assert_eq!(profile("").asking.astm(), AstmForm::default());
        assert!(Profile::parse("id = \"own\"\ntitle = \"Own\"\n[line]\nforgive = [\"everything\"]\n").is_err());
    }

    #[test]
    fn a_file_goes_before_what_it_is_based_on_and_a_code_that_it_explains_anew_is_its_own() {
        let own = profile(
            "based_on = \"chemistry\"\n[[test]]\ncode = [\"GLU\"]\nloinc = { \"mmol/L\" = \"99999-9\" }\n\
             [[test]]\ncode = [\"12\", \"UREA\"]\nloinc = { \"mmol/L\" = \"22664-7\" }\n",
        );
        assert_eq!(own.measures("", "22664-7"), Some("12"));
        assert_eq!(own.measures("", "14749-6"), None, "glucose is no longer what GLU means");
        assert_eq!(own.measures("", "1742-6"), Some("ALT"));
        assert_eq!(own.measures("", ""), None);
    }
}
