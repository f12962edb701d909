//! A report from a gateway or bridge: parsed at the door, kept in the place of the one before, answered with what
//! people chose.

use crate::app::AppError;
use crate::state::App;
use benhan_contract::{
    AttentionAct, AttentionAnswer, AttentionChoice, AttentionItem, AttentionReport, EdgeKind, MOST_ATTENTION, STUDY_KEY,
};
use benhan_domain::attention::{Choice, is_line, is_word};
use benhan_domain::id::AttentionActId;
use benhan_domain::time::{Instant, SECOND};
use benhan_store::attention::{self, MOST_EDGES, Report};
use benhan_store::{Conn, dialect, image_removals};
use std::sync::Arc;

/// A report that says nothing new is written down this often; the program asks more often than that.
const NOTED_EVERY: i64 = 20 * SECOND;
const LONGEST: usize = 64;
const LONGEST_KEY: usize = 160;
const LONGEST_REASON: usize = 300;

/// A report that may be kept.
struct Told {
    report: Report,
    done: Vec<AttentionActId>,
}

/// Takes the list of one program as it stands now.
pub async fn report(app: &App, report: AttentionReport) -> Result<AttentionAnswer, AppError> {
    let told = parse(report)?;
    let (edge, now) = (told.report.edge.clone(), app.db.now());
    if told.done.is_empty() {
        let report = told.report.clone();
        let read = app.db.read::<_, AppError, _>(move |conn| {
            let known = attention::report(conn, &report.edge)?;
            Ok(if is_news(known.as_ref(), &report, now) { None } else { Some(answer(conn, &report.edge, now)?) })
        });
        if let Some(answer) = read.await? {
            return Ok(answer);
        }
    }
    let jobs = Arc::clone(&app.jobs);
    let write = app.db.write(move |tx| {
        // Two reports of one program at once would both be the first.
        dialect::hold(tx.conn(), "attention")?;
        let now = tx.now();
        let known = attention::totals(tx.conn())?;
        let is_new = !known.iter().any(|(known, ..)| *known == edge);
        if is_new && i64::try_from(known.len()).unwrap_or(i64::MAX) >= MOST_EDGES {
            return Err(AppError::invalid("edge", "Quá nhiều cổng và cầu: bỏ bớt nơi đã ngừng rồi thử lại"));
        }
        attention::settle(tx, &edge, &told.done)?;
        if image_removals::done(tx, &edge, &told.done)? > 0 {
            tx.after_commit(move || jobs.notify_one());
        }
        attention::replace(tx, &Report { reported_at: now.0, ..told.report })?;
        answer(tx.conn(), &edge, now)
    });
    write.await
}

fn is_news(known: Option<&Report>, report: &Report, now: Instant) -> bool {
    known.is_none_or(|known| {
        let is_same = (known.total, &known.items) == (report.total, &report.items);
        !is_same || now.since(Instant(known.reported_at)) >= NOTED_EVERY
    })
}

/// What was chosen and may not be taken back any more, and what a destruction asks of a bridge.
fn answer(conn: &mut Conn, edge: &str, now: Instant) -> Result<AttentionAnswer, AppError> {
    let acts =
        attention::acts(conn, Some(edge))?.into_iter().filter(|act| now >= act.choice.held_until(Instant(act.at)));
    let told = acts.take(MOST_ATTENTION).map(|act| AttentionAct {
        id: act.id.0,
        key: act.key,
        choice: match act.choice {
            Choice::Again => AttentionChoice::Again,
            Choice::Seen => AttentionChoice::Seen,
        },
    });
    let erase = image_removals::asked_of(conn, edge, MOST_ATTENTION)?.into_iter().map(|asked| AttentionAct {
        id: asked.act.0,
        key: format!("{STUDY_KEY}{}", asked.study_uid),
        choice: AttentionChoice::Erase,
    });
    Ok(AttentionAnswer { acts: told.chain(erase).take(MOST_ATTENTION).collect() })
}

fn parse(report: AttentionReport) -> Result<Told, AppError> {
    let AttentionReport { edge, total, items, done } = report;
    let refused = |field: &str| AppError::invalid(field, "Báo cáo của cổng hoặc cầu không đúng khuôn dạng");
    if edge.name.trim() != edge.name || edge.name.is_empty() || !is_line(&edge.name, LONGEST) {
        return Err(refused("edge"));
    }
    let listed = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if items.len() > MOST_ATTENTION || done.len() > MOST_ATTENTION || total < listed {
        return Err(refused("total"));
    }
    if !items.iter().all(fits) {
        return Err(refused("items"));
    }
    let kind = match edge.kind {
        EdgeKind::Gateway => "gateway",
        EdgeKind::Pacs => "pacs",
    };
    let report = Report {
        edge: format!("{kind}:{}", edge.name),
        kind: kind.to_owned(),
        name: edge.name,
        reported_at: 0,
        total,
        items: serde_json::to_string(&items).map_err(|error| AppError::Internal(error.to_string()))?,
    };
    Ok(Told { report, done: done.into_iter().map(AttentionActId).collect() })
}

fn fits(item: &AttentionItem) -> bool {
    let lines = [&item.sender, &item.address, &item.about];
    is_word(&item.key, LONGEST_KEY)
        && is_word(&item.kind, LONGEST)
        && lines.iter().all(|text| is_line(text, LONGEST))
        && is_line(&item.reason, LONGEST_REASON)
        && item.times >= 1
}
