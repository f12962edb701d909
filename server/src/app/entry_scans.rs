//! The paper that an entry was written from afterwards (bản giấy): whoever wrote the entry attaches its scan, before or after they
//! sign it. The entry and its signature stay as they are; the scan is of the record from then on.

use super::lookups::{People, permit_on, permit_on_entry};
use super::signing::LARGEST_SCAN;
use super::{AppError, notes, trail};
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::hub::Event;
use crate::state::App;
use crate::view_late::EntryScan;
use benhan_domain::access::{Action, CorrectNote, CorrectVitals, ViewChart};
use benhan_domain::audit::Act;
use benhan_domain::id::{DocumentId, EncounterId, EntryScanId, ObservationSetId, UserId};
use benhan_domain::patient_signature::ScanKind;
use benhan_domain::time::Instant;
use benhan_domain::update_limit::EntryKind;
use benhan_store::entry_scans::{self, NewEntryScan};
use benhan_store::{Conn, StoreError, Tx, blobs, documents, encounters, observations};
use serde_json::json;
use std::sync::Arc;

/// Of one entry: a sheet has two sides, and is scanned again when it was not clear.
const MOST: usize = 6;

/// What was written from paper.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    Set(ObservationSetId),
    Note(DocumentId),
}

impl Entry {
    fn kind(self) -> EntryKind {
        match self {
            Self::Set(_) => EntryKind::Vitals,
            Self::Note(_) => EntryKind::Note,
        }
    }

    fn id(self) -> String {
        match self {
            Self::Set(set) => set.to_string(),
            Self::Note(note) => note.to_string(),
        }
    }

    /// On the trail, as its writing is.
    fn subject(self) -> &'static str {
        match self {
            Self::Set(_) => "observation-set",
            Self::Note(_) => "note",
        }
    }

    /// What of a chart changed.
    fn part(self) -> &'static str {
        match self {
            Self::Set(_) => "vitals",
            Self::Note(_) => "notes",
        }
    }

    /// Its stay, and who wrote it.
    fn written(self, conn: &mut Conn) -> Result<(EncounterId, Option<UserId>), AppError> {
        let found = match self {
            Self::Set(set) => observations::written_by(conn, set)?,
            Self::Note(note) => documents::written_by(conn, note)?.map(|(stay, author)| (stay, Some(author))),
        };
        found.ok_or_else(|| AppError::not_found("lần ghi"))
    }
}

struct Scan {
    kind: ScanKind,
    bytes: Vec<u8>,
}

pub async fn attach(app: &App, caller: &Caller, of: Entry, scan: Vec<u8>) -> Result<Vec<EntryScan>, AppError> {
    if scan.len() > LARGEST_SCAN {
        return Err(AppError::invalid("scan", "Bản quét lớn hơn 8 MB: quét lại ở độ phân giải thấp hơn (200 dpi)"));
    }
    let kind =
        ScanKind::of(&scan).ok_or_else(|| AppError::invalid("scan", "Bản quét phải là tệp JPEG, PNG hoặc PDF"))?;
    let (app2, caller, scan) = (app.clone(), caller.clone(), Scan { kind, bytes: scan });
    let write = app.db.write(move |tx| match of {
        Entry::Set(_) => keep::<CorrectVitals>(tx, &app2, &caller, of, &scan),
        Entry::Note(_) => keep::<CorrectNote>(tx, &app2, &caller, of, &scan),
    });
    write.await
}

/// Whoever may correct it may show what it was written from, if they wrote it.
fn keep<A: Action>(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    of: Entry,
    scan: &Scan,
) -> Result<Vec<EntryScan>, AppError> {
    let (stay, author) = of.written(tx.conn())?;
    let permit = permit_on_entry::<A>(tx.conn(), &caller.actor, stay, author)?;
    let view = permit_on_entry::<ViewChart>(tx.conn(), &caller.actor, stay, author)?;
    if let Entry::Note(note) = of
        && !documents::history(tx.conn(), &view, note)?.iter().any(|version| version.form_code == notes::FORM)
    {
        return Err(AppError::not_found("phiếu chăm sóc"));
    }
    if author != Some(caller.user.id) {
        let detail = "Chỉ người ghi mới đính được bản giấy của lần ghi này.";
        return Err(AppError::refused(Kind::Forbidden, "not-yours", detail));
    }
    let (kind, entry) = (of.kind(), of.id());
    let there = entry_scans::of_stay(tx.conn(), &view)?;
    if there.iter().filter(|one| one.kind == kind && one.entry == entry).count() >= MOST {
        return Err(AppError::invalid("scan", format!("Mỗi lần ghi đính tối đa {MOST} bản quét")));
    }
    let of_another = |error: StoreError| match error {
        error if error.is_taken("blob") => {
            AppError::invalid("scan", "Bản quét này đã nằm trong hồ sơ của người bệnh khác: chọn đúng tệp")
        }
        error => error.into(),
    };
    let sha256 = blobs::keep(tx, stay, scan.kind.media(), &scan.bytes).map_err(of_another)?;
    let new = NewEntryScan {
        kind,
        entry: &entry,
        encounter: stay,
        sha256: &sha256,
        media_type: scan.kind.media(),
        size: i64::try_from(scan.bytes.len()).unwrap_or(i64::MAX),
        by: caller.user.id,
    };
    let twice = |error: StoreError| match error {
        error if error.is_taken("entry_scan") => AppError::invalid("scan", "Bản quét này đã đính vào lần ghi này rồi"),
        error => error.into(),
    };
    let scan = entry_scans::keep(tx, &permit, &new).map_err(twice)?;
    let stay = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let detail = json!({ "paperScan": scan, "sha256": sha256 });
    trail::on_chart(
        tx,
        Some(caller.user.id),
        Act::Edit,
        (of.subject(), entry.clone()),
        (stay.patient.id, stay.id),
        detail,
    )?;
    let (hub, ward, encounter, what) = (Arc::clone(&app.hub), stay.ward, stay.id, of.part());
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what }));
    let mut found = entry_scans::of_stay(tx.conn(), &view)?;
    found.retain(|one| one.kind == kind && one.entry == entry);
    views(tx.conn(), found)
}

fn views(conn: &mut Conn, scans: Vec<entry_scans::EntryScan>) -> Result<Vec<EntryScan>, AppError> {
    let people = People::read(conn, scans.iter().map(|scan| scan.by))?;
    let view = |scan: entry_scans::EntryScan| {
        Ok(EntryScan {
            id: scan.id.to_string(),
            kind: scan.kind.as_str().to_owned(),
            entry_id: scan.entry,
            attached_by: people.must(scan.by)?,
            attached_at: Instant(scan.at).rfc3339(),
            media_type: scan.media_type,
            size: scan.size,
        })
    };
    scans.into_iter().map(view).collect()
}

/// Beside which entries of a stay there is paper.
pub async fn of_stay(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<EntryScan>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let found = entry_scans::of_stay(conn, &permit)?;
        views(conn, found)
    });
    read.await
}

/// As it came. Each opening is audited.
pub async fn file(app: &App, caller: &Caller, scan: EntryScanId) -> Result<(Vec<u8>, ScanKind), AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let missing = || AppError::not_found("bản quét");
        let stay = entry_scans::stay_of(conn, scan)?.ok_or_else(missing)?;
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let owner = encounters::owner(conn, stay)?.ok_or_else(missing)?;
        let found = entry_scans::of_stay(conn, &permit)?.into_iter().find(|one| one.id == scan).ok_or_else(missing)?;
        Ok::<_, AppError>((owner, stay, blobs::read(conn, &found.sha256)?.ok_or_else(missing)?))
    });
    let (owner, stay, bytes) = read.await?;
    let kind = ScanKind::of(&bytes).ok_or_else(|| AppError::Internal("a kept scan is none".into()))?;
    let (subject, detail) = (("entry-scan", scan.to_string()), json!({ "scan": true }));
    app.db.note(trail::about_chart(Some(caller.user.id), Act::View, subject, (owner, stay), detail)).await?;
    Ok((bytes, kind))
}
