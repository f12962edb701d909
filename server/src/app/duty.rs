//! Who covers a ward that is not theirs (trực khoa), and for which hours: within them the ward is theirs.

use super::lookups::{People, colleagues, permit_in};
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view::PersonRef;
use crate::view_access::{Duty, DutyCover};
use benhan_domain::access::{SetDuty, ViewDuty};
use benhan_domain::audit::Act;
use benhan_domain::id::{UserId, WardDutyId, WardId};
use benhan_domain::time::Instant;
use benhan_domain::treatment::{Hours, covers_wards};
use benhan_store::{Conn, places, users, ward_duty};
use serde_json::json;

pub async fn read(app: &App, caller: &Caller, ward: WardId) -> Result<Duty, AppError> {
    let (caller, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| view(conn, &caller, ward, now));
    read.await
}

/// Doctors and nurses who may cover it.
pub async fn candidates(app: &App, caller: &Caller, ward: WardId) -> Result<Vec<PersonRef>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        permit_in::<SetDuty>(&caller.actor, ward)?;
        let own = users::of_ward(conn, ward)?;
        colleagues(conn, |user| may_cover(user) && !own.contains(&user.id))
    });
    read.await
}

fn may_cover(user: &users::User) -> bool {
    !user.disabled && covers_wards(user.role)
}

pub async fn set(
    app: &App,
    caller: &Caller,
    ward: WardId,
    user: UserId,
    (starts, ends): (Instant, Instant),
) -> Result<Duty, AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let (permit, now) = (permit_in::<SetDuty>(&caller.actor, ward)?, tx.now());
        let hours = Hours::new(starts, ends, now).map_err(|why| AppError::invalid("endsAt", why.to_string()))?;
        places::ward(tx.conn(), ward)?.ok_or_else(|| AppError::not_found("khoa"))?;
        if users::by_id(tx.conn(), user)?.is_none_or(|user| !may_cover(&user)) {
            return Err(AppError::invalid("user", "Người này không trực khoa được: chọn bác sĩ hoặc điều dưỡng"));
        }
        let given = ward_duty::set(tx, &permit, user, hours)?;
        let detail = json!({ "ward": ward, "user": user, "from": starts.rfc3339(), "until": ends.rfc3339() });
        trail::on(tx, caller.user.id, Act::Create, "ward-duty", given.to_string(), detail)?;
        view(tx.conn(), &caller, ward, now)
    });
    write.await
}

/// Before its time.
pub async fn end(app: &App, caller: &Caller, ward: WardId, of: WardDutyId) -> Result<Duty, AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let (permit, now) = (permit_in::<SetDuty>(&caller.actor, ward)?, tx.now());
        if !ward_duty::end(tx, &permit, of)? {
            return Err(AppError::stale());
        }
        trail::on(tx, caller.user.id, Act::Cancel, "ward-duty", of.to_string(), json!({ "ward": ward }))?;
        view(tx.conn(), &caller, ward, now)
    });
    write.await
}

fn view(conn: &mut Conn, caller: &Caller, ward: WardId, now: Instant) -> Result<Duty, AppError> {
    let ahead = ward_duty::ahead(conn, &permit_in::<ViewDuty>(&caller.actor, ward)?, now.0)?;
    let people = People::read(conn, ahead.iter().flat_map(|one| [one.user, one.by]))?;
    let covers = ahead.iter().map(|one| {
        Ok(DutyCover {
            id: one.id.to_string(),
            user: people.must(one.user)?,
            starts_at: Instant(one.starts).rfc3339(),
            ends_at: Instant(one.ends).rfc3339(),
            assigned_by: people.must(one.by)?,
        })
    });
    let covers = covers.collect::<Result<_, AppError>>()?;
    Ok(Duty { covers, may_assign: permit_in::<SetDuty>(&caller.actor, ward).is_ok() })
}
