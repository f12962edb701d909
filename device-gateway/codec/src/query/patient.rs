//! Who a patient is: ADR^A19 for monitors that ask with QRY^A19, RSP^K22 for those that ask with QBP^Q22.

use super::hl7::Envelope;
use super::{Found, Ours, Person};
use crate::hl7::{TooLong, Writer};

/// Nobody found is AA all the same, with a text: monitors take AE for a link that is broken.
pub(super) fn adr(envelope: &Envelope, found: &Found, ours: &Ours<'_>) -> Result<Vec<u8>, TooLong> {
    let mut out = envelope.header(ours, 0, &["ADR", "A19"], ["", ""], "");
    match found {
        Found::Failed => envelope.acknowledge(&mut out, "AE", "The list could not be read, ask again"),
        Found::People(people) if !people.is_empty() => envelope.acknowledge(&mut out, "AA", ""),
        _ => envelope.acknowledge(&mut out, "AA", "No patient found"),
    }
    envelope.repeat(&mut out);
    for person in people(found) {
        pid(&mut out, person);
        out.segment("PV1").text(2, "I").parts(3, &[&person.ward, &person.room, &person.bed]);
    }
    out.finish()
}

pub(super) fn rsp(envelope: &Envelope, found: &Found, ours: &Ours<'_>) -> Result<Vec<u8>, TooLong> {
    let people = people(found);
    let (code, status) = match found {
        Found::Failed => ("AE", "AE"),
        _ if people.is_empty() => ("AA", "NF"),
        _ => ("AA", "OK"),
    };
    let mut out = envelope.header(ours, 0, &["RSP", "K22", "RSP_K21"], ["", ""], "");
    envelope.acknowledge(&mut out, code, "");
    let count = people.len().to_string();
    out.segment("QAK").raw(1, &envelope.tag).text(2, status).raw(3, &envelope.name);
    out.text(4, &count).text(5, &count).text(6, "0");
    envelope.repeat(&mut out);
    for person in people {
        pid(&mut out, person);
    }
    out.finish()
}

fn people(found: &Found) -> &[Person] {
    match found {
        Found::People(people) => people,
        _ => &[],
    }
}

pub(super) fn pid(out: &mut Writer, person: &Person) {
    out.segment("PID").parts(3, &[&person.id, "", "", "", "PI"]).parts(5, &[&person.family, &person.given]);
    out.text(7, &person.birth).text(8, person.sex.letter());
}
