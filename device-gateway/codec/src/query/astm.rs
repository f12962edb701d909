//! Queries in E1394: the Q record, of LIS02-A2 and of Roche, and their answers H, P, O … L.
//!
//! | | found | nothing | list not read |
//! |---|---|---|---|
//! | LIS02-A2 | P, O with O-12 N, O-26 Q; L-3 F | L-3 I | L-3 Q |
//! | Roche | P, O with O-12 A, O-26 O; L-3 N | O without tests, O-26 Y; L-3 N | no answer: the rack goes on |

use super::{About, Dialect, Echo, Found, LONGEST_QUERY, MOST_SUBJECTS, NoQuery, Order, Ours, Person, Query, Specimen};
use crate::astm::Writer;
use crate::astm::record::{Delimiters, Field, Message, Record};
use crate::charset::Charset;
use crate::hl7::TooLong;

const MOST_COMPONENTS: usize = 16;

/// Where a device departs from LIS02-A2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AstmForm {
    /// The component of Q-3 with the barcode; 0: the second, else the third, else the first.
    pub specimen_component: usize,
    /// The component of O-5 with the test's code; 0: the fourth.
    pub test_component: usize,
    /// True: Roche's way whatever H-11 says; false: never; nothing: as H-11 says.
    pub roche: Option<bool>,
}

/// The header of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub delimiters: Delimiters,
    pub charset: Charset,
    /// H-5 as sent: the receiver of the answer.
    pub sender: Vec<Vec<u8>>,
    /// H-13.
    pub version: Vec<u8>,
    pub test_component: usize,
}

/// Reads the query of a message; a message with results beside it asks too.
///
/// # Errors
/// When it asks nothing, or names nothing.
pub fn read_astm(message: &Message<'_>, charset: Charset, form: AstmForm) -> Result<Query, NoQuery> {
    let header = message.header();
    let asking = message.records().filter(|record| record.kind() == b'Q').take(MOST_SUBJECTS);
    let queries: Vec<Record<'_>> = asking.collect();
    let first = queries.first().ok_or(NoQuery::NotAQuery)?;
    if queries.iter().map(Record::size).sum::<usize>() + header.size() > LONGEST_QUERY {
        return Err(NoQuery::TooLong);
    }
    let roche = form.roche.unwrap_or_else(|| header.field(11).component(1).trimmed() == b"TSREQ");
    let dialect = if roche { Dialect::AstmRoche } else { Dialect::Astm };
    let about = if first.field(13).trimmed() == b"A" { About::TakenBack } else { subjects(&queries, charset, form)? };
    let envelope = Envelope {
        delimiters: message.delimiters(),
        charset,
        sender: header.field(5).components().take(8).map(|part| part.raw().to_vec()).collect(),
        version: header.field(13).trimmed().to_vec(),
        test_component: if form.test_component == 0 { 4 } else { form.test_component.min(MOST_COMPONENTS) },
    };
    Ok(Query { dialect, about, echo: Echo::Astm(Box::new(envelope)) })
}

fn subjects(queries: &[Record<'_>], charset: Charset, form: AstmForm) -> Result<About, NoQuery> {
    let named = queries.iter().flat_map(|query| query.field(3).repetitions()).take(MOST_SUBJECTS);
    let mut specimens = Vec::new();
    let mut all = false;
    for field in named {
        let parts: Vec<Field<'_>> = field.components().take(16).collect();
        let at = place(&parts, form);
        let Some(part) = at.and_then(|at| parts.get(at)) else { continue };
        let id = charset.decode(&part.unescaped());
        let id = id.trim_matches(|sign: char| sign.is_whitespace() || sign.is_control()).to_owned();
        all |= id.eq_ignore_ascii_case("ALL");
        let rest = parts.iter().skip(at.unwrap_or(0)).map(|part| part.raw().to_vec());
        specimens.push(Specimen { id, echo: rest.collect() });
    }
    match (all, specimens.is_empty()) {
        (true, _) => Ok(About::AllOpen),
        (false, true) => Err(NoQuery::NoSubject),
        (false, false) => Ok(About::Specimens(specimens)),
    }
}

fn place(parts: &[Field<'_>], form: AstmForm) -> Option<usize> {
    let said = |at: &usize| parts.get(*at).is_some_and(|part| !part.is_empty());
    match form.specimen_component {
        0 => [1, 2, 0].into_iter().find(said),
        number => Some(number - 1).filter(said),
    }
}

pub(super) fn answer(
    query: &Query,
    envelope: &Envelope,
    found: &Found,
    ours: &Ours<'_>,
) -> Result<Vec<Vec<u8>>, TooLong> {
    let roche = query.dialect == Dialect::AstmRoche;
    if roche && *found == Found::Failed {
        return Ok(Vec::new());
    }
    let asked: &[Specimen] = match &query.about {
        About::Specimens(specimens) => specimens,
        _ => &[],
    };
    let mut out = Writer::new(envelope.delimiters, envelope.charset);
    out.text(5, ours.name).raw(10, &envelope.sender);
    if roche {
        out.parts(11, &["TSDWN", "REPLY"]);
    }
    let version = if envelope.version.is_empty() { b"1".to_vec() } else { envelope.version.clone() };
    out.text(12, "P").raw(13, &[version]).text(14, ours.local_time());
    let orders: &[Order] = if let Found::Orders(orders) = found { orders } else { &[] };
    for (number, order) in (1usize..).zip(orders) {
        let place = asked.iter().find(|one| one.id == order.specimen).or(asked.first().filter(|_| orders.len() == 1));
        patient(&mut out, number, order.patient.as_ref());
        request(&mut out, order, place, (roche, envelope.test_component));
    }
    if roche && orders.is_empty() {
        for (number, specimen) in (1usize..).zip(asked) {
            patient(&mut out, number, None);
            let (id, position) = specimen.echo.split_at_checked(1).unwrap_or_default();
            out.record('O').text(2, "1").raw(3, id).raw(4, position).text(26, "Y");
        }
    }
    let ending = match found {
        _ if roche => "N",
        Found::Orders(_) => "F",
        Found::Failed => "Q",
        _ => "I",
    };
    out.record('L').text(2, "1").text(3, ending);
    out.finish().map(|text| vec![text]).ok_or(TooLong)
}

fn patient(out: &mut Writer, number: usize, person: Option<&Person>) {
    out.record('P').text(2, &number.to_string());
    if let Some(person) = person {
        out.text(3, &person.id).parts(6, &[&person.family, &person.given]);
        out.text(8, &person.birth).text(9, person.sex.letter());
    }
}

fn request(out: &mut Writer, order: &Order, place: Option<&Specimen>, (roche, component): (bool, usize)) {
    out.record('O').text(2, "1");
    match place.and_then(|place| place.echo.split_first()).filter(|_| roche) {
        // With its padding and where it stands, or the analyzer does not know its own tube again.
        Some((id, position)) => out.raw(3, std::slice::from_ref(id)).raw(4, position),
        None => out.text(3, &order.specimen),
    };
    let before = component.saturating_sub(1);
    let code = |code| std::iter::repeat_n("", before).chain([code]).collect::<Vec<&str>>();
    out.repeats(5, order.tests.iter().map(|test| code(test.code.as_str())));
    out.text(6, if order.urgent { "S" } else { "R" }).text(7, &order.ordered).text(8, &order.collected);
    out.text(12, if roche { "A" } else { "N" }).text(16, &order.specimen_type);
    out.text(26, if roche { "O" } else { "Q" });
}
