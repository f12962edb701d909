//! Small reads that several use cases share: names beside ids, places for the policy.

use super::AppError;
use super::error::Kind;
use crate::view::{PersonRef, WardRef};
use benhan_domain::access::{Action, Actor, Denied, OnRecord, Permit, Place, decide};
use benhan_domain::id::{EncounterId, UserId, WardId};
use benhan_domain::record::NotInThisState;
use benhan_domain::time::Instant;
use benhan_store::encounters::Encounter;
use benhan_store::{Conn, destruction, encounters, places, records, users};
use std::collections::HashMap;

/// The permit for an act on one stay, decided on what this transaction reads.
pub fn permit_on<A: Action>(conn: &mut Conn, actor: &Actor, stay: EncounterId) -> Result<Permit<A>, AppError> {
    permit_on_entry(conn, actor, stay, None)
}

/// The permit for an act on an entry of `author` in a stay: where the actor works, or wherever they wrote it.
pub fn permit_on_entry<A: Action>(
    conn: &mut Conn,
    actor: &Actor,
    stay: EncounterId,
    author: Option<UserId>,
) -> Result<Permit<A>, AppError> {
    let place = match A::ON_RECORD {
        OnRecord::Nothing => place_of_entry(conn, actor, stay, author)?,
        OnRecord::Writes | OnRecord::Supplements => place_to_write(conn, actor, stay, author)?,
    };
    match decide::<A>(actor, place) {
        Err(Denied::Record(NotInThisState::Destroyed)) => Err(destroyed(conn, stay)?),
        decided => Ok(decided?),
    }
}

/// Nothing of what the record says is shown: only assigned staff read it, and this is none of them.
pub fn hidden_from(actor: &Actor, of: &Encounter) -> bool {
    of.restricted && !actor.reads_restricted(of.id)
}

/// Says when and by which list, to who may see what was there.
fn destroyed(conn: &mut Conn, stay: EncounterId) -> Result<AppError, AppError> {
    let Some((number, at)) = destruction::destroyed_by(conn, stay)? else {
        return Ok(NotInThisState::Destroyed.into());
    };
    let detail = match at.map(|at| Instant(at).day()) {
        Some(day) => format!(
            "Hồ sơ đã tiêu hủy ngày {} theo biên bản {number}: chỉ còn dòng danh mục và biên bản.",
            day.strftime("%d/%m/%Y")
        ),
        None => format!("Hồ sơ đang được tiêu hủy theo danh mục {number}: không đọc được nữa."),
    };
    Ok(AppError::refused(Kind::Gone, NotInThisState::Destroyed.code(), detail))
}

/// What the policy is asked about, for several acts on one entry that write into its record: until the transaction
/// ends, the record stays as open as it is now.
pub fn place_to_write(
    conn: &mut Conn,
    actor: &Actor,
    stay: EncounterId,
    author: Option<UserId>,
) -> Result<Place, AppError> {
    records::written_into(conn, stay)?;
    place_of_entry(conn, actor, stay, author)
}

fn place_of_entry(
    conn: &mut Conn,
    actor: &Actor,
    stay: EncounterId,
    author: Option<UserId>,
) -> Result<Place, AppError> {
    let place = encounters::place(conn, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    Ok(match place {
        Place::Encounter { encounter, record, .. } | Place::Restricted { encounter, record, .. }
            if author == Some(actor.user) =>
        {
            Place::OwnEntry { encounter, record }
        }
        place => place,
    })
}

pub fn permit_in<A: Action>(actor: &Actor, ward: WardId) -> Result<Permit<A>, AppError> {
    Ok(decide::<A>(actor, Place::Ward(ward))?)
}

pub fn ward_ref(conn: &mut Conn, ward: WardId) -> Result<WardRef, AppError> {
    let ward = places::ward(conn, ward)?.ok_or_else(|| AppError::not_found("khoa"))?;
    Ok(WardRef { id: ward.id.to_string(), code: ward.code, name: ward.name })
}

/// Colleagues listed at once.
const MOST_COLLEAGUES: i64 = 5_000;

/// Those who work here now and fit, by name: whom a dialog offers.
pub fn colleagues(conn: &mut Conn, fits: impl Fn(&users::User) -> bool) -> Result<Vec<PersonRef>, AppError> {
    let mut listed: Vec<PersonRef> = users::all(conn, MOST_COLLEAGUES)?
        .into_iter()
        .filter(|user| !user.disabled && fits(user))
        .map(|user| PersonRef { id: user.id.to_string(), name: user.name, role: user.role })
        .collect();
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(listed)
}

/// People by id, read in one query.
#[derive(Default)]
pub struct People(HashMap<String, (String, benhan_domain::access::Role)>);

impl People {
    pub fn read(conn: &mut Conn, ids: impl IntoIterator<Item = UserId>) -> Result<Self, AppError> {
        let mut ids: Vec<String> = ids.into_iter().map(|u| u.to_string()).collect();
        ids.sort();
        ids.dedup();
        Ok(Self(users::names(conn, &ids)?))
    }

    /// Somebody who is known already.
    pub fn only(user: &users::User) -> Self {
        Self(HashMap::from([(user.id.to_string(), (user.name.clone(), user.role))]))
    }

    pub fn of(&self, id: UserId) -> Option<PersonRef> {
        let key = id.to_string();
        self.0.get(&key).map(|(name, role)| PersonRef { id: key.clone(), name: name.clone(), role: *role })
    }

    /// For rows that always have an author.
    pub fn must(&self, id: UserId) -> Result<PersonRef, AppError> {
        self.of(id).ok_or_else(|| AppError::Internal(format!("user {id} has no row")))
    }
}
