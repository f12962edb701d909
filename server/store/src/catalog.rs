//! What may be ordered, and what each laboratory item measures with which limits. No patient in here.

use crate::schema::{catalog_analyte, catalog_item};
use crate::{Conn, StoreError, Tx};
use benhan_domain::lab::Limits;
use benhan_domain::order::OrderKind;
use diesel::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub code: String,
    pub kind: OrderKind,
    pub name: String,
    /// DICOM modality, for imaging.
    pub modality: Option<String>,
    /// Lab items of one type share a tube.
    pub specimen_type: Option<String>,
    pub position: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Analyte {
    pub code: String,
    pub item_code: String,
    pub name: String,
    pub loinc: Option<String>,
    /// UCUM.
    pub unit: String,
    pub limits: Limits,
    pub position: i64,
}

/// [`StoreError::Taken`] of `catalog_item`: the code is used.
pub fn add_item(tx: &mut Tx<'_>, new: &Item) -> Result<(), StoreError> {
    let row = (
        catalog_item::code.eq(&new.code),
        catalog_item::kind.eq(new.kind.as_str()),
        catalog_item::name.eq(&new.name),
        catalog_item::modality.eq(new.modality.clone()),
        catalog_item::specimen_type.eq(new.specimen_type.clone()),
        catalog_item::position.eq(new.position),
    );
    diesel::insert_into(catalog_item::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("add a catalog item"))
}

pub fn add_analyte(tx: &mut Tx<'_>, new: &Analyte) -> Result<(), StoreError> {
    let row = (
        catalog_analyte::code.eq(&new.code),
        catalog_analyte::item_code.eq(&new.item_code),
        catalog_analyte::name.eq(&new.name),
        catalog_analyte::loinc.eq(new.loinc.clone()),
        catalog_analyte::unit.eq(&new.unit),
        catalog_analyte::low.eq(new.limits.low),
        catalog_analyte::high.eq(new.limits.high),
        catalog_analyte::critical_low.eq(new.limits.critical_low),
        catalog_analyte::critical_high.eq(new.limits.critical_high),
        catalog_analyte::position.eq(new.position),
    );
    diesel::insert_into(catalog_analyte::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("add an analyte"))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = catalog_item)]
struct ItemRow {
    code: String,
    kind: String,
    name: String,
    modality: Option<String>,
    specimen_type: Option<String>,
    position: i64,
}

fn item_of(row: ItemRow) -> Result<Item, StoreError> {
    let kind = OrderKind::parse(&row.kind).ok_or_else(|| StoreError::corrupt("catalog_item", "kind", &row.code))?;
    Ok(Item {
        code: row.code,
        kind,
        name: row.name,
        modality: row.modality,
        specimen_type: row.specimen_type,
        position: row.position,
    })
}

/// Everything that may be ordered, in the order of the paper form. A hospital has hundreds.
pub fn items(conn: &mut Conn) -> Result<Vec<Item>, StoreError> {
    let rows: Vec<ItemRow> = catalog_item::table
        .order((catalog_item::kind.desc(), catalog_item::position, catalog_item::code))
        .limit(5_000)
        .select(ItemRow::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list the catalog"))?;
    rows.into_iter().map(item_of).collect()
}

/// By primary key.
pub fn item(conn: &mut Conn, code: &str) -> Result<Option<Item>, StoreError> {
    let row: Option<ItemRow> = catalog_item::table
        .filter(catalog_item::code.eq(code))
        .select(ItemRow::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a catalog item"))?;
    row.map(item_of).transpose()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = catalog_analyte)]
struct AnalyteRow {
    code: String,
    item_code: String,
    name: String,
    loinc: Option<String>,
    unit: String,
    low: Option<f64>,
    high: Option<f64>,
    critical_low: Option<f64>,
    critical_high: Option<f64>,
    position: i64,
}

impl From<AnalyteRow> for Analyte {
    fn from(row: AnalyteRow) -> Self {
        Self {
            code: row.code,
            item_code: row.item_code,
            name: row.name,
            loinc: row.loinc,
            unit: row.unit,
            limits: Limits {
                low: row.low,
                high: row.high,
                critical_low: row.critical_low,
                critical_high: row.critical_high,
            },
            position: row.position,
        }
    }
}

/// What these items measure, in the order of the report. A scan of at most a few thousand rows.
pub fn analytes_of(conn: &mut Conn, items: &[String]) -> Result<Vec<Analyte>, StoreError> {
    let rows: Vec<AnalyteRow> = catalog_analyte::table
        .filter(catalog_analyte::item_code.eq_any(items))
        .order((catalog_analyte::item_code, catalog_analyte::position, catalog_analyte::code))
        .limit(5_000)
        .select(AnalyteRow::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list analytes"))?;
    Ok(rows.into_iter().map(Analyte::from).collect())
}

/// Analytes with this LOINC code: more than one is an ambiguity for a person. Index catalog_analyte_loinc.
pub fn analytes_by_loinc(conn: &mut Conn, loinc: &str) -> Result<Vec<Analyte>, StoreError> {
    let rows: Vec<AnalyteRow> = catalog_analyte::table
        .filter(catalog_analyte::loinc.eq(loinc))
        .order(catalog_analyte::code)
        .limit(10)
        .select(AnalyteRow::as_select())
        .load(conn.db())
        .map_err(StoreError::db("find an analyte by LOINC"))?;
    Ok(rows.into_iter().map(Analyte::from).collect())
}

/// By primary key.
pub fn analyte(conn: &mut Conn, code: &str) -> Result<Option<Analyte>, StoreError> {
    let row: Option<AnalyteRow> = catalog_analyte::table
        .filter(catalog_analyte::code.eq(code))
        .select(AnalyteRow::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read an analyte"))?;
    Ok(row.map(Analyte::from))
}
