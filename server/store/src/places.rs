//! The house: facility, departments, wards, beds.

use crate::error::id;
use crate::schema::{bed, department, facility, ward};
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{BedId, DepartmentId, FacilityId, WardId};
use diesel::prelude::*;

#[derive(Clone, Debug)]
pub struct Facility {
    pub id: FacilityId,
    /// MA_CSKCB.
    pub code: String,
    pub name: String,
    pub authority: String,
}

#[derive(Clone, Debug)]
pub struct Ward {
    pub id: WardId,
    pub code: String,
    pub name: String,
    pub department: String,
}

#[derive(Clone, Debug)]
pub struct Bed {
    pub id: BedId,
    pub ward: WardId,
    pub label: String,
    pub room: String,
    pub position: i64,
}

pub fn facility(conn: &mut Conn) -> Result<Option<Facility>, StoreError> {
    let row: Option<(String, String, String, String)> = facility::table
        .order(facility::created_at)
        .select((facility::id, facility::code, facility::name, facility::authority))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the facility"))?;
    row.map(|(i, code, name, authority)| Ok(Facility { id: id(&i, "facility", "id")?, code, name, authority }))
        .transpose()
}

pub fn add_facility(tx: &mut Tx<'_>, code: &str, name: &str, authority: &str) -> Result<FacilityId, StoreError> {
    let (new, now): (FacilityId, _) = (tx.fresh(), tx.now().0);
    let row = (
        facility::id.eq(new.to_string()),
        facility::code.eq(code),
        facility::name.eq(name),
        facility::authority.eq(authority),
        facility::created_at.eq(now),
    );
    diesel::insert_into(facility::table).values(row).execute(tx.db()).map_err(StoreError::db("add the facility"))?;
    Ok(new)
}

pub fn add_department(tx: &mut Tx<'_>, of: FacilityId, code: &str, name: &str) -> Result<DepartmentId, StoreError> {
    let new: DepartmentId = tx.fresh();
    let row = (
        department::id.eq(new.to_string()),
        department::facility_id.eq(of.to_string()),
        department::code.eq(code),
        department::name.eq(name),
    );
    diesel::insert_into(department::table).values(row).execute(tx.db()).map_err(StoreError::db("add a department"))?;
    Ok(new)
}

pub fn add_ward(tx: &mut Tx<'_>, of: DepartmentId, code: &str, name: &str) -> Result<WardId, StoreError> {
    let new: WardId = tx.fresh();
    let row = (
        ward::id.eq(new.to_string()),
        ward::department_id.eq(of.to_string()),
        ward::code.eq(code),
        ward::name.eq(name),
    );
    diesel::insert_into(ward::table).values(row).execute(tx.db()).map_err(StoreError::db("add a ward"))?;
    Ok(new)
}

pub fn add_bed(tx: &mut Tx<'_>, of: WardId, label: &str, room: &str, position: i64) -> Result<BedId, StoreError> {
    let new: BedId = tx.fresh();
    let row = (
        bed::id.eq(new.to_string()),
        bed::ward_id.eq(of.to_string()),
        bed::label.eq(label),
        bed::room.eq(room),
        bed::position.eq(position),
    );
    diesel::insert_into(bed::table).values(row).execute(tx.db()).map_err(StoreError::db("add a bed"))?;
    Ok(new)
}

/// Every ward, by code. A hospital has tens.
pub fn wards(conn: &mut Conn) -> Result<Vec<Ward>, StoreError> {
    let rows: Vec<(String, String, String, String)> = ward::table
        .inner_join(department::table.on(department::id.eq(ward::department_id)))
        .order(ward::code)
        .limit(500)
        .select((ward::id, ward::code, ward::name, department::name))
        .load(conn.db())
        .map_err(StoreError::db("list wards"))?;
    rows.into_iter()
        .map(|(i, code, name, department)| Ok(Ward { id: id(&i, "ward", "id")?, code, name, department }))
        .collect()
}

pub fn ward(conn: &mut Conn, wanted: WardId) -> Result<Option<Ward>, StoreError> {
    Ok(wards(conn)?.into_iter().find(|w| w.id == wanted))
}

type BedRow = (String, String, String, String, i64);

fn bed_of(row: BedRow) -> Result<Bed, StoreError> {
    let (i, w, label, room, position) = row;
    Ok(Bed { id: id(&i, "bed", "id")?, ward: id(&w, "bed", "ward_id")?, label, room, position })
}

/// In walking order.
pub fn beds(conn: &mut Conn, of: WardId) -> Result<Vec<Bed>, StoreError> {
    let rows: Vec<BedRow> = bed::table
        .filter(bed::ward_id.eq(of.to_string()))
        .order((bed::position, bed::label))
        .limit(500)
        .select((bed::id, bed::ward_id, bed::label, bed::room, bed::position))
        .load(conn.db())
        .map_err(StoreError::db("list beds"))?;
    rows.into_iter().map(bed_of).collect()
}

pub fn bed(conn: &mut Conn, wanted: BedId) -> Result<Option<Bed>, StoreError> {
    let row: Option<BedRow> = bed::table
        .filter(bed::id.eq(wanted.to_string()))
        .select((bed::id, bed::ward_id, bed::label, bed::room, bed::position))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a bed"))?;
    row.map(bed_of).transpose()
}

/// The bed that a device names by ward code and label; more than one answer is an ambiguity for a person.
pub fn beds_named(conn: &mut Conn, ward_code: &str, label: &str) -> Result<Vec<Bed>, StoreError> {
    let rows: Vec<BedRow> = bed::table
        .inner_join(ward::table.on(ward::id.eq(bed::ward_id)))
        .filter(ward::code.eq(ward_code).and(bed::label.eq(label)))
        .limit(2)
        .select((bed::id, bed::ward_id, bed::label, bed::room, bed::position))
        .load(conn.db())
        .map_err(StoreError::db("find a bed by name"))?;
    rows.into_iter().map(bed_of).collect()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    pub id: DepartmentId,
    pub code: String,
    pub name: String,
}

/// All of them, by code.
pub fn all_departments(conn: &mut Conn) -> Result<Vec<Department>, StoreError> {
    let rows: Vec<(String, String, String)> = department::table
        .order((department::code, department::id))
        .limit(500)
        .select((department::id, department::code, department::name))
        .load(conn.db())
        .map_err(StoreError::db("list the departments"))?;
    rows.into_iter().map(|(i, code, name)| Ok(Department { id: id(&i, "department", "id")?, code, name })).collect()
}

/// A department's wards.
pub fn wards_of(conn: &mut Conn, of: DepartmentId) -> Result<Vec<WardId>, StoreError> {
    let rows: Vec<String> = ward::table
        .filter(ward::department_id.eq(of.to_string()))
        .limit(500)
        .select(ward::id)
        .load(conn.db())
        .map_err(StoreError::db("list a department's wards"))?;
    rows.iter().map(|one| id(one, "ward", "id")).collect()
}

/// Codes of a facility's departments.
pub fn departments(conn: &mut Conn, of: FacilityId) -> Result<Vec<(String, DepartmentId)>, StoreError> {
    let rows: Vec<(String, String)> = department::table
        .filter(department::facility_id.eq(of.to_string()))
        .order(department::code)
        .limit(500)
        .select((department::code, department::id))
        .load(conn.db())
        .map_err(StoreError::db("list departments"))?;
    rows.into_iter().map(|(code, i)| Ok((code, id(&i, "department", "id")?))).collect()
}
