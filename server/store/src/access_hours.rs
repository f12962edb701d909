//! When people may use the program: what is set for a role, or for one account in its role's place.

use crate::schema::access_hours;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::Role;
use benhan_domain::access_hours::Hours;
use benhan_domain::id::UserId;
use diesel::prelude::*;

/// For whom hours are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Role(Role),
    User(UserId),
}

impl Subject {
    fn key(self) -> (&'static str, String) {
        match self {
            Self::Role(role) => ("role", role.as_str().to_owned()),
            Self::User(user) => ("user", user.to_string()),
        }
    }

    fn parse(kind: &str, subject: &str) -> Option<Self> {
        match kind {
            "role" => Role::parse(subject).map(Self::Role),
            "user" => subject.parse().ok().map(Self::User),
            _ => None,
        }
    }
}

/// What is set for this one alone.
pub fn of(conn: &mut Conn, subject: Subject) -> Result<Option<Hours>, StoreError> {
    let key = subject.key();
    let row: Option<String> = access_hours::table
        .filter(access_hours::subject_kind.eq(key.0).and(access_hours::subject.eq(&key.1)))
        .select(access_hours::hours)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read hours of access"))?;
    row.map(|hours| parse(&hours, &key.1)).transpose()
}

/// What holds for a person: their own, else their role's. By the primary key, in one query: every request asks.
pub fn holding(conn: &mut Conn, user: UserId, role: Role) -> Result<Option<Hours>, StoreError> {
    let (own, shared) = (Subject::User(user).key(), Subject::Role(role).key());
    let is = |key: &(&'static str, String)| {
        access_hours::subject_kind.eq(key.0).and(access_hours::subject.eq(key.1.clone()))
    };
    let rows: Vec<(String, String)> = access_hours::table
        .filter(is(&own).or(is(&shared)))
        .select((access_hours::subject_kind, access_hours::hours))
        .load(conn.db())
        .map_err(StoreError::db("read the hours that hold"))?;
    let row = rows.iter().find(|(kind, _)| kind == own.0).or(rows.first());
    row.map(|(_, hours)| parse(hours, &own.1)).transpose()
}

/// All that is set, roles first.
pub fn all(conn: &mut Conn) -> Result<Vec<(Subject, Hours)>, StoreError> {
    let rows: Vec<(String, String, String)> = access_hours::table
        .order((access_hours::subject_kind, access_hours::subject))
        .limit(5_000)
        .select((access_hours::subject_kind, access_hours::subject, access_hours::hours))
        .load(conn.db())
        .map_err(StoreError::db("list hours of access"))?;
    rows.into_iter()
        .map(|(kind, subject, hours)| {
            let broken = || StoreError::corrupt("access_hours", "subject", &subject);
            Ok((Subject::parse(&kind, &subject).ok_or_else(broken)?, parse(&hours, &subject)?))
        })
        .collect()
}

/// `None` takes away what was set. What was set before is in the trail.
pub fn set(tx: &mut Tx<'_>, subject: Subject, hours: Option<&Hours>, by: Option<UserId>) -> Result<(), StoreError> {
    let (kind, key) = subject.key();
    let row = access_hours::subject_kind.eq(kind).and(access_hours::subject.eq(key.clone()));
    diesel::delete(access_hours::table.filter(row)).execute(tx.db()).map_err(StoreError::db("lift hours of access"))?;
    let Some(hours) = hours else { return Ok(()) };
    let text = serde_json::to_string(hours).map_err(|e| StoreError::Commit(e.to_string()))?;
    let row = (
        access_hours::subject_kind.eq(kind),
        access_hours::subject.eq(key),
        access_hours::hours.eq(text),
        access_hours::set_by.eq(by.map(|u| u.to_string())),
        access_hours::set_at.eq(tx.now().0),
    );
    diesel::insert_into(access_hours::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("set hours of access"))
}

fn parse(text: &str, key: &str) -> Result<Hours, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::corrupt("access_hours", "hours", key))
}
