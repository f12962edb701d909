//! What a message is: MSH-9 as one of those that devices and their hosts speak, and MSH-12.

use super::Message;

/// MSH-9, of v2.2 (`ORU^R01`) as of v2.8 (`ORU^R01^ORU_R01`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Observations: `ORU^R01`, also where v2.2 devices leave out the event.
    OruR01,
    /// Alarms (PCD-04).
    OruR40,
    /// Waves.
    OruW01,
    /// Results of a specimen; of a container.
    OulR22,
    OulR23,
    /// Orders to an analyzer: by specimen, by order, in the old form.
    OmlO33,
    OmlO21,
    OrmO01,
    /// The analyzer's word on its orders.
    OrlO34,
    /// What to do with a specimen? (IHE LAW) and the answer.
    QbpQ11,
    RspK11,
    /// The same of Mindray's chemistry analyzers, acknowledged first and then answered.
    QryQ02,
    QckQ02,
    DsrQ03,
    /// Who is this patient? Of monitors, and the answer.
    QryA19,
    AdrA19,
    QbpQ22,
    RspK22,
    /// An acknowledgement, whatever it is for.
    Ack,
    /// Anything else, as sent.
    Other {
        code: &'a [u8],
        event: &'a [u8],
    },
}

impl<'a> Kind<'a> {
    #[must_use]
    pub fn of(message: &Message<'a>) -> Self {
        let field = message.header().field(9);
        let (code, event) = (field.component(1).trimmed(), field.component(2).trimmed());
        match (code, event) {
            (b"ORU", b"R01" | b"") => Self::OruR01,
            (b"ORU", b"R40") => Self::OruR40,
            (b"ORU", b"W01") => Self::OruW01,
            (b"OUL", b"R22") => Self::OulR22,
            (b"OUL", b"R23") => Self::OulR23,
            (b"OML", b"O33") => Self::OmlO33,
            (b"OML", b"O21") => Self::OmlO21,
            (b"ORM", b"O01" | b"") => Self::OrmO01,
            (b"ORL", b"O34") => Self::OrlO34,
            (b"QBP", b"Q11") => Self::QbpQ11,
            (b"RSP", b"K11") => Self::RspK11,
            (b"QRY", b"Q02") => Self::QryQ02,
            (b"QCK", b"Q02") => Self::QckQ02,
            (b"DSR", b"Q03") => Self::DsrQ03,
            (b"QRY", b"A19") => Self::QryA19,
            (b"ADR", b"A19") => Self::AdrA19,
            (b"QBP", b"Q22") => Self::QbpQ22,
            (b"RSP", b"K22") => Self::RspK22,
            (b"ACK", _) => Self::Ack,
            _ => Self::Other { code, event },
        }
    }

    /// It asks for something, and an acknowledgement alone is no answer.
    #[must_use]
    pub fn is_query(self) -> bool {
        matches!(self, Self::QbpQ11 | Self::QryQ02 | Self::QryA19 | Self::QbpQ22)
    }

    /// It answers something that was sent to the device, and is not acknowledged itself.
    #[must_use]
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Ack | Self::OrlO34 | Self::RspK11 | Self::RspK22 | Self::QckQ02 | Self::AdrA19)
    }
}

/// MSH-12.1: `2.5.1` is (2, 5, 1). What is no version is none; nothing is refused for it.
#[must_use]
pub fn version(message: &Message<'_>) -> Option<(u8, u8, u8)> {
    let text = std::str::from_utf8(message.header().field(12).component(1).trimmed()).ok()?;
    let mut numbers = text.split('.').map(|part| part.parse::<u8>());
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some((major, minor, numbers.next().and_then(Result::ok).unwrap_or(0)))
}
