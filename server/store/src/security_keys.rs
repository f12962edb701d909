//! Security keys: what each was registered with, and how far it has counted.

use crate::dialect::{self, on_either};
use crate::schema::security_key;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{SecurityKeyId, UserId};
use benhan_domain::time::Instant;
use diesel::prelude::*;

/// More than anybody is let have.
const MOST: i64 = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityKey {
    pub id: SecurityKeyId,
    pub host: String,
    pub credential_id: Vec<u8>,
    /// COSE.
    pub public_key: Vec<u8>,
    pub counter: u32,
    pub transports: Vec<String>,
    pub name: String,
    pub created_at: Instant,
    pub last_used_at: Option<Instant>,
}

/// A key that was just made.
#[derive(Clone, Debug)]
pub struct NewSecurityKey {
    pub host: String,
    pub credential_id: Vec<u8>,
    pub public_key: Vec<u8>,
    pub counter: u32,
    pub transports: Vec<String>,
    pub name: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = security_key)]
struct Row {
    id: String,
    host: String,
    credential_id: Vec<u8>,
    public_key: Vec<u8>,
    counter: i64,
    transports: String,
    name: String,
    created_at: i64,
    last_used_at: Option<i64>,
}

impl TryFrom<Row> for SecurityKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column: &'static str| StoreError::corrupt("security_key", column, &row.id);
        Ok(Self {
            id: row.id.parse().map_err(|_| broken("id"))?,
            counter: u32::try_from(row.counter).map_err(|_| broken("counter"))?,
            host: row.host,
            credential_id: row.credential_id,
            public_key: row.public_key,
            transports: row.transports.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            name: row.name,
            created_at: Instant(row.created_at),
            last_used_at: row.last_used_at.map(Instant),
        })
    }
}

/// A person's keys, the oldest first. By the index on their owner.
pub fn of(conn: &mut Conn, user: UserId) -> Result<Vec<SecurityKey>, StoreError> {
    let rows: Vec<Row> = security_key::table
        .filter(security_key::user_id.eq(user.to_string()))
        .order((security_key::created_at, security_key::id))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read security keys"))?;
    rows.into_iter().map(SecurityKey::try_from).collect()
}

/// Has this person any? By the index on their owner.
pub fn any(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    let mine = security_key::table.filter(security_key::user_id.eq(user.to_string()));
    diesel::select(diesel::dsl::exists(mine)).get_result(conn.db()).map_err(StoreError::db("look for a security key"))
}

/// Changes of one person's keys wait for one another, so that of two the last is not taken away as if the other stayed.
pub fn hold(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    dialect::hold(tx.conn(), &format!("security keys of {user}"))
}

/// Keeps a key. None where its credential is known already, whosever it is. Its owner has a row of
/// [`crate::second_factors`] beforehand.
pub fn add(tx: &mut Tx<'_>, user: UserId, new: &NewSecurityKey) -> Result<Option<SecurityKeyId>, StoreError> {
    let (id, now): (SecurityKeyId, i64) = (tx.fresh(), tx.now().0);
    let row = (
        security_key::id.eq(id.to_string()),
        security_key::user_id.eq(user.to_string()),
        security_key::host.eq(&new.host),
        security_key::credential_id.eq(&new.credential_id),
        security_key::public_key.eq(&new.public_key),
        security_key::counter.eq(i64::from(new.counter)),
        security_key::transports.eq(new.transports.join(",")),
        security_key::name.eq(&new.name),
        security_key::created_at.eq(now),
    );
    let added = on_either!(tx.db(), c => diesel::insert_into(security_key::table)
        .values(row)
        .on_conflict(security_key::credential_id)
        .do_nothing()
        .execute(c))
    .map_err(StoreError::db("keep a security key"))?;
    Ok((added == 1).then_some(id))
}

/// Takes a use of a key by what it has counted to: false when it had counted as far before, or is gone.
pub fn take_use(tx: &mut Tx<'_>, user: UserId, key: SecurityKeyId, counter: u32) -> Result<bool, StoreError> {
    let (now, counter) = (tx.now().0, i64::from(counter));
    let mine = security_key::id.eq(key.to_string()).and(security_key::user_id.eq(user.to_string()));
    let fresh = security_key::counter.lt(counter).or(security_key::counter.eq(0));
    let taken = diesel::update(security_key::table.filter(mine.and(fresh)))
        .set((security_key::counter.eq(counter), security_key::last_used_at.eq(now)))
        .execute(tx.db())
        .map_err(StoreError::db("take a use of a security key"))?;
    Ok(taken == 1)
}

/// False when there was none.
pub fn remove(tx: &mut Tx<'_>, user: UserId, key: SecurityKeyId) -> Result<bool, StoreError> {
    let mine = security_key::id.eq(key.to_string()).and(security_key::user_id.eq(user.to_string()));
    let gone = diesel::delete(security_key::table.filter(mine))
        .execute(tx.db())
        .map_err(StoreError::db("take a security key away"))?;
    Ok(gone == 1)
}

/// All of a person's.
pub(crate) fn remove_all(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    diesel::delete(security_key::table.filter(security_key::user_id.eq(user.to_string())))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("take security keys away"))
}
