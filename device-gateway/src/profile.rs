//! What is known about a device model: data in `profiles/*.toml`, one file a model or family.
//!
//! A profile says how a device names tests and units and where it puts the specimen. It never says whose a
//! value is. A unit that a test does not list leaves the reading without a LOINC code: a person decides.

use benhan_device_codec::charset::Charset;
use benhan_device_codec::hl7::ack::Mode;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::HashMap;

/// The embedded profiles, most particular first.
const EMBEDDED: &[&str] = &[
    include_str!("../profiles/roche-cobas.toml"),
    include_str!("../profiles/haematology.toml"),
    include_str!("../profiles/chemistry.toml"),
    include_str!("../profiles/monitor.toml"),
];
const UNITS: &str = include_str!("../profiles/units.toml");

#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("profile cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    #[error("profile {id}: {what} is not known: {value}")]
    Unknown { id: String, what: &'static str, value: String },
}

/// The file as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// Unique name.
    id: String,
    /// For people.
    #[expect(dead_code, reason = "read by people in the file, and checked to be there")]
    title: String,
    /// MSH-3 or H-5.1 as the device sends it; `*` at the end stands for anything.
    #[serde(default)]
    application: Vec<String>,
    #[serde(default)]
    charset: Option<String>,
    #[serde(default)]
    time_zone: Option<String>,
    /// The offset that the device states is wrong: its clock shows the time of `time_zone`.
    #[serde(default)]
    ignore_offset: bool,
    /// `application` (AA) or `commit` (CA). Default: application.
    #[serde(default)]
    ack: AckForm,
    /// `7,41` is a number.
    #[serde(default)]
    decimal_comma: bool,
    /// Where the specimen's number stands, most likely first: `SPM-2.1`, `O-3.2`.
    #[serde(default)]
    specimen: Vec<String>,
    /// What follows in a test code or specimen after this character is not part of it (`717/1`).
    #[serde(default)]
    code_ends_at: Option<char>,
    /// Further texts that are no value.
    #[serde(default)]
    not_a_value: Vec<String>,
    /// This device's spelling of units, beside the common ones.
    #[serde(default)]
    units: HashMap<String, String>,
    #[serde(default)]
    test: Vec<TestForm>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AckForm {
    #[default]
    Application,
    Commit,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestForm {
    /// As the device sends it, each spelling.
    code: Vec<String>,
    /// UCUM unit → LOINC; the empty unit is for a test without one.
    loinc: HashMap<String, String>,
}

/// A profile ready for use.
#[derive(Clone, Debug)]
pub struct Profile {
    pub id: String,
    applications: Vec<String>,
    pub charset: Option<Charset>,
    pub time_zone: Option<TimeZone>,
    pub ignore_offset: bool,
    pub ack: Mode,
    pub decimal_comma: bool,
    pub specimen: Vec<String>,
    pub code_ends_at: Option<char>,
    pub not_a_value: Vec<String>,
    units: HashMap<String, String>,
    tests: HashMap<String, HashMap<String, String>>,
}

impl Profile {
    /// # Errors
    /// When the file does not keep to the schema or names an unknown charset or zone.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let form: Form = toml::from_str(text)?;
        let unknown = |what, value: &str| ProfileError::Unknown { id: form.id.clone(), what, value: value.to_owned() };
        let charset = form
            .charset
            .as_deref()
            .map(|name| Charset::named(name).ok_or_else(|| unknown("charset", name)))
            .transpose()?;
        let time_zone = form
            .time_zone
            .as_deref()
            .map(|name| TimeZone::get(name).map_err(|_| unknown("time_zone", name)))
            .transpose()?;
        let common: HashMap<String, String> = toml::from_str(UNITS)?;
        Ok(Self {
            charset,
            time_zone,
            applications: form.application.iter().map(|name| name.to_lowercase()).collect(),
            ignore_offset: form.ignore_offset,
            ack: match form.ack {
                AckForm::Application => Mode::Application,
                AckForm::Commit => Mode::Commit,
            },
            decimal_comma: form.decimal_comma,
            specimen: form.specimen,
            code_ends_at: form.code_ends_at,
            not_a_value: form.not_a_value,
            units: common.into_iter().chain(form.units).collect(),
            tests: form
                .test
                .into_iter()
                .flat_map(|test| test.code.into_iter().map(move |code| (code, test.loinc.clone())))
                .collect(),
            id: form.id,
        })
    }

    /// A profile that knows units and nothing else.
    #[must_use]
    pub fn unknown_device() -> Self {
        Self {
            id: String::new(),
            applications: Vec::new(),
            charset: None,
            time_zone: None,
            ignore_offset: false,
            ack: Mode::Application,
            decimal_comma: false,
            specimen: Vec::new(),
            code_ends_at: None,
            not_a_value: Vec::new(),
            units: toml::from_str(UNITS).unwrap_or_default(),
            tests: HashMap::new(),
        }
    }

    /// Every embedded profile.
    ///
    /// # Errors
    /// Never in a released program: a test reads them all.
    pub fn embedded() -> Result<Vec<Self>, ProfileError> {
        EMBEDDED.iter().map(|text| Self::parse(text)).collect()
    }

    /// Does this profile speak for a device of this name?
    #[must_use]
    pub fn fits(&self, application: &str) -> bool {
        let application = application.trim().to_lowercase();
        self.applications.iter().any(|name| match name.strip_suffix('*') {
            Some(start) => application.starts_with(start),
            None => application == *name,
        })
    }

    /// UCUM for a unit as the device writes it.
    #[must_use]
    pub fn ucum(&self, unit: &str) -> Option<&str> {
        self.units.get(unit.trim()).map(String::as_str)
    }

    /// LOINC for a test measured in this unit (empty: none was sent).
    #[must_use]
    pub fn loinc(&self, code: &str, ucum: &str) -> Option<&str> {
        self.tests.get(code)?.get(ucum).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_embedded_profile_is_read_and_named_once() {
        let profiles = Profile::embedded().unwrap();
        let ids: HashSet<_> = profiles.iter().map(|profile| profile.id.clone()).collect();
        assert_eq!(ids.len(), profiles.len());
    }

    // Clauses: C46-8.1
    /// LOINC ends with a check digit (mod 10, as in credit cards).
    #[test]
    fn every_loinc_code_has_its_check_digit() {
        let metrics = benhan_device_codec::ieee11073::METRICS.iter().filter_map(|metric| metric.loinc);
        let profiles = Profile::embedded().unwrap();
        let tests = profiles.iter().flat_map(|profile| profile.tests.values()).flat_map(HashMap::values);
        for code in metrics.chain(tests.map(String::as_str)) {
            let (number, check) = code.split_once('-').unwrap();
            let sum: u32 = number
                .chars()
                .rev()
                .enumerate()
                .map(|(index, digit)| digit.to_digit(10).unwrap() * if index % 2 == 0 { 2 } else { 1 })
                .map(|product| product / 10 + product % 10)
                .sum();
            assert_eq!((10 - sum % 10) % 10, check.parse::<u32>().unwrap(), "{code}");
        }
    }

    #[test]
    fn a_unit_that_the_test_does_not_list_leaves_it_without_loinc() {
        let profile = Profile::embedded().unwrap().into_iter().find(|profile| profile.id == "chemistry").unwrap();
        assert_eq!(profile.loinc("GLU", "mmol/L"), Some("14749-6"));
        assert_eq!(profile.loinc("GLU", "mg/dL"), Some("2345-7"));
        assert_eq!(profile.loinc("GLU", "U/L"), None);
    }

    #[test]
    fn a_mistyped_key_is_an_error() {
        assert!(Profile::parse("id = 'x'\ntitle = 'x'\ncharst = 'utf-8'").is_err());
        assert!(Profile::parse("id = 'x'\ntitle = 'x'\ncharset = 'ebcdic'").is_err());
    }
}
