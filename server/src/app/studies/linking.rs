//! Which stay a study belongs to, where the order's own numbers say it and nothing contradicts.

use super::{chart_changed, waiting_changed};
use crate::app::matching::{ids_of, known};
use crate::app::{AppError, life, trail};
use crate::state::App;
use benhan_contract::StudyDelivery;
use benhan_domain::access::{LinkStudy, Permit, ViewChart, system, system_search};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, StudyId};
use benhan_domain::identity::{self, Said};
use benhan_domain::order::{OrderKind, OrderStep};
use benhan_store::encounters::{self, Encounter};
use benhan_store::orders::{self, Order};
use benhan_store::records::{self, Part};
use benhan_store::studies::{self, LinkedBy, Study};
use benhan_store::{Conn, Tx};
use serde_json::json;

/// Links a study that came, or leaves it to a person. A study that is linked already stays where it is.
pub fn link_by_numbers(tx: &mut Tx<'_>, app: &App, id: StudyId, delivery: &StudyDelivery) -> Result<(), AppError> {
    let at = studies::whereabouts(tx.conn(), id)?;
    if let Some(stay) = at.and_then(|at| at.encounter) {
        records::written_into(tx.conn(), stay)?;
        let of = stay_of(tx.conn(), stay)?;
        life::supplement_by_rule(tx, app, &of, Part::Study(id))?;
        chart_changed(tx, app, of.ward, stay); // more images of a study that is on the chart
        return Ok(());
    }
    match order_for(tx.conn(), delivery)? {
        Some((order, stay, by)) => {
            records::written_into(tx.conn(), stay.id)?;
            let (stay, permit) = (stay_of(tx.conn(), stay.id)?, system::<LinkStudy>(stay.id));
            if !studies::link(tx, &permit, id, Some(order.id), by)? {
                return Err(AppError::stale());
            }
            images_came(tx, &permit, &order)?;
            life::supplement_by_rule(tx, app, &stay, Part::Study(id))?;
            let (subject, detail) = (("study", id.to_string()), json!({ "by": by.as_str() }));
            trail::on_chart(tx, None, Act::Match, subject, (stay.patient.id, stay.id), detail)?;
            chart_changed(tx, app, stay.ward, stay.id);
        }
        None => waiting_changed(tx, app),
    }
    Ok(())
}

/// The order whose UID the modality used, else the one whose accession number it sent. A patient id, a name or a birth
/// date that is another person's makes either a question for a person.
fn order_for(conn: &mut Conn, sent: &StudyDelivery) -> Result<Option<(Order, Encounter, LinkedBy)>, AppError> {
    let search = system_search();
    let mut found = orders::by_study_uid(conn, &search, &sent.study_uid)?.map(|o| (o, LinkedBy::StudyUid));
    let accession = sent.accession.trim();
    if found.is_none() && !accession.is_empty() {
        found = orders::by_accession(conn, &search, accession)?.map(|o| (o, LinkedBy::Accession));
    }
    let Some((order, by)) = found.filter(|(o, _)| o.kind == OrderKind::Imaging) else { return Ok(None) };
    let stay = stay_of(conn, order.encounter)?;
    let ids = [sent.patient_id.as_str()];
    let said = Said { ids: &ids, name: &sent.patient_name, birth_date: &sent.birth_date };
    let own = !identity::contradicts(&said, &known(&stay, &ids_of(&stay)));
    Ok(own.then_some((order, stay, by)))
}

fn stay_of(conn: &mut Conn, stay: EncounterId) -> Result<Encounter, AppError> {
    let read = encounters::read(conn, &system::<ViewChart>(stay), stay)?;
    read.ok_or_else(|| AppError::Internal(format!("stay {stay} has no row")))
}

/// A person's decision; the order that fits comes along, where exactly one does.
pub fn link_by_person(
    tx: &mut Tx<'_>,
    permit: &Permit<LinkStudy>,
    to: &Encounter,
    study: &Study,
) -> Result<(), AppError> {
    let order = fitting_order(tx.conn(), permit, study)?;
    if !studies::link(tx, permit, study.id, order.as_ref().map(|o| o.id), LinkedBy::Person)? {
        return Err(AppError::stale());
    }
    match order.filter(|o| o.encounter == to.id) {
        Some(order) => images_came(tx, permit, &order),
        None => Ok(()),
    }
}

fn fitting_order(conn: &mut Conn, permit: &Permit<LinkStudy>, study: &Study) -> Result<Option<Order>, AppError> {
    let search = system_search();
    let by_uid = orders::by_study_uid(conn, &search, &study.study_uid)?;
    let by_accession = match study.accession.trim() {
        "" => None,
        accession => orders::by_accession(conn, &search, accession)?,
    };
    // Only of the stay that the person chose: the permit ends there.
    Ok(by_uid.or(by_accession).filter(|o| permit.covers(o.encounter, o.ward)))
}

/// Images answer an imaging order. A cancelled order stays cancelled: the images are the patient's all the same.
fn images_came(tx: &mut Tx<'_>, permit: &Permit<LinkStudy>, order: &Order) -> Result<(), AppError> {
    match order.state.after(OrderStep::Result) {
        Ok(to) if to != order.state && !orders::move_on(tx, permit, order, to, None)? => Err(AppError::stale()),
        _ => Ok(()),
    }
}
