//! Orders to the laboratory and to radiology, and the specimens that lab orders share.

use crate::error::{id, maybe_id};
use crate::schema::{encounter, service_order, specimen};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, CollectSpecimen, Permit, PlaceOrder, Scope, SearchPatients, ViewChart, ViewWard};
use benhan_domain::id::{EncounterId, OrderId, SpecimenId, UserId, WardId};
use benhan_domain::order::{OrderKind, OrderState};
use diesel::prelude::*;

#[derive(Clone, Debug)]
pub struct Order {
    pub id: OrderId,
    pub encounter: EncounterId,
    /// Where the patient is now, for the policy.
    pub ward: WardId,
    pub kind: OrderKind,
    /// Of the catalog.
    pub code: String,
    pub name: String,
    pub state: OrderState,
    pub specimen: Option<SpecimenId>,
    pub barcode: Option<String>,
    pub collected_at: Option<i64>,
    pub accession: Option<String>,
    pub study_uid: Option<String>,
    pub modality: Option<String>,
    pub ordered_by: UserId,
    pub ordered_at: i64,
    pub cancel_reason: Option<String>,
}

#[derive(Clone, Debug)]
pub struct NewOrder {
    pub kind: OrderKind,
    pub code: String,
    pub name: String,
    pub specimen: Option<SpecimenId>,
    pub accession: Option<String>,
    pub study_uid: Option<String>,
    pub modality: Option<String>,
}

/// A tube, labelled before it is filled.
#[derive(Clone, Debug)]
pub struct Specimen {
    pub id: SpecimenId,
    pub encounter: EncounterId,
    pub ward: WardId,
    pub barcode: String,
    pub specimen_type: String,
    pub collected_at: Option<i64>,
}

/// [`StoreError::Taken`] of `specimen`: the barcode is used.
pub fn add_specimen(
    tx: &mut Tx<'_>,
    permit: &Permit<PlaceOrder>,
    stay: EncounterId,
    barcode: &str,
    specimen_type: &str,
) -> Result<SpecimenId, StoreError> {
    check_scope(permit, stay)?;
    let given: SpecimenId = tx.fresh();
    let row = (
        specimen::id.eq(given.to_string()),
        specimen::encounter_id.eq(stay.to_string()),
        specimen::barcode.eq(barcode),
        specimen::specimen_type.eq(specimen_type),
        specimen::created_at.eq(tx.now().0),
    );
    diesel::insert_into(specimen::table).values(row).execute(tx.db()).map_err(StoreError::db("add a specimen"))?;
    Ok(given)
}

/// Places an order in the name of the permit's holder.
/// [`StoreError::Taken`] of `service_order`: the accession number or study UID is used.
pub fn place(
    tx: &mut Tx<'_>,
    permit: &Permit<PlaceOrder>,
    stay: EncounterId,
    new: &NewOrder,
) -> Result<OrderId, StoreError> {
    check_scope(permit, stay)?;
    let by = permit.holder().ok_or_else(|| StoreError::corrupt("permit", "holder", &stay.to_string()))?;
    let given: OrderId = tx.fresh();
    let row = (
        service_order::id.eq(given.to_string()),
        service_order::encounter_id.eq(stay.to_string()),
        service_order::kind.eq(new.kind.as_str()),
        service_order::code.eq(&new.code),
        service_order::name.eq(&new.name),
        service_order::state.eq(OrderState::Ordered.as_str()),
        service_order::specimen_id.eq(new.specimen.map(|s| s.to_string())),
        service_order::accession.eq(new.accession.clone()),
        service_order::study_uid.eq(new.study_uid.clone()),
        service_order::modality.eq(new.modality.clone()),
        service_order::ordered_by.eq(by.to_string()),
        service_order::ordered_at.eq(tx.now().0),
    );
    diesel::insert_into(service_order::table).values(row).execute(tx.db()).map_err(StoreError::db("place an order"))?;
    Ok(given)
}

/// Notes that a specimen was taken; false when it had been already.
pub fn collect(
    tx: &mut Tx<'_>,
    permit: &Permit<CollectSpecimen>,
    stay: EncounterId,
    taken: SpecimenId,
) -> Result<bool, StoreError> {
    check_scope(permit, stay)?;
    let now = tx.now().0;
    let open = specimen::id
        .eq(taken.to_string())
        .and(specimen::encounter_id.eq(stay.to_string()))
        .and(specimen::collected_at.is_null());
    diesel::update(specimen::table.filter(open))
        .set((specimen::collected_at.eq(now), specimen::collected_by.eq(permit.holder().map(|u| u.to_string()))))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("collect a specimen"))
}

/// Moves an order on to `to`, which the domain allowed; false when somebody moved it first.
pub fn move_on<A: Action>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    of: &Order,
    to: OrderState,
    cancel_reason: Option<&str>,
) -> Result<bool, StoreError> {
    check_scope(permit, of.encounter)?;
    let mine = service_order::id.eq(of.id.to_string()).and(service_order::state.eq(of.state.as_str()));
    diesel::update(service_order::table.filter(mine))
        .set((service_order::state.eq(to.as_str()), service_order::cancel_reason.eq(cancel_reason)))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("move an order on"))
}

fn check_scope<A: Action>(permit: &Permit<A>, stay: EncounterId) -> Result<(), StoreError> {
    match permit.scope() {
        Scope::Encounter(id) if *id == stay => Ok(()),
        _ => Err(StoreError::corrupt("permit", "scope", &stay.to_string())),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = service_order)]
struct Row {
    id: String,
    encounter_id: String,
    kind: String,
    code: String,
    name: String,
    state: String,
    specimen_id: Option<String>,
    accession: Option<String>,
    study_uid: Option<String>,
    modality: Option<String>,
    ordered_by: String,
    ordered_at: i64,
    cancel_reason: Option<String>,
}

type Joined = (Row, String, Option<String>, Option<i64>);

macro_rules! joined {
    () => {
        service_order::table
            .inner_join(encounter::table.on(encounter::id.eq(service_order::encounter_id)))
            .left_join(specimen::table.on(specimen::id.nullable().eq(service_order::specimen_id)))
            .select((
                Row::as_select(),
                encounter::ward_id,
                specimen::barcode.nullable(),
                specimen::collected_at.nullable(),
            ))
    };
}

fn of_row((row, ward, barcode, collected_at): Joined) -> Result<Order, StoreError> {
    let corrupt = |column| StoreError::corrupt("service_order", column, &row.id);
    Ok(Order {
        id: id(&row.id, "service_order", "id")?,
        encounter: id(&row.encounter_id, "service_order", "encounter_id")?,
        ward: id(&ward, "encounter", "ward_id")?,
        kind: OrderKind::parse(&row.kind).ok_or_else(|| corrupt("kind"))?,
        state: OrderState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
        specimen: maybe_id(row.specimen_id.as_deref(), "service_order", "specimen_id")?,
        ordered_by: id(&row.ordered_by, "service_order", "ordered_by")?,
        code: row.code,
        name: row.name,
        barcode,
        collected_at,
        accession: row.accession,
        study_uid: row.study_uid,
        modality: row.modality,
        ordered_at: row.ordered_at,
        cancel_reason: row.cancel_reason,
    })
}

fn one(row: QueryResult<Joined>) -> Result<Option<Order>, StoreError> {
    row.optional().map_err(StoreError::db("read an order"))?.map(of_row).transpose()
}

/// The stay that an order belongs to, for the policy.
pub fn stay_of(conn: &mut Conn, of: OrderId) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = service_order::table
        .filter(service_order::id.eq(of.to_string()))
        .select(service_order::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find an order's stay"))?;
    stay.map(|s| id(&s, "service_order", "encounter_id")).transpose()
}

pub fn read<A: Action>(conn: &mut Conn, permit: &Permit<A>, wanted: OrderId) -> Result<Option<Order>, StoreError> {
    let found = one(joined!().filter(service_order::id.eq(wanted.to_string())).first(conn.db()))?;
    Ok(found.filter(|o| permit.covers(o.encounter, o.ward)))
}

/// The imaging order whose modality was told to use this UID. By the unique study_uid.
pub fn by_study_uid(conn: &mut Conn, _permit: &Permit<SearchPatients>, uid: &str) -> Result<Option<Order>, StoreError> {
    one(joined!().filter(service_order::study_uid.eq(uid)).first(conn.db()))
}

/// By the unique accession number.
pub fn by_accession(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    accession: &str,
) -> Result<Option<Order>, StoreError> {
    one(joined!().filter(service_order::accession.eq(accession)).first(conn.db()))
}

/// Orders that share a specimen, first placed first. Index service_order_of_specimen.
pub fn of_specimen<A: Action>(
    conn: &mut Conn,
    permit: &Permit<A>,
    shared: SpecimenId,
) -> Result<Vec<Order>, StoreError> {
    let rows: Vec<Joined> = joined!()
        .filter(service_order::specimen_id.eq(shared.to_string()))
        .order((service_order::ordered_at, service_order::id))
        .limit(200)
        .load(conn.db())
        .map_err(StoreError::db("list a specimen's orders"))?;
    let orders = rows.into_iter().map(of_row).collect::<Result<Vec<_>, _>>()?;
    Ok(orders.into_iter().filter(|o| permit.covers(o.encounter, o.ward)).collect())
}

/// Every order of the permit's stay, newest first. Index service_order_of_encounter.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<Order>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Joined> = joined!()
        .filter(service_order::encounter_id.eq(stay.to_string()))
        .order((service_order::ordered_at.desc(), service_order::id.desc()))
        .limit(2_000)
        .load(conn.db())
        .map_err(StoreError::db("list a stay's orders"))?;
    rows.into_iter().map(of_row).collect()
}

/// What a list of orders shows; nothing set shows all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub kind: Option<OrderKind>,
    pub state: Option<OrderState>,
    /// Placed at or after this instant.
    pub since: Option<i64>,
}

/// Orders of the permit's wards, newest first. Index service_order_by_state.
pub fn list(conn: &mut Conn, permit: &Permit<ViewWard>, filter: Filter, limit: i64) -> Result<Vec<Order>, StoreError> {
    let mut query = joined!().into_boxed();
    query = match permit.scope() {
        Scope::Facility => query,
        Scope::Ward(ward) => query.filter(encounter::ward_id.eq(ward.to_string())),
        Scope::Wards(wards) => {
            query.filter(encounter::ward_id.eq_any(wards.iter().map(|w| w.to_string()).collect::<Vec<_>>()))
        }
        Scope::Encounter(stay) => query.filter(service_order::encounter_id.eq(stay.to_string())),
    };
    if let Some(kind) = filter.kind {
        query = query.filter(service_order::kind.eq(kind.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(service_order::state.eq(state.as_str()));
    }
    if let Some(since) = filter.since {
        query = query.filter(service_order::ordered_at.ge(since));
    }
    let rows: Vec<Joined> = query
        .order((service_order::ordered_at.desc(), service_order::id.desc()))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list orders"))?;
    rows.into_iter().map(of_row).collect()
}

/// Imaging orders that a modality may still ask for, of patients who are here, newest first.
/// Index service_order_by_state.
pub fn scheduled_imaging(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    limit: i64,
) -> Result<Vec<Order>, StoreError> {
    let waiting = [OrderState::Ordered.as_str(), OrderState::InProgress.as_str()];
    let rows: Vec<Joined> = joined!()
        .filter(service_order::kind.eq(OrderKind::Imaging.as_str()).and(service_order::state.eq_any(waiting)))
        .filter(encounter::state.eq("active"))
        .order((service_order::ordered_at.desc(), service_order::id.desc()))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list scheduled imaging"))?;
    rows.into_iter().map(of_row).collect()
}

/// A laboratory order that waits for its result, and what its tube is.
#[derive(Clone, Debug)]
pub struct OpenLab {
    pub order: Order,
    pub barcode: String,
    pub specimen_type: String,
}

/// Laboratory orders placed since then whose specimen an analyzer may still ask for, newest first; also of patients who
/// have gone home, since their tubes have not. Index service_order_by_state.
pub fn open_lab(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    since: i64,
    limit: i64,
) -> Result<Vec<OpenLab>, StoreError> {
    let waiting = [OrderState::Ordered.as_str(), OrderState::Collected.as_str(), OrderState::InProgress.as_str()];
    let rows: Vec<(Row, String, String, String, Option<i64>)> = service_order::table
        .inner_join(encounter::table.on(encounter::id.eq(service_order::encounter_id)))
        .inner_join(specimen::table.on(specimen::id.nullable().eq(service_order::specimen_id)))
        .filter(service_order::kind.eq(OrderKind::Lab.as_str()).and(service_order::state.eq_any(waiting)))
        .filter(service_order::ordered_at.ge(since))
        .order((service_order::ordered_at.desc(), service_order::id.desc()))
        .limit(limit)
        .select((
            Row::as_select(),
            encounter::ward_id,
            specimen::barcode,
            specimen::specimen_type,
            specimen::collected_at,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list open laboratory orders"))?;
    let open = |(row, ward, barcode, specimen_type, collected_at): (Row, String, String, String, Option<i64>)| {
        let order = of_row((row, ward, Some(barcode.clone()), collected_at))?;
        Ok(OpenLab { order, barcode, specimen_type })
    };
    rows.into_iter().map(open).collect()
}

type SpecimenRow = (String, String, String, String, String, Option<i64>);

/// The specimen under this barcode, in capitals as it is stored. By the unique barcode.
pub fn specimen_by_barcode(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    barcode: &str,
) -> Result<Option<Specimen>, StoreError> {
    let row: Option<SpecimenRow> = specimen::table
        .inner_join(encounter::table.on(encounter::id.eq(specimen::encounter_id)))
        .filter(specimen::barcode.eq(barcode))
        .select((
            specimen::id,
            specimen::encounter_id,
            encounter::ward_id,
            specimen::barcode,
            specimen::specimen_type,
            specimen::collected_at,
        ))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a specimen"))?;
    row.map(|(i, stay, ward, barcode, specimen_type, collected_at)| {
        Ok(Specimen {
            id: id(&i, "specimen", "id")?,
            encounter: id(&stay, "specimen", "encounter_id")?,
            ward: id(&ward, "encounter", "ward_id")?,
            barcode,
            specimen_type,
            collected_at,
        })
    })
    .transpose()
}
