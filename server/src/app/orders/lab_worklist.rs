//! The laboratory worklist as the gateway caches it: open orders by specimen, for analyzers that ask by barcode.

use crate::app::AppError;
use benhan_contract::{LabItem, LabPatient, LabSpecimen, LabTest, LabWorklist, MOST_SPECIMENS};
use benhan_domain::access::{Permit, SearchPatients};
use benhan_domain::id::{EncounterId, SpecimenId};
use benhan_domain::person::Sex;
use benhan_domain::time::Instant;
use benhan_store::encounters::{self, Encounter};
use benhan_store::orders::{self, OpenLab};
use benhan_store::{Conn, catalog, places};
use std::collections::{BTreeMap, HashMap};

/// A tube that has stood so long is not put onto an analyzer any more. Microseconds.
const OLDEST: i64 = 30 * 86_400 * 1_000_000;

pub fn read(conn: &mut Conn, permit: &Permit<SearchPatients>, now: Instant) -> Result<LabWorklist, AppError> {
    let most = i64::try_from(MOST_SPECIMENS).unwrap_or(i64::MAX);
    let open = orders::open_lab(conn, permit, now.0.saturating_sub(OLDEST), most)?;
    let stays: Vec<EncounterId> = open.iter().map(|o| o.order.encounter).collect();
    let stays = encounters::of_ids(conn, permit, &stays)?;
    let stays: HashMap<EncounterId, &Encounter> = stays.iter().map(|s| (s.id, s)).collect();
    let wards = places::wards(conn)?;
    let mut place_of: HashMap<SpecimenId, usize> = HashMap::new();
    let mut specimens: Vec<LabSpecimen> = Vec::new();
    for one in &open {
        let (Some(tube), Some(stay)) = (one.order.specimen, stays.get(&one.order.encounter)) else { continue };
        let at = *place_of.entry(tube).or_insert_with(|| {
            let ward = wards.iter().find(|w| w.id == stay.ward).map(|w| w.code.clone()).unwrap_or_default();
            specimens.push(specimen(one, stay, ward));
            specimens.len() - 1
        });
        let Some(found) = specimens.get_mut(at) else { continue };
        found.ordered_at = found.ordered_at.min(one.order.ordered_at);
        found.items.push(one.order.code.clone());
    }
    Ok(LabWorklist { items: items(conn, &open)?, specimens })
}

fn specimen(of: &OpenLab, stay: &Encounter, ward: String) -> LabSpecimen {
    let who = &stay.patient.who;
    let (room, bed) = stay.bed.as_ref().map(|bed| (bed.room.clone(), bed.label.clone())).unwrap_or_default();
    LabSpecimen {
        barcode: of.barcode.clone(),
        specimen_type: of.specimen_type.clone(),
        ordered_at: of.order.ordered_at,
        collected_at: of.order.collected_at,
        items: Vec::new(),
        patient: LabPatient {
            id: stay.patient.code.clone(),
            name: who.name.clone(),
            birth_date: who.birth_date.map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default(),
            sex: match who.sex {
                Sex::Male => "M",
                Sex::Female => "F",
                Sex::Unknown => "U",
            }
            .to_owned(),
            ward,
            room,
            bed,
        },
    }
}

/// What the orders mean, each code once.
fn items(conn: &mut Conn, open: &[OpenLab]) -> Result<Vec<LabItem>, AppError> {
    let mut items: BTreeMap<&str, LabItem> = BTreeMap::new();
    for order in open.iter().map(|o| &o.order) {
        items.entry(&order.code).or_insert_with(|| LabItem {
            code: order.code.clone(),
            name: order.name.clone(),
            tests: Vec::new(),
        });
    }
    let codes: Vec<String> = items.keys().map(|code| (*code).to_owned()).collect();
    for analyte in catalog::analytes_of(conn, &codes)? {
        if let Some(item) = items.get_mut(analyte.item_code.as_str()) {
            let loinc = analyte.loinc.unwrap_or_default();
            item.tests.push(LabTest { code: analyte.code, name: analyte.name, loinc });
        }
    }
    Ok(items.into_values().collect())
}
