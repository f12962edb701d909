//! What is known about a device model: data in `profiles/*.toml`, one file a model or family.
//!
//! A profile says how a device names tests and units, where it puts the specimen and what of it is no patient's
//! value. It never says whose a value is. A unit that a test does not list leaves the reading without a LOINC
//! code: a person decides.

mod draft;
mod folder;
mod form;
mod line;
mod lint;
mod loinc;
mod pattern;
mod place;
mod query;
mod rule;
mod shipped;
mod test;
mod units;

pub use draft::{DraftError, draft};
pub(crate) use folder::{EVERY, watch};
pub use folder::{Flaw, Folder};
pub use form::Facts;
pub use line::{Framing, LineRules};
pub use lint::{Finding, Level, lint};
pub(crate) use loinc::is_known as is_known_loinc;
pub use place::{Place, Said};
pub use query::{Asking, Asks};
pub use shipped::shipped;
pub use test::Test;

use benhan_device_codec::bedside;
use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::ack::Mode;
use form::{AckForm, Form};
use jiff::tz::TimeZone;
use pattern::Pattern;
use query::Orderable;
use rule::{Aside, Rule};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("profile cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    #[error("profile {id}: {what} is not known: {value}")]
    Unknown { id: String, what: &'static str, value: String },
}

/// A profile ready for use.
#[derive(Clone, Debug)]
pub struct Profile {
    pub id: String,
    pub version: u32,
    pub title: String,
    pub vendor: String,
    pub models: Vec<String>,
    pub verified: bool,
    pub sources: Vec<String>,
    pub check: Vec<String>,
    pub facts: Facts,
    pub based_on: String,
    /// A recording is read by it; nothing for HL7 and ASTM.
    pub bedside: Option<bedside::Protocol>,
    recognise: Vec<Rule>,
    pub charset: Option<Charset>,
    pub time_zone: Option<TimeZone>,
    pub ignore_offset: bool,
    pub time: Vec<Place>,
    pub ack: Mode,
    /// Acknowledged as the standard has it, by MSH-15 and MSH-16.
    pub ack_by_standard: bool,
    pub line: LineRules,
    pub asking: Asking,
    pub decimal_comma: bool,
    pub specimen: Vec<Place>,
    pub patient: Vec<Place>,
    pub code: Vec<Place>,
    pub code_ends_at: Option<char>,
    pub not_a_value: Vec<String>,
    asides: Vec<Aside>,
    flags: HashMap<String, String>,
    skip_comments: Vec<Pattern>,
    units: HashMap<String, String>,
    tests: HashMap<String, Arc<Test>>,
    orderable: Vec<Orderable>,
}

impl Profile {
    /// A file that may be based on a shipped one.
    ///
    /// # Errors
    /// When the file does not keep to the schema or names what is not known.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        Self::parse_among(text, &[])
    }

    /// A file that may be based on a shipped one or on one of `own`.
    ///
    /// # Errors
    /// See [`Profile::parse`].
    pub fn parse_among(text: &str, own: &[Arc<Self>]) -> Result<Self, ProfileError> {
        Self::parse_on(text, &|id| shipped::among(own, id))
    }

    /// A file that may be based on what `bases` finds.
    pub(crate) fn parse_on(text: &str, bases: &dyn Fn(&str) -> Option<Arc<Self>>) -> Result<Self, ProfileError> {
        let form: Form = toml::from_str(text)?;
        let base = match form.based_on.as_str() {
            "" => Self::unknown_device(),
            id => bases(id).map(|base| (*base).clone()).ok_or_else(|| ProfileError::Unknown {
                id: form.id.clone(),
                what: "based_on",
                value: id.to_owned(),
            })?,
        };
        Self::build(form, base)
    }

    fn build(form: Form, base: Self) -> Result<Self, ProfileError> {
        let id = form.id.clone();
        let unknown = |what, value: &str| ProfileError::Unknown { id: id.clone(), what, value: value.to_owned() };
        let places = |what, own: &[String], of_base: Vec<Place>| {
            let own = own.iter().map(|text| Place::parse(text).ok_or_else(|| unknown(what, text)));
            let own = own.collect::<Result<Vec<_>, _>>()?;
            Ok::<_, ProfileError>(if own.is_empty() { of_base } else { own })
        };
        let charset = form.charset.as_deref().map(|name| Charset::named(name).ok_or_else(|| unknown("charset", name)));
        let zone = form.time_zone.as_deref().map(|name| TimeZone::get(name).map_err(|_| unknown("time_zone", name)));
        let own_asides = form.aside.iter().map(|aside| {
            let why = rule::reason(&aside.why).ok_or_else(|| unknown("aside.why", &aside.why))?;
            let wants = aside.at.iter().map(|(place, texts)| (place.as_str(), texts.as_slice()));
            Ok(Aside { why, rule: Rule::of(wants, Pattern::of_text).map_err(|place| unknown("aside", &place))? })
        });
        let mut asides = base.asides;
        asides.extend(own_asides.collect::<Result<Vec<_>, ProfileError>>()?);
        let mut recognise = Vec::new();
        for place in ["MSH-3", "H-5"].into_iter().filter(|_| !form.application.is_empty()) {
            let wants = [(place, form.application.as_slice())];
            recognise.push(Rule::of(wants, Pattern::of_name).map_err(|place| unknown("application", &place))?);
        }
        for rule in &form.recognise {
            let wants = rule.iter().map(|(place, texts)| (place.as_str(), texts.as_slice()));
            recognise.push(Rule::of(wants, Pattern::of_name).map_err(|place| unknown("recognise", &place))?);
        }
        let mut own_orderable: Vec<Orderable> = Vec::new();
        let mut tests: HashMap<String, Arc<Test>> = HashMap::new();
        for test in form.test {
            let means = Arc::new(Test {
                loinc: test.loinc,
                national: test.national,
                unit: test.unit,
                decimals: test.decimals,
                range: test.range,
            });
            own_orderable.extend(test.code.first().map(|code| (code.clone(), Arc::clone(&means))));
            tests.extend(test.code.into_iter().map(|code| (code, Arc::clone(&means))));
        }
        let explained: HashSet<String> = tests.keys().cloned().collect();
        let orderable = query::orderable(own_orderable, base.orderable, &explained);
        let asking = Asking::of(&form.facts.query, form.query, base.asking);
        // A profile that does not say how its device speaks speaks as the one that it is based on.
        let bedside = match form.facts.protocol.as_str() {
            "" => base.bedside,
            name => bedside::Protocol::named(name),
        };
        Ok(Self {
            bedside,
            version: form.version,
            title: form.title,
            vendor: form.vendor,
            models: form.models,
            verified: form.verified,
            sources: form.sources,
            check: form.check,
            facts: form.facts,
            based_on: form.based_on,
            recognise,
            charset: charset.transpose()?.or(base.charset),
            time_zone: zone.transpose()?.or(base.time_zone),
            ignore_offset: form.ignore_offset.unwrap_or(base.ignore_offset),
            time: places("time", &form.time, base.time)?,
            ack: form.ack.map_or(base.ack, |ack| match ack {
                AckForm::Application | AckForm::Standard => Mode::Application,
                AckForm::Commit => Mode::Commit,
            }),
            ack_by_standard: form.ack.map_or(base.ack_by_standard, |ack| ack == AckForm::Standard),
            line: LineRules::of(&form.line, base.line),
            asking,
            decimal_comma: form.decimal_comma.unwrap_or(base.decimal_comma),
            specimen: places("specimen", &form.specimen, base.specimen)?,
            patient: places("patient", &form.patient, base.patient)?,
            code: places("code", &form.code, base.code)?,
            code_ends_at: form.code_ends_at.or(base.code_ends_at),
            not_a_value: base.not_a_value.into_iter().chain(form.not_a_value).collect(),
            asides,
            flags: base.flags.into_iter().chain(form.flags).collect(),
            skip_comments: base
                .skip_comments
                .into_iter()
                .chain(form.skip_comments.iter().map(|text| Pattern::of_text(text)))
                .collect(),
            units: base.units.into_iter().chain(form.units).collect(),
            tests: base.tests.into_iter().chain(tests).collect(),
            orderable,
            id: form.id,
        })
    }

    /// A profile that knows the common units and what the standards set aside, and nothing else.
    #[must_use]
    pub fn unknown_device() -> Self {
        Self {
            id: String::new(),
            version: 0,
            title: String::new(),
            vendor: String::new(),
            models: Vec::new(),
            verified: false,
            sources: Vec::new(),
            check: Vec::new(),
            facts: Facts::default(),
            based_on: String::new(),
            bedside: None,
            recognise: Vec::new(),
            charset: None,
            time_zone: None,
            ignore_offset: false,
            time: Vec::new(),
            ack: Mode::Application,
            ack_by_standard: false,
            line: LineRules::default(),
            asking: Asking::default(),
            decimal_comma: false,
            specimen: Vec::new(),
            patient: Vec::new(),
            code: Vec::new(),
            code_ends_at: None,
            not_a_value: Vec::new(),
            asides: shipped::standard_asides(),
            flags: HashMap::new(),
            skip_comments: Vec::new(),
            units: HashMap::new(),
            tests: HashMap::new(),
            orderable: Vec::new(),
        }
    }

    /// How particularly this profile speaks for a device with this header; nothing when it does not.
    #[must_use]
    pub fn fits<S: Said + ?Sized>(&self, header: &S) -> Option<usize> {
        self.recognise.iter().filter_map(|rule| rule.weigh(header)).max()
    }

    /// Where in the header it is recognised, beside the sender's names.
    pub(crate) fn recognised_at(&self) -> impl Iterator<Item = &Place> {
        self.recognise.iter().flat_map(Rule::places)
    }

    /// UCUM for a unit as the device writes it.
    #[must_use]
    pub fn ucum(&self, unit: &str) -> Option<&str> {
        units::ucum(&self.units, unit)
    }

    /// What is known of a test, by the code as the device writes it.
    #[must_use]
    pub fn test(&self, code: &str) -> Option<&Test> {
        self.tests.get(code).map(Arc::as_ref)
    }

    /// LOINC for a test measured in this unit (empty: none was sent).
    #[must_use]
    pub fn loinc(&self, code: &str, ucum: &str) -> Option<&str> {
        self.test(code)?.loinc.get(ucum).map(String::as_str)
    }

    /// Codes with what they mean.
    pub fn tests(&self) -> impl Iterator<Item = (&str, &Test)> {
        self.tests.iter().map(|(code, test)| (code.as_str(), test.as_ref()))
    }

    /// Why a value must not reach a chart, by what its message says.
    #[must_use]
    pub fn aside<S: Said + ?Sized>(&self, message: &S) -> Option<&'static str> {
        self.asides.iter().find(|aside| aside.rule.weigh(message).is_some()).map(|aside| aside.why)
    }

    /// The flag as everybody writes it; nothing for one that means nothing.
    #[must_use]
    pub fn flag(&self, sent: &str) -> Option<String> {
        let flag = self.flags.get(sent).map_or(sent, String::as_str);
        Some(flag.to_owned()).filter(|flag| !flag.is_empty())
    }

    #[must_use]
    pub fn skips_comment(&self, text: &str) -> bool {
        self.skip_comments.iter().any(|pattern| pattern.fits(text))
    }
}

#[cfg(test)]
mod tests;
