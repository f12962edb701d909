//! Patients: one code per facility, found by folded words, resolved through links.

use crate::error::id;
use crate::schema::{patient, patient_identifier, patient_link, patient_term, patient_version};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Permit, RegisterPatient, SearchPatients};
use benhan_domain::id::{FacilityId, PatientId};
use benhan_domain::person::Sex;
use benhan_domain::text;
use diesel::prelude::*;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Demographics as they stand now.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Demographics {
    pub name: String,
    pub birth_date: Option<Date>,
    pub sex: Sex,
    pub national_id: Option<String>,
    pub insurance_card: Option<String>,
    pub phone: String,
    pub address: String,
    pub allergies: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Patient {
    pub id: PatientId,
    pub code: String,
    pub version: i64,
    pub who: Demographics,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = patient)]
pub(crate) struct Row {
    id: String,
    facility_id: String,
    code: String,
    version: i64,
    name: String,
    name_key: String,
    birth_date: Option<String>,
    sex: String,
    phone: String,
    address: String,
    allergies: String,
    created_at: i64,
}

const NATIONAL: &str = "national-id";
const INSURANCE: &str = "insurance-card";

pub fn register(
    tx: &mut Tx<'_>,
    permit: &Permit<RegisterPatient>,
    facility: FacilityId,
    code: &str,
    who: &Demographics,
) -> Result<PatientId, StoreError> {
    let (new, now): (PatientId, i64) = (tx.fresh(), tx.now().0);
    let key = new.to_string();
    let row = Row {
        id: key.clone(),
        facility_id: facility.to_string(),
        code: code.to_owned(),
        version: 1,
        name: who.name.clone(),
        name_key: text::fold(&who.name),
        birth_date: who.birth_date.map(|d| d.to_string()),
        sex: who.sex.code().to_owned(),
        phone: who.phone.clone(),
        address: who.address.clone(),
        allergies: json(&who.allergies)?,
        created_at: now,
    };
    diesel::insert_into(patient::table).values(&row).execute(tx.db()).map_err(StoreError::db("register a patient"))?;
    let version = (
        patient_version::patient_id.eq(&key),
        patient_version::version.eq(1),
        patient_version::recorded_at.eq(now),
        patient_version::author_id.eq(permit.holder().map(|u| u.to_string())),
        patient_version::body.eq(json(who)?),
    );
    diesel::insert_into(patient_version::table)
        .values(version)
        .execute(tx.db())
        .map_err(StoreError::db("keep a patient's version"))?;
    let link = (patient_link::patient_id.eq(&key), patient_link::resolves_to.eq(&key), patient_link::since.eq(now));
    diesel::insert_into(patient_link::table).values(link).execute(tx.db()).map_err(StoreError::db("link a patient"))?;
    for (system, value) in [(NATIONAL, &who.national_id), (INSURANCE, &who.insurance_card)] {
        let Some(value) = value else { continue };
        let row = (
            patient_identifier::system.eq(system),
            patient_identifier::value.eq(value),
            patient_identifier::patient_id.eq(&key),
            patient_identifier::valid_from.eq(now),
        );
        diesel::insert_into(patient_identifier::table)
            .values(row)
            .execute(tx.db())
            .map_err(StoreError::db("keep an identifier"))?;
    }
    for term in terms(code, who) {
        let row = (patient_term::term.eq(term), patient_term::patient_id.eq(&key));
        diesel::insert_into(patient_term::table)
            .values(row)
            .execute(tx.db())
            .map_err(StoreError::db("index a patient"))?;
    }
    Ok(new)
}

/// Every word that finds the patient.
fn terms(code: &str, who: &Demographics) -> Vec<String> {
    let mut terms: Vec<String> = text::fold(&who.name).split(' ').map(str::to_owned).collect();
    terms.push(text::initials(&who.name));
    terms.push(text::fold(code));
    terms.push(code.replace('.', ""));
    terms.extend(who.national_id.as_deref().map(text::fold));
    terms.extend(who.insurance_card.as_deref().map(text::fold));
    terms.push(text::fold(&who.phone));
    terms.retain(|t| !t.is_empty());
    terms.sort();
    terms.dedup();
    terms
}

/// The patient that this id stands for today, through its link. `None` when there is no such id.
pub fn resolve(conn: &mut Conn, asked: PatientId) -> Result<Option<PatientId>, StoreError> {
    let row: Option<String> = patient_link::table
        .filter(patient_link::patient_id.eq(asked.to_string()))
        .select(patient_link::resolves_to)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("resolve a patient"))?;
    row.map(|p| id(&p, "patient_link", "resolves_to")).transpose()
}

/// Those that there are of `ids`, in one query.
pub fn of_ids(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    ids: &[PatientId],
) -> Result<Vec<Patient>, StoreError> {
    let mut ids: Vec<String> = ids.iter().map(|p| p.to_string()).collect();
    ids.sort();
    ids.dedup();
    by_ids(conn, &ids)
}

pub fn read(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    asked: PatientId,
) -> Result<Option<Patient>, StoreError> {
    let Some(master) = resolve(conn, asked)? else { return Ok(None) };
    by_ids(conn, &[master.to_string()]).map(|mut found| found.pop())
}

/// Folded words, all of which must match the start of one of the patient's terms. Primary key of patient_term,
/// on the longest word; the others narrow what it found.
pub fn search(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    query: &str,
    limit: i64,
) -> Result<Vec<Patient>, StoreError> {
    let folded = text::fold(query);
    let mut words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).take(8).collect();
    words.sort_by_key(|w| std::cmp::Reverse(w.chars().count()));
    let Some((first, rest)) = words.split_first() else { return Ok(Vec::new()) };
    let mut found = patient_term::table
        .filter(patient_term::term.ge((*first).to_owned()).and(patient_term::term.lt(after(first))))
        .select(patient_term::patient_id)
        .distinct()
        .into_boxed();
    for word in rest {
        let other = diesel::alias!(patient_term as other_term);
        let has_word = other
            .filter(
                other
                    .field(patient_term::term)
                    .ge((*word).to_owned())
                    .and(other.field(patient_term::term).lt(after(word))),
            )
            .select(other.field(patient_term::patient_id));
        found = found.filter(patient_term::patient_id.eq_any(has_word));
    }
    let ids: Vec<String> = found
        .order(patient_term::patient_id.desc())
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("search patients"))?;
    by_ids(conn, &ids)
}

/// The first text after everything that begins with `prefix`, in byte order.
fn after(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// One patient, by queries of fixed text (see `encounters::load_one`).
pub(crate) fn by_id(conn: &mut Conn, wanted: &str) -> Result<Option<Patient>, StoreError> {
    let row: Option<Row> = patient::table
        .filter(patient::id.eq(wanted))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a patient"))?;
    let Some(row) = row else { return Ok(None) };
    let numbers: Vec<(String, String)> = patient_identifier::table
        .filter(patient_identifier::patient_id.eq(wanted))
        .order(patient_identifier::valid_from)
        .select((patient_identifier::system, patient_identifier::value))
        .load(conn.db())
        .map_err(StoreError::db("read identifiers"))?;
    let number = |system: &str| numbers.iter().rfind(|(s, _)| s == system).map(|(_, value)| value.clone());
    let (national_id, insurance_card) = (number(NATIONAL), number(INSURANCE));
    of_row(row, national_id, insurance_card).map(Some)
}

/// How many patients of the facility share this folded name and are in hospital now is asked of `encounters`.
pub(crate) fn by_ids(conn: &mut Conn, ids: &[String]) -> Result<Vec<Patient>, StoreError> {
    let rows: Vec<Row> = patient::table
        .filter(patient::id.eq_any(ids))
        .order(patient::name_key)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read patients"))?;
    let numbers: Vec<(String, String, String)> = patient_identifier::table
        .filter(patient_identifier::patient_id.eq_any(ids))
        .order(patient_identifier::valid_from)
        .select((patient_identifier::patient_id, patient_identifier::system, patient_identifier::value))
        .load(conn.db())
        .map_err(StoreError::db("read identifiers"))?;
    let number = |of: &str, system: &str| {
        numbers.iter().rfind(|(p, s, _)| p == of && s == system).map(|(_, _, value)| value.clone())
    };
    rows.into_iter()
        .map(|row| {
            let (national_id, insurance_card) = (number(&row.id, NATIONAL), number(&row.id, INSURANCE));
            of_row(row, national_id, insurance_card)
        })
        .collect()
}

fn of_row(row: Row, national_id: Option<String>, insurance_card: Option<String>) -> Result<Patient, StoreError> {
    let corrupt = |column| StoreError::corrupt("patient", column, &row.id);
    let birth_date = row.birth_date.as_deref().map(str::parse).transpose().map_err(|_| corrupt("birth_date"))?;
    let sex = Sex::parse(&row.sex).ok_or_else(|| corrupt("sex"))?;
    let allergies = serde_json::from_str(&row.allergies).map_err(|_| corrupt("allergies"))?;
    Ok(Patient {
        id: id(&row.id, "patient", "id")?,
        code: row.code,
        version: row.version,
        who: Demographics {
            name: row.name,
            birth_date,
            sex,
            national_id,
            insurance_card,
            phone: row.phone,
            address: row.address,
            allergies,
        },
    })
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Commit(e.to_string()))
}
