//! What gateways and bridges hold for a person (cần người xử lý): the list, and what the administrator decides.
//!
//! They know what they hold and we cannot reach them: a decision is kept here, in one transaction with its audit row,
//! and goes out with the answer to the next report.

use super::lookups::People;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_attention::{Attention, AttentionCount, AttentionDoing, AttentionEdge, AttentionEntry};
use benhan_contract::AttentionItem;
use benhan_domain::access::{DecideAttention, Place, ViewAttention, decide};
use benhan_domain::attention::{Choice, is_silent};
use benhan_domain::audit::Act;
use benhan_domain::time::Instant;
use benhan_store::attention::{self, Report};
use benhan_store::dialect::snapshot;
use benhan_store::{Conn, Tx};
use serde_json::json;

mod reported;
pub use reported::report;

/// Lines of the list at one time, of all programs together; the counts tell of the rest.
const MOST_LINES: usize = 500;

/// Newest first, each with what is being done about it; and every program, with when it last reported.
pub async fn listed(app: &App, caller: &Caller) -> Result<Attention, AppError> {
    let (caller, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        decide::<ViewAttention>(&caller.actor, Place::Facility)?;
        snapshot(conn, |conn| list(conn, now))
    });
    read.await
}

fn list(conn: &mut Conn, now: Instant) -> Result<Attention, AppError> {
    let acts = attention::acts(conn, None)?;
    let people = People::read(conn, acts.iter().map(|act| act.by))?;
    let (mut edges, mut lines) = (Vec::new(), Vec::new());
    for report in attention::reports(conn)? {
        let items = items_of(&report)?;
        for item in &items {
            let of = acts.iter().find(|act| act.edge == report.edge && act.key == item.key);
            let doing = of.map(|act| doing(act, &people, now)).transpose()?;
            lines.push((item.since, line(&report.edge, item, doing)));
        }
        edges.push(AttentionEdge {
            silent: is_silent(Instant(report.reported_at), now),
            reported_at: Instant(report.reported_at).rfc3339(),
            listed: i64::try_from(items.len()).unwrap_or(i64::MAX),
            total: report.total,
            edge: report.edge,
            kind: report.kind,
            name: report.name,
        });
    }
    lines.sort_by_key(|(since, _)| std::cmp::Reverse(*since));
    lines.truncate(MOST_LINES);
    Ok(Attention { now: now.rfc3339(), edges, items: lines.into_iter().map(|(_, line)| line).collect() })
}

fn doing(act: &attention::Act, people: &People, now: Instant) -> Result<AttentionDoing, AppError> {
    let until = act.choice.held_until(Instant(act.at));
    Ok(AttentionDoing {
        choice: act.choice.as_str().to_owned(),
        by: people.must(act.by)?,
        at: Instant(act.at).rfc3339(),
        undo_until: (now < until).then(|| until.rfc3339()),
    })
}

fn line(edge: &str, item: &AttentionItem, doing: Option<AttentionDoing>) -> AttentionEntry {
    let item = item.clone();
    AttentionEntry {
        edge: edge.to_owned(),
        key: item.key,
        kind: item.kind,
        at: Instant(item.at).rfc3339(),
        since: Instant(item.since).rfc3339(),
        times: item.times,
        sender: item.sender,
        address: item.address,
        about: item.about,
        reason: item.reason,
        again: item.again,
        doing,
    }
}

fn items_of(report: &Report) -> Result<Vec<AttentionItem>, AppError> {
    serde_json::from_str(&report.items)
        .map_err(|_| AppError::Internal(format!("the report of {} cannot be read", report.edge)))
}

/// How much waits for somebody: items that nobody has decided on, and programs that are silent.
pub async fn count(app: &App, caller: &Caller) -> Result<AttentionCount, AppError> {
    let (caller, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        decide::<ViewAttention>(&caller.actor, Place::Facility)?;
        let acts = attention::acts(conn, None)?;
        let mut open = 0_i64;
        for (edge, reported_at, total) in attention::totals(conn)? {
            let decided = acts.iter().filter(|act| act.edge == edge).count();
            let decided = i64::try_from(decided).unwrap_or(i64::MAX);
            open = open.saturating_add(total.saturating_sub(decided).max(0));
            open = open.saturating_add(i64::from(is_silent(Instant(reported_at), now)));
        }
        Ok(AttentionCount { open })
    });
    read.await
}

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
