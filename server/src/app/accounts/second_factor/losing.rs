//! A phone or key is lost: another administrator takes the second factor away, or whoever has the machine.

use super::{note, say_ended};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::charting::needed;
use crate::state::App;
use benhan_domain::access::{ManageUsers, Place, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{SessionId, UserId};
use benhan_store::{Tx, second_factors, sessions, users};
use serde_json::json;
use std::sync::Arc;

/// Takes somebody's second factor away, phone and keys, who lost theirs, and ends their sessions; at the next login they set
/// up a new one. Nobody does that for themselves: whoever took an administrator's open screen could.
pub async fn reset(app: &App, caller: &Caller, user: UserId, reason: &str) -> Result<(), AppError> {
    let (reason, actor, hub) = (needed(reason)?, caller.actor.clone(), Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        if actor.user == user {
            let detail = "Mã xác thực của chính mình do quản trị viên khác đặt lại; nếu không có ai khác, chạy lệnh \
                          “benhan user reset-second-factor” trên máy chủ.";
            return Err(AppError::conflict("own-second-factor", detail));
        }
        let ended = take_away(tx, Some(actor.user), user, json!({ "reason": reason }))?;
        say_ended(tx, &hub, ended);
        Ok(())
    });
    write.await
}

pub(in crate::app::accounts) fn take_away(
    tx: &mut Tx<'_>,
    actor: Option<UserId>,
    user: UserId,
    mut detail: serde_json::Value,
) -> Result<Vec<SessionId>, AppError> {
    users::by_id(tx.conn(), user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
    if !second_factors::remove(tx, user)? {
        return Err(AppError::conflict("no-second-factor", "Tài khoản này chưa có mã xác thực hay khóa bảo mật."));
    }
    let ended = sessions::revoke_all(tx, user)?;
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("sessions".into(), ended.len().into());
    }
    note(tx, actor, Act::Cancel, user, detail)?;
    Ok(ended)
}
