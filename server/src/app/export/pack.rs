//! The package as a whole, file after file, as of one moment.

use super::{Desk, Packed, archive, entries, images, signatures, trail, unwritten};
use crate::app::AppError;
use crate::app::lookups::People;
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::id::{EncounterId, SignatureId, UserId};
use benhan_domain::time::Instant;
use benhan_package::exchange::{self, Bodies};
use benhan_package::{Entry, FACTS_FORMAT, Facts, Origin, PackError, Writer, names, readme};
use benhan_sign::cms::canonical_json;
use benhan_store::encounters::{self, Encounter};
use benhan_store::{Conn, orders, places};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

pub type Zip = Writer<BufWriter<File>>;

/// What the parts leave for the whole.
#[derive(Default)]
pub struct Gathered {
    pub entries: Vec<Entry>,
    pub bodies: Bodies,
    pub people: BTreeSet<UserId>,
    /// By the signature that each was printed with.
    pub sheets: HashMap<SignatureId, String>,
    /// Every signature, by its id.
    pub signatures: Vec<String>,
}

pub fn pack(
    conn: &mut Conn,
    desk: &Desk,
    permit: &Permit<ViewChart>,
    stay: EncounterId,
    mut into: File,
) -> Result<Packed, AppError> {
    into.set_len(0).and_then(|()| into.seek(SeekFrom::Start(0))).map_err(unwritten)?;
    let stay = encounters::read(conn, permit, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let at = desk.db.now();
    let mut zip = Writer::new(BufWriter::new(into));
    let mut gathered = Gathered::default();
    entries::vital_signs(conn, permit, &mut zip, &mut gathered)?;
    entries::documents(conn, permit, &mut zip, &mut gathered)?;
    entries::patient_signatures(conn, permit, &mut zip, &mut gathered)?;
    entries::entry_scans(conn, permit, &mut zip)?;
    entries::results(conn, permit, &stay, &mut zip, &mut gathered)?;
    signatures::write(conn, permit, &mut zip, &mut gathered)?;
    images::write(conn, permit, &mut zip)?;
    archive::write(conn, &mut zip, &gathered)?;
    let uncovered = trail::write(conn, permit, &stay, &mut zip)?;
    let (facts, bodies) = facts(conn, desk, permit, &stay, gathered, at)?;
    zip.add(names::FACTS, &canonical_json(&facts).map_err(PackError::from)?)?;
    let broken = |e: String| AppError::Internal(e);
    let record = exchange::record(&facts, &bodies);
    let sealed_xml = |root, node| {
        let xml = exchange::to_xml(root, node).map_err(|e| broken(e.to_string()))?;
        match &desk.sealer {
            Some(sealer) => sealer.seal_xml(&xml, at),
            None => Ok(xml),
        }
    };
    zip.add(names::EXCHANGE_XML, &sealed_xml(exchange::RECORD, &record)?)?;
    zip.add(names::EXCHANGE_JSON, &exchange::to_json(&record).map_err(|e| broken(e.to_string()))?)?;
    let summary = exchange::summary(&facts, &bodies);
    zip.add(names::SUMMARY, &sealed_xml(exchange::SUMMARY, &summary)?)?;
    let origin = Origin {
        program: format!("benhan {}", env!("CARGO_PKG_VERSION")),
        created_at: at.rfc3339(),
        facility: desk.facility.code.clone(),
        record: stay.number.clone(),
        patient: stay.patient.code.clone(),
    };
    let sealed = desk.sealer.is_some();
    zip.add(names::README, readme(&origin, &desk.facility.name, sealed, uncovered).as_bytes())?;
    let files = zip.count();
    let mut into = zip.finish::<AppError>(origin, |manifest| {
        desk.sealer.as_ref().map(|sealer| sealer.seal(manifest, at)).transpose()
    })?;
    into.flush().map_err(unwritten)?;
    Ok(Packed { record: stay.number, files, sealed, uncovered })
}

fn facts(
    conn: &mut Conn,
    desk: &Desk,
    permit: &Permit<ViewChart>,
    stay: &Encounter,
    gathered: Gathered,
    at: Instant,
) -> Result<(Facts, Bodies), AppError> {
    let mut orders = orders::of_stay(conn, permit)?;
    orders.sort_by_key(|order| (order.ordered_at, order.id));
    let ids: BTreeSet<UserId> =
        gathered.people.into_iter().chain(orders.iter().map(|order| order.ordered_by)).collect();
    let known = People::read(conn, ids.iter().copied())?;
    let people = ids.iter().filter_map(|id| known.of(*id)).map(|person| benhan_package::Person {
        id: person.id,
        name: person.name,
        role: person.role.as_str().to_owned(),
    });
    let ward = places::ward(conn, stay.ward)?.ok_or_else(|| AppError::not_found("khoa"))?;
    let (who, rfc) = (&stay.patient.who, |at: i64| Instant(at).rfc3339());
    let facts = Facts {
        format: FACTS_FORMAT.to_owned(),
        exported_at: at.rfc3339(),
        facility: benhan_package::Facility {
            code: desk.facility.code.clone(),
            name: desk.facility.name.clone(),
            authority: desk.facility.authority.clone(),
        },
        patient: benhan_package::Patient {
            id: stay.patient.id.to_string(),
            code: stay.patient.code.clone(),
            name: who.name.clone(),
            birth_date: who.birth_date.map(|day| day.to_string()),
            sex: who.sex.code().to_owned(),
            national_id: who.national_id.clone(),
            insurance_card: who.insurance_card.clone(),
            phone: who.phone.clone(),
            address: who.address.clone(),
            allergies: who.allergies.clone(),
        },
        stay: benhan_package::Stay {
            id: stay.id.to_string(),
            number: stay.number.clone(),
            state: stay.state.as_str().to_owned(),
            ward: benhan_package::Ward { code: ward.code, name: ward.name, department: ward.department },
            bed: stay.bed.as_ref().map(|bed| benhan_package::Bed { room: bed.room.clone(), label: bed.label.clone() }),
            admitted_at: rfc(stay.admitted_at),
            discharged_at: stay.discharged_at.map(rfc),
            outcome: stay.outcome.clone(),
            diagnosis: stay.diagnosis.clone(),
            icd10: stay.icd10.clone(),
        },
        people: people.collect(),
        entries: gathered.entries,
        orders: orders.into_iter().map(order).collect(),
    };
    Ok((facts, gathered.bodies.sorted()))
}

fn order(of: orders::Order) -> benhan_package::Order {
    benhan_package::Order {
        id: of.id.to_string(),
        kind: of.kind.as_str().to_owned(),
        code: of.code,
        name: of.name,
        state: of.state.as_str().to_owned(),
        ordered_by: of.ordered_by.to_string(),
        ordered_at: Instant(of.ordered_at).rfc3339(),
        collected_at: of.collected_at.map(|at| Instant(at).rfc3339()),
        accession: of.accession,
        barcode: of.barcode,
    }
}
