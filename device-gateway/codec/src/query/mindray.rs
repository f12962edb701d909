//! Mindray's BS chemistry analyzers: QCK^Q02 at once, then a DSR^Q03 for each specimen, which the analyzer acknowledges
//! with ACK^Q03. DSP rows have fixed numbers; from 29 on each is a test.
//!
//! After the maker's published interface manual for BS-120 to BS-400; not tried with an analyzer.

use super::hl7::Envelope;
use super::{Found, Order, Ours, Person};
use crate::hl7::{TooLong, Writer};

pub(super) fn answer(envelope: &Envelope, found: &Found, ours: &Ours<'_>) -> Result<Vec<Vec<u8>>, TooLong> {
    let (code, status) = match found {
        Found::Orders(_) => ("AA", "OK"),
        Found::Failed => ("AE", "AE"),
        _ => ("AA", "NF"),
    };
    let mut first = envelope.header(ours, 0, &["QCK", "Q02"], ["", ""], "");
    said(&mut first, envelope, code, status);
    let mut messages = vec![first.finish()?];
    if let Found::Orders(orders) = found {
        for (number, order) in (1..).zip(orders) {
            let more = number < orders.len();
            messages.push(display(envelope, order, number, more, ours)?);
        }
    }
    Ok(messages)
}

fn said(out: &mut Writer, envelope: &Envelope, code: &str, status: &str) {
    envelope.acknowledge(out, code, if code == "AA" { "Message accepted" } else { "The list could not be read" });
    out.text(6, "0").segment("ERR").text(1, "0");
    out.segment("QAK").text(1, "SR").text(2, status);
}

fn display(envelope: &Envelope, order: &Order, number: usize, more: bool, ours: &Ours<'_>) -> Result<Vec<u8>, TooLong> {
    let mut out = envelope.header(ours, number, &["DSR", "Q03"], ["", ""], "");
    said(&mut out, envelope, "AA", "OK");
    envelope.repeat(&mut out);
    let unknown = Person::default();
    let person = order.patient.as_ref().unwrap_or(&unknown);
    let name = format!("{} {}", person.family, person.given);
    let row = |number: usize| match number {
        1 => person.id.as_str(),
        2 => person.bed.as_str(),
        3 => name.trim(),
        4 => person.birth.as_str(),
        5 => person.sex.letter(),
        21 => order.specimen.as_str(),
        22 => order.placer.as_str(),
        23 => order.collected.as_str(),
        24 => yes_or_no(order.urgent),
        26 => order.specimen_type.as_str(),
        28 => person.ward.as_str(),
        _ => "",
    };
    for number in 1..=28 {
        out.segment("DSP").text(1, &number.to_string()).text(3, row(number)).close(5);
    }
    for (number, test) in (29..).zip(&order.tests) {
        out.segment("DSP").text(1, &number.to_string()).parts(3, &[&test.code, &test.name]).close(5);
    }
    out.segment("DSC");
    if more {
        out.text(1, &number.to_string());
    }
    out.close(2);
    out.finish()
}

fn yes_or_no(urgent: bool) -> &'static str {
    if urgent { "Y" } else { "N" }
}
