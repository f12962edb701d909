//! The exchange files say what the bodies and the facts say, derived again here.

use super::{Check, LARGEST_JSON};
use crate::exchange::{self, Bodies, differs_in_json, differs_in_xml};
use crate::facts::Facts;
use crate::finding::Finding;
use crate::names;
use std::io::{Read, Seek};

/// Without the bodies as they were, nothing can be derived: what changed them is on the report.
pub fn check<R: Read + Seek>(check: &mut Check<'_, R>, facts: &Facts, bodies: Option<Bodies>) {
    let Some(bodies) = bodies.filter(|_| check.holds(names::FACTS)) else { return };
    let (record, summary) = (exchange::record(facts, &bodies), exchange::summary(facts, &bodies));
    let of = |name: &str, file: &[u8]| match name {
        names::EXCHANGE_JSON => differs_in_json(&record, file),
        names::EXCHANGE_XML => differs_in_xml(exchange::RECORD, &record, file),
        _ => differs_in_xml(exchange::SUMMARY, &summary, file),
    };
    for name in [names::EXCHANGE_XML, names::EXCHANGE_JSON, names::SUMMARY] {
        match check.archive.read(name, LARGEST_JSON) {
            Some(content) if check.holds(name) => {
                if let Some(place) = of(name, &content) {
                    check.add(name, Finding::Underived(place));
                }
            }
            None if !check.changed.contains(name) => check.add(name, Finding::Missing),
            _ => {}
        }
    }
}
