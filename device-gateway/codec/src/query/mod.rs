//! What a device asks of its host, in any of the dialects, as one value; and the host's answer in the same dialect.
//!
//! An analyzer asks what to do with a specimen, a monitor who the patient is. Parsing and answering are pure; where
//! the worklist comes from, and how fast, is not decided here. Whatever the other side must see again (a padded
//! barcode, a rack position, QPD or QRD byte for byte) is kept in the query.

mod answer;
mod astm;
mod hl7;
mod law;
mod mindray;
mod patient;

pub use answer::{Found, Order, Ours, Person, Sex, Test, answer};
pub use astm::{AstmForm, read_astm};
pub use hl7::read_hl7;

use crate::charset::Charset;

/// No query is longer, and none asks about more.
pub const LONGEST_QUERY: usize = 64 << 10;
pub const MOST_SUBJECTS: usize = 64;

/// How the device asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// E1394 Q record.
    Astm,
    /// Q record with `TSREQ^REAL`, answered by `TSDWN^REPLY`.
    AstmRoche,
    /// QBP^Q11 of IHE LAW (`WOS`), answered by RSP^K11 and OML^O33.
    Law,
    /// The same of Roche (`INISEQ`).
    LawRoche,
    /// QRY^Q02, answered by QCK^Q02 and DSR^Q03.
    MindrayQ02,
    /// QRY^A19, answered by ADR^A19.
    A19,
    /// QBP^Q22, answered by RSP^K22.
    Q22,
}

/// Whom or what it asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// What is to be done with these?
    Specimens(Vec<Specimen>),
    /// Everything that is open.
    AllOpen,
    /// Who is this?
    Patient(Who),
    /// The query before is taken back; no answer is due.
    TakenBack,
}

/// A specimen as the query names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specimen {
    /// Without padding.
    pub id: String,
    /// What the answer must show again, as sent: the id and where it stands.
    echo: Vec<Vec<u8>>,
}

/// What is known of a patient who is asked for; empty where nothing was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    pub id: String,
    pub family: String,
    pub given: String,
    /// `YYYYMMDD`
    pub birth: String,
    pub bed: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub dialect: Dialect,
    pub about: About,
    echo: Echo,
}

/// What of the question stands in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Echo {
    Hl7(Box<hl7::Envelope>),
    Astm(Box<astm::Envelope>),
}

impl Query {
    /// The charset in which the device asked and is answered.
    #[must_use]
    pub fn charset(&self) -> Charset {
        match &self.echo {
            Echo::Hl7(envelope) => envelope.sent_in,
            Echo::Astm(envelope) => envelope.charset,
        }
    }
}

/// Why bytes are no query that can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoQuery {
    #[error("the message asks nothing")]
    NotAQuery,
    #[error("the query names nobody and nothing")]
    NoSubject,
    #[error("the query is longer than any")]
    TooLong,
    #[error("a query by a name that is not known")]
    UnknownName,
}

#[cfg(test)]
mod tests;
