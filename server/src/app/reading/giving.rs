//! The record room lets an outsider read on a granted request, and ends it; an account that reads nothing more is shut.

use crate::app::AppError;
use crate::app::accounts::{self, Caller, Invitation};
use crate::app::charting::needed;
use crate::app::requests::{found, noted, shown};
use crate::hub::Event;
use crate::state::App;
use crate::view_record::{ReaderAccount, RecordRequest};
use benhan_domain::access::{Place, Role, ServeRequest, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{RecordRequestId, UserId};
use benhan_domain::record::{NotThisRequest, RequestState};
use benhan_store::{Tx, request_readers, users};
use serde_json::json;
use std::sync::Arc;

/// Who is let in: somebody new, by the name on the request, or an outsider who has an account already.
pub enum Who {
    New { username: String, password: String },
    Account(UserId),
}

/// Outsiders' accounts that are open.
pub async fn accounts(app: &App, caller: &Caller) -> Result<Vec<ReaderAccount>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ServeRequest>(&caller.actor, Place::Facility)?;
        let shown =
            |user: users::User| ReaderAccount { id: user.id.to_string(), username: user.username, name: user.name };
        Ok(request_readers::outsiders(conn)?.into_iter().map(shown).collect())
    });
    read.await
}

pub async fn give(app: &App, caller: &Caller, of: RecordRequestId, who: Who) -> Result<RecordRequest, AppError> {
    let reader = caller.clone();
    let asked = app.db.read::<_, AppError, _>(move |conn| {
        decide::<ServeRequest>(&reader.actor, Place::Facility)?;
        Ok(found(conn, &reader, of)?.asked)
    });
    let asked = asked.await?;
    let new = match who {
        Who::Account(user) => Err(user),
        Who::New { username, password } => {
            let (secrets, rules) = (Arc::clone(&app.secrets), app.settings.passwords());
            let invited = Invitation { username, name: asked.name, role: Role::Outsider, wards: vec![], password };
            let prepared = tokio::task::spawn_blocking(move || accounts::account(&secrets.server_key, rules, invited));
            Ok(prepared.await.map_err(|_| AppError::Internal("hashing was cut off".into()))??)
        }
    };
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let permit = decide::<ServeRequest>(&caller.actor, Place::Facility)?;
        let (request, now) = (found(tx.conn(), &caller, of)?, tx.now());
        let grant = request.decision.as_ref().and_then(|decision| decision.grant);
        match (request.state, grant) {
            (RequestState::Granted, Some(grant)) if grant.until >= now => {}
            (RequestState::Granted, _) => return Err(NotThisRequest::Over.into()),
            (RequestState::Received, _) => return Err(NotThisRequest::NotDecided.into()),
            (RequestState::Refused, _) => return Err(NotThisRequest::Refused.into()),
            (RequestState::Withdrawn, _) => return Err(NotThisRequest::Withdrawn.into()),
            (RequestState::Done, _) => return Err(NotThisRequest::Done.into()),
        }
        let user = match new {
            Ok(account) => accounts::add(tx, Some(caller.user.id), &account, json!({ "role": account.role }))?,
            Err(user) => {
                let there = users::by_id(tx.conn(), user)?.filter(|user| user.role == Role::Outsider && !user.disabled);
                there.ok_or_else(|| AppError::invalid("user", "Chọn tài khoản người ngoài đang mở"))?.id
            }
        };
        let twice = |error: benhan_store::StoreError| match error {
            error if error.is_taken("request_reader") => {
                AppError::conflict("has-reader", "Yêu cầu này đã có người đọc: tải lại trang.")
            }
            error => error.into(),
        };
        request_readers::give(tx, &permit, of, user, caller.user.id).map_err(twice)?;
        let detail = json!({ "step": "give-reader", "reader": user });
        noted(tx, &caller, Act::Create, (of, request.encounter), detail)?;
        shown::view(tx.conn(), &caller, of, now)
    });
    write.await
}

/// They read this record no more; an account that reads nothing else is shut, and its sessions with it.
pub async fn end(app: &App, caller: &Caller, of: RecordRequestId, reason: String) -> Result<RecordRequest, AppError> {
    let (reason, caller, hub) = (needed(&reason)?, caller.clone(), Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        let permit = decide::<ServeRequest>(&caller.actor, Place::Facility)?;
        let request = found(tx.conn(), &caller, of)?;
        let nobody = || AppError::conflict("no-reader", "Yêu cầu này không có ai đang đọc: tải lại trang.");
        let reader = request_readers::end(tx, &permit, of, caller.user.id, &reason)?.ok_or_else(nobody)?;
        noted(tx, &caller, Act::Cancel, (of, request.encounter), json!({ "step": "end-reader", "reader": reader }))?;
        shut_if_idle(tx, &hub, Some(caller.user.id), reader)?;
        let now = tx.now();
        shown::view(tx.conn(), &caller, of, now)
    });
    write.await
}

/// Accounts of outsiders whose every grant is over; how many were shut.
pub async fn shut_finished(app: &App) -> Result<usize, AppError> {
    let hub = Arc::clone(&app.hub);
    let write = app.db.write(move |tx| {
        let mut shut = 0_usize;
        for outsider in request_readers::outsiders(tx.conn())? {
            shut = shut.saturating_add(usize::from(shut_if_idle(tx, &hub, None, outsider.id)?));
        }
        Ok(shut)
    });
    write.await
}

fn shut_if_idle(
    tx: &mut Tx<'_>,
    hub: &Arc<crate::hub::Hub>,
    by: Option<UserId>,
    outsider: UserId,
) -> Result<bool, AppError> {
    let now = tx.now().0;
    if !request_readers::requests_of(tx.conn(), outsider, now)?.is_empty() {
        return Ok(false);
    }
    let ended = accounts::shut(tx, by, outsider, true, json!({ "grants": "over" }))?;
    let hub = Arc::clone(hub);
    tx.after_commit(move || {
        for session in ended {
            hub.publish(Event::Ended { session, reason: "revoked" });
        }
    });
    Ok(true)
}
