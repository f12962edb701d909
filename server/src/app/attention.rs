//! What gateways and bridges hold for a person (cần người xử lý): the list, and what the administrator decides.
//!
//! They know what they hold and we cannot reach them: a decision is kept here, in one transaction with its audit row,
//! and goes out with the answer to the next report.

use super::AppError;
use super::lookups::People;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_attention::{Attention, AttentionCount, AttentionDoing, AttentionEdge, AttentionEntry};
use benhan_contract::AttentionItem;
use benhan_domain::access::{Place, ViewAttention, decide};
use benhan_domain::attention::is_silent;
use benhan_domain::time::Instant;
use benhan_store::Conn;
use benhan_store::attention::{self, Report};
use benhan_store::dialect::snapshot;

mod deciding;
mod reported;
pub use deciding::{choose, forget, undo};
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
