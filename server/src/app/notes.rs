//! Care notes (phiếu chăm sóc): what was seen and what was done, amended by versions with a reason.

use super::charting::needed;
use super::lookups::{People, permit_on, permit_on_entry};
use super::{AppError, late, trail};
use crate::app::accounts::Caller;
use crate::app::charting::Signatures;
use crate::hub::Event;
use crate::state::App;
use crate::view::CareNote;
use benhan_domain::access::{Action, CorrectNote, Permit, ViewChart, WriteNote, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{DocumentId, EncounterId, UserId};
use benhan_domain::observation::CorrectionReason;
use benhan_domain::text;
use benhan_domain::time::{Instant, MINUTE};
use benhan_domain::update_limit::EntryKind;
use benhan_store::documents::{self, DocumentVersion, NewDocument, NewVersion};
use benhan_store::encounters::{self, Encounter};
use benhan_store::signatures::SubjectKind;
use benhan_store::{Conn, Tx, audit};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

mod withdrawing;
pub use withdrawing::{restore, withdraw};

/// Code of the care sheet among the forms.
pub const FORM: &str = "phieu-cham-soc";
/// How a version says that the note no longer stands.
pub const WITHDRAWN: &str = "entered-in-error";

pub struct Words {
    pub course: String,
    pub care: String,
}

impl Words {
    fn check(self) -> Result<Self, AppError> {
        let (course, care) = (text::clean_lines(&self.course), text::clean_lines(&self.care));
        if course.is_empty() && care.is_empty() {
            return Err(AppError::invalid("course", "Ghi diễn biến hoặc chăm sóc đã làm"));
        }
        if course.chars().count() > 4_000 || care.chars().count() > 4_000 {
            return Err(AppError::invalid("course", "Mỗi ô tối đa 4.000 ký tự"));
        }
        Ok(Self { course, care })
    }
}

#[derive(Deserialize)]
struct Body {
    course: String,
    care: String,
}

/// The words of a stored note.
pub fn words(body: &str) -> Result<Words, AppError> {
    let body: Body =
        serde_json::from_str(body).map_err(|_| AppError::Internal("a stored note cannot be read".into()))?;
    Ok(Words { course: body.course, care: body.care })
}

struct Draft<'a> {
    note: DocumentId,
    version: i64,
    status: &'static str,
    effective_at: i64,
    reason: Option<(Option<CorrectionReason>, String)>,
    words: &'a Words,
}

fn compose(stay: &Encounter, caller: &Caller, draft: Draft<'_>, now: Instant) -> Result<NewVersion, AppError> {
    let reason_code = draft
        .reason
        .as_ref()
        .and_then(|(code, _)| serde_json::to_value(code.as_ref()?).ok()?.as_str().map(str::to_owned));
    let reason = draft.reason.map(|(_, reason)| reason);
    let body = audit::canonical(&json!({
        "format": "benhan/care-note/1", "note": draft.note, "version": draft.version, "encounter": stay.number,
        "patient": stay.patient.code, "status": draft.status, "effectiveAt": Instant(draft.effective_at).rfc3339(),
        "recordedAt": now.rfc3339(), "author": caller.user.id, "reasonCode": reason_code, "reason": reason,
        "course": draft.words.course, "care": draft.words.care,
    }))?;
    Ok(NewVersion {
        status: draft.status.to_owned(),
        effective_at: draft.effective_at,
        author: caller.user.id,
        reason_code,
        reason,
        body,
        pdf_sha256: None,
    })
}

fn changed(tx: &mut Tx<'_>, app: &App, stay: &Encounter) {
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "notes" }));
}

/// The stay, and the right to do this to a note of `author` in it.
fn stay_for<A: Action>(
    tx: &mut Tx<'_>,
    caller: &Caller,
    stay: EncounterId,
    author: Option<UserId>,
) -> Result<(Encounter, Permit<A>), AppError> {
    let permit = permit_on_entry::<A>(tx.conn(), &caller.actor, stay, author)?;
    let found = encounters::read(tx.conn(), &shown_after(&permit), stay)?;
    Ok((found.ok_or_else(|| AppError::not_found("đợt điều trị"))?, permit))
}

pub async fn write(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    at: Instant,
    words: Words,
    retry: Option<crate::idempotent::Key>,
) -> Result<CareNote, AppError> {
    let words = words.check()?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        if let Some(key) = &retry
            && let Some(earlier) = key.earlier(tx, caller.user.id)?
        {
            return one(
                tx.conn(),
                &caller,
                earlier.parse().map_err(|_| AppError::Internal("a kept answer is no id".into()))?,
            );
        }
        let (stay, permit) = stay_for::<WriteNote>(tx, &caller, stay, None)?;
        if at.since(tx.now()) > 5 * MINUTE {
            return Err(AppError::invalid("effectiveAt", "Thời điểm chăm sóc không thể ở tương lai"));
        }
        let note: DocumentId = tx.fresh();
        let draft = Draft { note, version: 1, status: "final", effective_at: at.0, reason: None, words: &words };
        let first = compose(&stay, &caller, draft, tx.now())?;
        let head = NewDocument {
            document: note,
            encounter: stay.id,
            form_code: FORM.to_owned(),
            form_version: 1,
            title: "Phiếu chăm sóc".to_owned(),
        };
        documents::open(tx, &permit, &head, &first)?;
        let mark = late::mark(tx, &permit, caller.user.id, &stay, (EntryKind::Note, note.to_string()), at)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Create,
            ("note", note.to_string()),
            (stay.patient.id, stay.id),
            late::noted(mark.as_ref()),
        )?;
        if let Some(key) = &retry {
            key.keep(tx, caller.user.id, &note.to_string())?;
        }
        changed(tx, &app2, &stay);
        one(tx.conn(), &caller, note)
    });
    write.await
}

pub async fn correct(
    app: &App,
    caller: &Caller,
    note: DocumentId,
    seen: i64,
    (code, reason): (CorrectionReason, String),
    words: Words,
) -> Result<CareNote, AppError> {
    let (words, reason) = (words.check()?, needed(&reason)?);
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let written = documents::written_by(tx.conn(), note)?;
        let (stay, author) = written.ok_or_else(|| AppError::not_found("phiếu chăm sóc"))?;
        let (stay, permit) = stay_for::<CorrectNote>(tx, &caller, stay, Some(author))?;
        let of = documents::history(tx.conn(), &shown_after(&permit), note)?.pop().filter(|v| v.form_code == FORM);
        let of = of.ok_or_else(|| AppError::not_found("phiếu chăm sóc"))?;
        if of.version != seen || of.status == WITHDRAWN {
            return Err(AppError::stale());
        }
        let draft = Draft {
            note,
            version: of.version.saturating_add(1),
            status: "amended",
            effective_at: of.effective_at,
            reason: Some((Some(code), reason)),
            words: &words,
        };
        let next = compose(&stay, &caller, draft, tx.now())?;
        if !documents::amend(tx, &permit, &of, &next)? {
            return Err(AppError::stale());
        }
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Edit,
            ("note", note.to_string()),
            (stay.patient.id, stay.id),
            json!({ "why": code }),
        )?;
        changed(tx, &app2, &stay);
        one(tx.conn(), &caller, note)
    });
    write.await
}

pub fn one(conn: &mut Conn, caller: &Caller, note: DocumentId) -> Result<CareNote, AppError> {
    let missing = || AppError::not_found("phiếu chăm sóc");
    let (stay, author) = documents::written_by(conn, note)?.ok_or_else(missing)?;
    let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay, Some(author))?;
    let versions = documents::history(conn, &permit, note)?;
    show(conn, caller, &permit, versions)?.pop().ok_or_else(missing)
}

pub async fn list(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<CareNote>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let notes = documents::of_stay(conn, &permit, Some(FORM))?;
        show(conn, &reader, &permit, notes)
    });
    let shown = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

pub async fn versions(app: &App, caller: &Caller, note: DocumentId) -> Result<Vec<CareNote>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let on_chart = documents::stay_of(conn, note)?.ok_or_else(|| AppError::not_found("phiếu chăm sóc"))?;
        let permit = permit_on::<ViewChart>(conn, &reader.actor, on_chart)?;
        let versions = documents::history(conn, &permit, note)?;
        Ok::<_, AppError>((on_chart, show(conn, &reader, &permit, versions)?))
    });
    let (stay, shown) = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

fn show(
    conn: &mut Conn,
    caller: &Caller,
    permit: &Permit<ViewChart>,
    notes: Vec<DocumentVersion>,
) -> Result<Vec<CareNote>, AppError> {
    let people = People::read(conn, notes.iter().map(|n| n.author))?;
    let ids: Vec<String> = notes.iter().map(|n| n.document.to_string()).collect();
    let signatures = Signatures::read(conn, permit, SubjectKind::Document, &ids)?;
    let times = notes.iter().map(|n| (n.document, n.effective_at, n.recorded_at));
    let marks = late::marks(conn, permit, EntryKind::Note, times)?;
    let shown = notes.into_iter().filter(|n| n.form_code == FORM).map(|n| {
        let said = words(&n.body)?;
        let id = n.document.to_string();
        let signature = signatures.on(&id, n.version).next();
        Ok(CareNote {
            encounter_id: n.encounter.to_string(),
            version: n.version,
            versions: n.current_version,
            effective_at: Instant(n.effective_at).rfc3339(),
            recorded_at: Instant(n.recorded_at).rfc3339(),
            author: people.must(n.author)?,
            course: said.course,
            care: said.care,
            status: n.status,
            reason: n.reason,
            signature,
            mine: n.author == caller.user.id,
            late: marks.get(&id).cloned(),
            id,
        })
    });
    shown.collect()
}
