//! Downtime kits: the password under which a ward's kit is locked, and the computers that fetch it. Kits themselves are
//! files, and no patient is in these tables.

use crate::error::{id, maybe_id};
use crate::schema::{kit_password, kit_token};
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{KitTokenId, UserId, WardId};
use diesel::prelude::*;

/// Whose kits a password locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    House,
    Ward(WardId),
}

impl Subject {
    /// Also what the sealed password is bound to.
    pub fn key(self) -> String {
        match self {
            Self::House => "house".to_owned(),
            Self::Ward(ward) => ward.to_string(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Password {
    pub subject: Subject,
    pub sealed: Vec<u8>,
    pub set_by: UserId,
    pub set_at: i64,
}

/// All that are set; at most one a ward and one for the house.
pub fn passwords(conn: &mut Conn) -> Result<Vec<Password>, StoreError> {
    let rows: Vec<(String, Vec<u8>, String, i64)> = kit_password::table
        .order(kit_password::subject)
        .limit(2_000)
        .load(conn.db())
        .map_err(StoreError::db("read the passwords of kits"))?;
    let password = |(subject, sealed, by, set_at): (String, Vec<u8>, String, i64)| {
        let of = match subject.as_str() {
            "house" => Subject::House,
            ward => Subject::Ward(id(ward, "kit_password", "subject")?),
        };
        Ok(Password { subject: of, sealed, set_by: id(&by, "kit_password", "set_by")?, set_at })
    };
    rows.into_iter().map(password).collect()
}

/// `None` takes away what was set.
pub fn set_password(tx: &mut Tx<'_>, subject: Subject, sealed: Option<Vec<u8>>, by: UserId) -> Result<(), StoreError> {
    let key = subject.key();
    diesel::delete(kit_password::table.filter(kit_password::subject.eq(&key)))
        .execute(tx.db())
        .map_err(StoreError::db("take a kit's password away"))?;
    let Some(sealed) = sealed else { return Ok(()) };
    let row = (
        kit_password::subject.eq(key),
        kit_password::sealed.eq(sealed),
        kit_password::set_by.eq(by.to_string()),
        kit_password::set_at.eq(tx.now().0),
    );
    diesel::insert_into(kit_password::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("set a kit's password"))
}

/// A computer that may fetch one ward's kit.
#[derive(Clone, Debug)]
pub struct Token {
    pub id: KitTokenId,
    pub ward: WardId,
    pub label: String,
    pub issued_by: UserId,
    pub issued_at: i64,
    pub revoked_by: Option<UserId>,
    pub revoked_at: Option<i64>,
    pub fetched_at: Option<i64>,
    pub fetched_kit_at: Option<i64>,
    pub noted_at: Option<i64>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = kit_token)]
struct Row {
    id: String,
    ward_id: String,
    label: String,
    issued_by: String,
    issued_at: i64,
    revoked_by: Option<String>,
    revoked_at: Option<i64>,
    fetched_at: Option<i64>,
    fetched_kit_at: Option<i64>,
    noted_at: Option<i64>,
}

fn of_row(row: Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: id(&row.id, "kit_token", "id")?,
        ward: id(&row.ward_id, "kit_token", "ward_id")?,
        label: row.label,
        issued_by: id(&row.issued_by, "kit_token", "issued_by")?,
        issued_at: row.issued_at,
        revoked_by: maybe_id(row.revoked_by.as_deref(), "kit_token", "revoked_by")?,
        revoked_at: row.revoked_at,
        fetched_at: row.fetched_at,
        fetched_kit_at: row.fetched_kit_at,
        noted_at: row.noted_at,
    })
}

pub fn issue(tx: &mut Tx<'_>, ward: WardId, label: &str, hash: &str, by: UserId) -> Result<KitTokenId, StoreError> {
    let given: KitTokenId = tx.fresh();
    let row = (
        kit_token::id.eq(given.to_string()),
        kit_token::ward_id.eq(ward.to_string()),
        kit_token::label.eq(label),
        kit_token::token_hash.eq(hash),
        kit_token::issued_by.eq(by.to_string()),
        kit_token::issued_at.eq(tx.now().0),
    );
    diesel::insert_into(kit_token::table).values(row).execute(tx.db()).map_err(StoreError::db("issue a kit token"))?;
    Ok(given)
}

/// False when there is none, or it was taken back before.
pub fn revoke(tx: &mut Tx<'_>, token: KitTokenId, by: UserId) -> Result<bool, StoreError> {
    let open = kit_token::id.eq(token.to_string()).and(kit_token::revoked_at.is_null());
    diesel::update(kit_token::table.filter(open))
        .set((kit_token::revoked_at.eq(tx.now().0), kit_token::revoked_by.eq(by.to_string())))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("take a kit token back"))
}

/// The newest first, those that were taken back too.
pub fn tokens(conn: &mut Conn) -> Result<Vec<Token>, StoreError> {
    let rows: Vec<Row> = kit_token::table
        .order((kit_token::issued_at.desc(), kit_token::id.desc()))
        .limit(1_000)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list kit tokens"))?;
    rows.into_iter().map(of_row).collect()
}

pub fn token(conn: &mut Conn, wanted: KitTokenId) -> Result<Option<Token>, StoreError> {
    one(kit_token::table.filter(kit_token::id.eq(wanted.to_string())).select(Row::as_select()).first(conn.db()))
}

/// The one that stands under this hash. By the unique token_hash.
pub fn standing(conn: &mut Conn, hash: &str) -> Result<Option<Token>, StoreError> {
    let stands = kit_token::token_hash.eq(hash).and(kit_token::revoked_at.is_null());
    one(kit_token::table.filter(stands).select(Row::as_select()).first(conn.db()))
}

fn one(row: QueryResult<Row>) -> Result<Option<Token>, StoreError> {
    row.optional().map_err(StoreError::db("read a kit token"))?.map(of_row).transpose()
}

/// It asked now, and has the kit of `made`. `noted`: the trail got a row about it.
pub fn fetched(tx: &mut Tx<'_>, of: KitTokenId, made: i64, noted: bool) -> Result<(), StoreError> {
    let (now, mine) = (tx.now().0, kit_token::id.eq(of.to_string()));
    diesel::update(kit_token::table.filter(mine.clone()))
        .set((kit_token::fetched_at.eq(now), kit_token::fetched_kit_at.eq(made)))
        .execute(tx.db())
        .map_err(StoreError::db("note that a kit was fetched"))?;
    if noted {
        diesel::update(kit_token::table.filter(mine))
            .set(kit_token::noted_at.eq(now))
            .execute(tx.db())
            .map_err(StoreError::db("note that the trail has it"))?;
    }
    Ok(())
}
