//! What happened lately on a chart, in one list.

use super::AppError;
use super::charting::{Shown, parse_values};
use super::lookups::{People, permit_on};
use super::notes;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view::TimelineItem;
use benhan_domain::access::ViewChart;
use benhan_domain::id::EncounterId;
use benhan_domain::observation::Status;
use benhan_domain::time::{HOUR, Instant};
use benhan_domain::vitals::{VitalCode, VitalValue};
use benhan_store::signatures::SubjectKind;
use benhan_store::{Conn, documents, observations};

/// Newest first.
pub async fn of_stay(app: &App, caller: &Caller, stay: EncounterId, hours: i64) -> Result<Vec<TimelineItem>, AppError> {
    let (reader, since) = (caller.clone(), app.db.now().0.saturating_sub(hours.saturating_mul(HOUR)));
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let mut items = vitals(conn, &permit, since)?;
        items.extend(written(conn, &permit, since)?);
        items.extend(super::results::timeline(conn, &permit, since)?);
        items.extend(super::studies::timeline(conn, &permit, since)?);
        items.extend(super::orders::timeline(conn, &permit, since)?);
        items.sort_by(|a, b| b.at.cmp(&a.at));
        items.truncate(200);
        Ok::<_, AppError>(items)
    });
    let shown = read.await?;
    super::trail::looked(app, caller, stay).await?;
    Ok(shown)
}

type View = benhan_domain::access::Permit<ViewChart>;

fn vitals(conn: &mut Conn, permit: &View, since: i64) -> Result<Vec<TimelineItem>, AppError> {
    let sets = observations::chart(conn, permit, since, i64::MAX, 200)?;
    let shown = Shown::read(conn, permit, &sets)?;
    let people = People::read(conn, sets.iter().filter_map(|s| s.author))?;
    let listed = sets.iter().filter(|s| s.status != Status::Rejected && s.status != Status::EnteredInError).map(|s| {
        let waiting = s.status == Status::Preliminary;
        Ok(TimelineItem {
            at: Instant(s.effective_at).rfc3339(),
            kind: if waiting { "device" } else { "vitals" }.into(),
            title: if waiting { "Máy đo" } else { "Sinh hiệu" }.into(),
            text: summary(&parse_values(&s.body)?),
            by: s.author.and_then(|a| people.of(a)).map(|p| format!("{} {}", p.role.title(), p.name)),
            signed: shown.signed(s),
            r#ref: s.set.to_string(),
        })
    });
    listed.collect()
}

/// `M 104 · SpO₂ 91 · HA 134/82`
fn summary(values: &[VitalValue]) -> String {
    let of = |code: VitalCode| {
        values
            .iter()
            .find(|v| v.code == code)
            .and_then(|v| v.value)
            .map(|n| format!("{n:.*}", code.kind().decimals).replace('.', ","))
    };
    let mut parts = Vec::new();
    parts.extend(of(VitalCode::Pulse).map(|v| format!("M {v}")));
    parts.extend(of(VitalCode::Temp).map(|v| format!("T° {v}")));
    parts.extend(of(VitalCode::Spo2).map(|v| format!("SpO₂ {v}")));
    parts.extend(of(VitalCode::Sbp).zip(of(VitalCode::Dbp)).map(|(s, d)| format!("HA {s}/{d}")));
    parts.extend(of(VitalCode::Resp).map(|v| format!("NT {v}")));
    parts.join(" · ")
}

fn written(conn: &mut Conn, permit: &View, since: i64) -> Result<Vec<TimelineItem>, AppError> {
    let mut found = documents::of_stay(conn, permit, None)?;
    found.retain(|d| d.effective_at >= since && d.status != notes::WITHDRAWN);
    let people = People::read(conn, found.iter().map(|d| d.author))?;
    let ids: Vec<String> = found.iter().map(|d| d.document.to_string()).collect();
    let signatures = super::charting::Signatures::read(conn, permit, SubjectKind::Document, &ids)?;
    let listed = found.into_iter().map(|d| {
        let id = d.document.to_string();
        let note = d.form_code == notes::FORM;
        let text = if note {
            let said = notes::words(&d.body)?;
            if said.course.is_empty() { said.care } else { said.course }
        } else {
            format!("{}, bản {}", d.title, d.version)
        };
        let signed = signatures.on(&id, d.version).next().is_some();
        Ok(TimelineItem {
            at: Instant(d.effective_at).rfc3339(),
            kind: if note { "note" } else { "document" }.into(),
            title: if note { "Chăm sóc" } else { "Giấy tờ" }.into(),
            text: text.chars().take(160).collect(),
            by: people.of(d.author).map(|p| format!("{} {}", p.role.title(), p.name)),
            signed,
            r#ref: id,
        })
    });
    listed.collect()
}
