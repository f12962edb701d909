//! Accounts: who works here, what opens their door, and when it stays shut.

use crate::dialect::on_either;
use crate::error::id;
use crate::schema::{password_history, user_account, user_ward};
use crate::{Conn, StoreError, Tx, emergency, request_readers, restrictions, treating_doctors, ward_duty};
use benhan_domain::access::{Action, Actor, DoctorsReach, OpenInEmergency, Reach, ReadGranted, Role, ViewChart};
use benhan_domain::id::{UserId, WardId};
use benhan_domain::treatment::covers_wards;
use diesel::prelude::*;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = user_account)]
struct Row {
    id: String,
    username: String,
    name: String,
    role: String,
    password_hash: String,
    pin_hash: Option<String>,
    must_change_password: bool,
    failed_logins: i64,
    failed_pins: i64,
    locked_until: Option<i64>,
    pin_locked: bool,
    disabled_at: Option<i64>,
    last_login_at: Option<i64>,
    created_at: i64,
    password_set_at: i64,
    enabled_at: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub name: String,
    pub role: Role,
    /// PHC string, argon2id.
    pub password_hash: String,
    pub pin_hash: Option<String>,
    pub must_change_password: bool,
    pub failed_logins: i64,
    pub failed_pins: i64,
    pub locked_until: Option<i64>,
    pub pin_locked: bool,
    pub disabled: bool,
    pub last_login_at: Option<i64>,
    pub password_set_at: i64,
}

/// A new account, hashes made by the caller before the transaction.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: String,
    pub name: String,
    pub role: Role,
    pub password_hash: String,
    pub pin_hash: Option<String>,
    pub must_change_password: bool,
    pub wards: Vec<WardId>,
}

impl TryFrom<Row> for User {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let role = Role::parse(&row.role).ok_or_else(|| StoreError::corrupt("user_account", "role", &row.id))?;
        Ok(Self {
            id: id(&row.id, "user_account", "id")?,
            username: row.username,
            name: row.name,
            role,
            password_hash: row.password_hash,
            pin_hash: row.pin_hash,
            must_change_password: row.must_change_password,
            failed_logins: row.failed_logins,
            failed_pins: row.failed_pins,
            locked_until: row.locked_until,
            pin_locked: row.pin_locked,
            disabled: row.disabled_at.is_some(),
            last_login_at: row.last_login_at,
            password_set_at: row.password_set_at,
        })
    }
}

pub fn add(tx: &mut Tx<'_>, new: &NewUser) -> Result<UserId, StoreError> {
    let user: UserId = tx.fresh();
    let row = Row {
        id: user.to_string(),
        username: new.username.clone(),
        name: new.name.clone(),
        role: new.role.as_str().to_owned(),
        password_hash: new.password_hash.clone(),
        pin_hash: new.pin_hash.clone(),
        must_change_password: new.must_change_password,
        failed_logins: 0,
        failed_pins: 0,
        locked_until: None,
        pin_locked: false,
        disabled_at: None,
        last_login_at: None,
        created_at: tx.now().0,
        password_set_at: tx.now().0,
        enabled_at: None,
    };
    diesel::insert_into(user_account::table).values(&row).execute(tx.db()).map_err(StoreError::db("add a user"))?;
    for (position, ward) in (0i64..).zip(&new.wards) {
        let row = (
            user_ward::user_id.eq(user.to_string()),
            user_ward::ward_id.eq(ward.to_string()),
            user_ward::position.eq(position),
        );
        diesel::insert_into(user_ward::table)
            .values(row)
            .execute(tx.db())
            .map_err(StoreError::db("give a user a ward"))?;
    }
    Ok(user)
}

pub fn by_id(conn: &mut Conn, user: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = user_account::table
        .filter(user_account::id.eq(user.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a user"))?;
    row.map(User::try_from).transpose()
}

pub fn by_username(conn: &mut Conn, username: &str) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = user_account::table
        .filter(user_account::username.eq(username))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a user"))?;
    row.map(User::try_from).transpose()
}

pub fn all(conn: &mut Conn, limit: i64) -> Result<Vec<User>, StoreError> {
    let rows: Vec<Row> = user_account::table
        .order(user_account::username)
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list users"))?;
    rows.into_iter().map(User::try_from).collect()
}

/// Own ward first.
pub fn wards_of(conn: &mut Conn, user: UserId) -> Result<Vec<WardId>, StoreError> {
    let rows: Vec<String> = user_ward::table
        .filter(user_ward::user_id.eq(user.to_string()))
        .order(user_ward::position)
        .limit(500)
        .select(user_ward::ward_id)
        .load(conn.db())
        .map_err(StoreError::db("list a user's wards"))?;
    rows.iter().map(|w| id(w, "user_ward", "ward_id")).collect()
}

/// Whose ward it is. The staff of a house is few.
pub fn of_ward(conn: &mut Conn, ward: WardId) -> Result<Vec<UserId>, StoreError> {
    let rows: Vec<String> = user_ward::table
        .filter(user_ward::ward_id.eq(ward.to_string()))
        .limit(5_000)
        .select(user_ward::user_id)
        .load(conn.db())
        .map_err(StoreError::db("list the staff of a ward"))?;
    rows.iter().map(|user| id(user, "user_ward", "user_id")).collect()
}

/// What the policy asks about a user now.
pub fn actor(conn: &mut Conn, user: &User, now: i64, doctors: DoctorsReach) -> Result<Actor, StoreError> {
    let assigned = match ViewChart::reach(user.role) {
        Reach::Nowhere => Vec::new(),
        _ => restrictions::assigned_to(conn, user.id)?,
    };
    let emergencies = match OpenInEmergency::reach(user.role) {
        Reach::Nowhere => Vec::new(),
        _ => emergency::open_of(conn, user.id, now)?,
    };
    let granted = match ReadGranted::reach(user.role) {
        Reach::Nowhere => Vec::new(),
        _ => request_readers::granted_to(conn, user.id, now)?,
    };
    let (mut wards, mut treats) = (wards_of(conn, user.id)?, Vec::new());
    if covers_wards(user.role) {
        let covered = ward_duty::covered_by(conn, user.id, now)?;
        wards.extend(covered.into_iter().filter(|ward| !wards.contains(ward)).collect::<Vec<_>>());
    }
    // Where doctors see the whole house, to be named opens nothing more.
    if doctors == DoctorsReach::OwnPatients && user.role == Role::Doctor {
        treats.extend(treating_doctors::of_user(conn, user.id)?.into_iter().map(|(stay, ..)| stay));
    }
    Ok(Actor { user: user.id, role: user.role, wards, treats, doctors, emergencies, assigned, granted })
}

/// How the door reacted: counters and locks after a try, as the use case decided.
#[derive(Clone, Copy, Debug, Default, AsChangeset)]
#[diesel(table_name = user_account)]
pub struct Door {
    pub failed_logins: Option<i64>,
    pub failed_pins: Option<i64>,
    /// `Some(None)` opens.
    pub locked_until: Option<Option<i64>>,
    pub pin_locked: Option<bool>,
    pub last_login_at: Option<Option<i64>>,
}

/// One more try at the password; how many in a row. The update locks the row until the commit, so that guesses sent
/// side by side to several writers count each.
pub fn count_password_try(tx: &mut Tx<'_>, user: UserId) -> Result<i64, StoreError> {
    let of = user_account::table.filter(user_account::id.eq(user.to_string()));
    on_either!(tx.db(), c => diesel::update(of)
        .set(user_account::failed_logins.eq(user_account::failed_logins + 1))
        .returning(user_account::failed_logins)
        .get_result(c))
    .map_err(StoreError::db("count a try at a password"))
}

/// The same for the PIN.
pub fn count_pin_try(tx: &mut Tx<'_>, user: UserId) -> Result<i64, StoreError> {
    let of = user_account::table.filter(user_account::id.eq(user.to_string()));
    on_either!(tx.db(), c => diesel::update(of)
        .set(user_account::failed_pins.eq(user_account::failed_pins + 1))
        .returning(user_account::failed_pins)
        .get_result(c))
    .map_err(StoreError::db("count a try at a PIN"))
}

pub fn set_door(tx: &mut Tx<'_>, user: UserId, door: Door) -> Result<(), StoreError> {
    diesel::update(user_account::table.filter(user_account::id.eq(user.to_string())))
        .set(door)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("note a login"))
}

/// A password of one's own; the one before it is remembered.
pub fn set_password(tx: &mut Tx<'_>, user: UserId, hash: &str) -> Result<(), StoreError> {
    let now = tx.now().0;
    remember_password(tx, user)?;
    diesel::update(user_account::table.filter(user_account::id.eq(user.to_string())))
        .set((
            user_account::password_hash.eq(hash),
            user_account::must_change_password.eq(false),
            user_account::password_set_at.eq(now),
        ))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("change a password"))
}

/// An initial password that somebody else knows: good for one thing, choosing one's own. Opens a shut door too.
pub fn reset_password(tx: &mut Tx<'_>, user: UserId, hash: &str) -> Result<(), StoreError> {
    let now = tx.now().0;
    remember_password(tx, user)?;
    diesel::update(user_account::table.filter(user_account::id.eq(user.to_string())))
        .set((
            user_account::password_hash.eq(hash),
            user_account::must_change_password.eq(true),
            user_account::password_set_at.eq(now),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("reset a password"))?;
    set_door(tx, user, Door { failed_logins: Some(0), locked_until: Some(None), ..Door::default() })
}

fn remember_password(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    let Some(before) = by_id(tx.conn(), user)? else { return Ok(()) };
    let row = (
        password_history::user_id.eq(user.to_string()),
        password_history::set_at.eq(tx.now().0),
        password_history::hash.eq(before.password_hash),
    );
    diesel::insert_into(password_history::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("remember a password"))
}

/// The last passwords before the one that holds, newest first.
pub fn earlier_passwords(conn: &mut Conn, user: UserId, count: i64) -> Result<Vec<String>, StoreError> {
    password_history::table
        .filter(password_history::user_id.eq(user.to_string()))
        .order(password_history::set_at.desc())
        .limit(count)
        .select(password_history::hash)
        .load(conn.db())
        .map_err(StoreError::db("read earlier passwords"))
}

/// A new PIN, its tries counted from nought.
pub fn set_pin(tx: &mut Tx<'_>, user: UserId, hash: &str) -> Result<(), StoreError> {
    diesel::update(user_account::table.filter(user_account::id.eq(user.to_string())))
        .set((user_account::pin_hash.eq(hash), user_account::failed_pins.eq(0), user_account::pin_locked.eq(false)))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("set a PIN"))
}

pub fn disable(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(user_account::table.filter(user_account::id.eq(user.to_string())))
        .set(user_account::disabled_at.eq(now))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("disable a user"))
}

/// Opens a shut account again; its idle time counts from now. False when it was not shut.
pub fn enable(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let shut = user_account::id.eq(user.to_string()).and(user_account::disabled_at.is_not_null());
    diesel::update(user_account::table.filter(shut))
        .set((user_account::disabled_at.eq(None::<i64>), user_account::enabled_at.eq(now)))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("enable a user"))
}

/// Open accounts that were last used, made or opened again before `before`.
pub fn idle(conn: &mut Conn, before: i64) -> Result<Vec<UserId>, StoreError> {
    let never_or_long_ago = |at: Option<i64>| at.is_none_or(|at| at < before);
    type Times = (String, i64, Option<i64>, Option<i64>);
    let rows: Vec<Times> = user_account::table
        .filter(user_account::disabled_at.is_null().and(user_account::created_at.lt(before)))
        .select((user_account::id, user_account::created_at, user_account::last_login_at, user_account::enabled_at))
        .load(conn.db())
        .map_err(StoreError::db("list accounts that nobody uses"))?;
    let idle = rows.iter().filter(|(_, _, used, enabled)| never_or_long_ago(*used) && never_or_long_ago(*enabled));
    idle.map(|(user, ..)| id(user, "user_account", "id")).collect()
}

/// Names to show beside ids: one query for a whole page.
pub fn names(conn: &mut Conn, ids: &[String]) -> Result<std::collections::HashMap<String, (String, Role)>, StoreError> {
    let rows: Vec<(String, String, String)> = user_account::table
        .filter(user_account::id.eq_any(ids))
        .select((user_account::id, user_account::name, user_account::role))
        .load(conn.db())
        .map_err(StoreError::db("read names"))?;
    rows.into_iter()
        .map(|(i, name, role)| {
            let role = Role::parse(&role).ok_or_else(|| StoreError::corrupt("user_account", "role", &i))?;
            Ok((i, (name, role)))
        })
        .collect()
}
