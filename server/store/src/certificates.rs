//! Certificates that sign here, where the key of each is, and the keys that the server holds (wrapped, useless without the
//! PIN).

use crate::error::{id, maybe_id};
use crate::schema::certificate;
use crate::{Conn, StoreError, Tx};
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::{CertificateId, DepartmentId, UserId};
use diesel::prelude::*;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = certificate)]
struct Row {
    id: String,
    user_id: Option<String>,
    purpose: String,
    subject: String,
    issuer: String,
    serial: String,
    not_before: i64,
    not_after: i64,
    der: Vec<u8>,
    wrapped_key: Option<String>,
    created_at: i64,
    retired_at: Option<i64>,
    key_holder: String,
    key_reference: Option<String>,
    department_id: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Certificate {
    pub id: CertificateId,
    pub user: Option<UserId>,
    /// Whose seal it is.
    pub department: Option<DepartmentId>,
    pub subject: String,
    pub issuer: String,
    pub serial: String,
    pub not_after: i64,
    pub der: Vec<u8>,
    pub wrapped_key: Option<String>,
    pub key: KeyPlace,
}

#[derive(Clone, Debug)]
pub struct NewCertificate {
    /// `None` for a department's and the facility's own seal.
    pub user: Option<UserId>,
    pub department: Option<DepartmentId>,
    pub subject: String,
    pub issuer: String,
    pub serial: String,
    pub not_before: i64,
    pub not_after: i64,
    pub der: Vec<u8>,
    pub wrapped_key: Option<String>,
    pub key: KeyPlace,
}

pub fn add(tx: &mut Tx<'_>, new: NewCertificate) -> Result<CertificateId, StoreError> {
    let given: CertificateId = tx.fresh();
    let row = Row {
        id: given.to_string(),
        user_id: new.user.map(|u| u.to_string()),
        purpose: match (new.user, new.department) {
            (Some(_), _) => "person",
            (None, Some(_)) => "department",
            (None, None) => "facility",
        }
        .to_owned(),
        subject: new.subject,
        issuer: new.issuer,
        serial: new.serial,
        not_before: new.not_before,
        not_after: new.not_after,
        der: new.der,
        wrapped_key: new.wrapped_key,
        created_at: tx.now().0,
        retired_at: None,
        key_holder: new.key.holder().to_owned(),
        key_reference: new.key.reference(),
        department_id: new.department.map(|of| of.to_string()),
    };
    diesel::insert_into(certificate::table)
        .values(&row)
        .execute(tx.db())
        .map_err(StoreError::db("add a certificate"))?;
    Ok(given)
}

/// The certificate that a person signs with now. Index certificate_of_user.
pub fn current(conn: &mut Conn, user: UserId) -> Result<Option<Certificate>, StoreError> {
    let row = certificate::table
        .filter(certificate::user_id.eq(user.to_string()).and(certificate::retired_at.is_null()))
        .order(certificate::created_at.desc())
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a certificate"))?;
    row.map(of_row).transpose()
}

/// Who signs by a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Person(UserId),
    Department(DepartmentId),
    Facility,
}

/// Whose certificate this is now: the one of that issuer with that serial number.
pub fn owner(conn: &mut Conn, issuer: &str, serial: &str) -> Result<Option<Owner>, StoreError> {
    let of: Option<(Option<String>, Option<String>)> = certificate::table
        .filter(certificate::serial.eq(serial).and(certificate::issuer.eq(issuer)))
        .filter(certificate::retired_at.is_null())
        .order(certificate::created_at.desc())
        .select((certificate::user_id, certificate::department_id))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a certificate's owner"))?;
    let Some((user, department)) = of else { return Ok(None) };
    let user = maybe_id(user.as_deref(), "certificate", "user_id")?.map(Owner::Person);
    let department = maybe_id(department.as_deref(), "certificate", "department_id")?.map(Owner::Department);
    Ok(Some(user.or(department).unwrap_or(Owner::Facility)))
}

/// The certificate by which a department's seal is put now. Index certificate_of_department.
pub fn of_department(conn: &mut Conn, department: DepartmentId) -> Result<Option<Certificate>, StoreError> {
    let row = certificate::table
        .filter(certificate::department_id.eq(department.to_string()).and(certificate::retired_at.is_null()))
        .order(certificate::created_at.desc())
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a department's certificate"))?;
    row.map(of_row).transpose()
}

/// Takes a department's certificates out of use; what was sealed by them stays as it is.
pub fn retire_department(tx: &mut Tx<'_>, department: DepartmentId) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(certificate::table)
        .filter(certificate::department_id.eq(department.to_string()).and(certificate::retired_at.is_null()))
        .set(certificate::retired_at.eq(now))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("retire a department's certificate"))
}

/// Takes a person's certificates out of use; what they signed stays as it is.
pub fn retire(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(certificate::table)
        .filter(certificate::user_id.eq(user.to_string()).and(certificate::retired_at.is_null()))
        .set(certificate::retired_at.eq(now))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("retire a certificate"))
}

/// Of the people who sign now: different issuers say where different lists are.
pub fn in_use(conn: &mut Conn, limit: i64) -> Result<Vec<Vec<u8>>, StoreError> {
    certificate::table
        .filter(certificate::retired_at.is_null())
        .order(certificate::created_at.desc())
        .limit(limit)
        .select(certificate::der)
        .load(conn.db())
        .map_err(StoreError::db("list certificates in use"))
}

/// The facility's seal.
pub fn facility_seal(conn: &mut Conn) -> Result<Option<Certificate>, StoreError> {
    let row = certificate::table
        .filter(certificate::purpose.eq("facility").and(certificate::retired_at.is_null()))
        .order(certificate::created_at.desc())
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the facility's certificate"))?;
    row.map(of_row).transpose()
}

pub fn by_ids(conn: &mut Conn, ids: &[String]) -> Result<Vec<Certificate>, StoreError> {
    let rows: Vec<Row> = certificate::table
        .filter(certificate::id.eq_any(ids))
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read certificates"))?;
    rows.into_iter().map(of_row).collect()
}

fn of_row(row: Row) -> Result<Certificate, StoreError> {
    let key = KeyPlace::parse(&row.key_holder, row.key_reference.as_deref())
        .ok_or_else(|| StoreError::corrupt("certificate", "key_holder", &row.id))?;
    Ok(Certificate {
        id: id(&row.id, "certificate", "id")?,
        user: maybe_id(row.user_id.as_deref(), "certificate", "user_id")?,
        department: maybe_id(row.department_id.as_deref(), "certificate", "department_id")?,
        subject: row.subject,
        issuer: row.issuer,
        serial: row.serial,
        not_after: row.not_after,
        der: row.der,
        wrapped_key: row.wrapped_key,
        key,
    })
}
