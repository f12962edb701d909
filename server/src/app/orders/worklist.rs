//! The modality worklist as the bridge caches it: imaging orders that still wait, in DICOM's terms.

use crate::app::AppError;
use crate::app::lookups::People;
use benhan_contract::{Worklist, WorklistItem};
use benhan_domain::access::{Permit, SearchPatients};
use benhan_domain::id::EncounterId;
use benhan_domain::person::Sex;
use benhan_domain::time::Instant;
use benhan_store::encounters::{self, Encounter};
use benhan_store::orders::{self, Order};
use benhan_store::{Conn, places};
use std::collections::HashMap;

/// More than this no modality shows; the newest are kept.
const MOST: i64 = 500;

pub fn read(conn: &mut Conn, permit: &Permit<SearchPatients>) -> Result<Worklist, AppError> {
    let waiting = orders::scheduled_imaging(conn, permit, MOST)?;
    let stays: Vec<EncounterId> = waiting.iter().map(|o| o.encounter).collect();
    let stays = encounters::of_ids(conn, permit, &stays)?;
    let stays: HashMap<EncounterId, &Encounter> = stays.iter().map(|s| (s.id, s)).collect();
    let people = People::read(conn, waiting.iter().map(|o| o.ordered_by))?;
    let wards = places::wards(conn)?;
    let items = waiting.iter().filter_map(|order| {
        let stay = stays.get(&order.encounter)?;
        let ward = wards.iter().find(|w| w.id == stay.ward).map(|w| w.name.clone()).unwrap_or_default();
        let physician = people.of(order.ordered_by).map(|p| p.name).unwrap_or_default();
        item(order, stay, ward, physician)
    });
    Ok(Worklist { items: items.collect() })
}

/// `None` for an order without the identifiers that a modality needs.
fn item(order: &Order, stay: &Encounter, ward: String, referring_physician: String) -> Option<WorklistItem> {
    let who = &stay.patient.who;
    let at = Instant(order.ordered_at).in_vietnam();
    Some(WorklistItem {
        accession: order.accession.clone()?,
        study_uid: order.study_uid.clone()?,
        patient_id: stay.patient.code.clone(),
        patient_name: who.name.clone(),
        birth_date: who.birth_date.map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default(),
        sex: match who.sex {
            Sex::Male => "M",
            Sex::Female => "F",
            Sex::Unknown => "O",
        }
        .to_owned(),
        requested_procedure_id: order.accession.clone()?,
        procedure_description: order.name.clone(),
        modality: order.modality.clone()?,
        station_ae: String::new(),
        scheduled_date: at.strftime("%Y%m%d").to_string(),
        scheduled_time: at.strftime("%H%M%S").to_string(),
        referring_physician,
        ward,
        allergies: who.allergies.join("; "),
        pregnant: stay.pregnant,
    })
}
