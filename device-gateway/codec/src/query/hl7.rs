//! Queries in HL7: QBP^Q11, QRY^Q02, QRY^A19, QBP^Q22.

use super::{About, Dialect, Echo, LONGEST_QUERY, MOST_SUBJECTS, NoQuery, Ours, Query, Specimen, Who};
use crate::charset::Charset;
use crate::hl7::{Delimiters, Field, Kind, Message, Segment, Whole, Writer};

/// The header and the defining segments of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub delimiters: Delimiters,
    /// The charset of the bytes kept here; for UTF-16 and GB18030 it is UTF-8.
    pub charset: Charset,
    pub sent_in: Charset,
    /// MSH-3 to MSH-6 as sent.
    pub parties: [Vec<u8>; 4],
    pub control_id: Vec<u8>,
    pub processing: Vec<u8>,
    pub version: Vec<u8>,
    pub declared: Vec<u8>,
    /// QPD-1 and QPD-2.
    pub name: Vec<u8>,
    pub tag: Vec<u8>,
    /// QPD, or QRD and QRF, whole.
    pub segments: Vec<Vec<u8>>,
}

impl Envelope {
    fn of(message: &Message<'_>, whole: &Whole<'_>) -> Self {
        let header = message.header();
        let raw = |number: usize| header.field(number).raw().to_vec();
        let definition = message.segment(b"QPD");
        let of_definition = |number| definition.map(|qpd| qpd.field(number).raw().to_vec()).unwrap_or_default();
        let defining = |segment: &Segment<'_>| matches!(segment.id(), b"QPD" | b"QRD" | b"QRF");
        Self {
            delimiters: message.delimiters(),
            charset: whole.read_as,
            sent_in: whole.sent_in,
            parties: [raw(3), raw(4), raw(5), raw(6)],
            control_id: raw(10),
            processing: raw(11),
            version: raw(12),
            declared: raw(18),
            name: of_definition(1),
            tag: of_definition(2),
            segments: message.segments().filter(defining).take(3).map(|segment| segment.raw()).collect(),
        }
    }

    /// MSH of an answer, and of what follows it: `kind` is MSH-9, `profile` MSH-21.
    pub fn header(
        &self,
        ours: &Ours<'_>,
        number: usize,
        kind: &[&str],
        conditions: [&str; 2],
        profile: &str,
    ) -> Writer {
        let mut writer = Writer::new(self.delimiters, self.charset);
        let [application, facility, their_receiver, their_place] = &self.parties;
        if their_receiver.is_empty() {
            writer.text(3, ours.name);
        } else {
            writer.raw(3, their_receiver);
        }
        writer.raw(4, their_place).raw(5, application).raw(6, facility);
        writer.text(7, ours.time).parts(9, kind).text(10, &ours.numbered(number));
        writer.raw(11, or(&self.processing, b"P")).raw(12, or(&self.version, b"2.3.1"));
        writer.text(15, conditions[0]).text(16, conditions[1]).raw(18, &self.declared);
        let parts: Vec<&str> = profile.split('^').collect();
        writer.parts(21, &parts);
        writer
    }

    /// MSA: `AA` and its kin, and a text without anybody's name.
    pub fn acknowledge(&self, writer: &mut Writer, code: &str, text: &str) {
        writer.segment("MSA").text(1, code).raw(2, &self.control_id).text(3, text);
    }

    /// QPD, QRD and QRF as they were asked.
    pub fn repeat(&self, writer: &mut Writer) {
        for segment in &self.segments {
            writer.echo(segment);
        }
    }

    pub fn in_their_charset(&self, message: Vec<u8>) -> Vec<u8> {
        if self.sent_in == self.charset {
            return message;
        }
        self.sent_in.encode(&String::from_utf8_lossy(&message))
    }
}

fn or<'a>(said: &'a [u8], usual: &'a [u8]) -> &'a [u8] {
    if said.is_empty() { usual } else { said }
}

/// Reads a query; `profile` is the charset that the device's profile names.
///
/// # Errors
/// When it asks nothing, or nothing that is answered here.
pub fn read_hl7(bytes: &[u8], profile: Option<Charset>) -> Result<Query, NoQuery> {
    if bytes.len() > LONGEST_QUERY {
        return Err(NoQuery::TooLong);
    }
    let whole = Whole::of(bytes, profile);
    let message = Message::parse(&whole.bytes).map_err(|_| NoQuery::NotAQuery)?;
    let read = Reader { charset: whole.read_as };
    let (dialect, about) = match Kind::of(&message) {
        Kind::QbpQ11 => read.law(message.segment(b"QPD").ok_or(NoQuery::NoSubject)?)?,
        Kind::QbpQ22 => (Dialect::Q22, read.candidates(message.segment(b"QPD").ok_or(NoQuery::NoSubject)?)?),
        Kind::QryQ02 => (Dialect::MindrayQ02, read.specimens(message.segment(b"QRD").ok_or(NoQuery::NoSubject)?)),
        Kind::QryA19 => (Dialect::A19, read.patient(message.segment(b"QRD").ok_or(NoQuery::NoSubject)?)?),
        _ => return Err(NoQuery::NotAQuery),
    };
    Ok(Query { dialect, about, echo: Echo::Hl7(Box::new(Envelope::of(&message, &whole))) })
}

#[derive(Clone, Copy)]
struct Reader {
    charset: Charset,
}

impl Reader {
    fn word(self, field: Field<'_>) -> String {
        self.charset
            .decode(&field.unescaped())
            .trim_matches(|sign: char| sign.is_whitespace() || sign.is_control())
            .to_owned()
    }

    /// QPD-1 names the query; QPD-3 the container, QPD-4 and 5 where it stands, QPD-10 of Roche what is in it.
    fn law(self, qpd: Segment<'_>) -> Result<(Dialect, About), NoQuery> {
        let name = qpd.field(1).component(1).trimmed();
        let dialect = match name {
            b"INISEQ" => Dialect::LawRoche,
            _ if name.starts_with(b"WOS") => Dialect::Law,
            _ => return Err(NoQuery::UnknownName),
        };
        let about = match name {
            b"WOS_ALL" => About::AllOpen,
            b"WOS_BY_PATIENT" | b"WOS_BY_RACK" | b"WOS_BY_TRAY" => return Err(NoQuery::UnknownName),
            _ => {
                let id = self.word(qpd.field(3).component(1).subcomponent(1));
                if id.is_empty() {
                    return Err(NoQuery::NoSubject);
                }
                let kind = if dialect == Dialect::LawRoche { 10 } else { usize::MAX };
                let echo = [3, 4, 5, kind].map(|number| qpd.field(number).raw().to_vec()).to_vec();
                About::Specimens(vec![Specimen { id, echo }])
            }
        };
        Ok((dialect, about))
    }

    /// QRD-8 is the barcode; without one the analyzer wants all that QRF's times bound.
    fn specimens(self, qrd: Segment<'_>) -> About {
        let ids = qrd.field(8).repetitions().take(MOST_SUBJECTS).map(|field| self.word(field.component(1)));
        let specimens: Vec<Specimen> =
            ids.filter(|id| !id.is_empty()).map(|id| Specimen { id, echo: Vec::new() }).collect();
        if specimens.is_empty() { About::AllOpen } else { About::Specimens(specimens) }
    }

    fn patient(self, qrd: Segment<'_>) -> Result<About, NoQuery> {
        let who = qrd.field(8);
        let who = Who {
            id: self.word(who.component(1)),
            family: self.word(who.component(2)),
            given: self.word(who.component(3)),
            ..Who::default()
        };
        if who == Who::default() { Err(NoQuery::NoSubject) } else { Ok(About::Patient(who)) }
    }

    /// QPD-3 as pairs: `@PID.3.1^BN01~@PID.5.1^Nguyen`.
    fn candidates(self, qpd: Segment<'_>) -> Result<About, NoQuery> {
        let mut who = Who::default();
        for pair in qpd.field(3).repetitions().take(MOST_SUBJECTS) {
            let value = self.word(pair.component(2));
            let name = pair.component(1).trimmed();
            let slot = match name.strip_prefix(b"@").unwrap_or(name) {
                b"PID.3" | b"PID.3.1" => &mut who.id,
                b"PID.5.1" | b"PID.5.1.1" => &mut who.family,
                b"PID.5.2" => &mut who.given,
                b"PID.7" | b"PID.7.1" => &mut who.birth,
                b"PV1.3" | b"PV1.3.3" => &mut who.bed,
                _ => continue,
            };
            *slot = value;
        }
        if who == Who::default() { Err(NoQuery::NoSubject) } else { Ok(About::Patient(who)) }
    }
}
