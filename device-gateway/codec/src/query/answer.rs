//! What the host knows, typed, and the way to the dialect that says it.

use super::{About, Dialect, Echo, Query, astm, law, mindray, patient};
use crate::hl7::TooLong;

/// What the worklist or the ward's list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Orders for the specimens that were asked about; at least one, each with a test.
    Orders(Vec<Order>),
    /// The patients who fit; at least one.
    People(Vec<Person>),
    /// Nothing is known: the device must not wait.
    Nothing,
    /// The list could not be read: the device may ask again.
    Failed,
}

/// What is to be done with one specimen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// As the worklist has it.
    pub specimen: String,
    /// The number of the order.
    pub placer: String,
    pub patient: Option<Person>,
    pub tests: Vec<Test>,
    pub urgent: bool,
    /// As the device calls it: `S1`, `SER`, `serum`.
    pub specimen_type: String,
    /// `YYYYMMDDHHMMSS`
    pub ordered: String,
    pub collected: String,
}

/// As the device calls it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Test {
    pub code: String,
    pub name: String,
    pub system: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub family: String,
    pub given: String,
    /// `YYYYMMDD`
    pub birth: String,
    pub sex: Sex,
    pub ward: String,
    pub room: String,
    pub bed: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sex {
    Male,
    Female,
    #[default]
    Unknown,
}

impl Sex {
    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::Male => "M",
            Self::Female => "F",
            Self::Unknown => "U",
        }
    }
}

/// What we say of ourselves.
#[derive(Clone, Copy, Debug)]
pub struct Ours<'a> {
    /// MSH-10 of the first message; the others have `.1`, `.2` after it.
    pub control_id: &'a str,
    /// `YYYYMMDDHHMMSS+ZZZZ`
    pub time: &'a str,
    /// H-5, and the sending application where the query named none.
    pub name: &'a str,
}

impl Ours<'_> {
    pub(super) fn numbered(&self, number: usize) -> String {
        if number == 0 { self.control_id.to_owned() } else { format!("{}.{number}", self.control_id) }
    }

    /// Without zone, as E1394 and old versions have it.
    pub(super) fn local_time(&self) -> &str {
        self.time.split(['+', '-', '.']).next().unwrap_or_default()
    }
}

/// The answer, message by message in the order in which they are sent. HL7 without MLLP, ASTM as records without
/// frames; nothing where no answer is due.
///
/// A patient query is not answered with orders nor a specimen query with people: that is *nothing found*.
///
/// # Errors
/// When the answer would be larger than any device takes.
pub fn answer(query: &Query, found: &Found, ours: &Ours<'_>) -> Result<Vec<Vec<u8>>, TooLong> {
    if query.about == About::TakenBack {
        return Ok(Vec::new());
    }
    let found = match (query.dialect, found) {
        (Dialect::A19 | Dialect::Q22, Found::Orders(_)) => &Found::Nothing,
        (Dialect::A19 | Dialect::Q22, other) => other,
        (_, Found::People(_)) => &Found::Nothing,
        (_, Found::Orders(orders)) if orders.is_empty() => &Found::Nothing,
        (_, other) => other,
    };
    let messages = match &query.echo {
        Echo::Astm(envelope) => return astm::answer(query, envelope, found, ours),
        Echo::Hl7(envelope) => match query.dialect {
            Dialect::MindrayQ02 => mindray::answer(envelope, found, ours)?,
            Dialect::A19 => vec![patient::adr(envelope, found, ours)?],
            Dialect::Q22 => vec![patient::rsp(envelope, found, ours)?],
            _ => law::answer(query, envelope, found, ours)?,
        },
    };
    let Echo::Hl7(envelope) = &query.echo else { return Ok(messages) };
    Ok(messages.into_iter().map(|message| envelope.in_their_charset(message)).collect())
}
