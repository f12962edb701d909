//! A profile as it is written. A mistyped key is an error; what the words mean is asked later.

use super::line::LineForm;
use super::query::QueryForm;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Unique name.
    pub id: String,
    /// Counts up with each change of the file.
    #[serde(default = "first")]
    pub version: u32,
    pub title: String,
    #[serde(default)]
    pub vendor: String,
    #[serde(default)]
    pub models: Vec<String>,
    /// Somebody compared what is read here with what the device itself shows.
    #[serde(default)]
    pub verified: bool,
    /// For people: where this is known from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// For people: what the laboratory must look at before it trusts this.
    #[serde(default)]
    pub check: Vec<String>,
    /// How the device is connected, for people. A recording is read by `protocol`, where it names a bedside one; a question is
    /// answered by `query`.
    #[serde(default)]
    pub facts: Facts,
    #[serde(default)]
    pub line: LineForm,
    #[serde(default)]
    pub query: QueryForm,
    /// The id of a profile whose tests, units and rules hold here too, where this one says nothing else.
    #[serde(default)]
    pub based_on: String,
    /// MSH-3 or H-5.1 as the device sends it.
    #[serde(default)]
    pub application: Vec<String>,
    /// By what else the header shows the device.
    #[serde(default)]
    pub recognise: Vec<BTreeMap<String, Vec<String>>>,
    pub charset: Option<String>,
    pub time_zone: Option<String>,
    /// The offset that the device states is wrong: its clock shows the time of `time_zone`.
    pub ignore_offset: Option<bool>,
    /// Where the time of a measurement stands, most trusted first.
    #[serde(default)]
    pub time: Vec<String>,
    /// `application` (AA), `commit` (CA), or `standard`: both, each as MSH-15 and MSH-16 ask for it.
    pub ack: Option<AckForm>,
    /// `7,41` is a number.
    pub decimal_comma: Option<bool>,
    /// Where the specimen's number stands, most likely first: `SPM-2.1`, `O-3.2`.
    #[serde(default)]
    pub specimen: Vec<String>,
    /// Where the patient's number stands: `PID-3.1`, `P-4`.
    #[serde(default)]
    pub patient: Vec<String>,
    /// Where the code of a test stands, when not in OBX-3 or R-3.
    #[serde(default)]
    pub code: Vec<String>,
    /// What follows in a test code or specimen after this character is not part of it (`717/1`).
    pub code_ends_at: Option<char>,
    /// Further texts that are no value.
    #[serde(default)]
    pub not_a_value: Vec<String>,
    #[serde(default)]
    pub aside: Vec<AsideForm>,
    /// The device's flag → the usual one; an empty text leaves it out.
    #[serde(default)]
    pub flags: HashMap<String, String>,
    /// Comments that say nothing.
    #[serde(default)]
    pub skip_comments: Vec<String>,
    /// This device's spelling of units, beside the common ones.
    #[serde(default)]
    pub units: HashMap<String, String>,
    #[serde(default)]
    pub test: Vec<TestForm>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// `hl7`, `astm`, a bedside protocol, or what it speaks that this gateway does not.
    pub protocol: String,
    /// How it connects: `serial`, `tcp, the device dials`, …
    pub transport: String,
    pub port: Option<u16>,
    pub baud: Option<u32>,
    /// `8N1`.
    pub frame: String,
    /// How it asks for orders by barcode: `astm-q`, `roche-tsreq`, `mindray-q02`, `mindray-orm`, `law`, `qry-a19`,
    /// `qbp-q22`, `none`. Empty: it is answered in the way in which it asks.
    pub query: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AckForm {
    Application,
    Commit,
    Standard,
}

#[derive(Clone, Debug, Deserialize)]
pub struct AsideForm {
    pub why: String,
    /// Places and the texts that fit there.
    #[serde(flatten)]
    pub at: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestForm {
    /// As the device sends it, each spelling.
    pub code: Vec<String>,
    /// UCUM unit → LOINC; the empty unit is for a test without one.
    #[serde(default)]
    pub loinc: HashMap<String, String>,
    /// The code in the list of services, of the whole item or of this test: by it the device is told what to do.
    #[serde(default)]
    pub national: String,
    /// UCUM; meant when the device sends no unit.
    pub unit: Option<String>,
    pub decimals: Option<u32>,
    /// UCUM unit → least and most.
    #[serde(default)]
    pub range: HashMap<String, [f64; 2]>,
}

fn first() -> u32 {
    1
}
