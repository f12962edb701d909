//! IHE Laboratory Analytical Workflow: RSP^K11 to the query (LAB-27), then an OML^O33 for each specimen (LAB-28), which
//! the analyzer answers with ORL^O34. Where nothing is known the OML says so with order control DC.

use super::hl7::Envelope;
use super::{About, Dialect, Found, Order, Ours, Query, Specimen, patient};
use crate::hl7::{TooLong, Writer};

pub(super) fn answer(
    query: &Query,
    envelope: &Envelope,
    found: &Found,
    ours: &Ours<'_>,
) -> Result<Vec<Vec<u8>>, TooLong> {
    let (queries, orders) = match query.dialect {
        Dialect::LawRoche => ("LAB-27R^ROCHE", "LAB-28R^ROCHE"),
        _ => ("LAB-27^IHE", "LAB-28^IHE"),
    };
    let (code, status) = match found {
        Found::Orders(_) => ("AA", "OK"),
        Found::Failed => ("AE", "AE"),
        _ => ("AA", "NF"),
    };
    let mut reply = envelope.header(ours, 0, &["RSP", "K11", "RSP_K11"], ["NE", "NE"], queries);
    envelope.acknowledge(&mut reply, code, "");
    reply.segment("QAK").raw(1, &envelope.tag).text(2, status).raw(3, &envelope.name);
    envelope.repeat(&mut reply);
    let mut messages = vec![reply.finish()?];
    let asked: &[Specimen] = match &query.about {
        About::Specimens(specimens) => specimens,
        _ => &[],
    };
    let head = |number| envelope.header(ours, number, &["OML", "O33", "OML_O33"], ["NE", "AL"], orders);
    match found {
        Found::Orders(list) => {
            for (number, order) in (1..).zip(list) {
                let place =
                    asked.iter().find(|one| one.id == order.specimen).or(asked.first().filter(|_| list.len() == 1));
                messages.push(placed(head(number), order, place, ours)?);
            }
        }
        Found::Nothing => {
            for (number, specimen) in (1..).zip(asked) {
                messages.push(refused(head(number), specimen, ours)?);
            }
        }
        _ => {}
    }
    Ok(messages)
}

fn placed(mut out: Writer, order: &Order, place: Option<&Specimen>, ours: &Ours<'_>) -> Result<Vec<u8>, TooLong> {
    if let Some(person) = &order.patient {
        patient::pid(&mut out, person);
    }
    out.segment("SPM").text(1, "1").subparts(2, &[&order.specimen, "BARCODE"]);
    match place.and_then(|place| place.echo.get(3)).filter(|said| !said.is_empty()) {
        // The analyzer said what it holds, in its own words.
        Some(said) => out.raw(4, said),
        None => out.text(4, &order.specimen_type),
    };
    out.parts(11, &["P", "", "HL70369"]).text(17, &order.collected);
    container(&mut out, place);
    for (number, test) in (1..).zip(&order.tests) {
        // Each work order step has a number of its own, which comes back with its result.
        let step: String = format!("{}-{number}", order.placer);
        out.segment("ORC").text(1, "NW").text(2, &step).text(4, &order.placer).text(9, ours.time);
        out.segment("TQ1").parts(9, &[if order.urgent { "S" } else { "R" }, "", "HL70485"]);
        out.segment("OBR").text(2, &step).parts(4, &[&test.code, &test.name, &test.system]);
    }
    out.finish()
}

fn refused(mut out: Writer, specimen: &Specimen, ours: &Ours<'_>) -> Result<Vec<u8>, TooLong> {
    out.segment("SPM").text(1, "1").subparts(2, &[&specimen.id, "BARCODE"]);
    if let Some(said) = specimen.echo.get(3) {
        out.raw(4, said);
    }
    out.parts(11, &["U", "", "HL70369"]);
    container(&mut out, Some(specimen));
    out.segment("ORC").text(1, "DC").text(9, ours.time);
    out.finish()
}

/// SAC-3 container, SAC-10 carrier, SAC-11 place in it, as they were asked.
fn container(out: &mut Writer, place: Option<&Specimen>) {
    let Some(place) = place else { return };
    out.segment("SAC");
    for (number, field) in [3, 10, 11].into_iter().zip(&place.echo) {
        out.raw(number, field);
    }
}
