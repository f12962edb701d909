//! Where people are logged in: every open session, one ended at a time, and accounts that two use at once.

use super::{Caller, note};
use crate::app::AppError;
use crate::app::lookups::People;
use crate::hub::Event;
use crate::state::App;
use crate::view_access::{OpenSession, SharedLogin, UsedFrom};
use benhan_domain::access::{ManageUsers, Place, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{SessionId, UserId};
use benhan_domain::shared_login::{self, Use};
use benhan_domain::time::{HOUR, Instant};
use benhan_store::{Conn, sessions};
use serde_json::json;
use std::sync::Arc;

/// More terminals than a hospital has.
const MOST: i64 = 5_000;
/// Uses are kept as long as their sessions.
const LOOK_BACK: i64 = 30 * 24 * HOUR;
const MOST_USES: i64 = 50_000;
const MOST_SHARED: usize = 500;

/// Every session that is open now: whose, since when, from where.
pub async fn open(app: &App, caller: &Caller) -> Result<Vec<OpenSession>, AppError> {
    let (caller, now) = (caller.clone(), app.db.now().0);
    let read = app.db.read(move |conn| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        show(conn, &caller, None, now)
    });
    read.await
}

/// One's own.
pub async fn mine(app: &App, caller: &Caller) -> Result<Vec<OpenSession>, AppError> {
    let (caller, now) = (caller.clone(), app.db.now().0);
    app.db.read(move |conn| show(conn, &caller, Some(caller.user.id), now)).await
}

fn show(conn: &mut Conn, caller: &Caller, of: Option<UserId>, now: i64) -> Result<Vec<OpenSession>, AppError> {
    let found = sessions::open(conn, of, now, MOST)?;
    let people = People::read(conn, found.iter().filter_map(|s| s.user.parse().ok()))?;
    let here = caller.session.to_string();
    let shown = found.into_iter().filter_map(|s| {
        let user = people.of(s.user.parse().ok()?)?;
        Some(OpenSession {
            user,
            since: Instant(s.created_at).rfc3339(),
            last_seen_at: Instant(s.last_seen_at).rfc3339(),
            ends_at: Instant(s.expires_at).rfc3339(),
            opened_from: s.opened_from,
            seen_from: s.seen_from,
            locked: s.locked_at.is_some(),
            here: s.id == here,
            id: s.id,
        })
    });
    Ok(shown.collect())
}

/// Ends one session now: one's own anywhere, anybody's as the administrator. Whose it is not, to others it is not there.
pub async fn end(app: &App, caller: &Caller, session: SessionId) -> Result<(), AppError> {
    let (caller, hub) = (caller.clone(), Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        let missing = || AppError::not_found("phiên làm việc đang mở");
        let now = tx.now().0;
        let owner = sessions::owner(tx.conn(), session, now)?;
        if owner != Some(caller.user.id) && decide::<ManageUsers>(&caller.actor, Place::Facility).is_err() {
            return Err(missing());
        }
        let owner = owner.ok_or_else(missing)?;
        sessions::revoke(tx, session)?;
        tx.after_commit(move || hub.publish(Event::Ended { session, reason: "revoked" }));
        note(tx, Some(caller.user.id), Act::Cancel, session, json!({ "user": owner }))
    });
    write.await
}

/// Accounts that were used from two addresses at the same time during the last month, the latest first.
pub async fn shared(app: &App, caller: &Caller) -> Result<Vec<SharedLogin>, AppError> {
    let (caller, since) = (caller.clone(), app.db.now().0.saturating_sub(LOOK_BACK));
    let read = app.db.read(move |conn| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        let found = shared_login::shared(sessions::uses(conn, since, MOST_USES)?, MOST_SHARED);
        let people = People::read(conn, found.iter().map(|s| s.one.user))?;
        let told = |u: &Use| UsedFrom { address: u.address.clone(), from: u.first.rfc3339(), until: u.last.rfc3339() };
        let shown = found.into_iter().map(|s| {
            Ok(SharedLogin {
                user: people.must(s.one.user)?,
                one: told(&s.one),
                other: told(&s.other),
                from: s.from.rfc3339(),
                until: s.until.rfc3339(),
            })
        });
        shown.collect()
    });
    read.await
}
