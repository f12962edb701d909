//! What the administrator decides about an item, or about a program that is no more: each with its audit row.

use super::items_of;
use crate::app::accounts::Caller;
use crate::app::{AppError, trail};
use crate::state::App;
use benhan_domain::access::{DecideAttention, Place, decide};
use benhan_domain::attention::{Choice, is_silent};
use benhan_domain::audit::Act;
use benhan_domain::time::Instant;
use benhan_store::{Tx, attention};
use serde_json::json;

/// Decides on an item. The same decision twice is one.
pub async fn choose(app: &App, caller: &Caller, edge: String, key: String, choice: Choice) -> Result<(), AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<DecideAttention>(&caller.actor, Place::Facility)?;
        let chosen = attention::acts(tx.conn(), Some(&edge))?.into_iter().find(|act| act.key == key);
        match chosen {
            Some(act) if act.choice == choice => return Ok(()),
            Some(_) => return Err(decided()),
            None => {}
        }
        let report = attention::report(tx.conn(), &edge)?.ok_or_else(gone)?;
        let item = items_of(&report)?.into_iter().find(|item| item.key == key).ok_or_else(gone)?;
        if choice == Choice::Again && !item.again {
            return Err(AppError::conflict(
                "not-sendable",
                "Mục này không gửi lại được từ đây: xem hướng dẫn ở dòng đó.",
            ));
        }
        attention::ask(tx, &edge, &key, choice, caller.user.id)
            .map_err(|error| if error.is_taken("attention_act") { decided() } else { error.into() })?;
        let act = match choice {
            Choice::Again => Act::SendAgain,
            Choice::Seen => Act::Dismiss,
        };
        let detail = json!({ "kind": item.kind, "sender": item.sender, "about": item.about });
        trail::on(tx, caller.user.id, act, "attention", format!("{edge} {key}"), detail)
    });
    write.await
}

/// Takes a decision back, as long as its program has not been told.
pub async fn undo(app: &App, caller: &Caller, edge: String, key: String) -> Result<(), AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<DecideAttention>(&caller.actor, Place::Facility)?;
        let chosen = attention::acts(tx.conn(), Some(&edge))?.into_iter().find(|act| act.key == key);
        let now = tx.now();
        let Some(act) = chosen.filter(|act| now < act.choice.held_until(Instant(act.at))) else {
            return Err(AppError::conflict("too-late", "Không hoàn tác được nữa: việc này đã chuyển tới nơi giữ."));
        };
        attention::settle(tx, &edge, &[act.id])?;
        restored(tx, &caller, &edge, &key)
    });
    write.await
}

fn restored(tx: &mut Tx<'_>, caller: &Caller, edge: &str, key: &str) -> Result<(), AppError> {
    trail::on(tx, caller.user.id, Act::Restore, "attention", format!("{edge} {key}"), json!({}))
}

/// Takes a program off the list that is no more. One that still reports comes back by itself.
pub async fn forget(app: &App, caller: &Caller, edge: String) -> Result<(), AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<DecideAttention>(&caller.actor, Place::Facility)?;
        let report = attention::report(tx.conn(), &edge)?.ok_or_else(gone)?;
        if !is_silent(Instant(report.reported_at), tx.now()) {
            return Err(AppError::conflict("still-reports", "Nơi này vẫn đang báo về: chỉ bỏ được nơi đã ngừng."));
        }
        attention::forget(tx, &edge)?;
        let detail = json!({ "total": report.total });
        trail::on(tx, caller.user.id, Act::Dismiss, "attention-edge", edge, detail)
    });
    write.await
}

fn gone() -> AppError {
    AppError::not_found("mục này: có thể vừa được xử lý xong")
}

fn decided() -> AppError {
    AppError::conflict("already-handled", "Mục này vừa có người xử lý: xem lại danh sách.")
}
