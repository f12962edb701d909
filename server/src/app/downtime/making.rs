//! The clock's part: a kit for each ward when it is due, and a copy of it in each folder that the hospital named.

use super::{content, password};
use crate::app::{AppError, letterhead};
use crate::kits::{Copy, Failed, write_whole};
use crate::state::App;
use benhan_domain::audit::Act;
use benhan_domain::downtime::{due, file_name, trusted_until};
use benhan_domain::time::{HOUR, Instant};
use benhan_render::{Kit, KitPatient, Pdf};
use benhan_store::audit::Entry;
use benhan_store::kits::{self, Password};
use benhan_store::places::{self, Ward};
use rand::RngCore;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A folder that takes longer is passed over until its write comes back; a dead share may hang for hours.
const PATIENCE: Duration = Duration::from_secs(60);
/// Copies that go on are one row of the trail in this time.
const ONE_ROW: i64 = HOUR;
/// With more people on a ward than this, sheets are printed without names: the paper would be too much for any printer.
const MOST_NAMED: usize = 120;

/// Makes what is due and copies what is new. One ward, or one folder, that fails keeps no other from its kit.
/// Returns how many kits were made.
pub async fn round(app: &App) -> Result<usize, AppError> {
    let read = app.db.read(|conn| Ok::<_, AppError>((places::wards(conn)?, kits::passwords(conn)?)));
    let (wards, passwords) = read.await?;
    let (mut made, now) = (0_usize, app.db.now());
    for ward in &wards {
        let Some(password) = password::holding(&passwords, ward.id) else { continue };
        let last = app.kits.of(ward.id).made.map(|made| made.at);
        if !due(last, Instant(password.set_at), now, app.kits.settings.every_minutes) {
            continue;
        }
        match make(app, ward, password).await {
            Ok(()) => made = made.saturating_add(1),
            Err(error) => fail(app, ward, &error),
        }
    }
    let folders = (0..app.kits.settings.to.len()).map(|folder| copy_to(app, &wards, folder));
    futures_util::future::join_all(folders).await;
    note(app, &wards).await?;
    Ok(made)
}

/// Said once for each reason; the kit before stays where it is.
fn fail(app: &App, ward: &Ward, error: &AppError) {
    let (reason, now) = (error.to_string(), app.db.now());
    app.kits.change(ward.id, |held| {
        if held.failed.as_ref().is_none_or(|failed| failed.reason != reason) {
            tracing::error!(ward = %ward.id, %error, "a downtime kit could not be made");
            held.failed = Some(Failed { since: now, reason });
        }
    });
}

async fn make(app: &App, ward: &Ward, password: &Password) -> Result<(), AppError> {
    let (app2, of, made) = (app.clone(), ward.clone(), app.db.now());
    let patients = app.db.read(move |conn| content::read(conn, &app2, &of)).await?;
    let (app, ward, password) = (app.clone(), ward.clone(), password::open(&app.secrets, password)?);
    let done = tokio::task::spawn_blocking(move || {
        let pdf = typeset(&app, &ward, made, patients)?;
        let mut fresh = [0_u8; 64];
        rand::rng().fill_bytes(&mut fresh);
        let locked = benhan_render::lock(&pdf.bytes, &password, &fresh);
        let locked = locked.map_err(|error| AppError::Internal(error.to_string()))?;
        let kept = app.kits.keep(ward.id, made, &locked);
        kept.map_err(|error| AppError::Internal(format!("the kit cannot be written into the data folder: {error}")))
    });
    done.await.map_err(|_| AppError::Internal("the making of a kit was ended".into()))?
}

fn typeset(app: &App, ward: &Ward, made: Instant, patients: Vec<KitPatient>) -> Result<Pdf, AppError> {
    let settings = &app.kits.settings;
    let day = made.day();
    let sheets = settings.forms.iter().map(|code| app.renderer.form(code, day)).collect::<Result<Vec<_>, _>>();
    let internal = |error: benhan_render::RenderError| AppError::Internal(error.to_string());
    let sheets = sheets.map_err(internal)?;
    let (named, count) = (patients.len() <= MOST_NAMED, patients.len());
    let kit = Kit {
        letterhead: letterhead::of_ward(app, &ward.name),
        ward: ward.code.clone(),
        made: made.0,
        trusted_until: trusted_until(made, settings.every_minutes).0,
        patients,
        sheets,
        named,
        copies: if named { settings.copies } else { settings.copies.max(count).min(MOST_NAMED) },
    };
    app.renderer.kit(&kit).map_err(internal)
}

/// What one folder is to get: ward, name of the file, where it lies, when it was made.
type Task = (Ward, PathBuf, Instant);

/// Copies to one folder what it has not got yet, on a thread that may hang without holding anybody up.
async fn copy_to(app: &App, wards: &[Ward], folder: usize) {
    let (Some(to), Some(busy)) = (app.kits.settings.to.get(folder).cloned(), app.kits.busy.get(folder)) else { return };
    let tasks: Vec<Task> = wards.iter().filter_map(|ward| task(app, ward, folder)).collect();
    if tasks.is_empty() {
        return;
    }
    if busy.swap(true, Ordering::AcqRel) {
        return slow(app, &tasks, folder);
    }
    let (busy, work) = (Arc::clone(busy), tasks.clone());
    let copied = tokio::task::spawn_blocking(move || {
        let outcomes: Vec<_> = work.iter().map(|task| copy(&to, task)).collect();
        busy.store(false, Ordering::Release);
        outcomes
    });
    match tokio::time::timeout(PATIENCE, copied).await {
        Ok(Ok(outcomes)) => {
            for (task, outcome) in tasks.iter().zip(outcomes) {
                copied_or_not(app, task, folder, outcome);
            }
        }
        Ok(Err(_)) | Err(_) => slow(app, &tasks, folder),
    }
}

fn task(app: &App, ward: &Ward, folder: usize) -> Option<Task> {
    let held = app.kits.of(ward.id);
    let made = held.made?;
    let there = held.copies.get(&folder).and_then(|copy| copy.made);
    (there != Some(made.at)).then(|| (ward.clone(), app.kits.file(ward.id, made.at), made.at))
}

fn copy(to: &Path, (ward, from, _): &Task) -> Result<(), String> {
    if !to.is_dir() {
        return Err(format!("{} is not there", to.display()));
    }
    let kit = std::fs::read(from).map_err(|error| format!("the kit cannot be read: {error}"))?;
    write_whole(to, &file_name(&ward.code), &kit).map_err(|error| format!("{}: {error}", to.display()))
}

fn slow(app: &App, tasks: &[Task], folder: usize) {
    for task in tasks {
        copied_or_not(app, task, folder, Err("a write there has not come back yet".to_owned()));
    }
}

fn copied_or_not(app: &App, (ward, _, made): &Task, folder: usize, outcome: Result<(), String>) {
    let now = app.db.now();
    app.kits.change(ward.id, |held| {
        let copy = held.copies.entry(folder).or_default();
        match outcome {
            Ok(()) => *copy = Copy { made: Some(*made), failed: None },
            Err(reason) if copy.failed.as_ref().is_some_and(|failed| failed.reason == reason) => {}
            Err(reason) => {
                tracing::error!(ward = %ward.id, reason, "a downtime kit could not be copied");
                copy.failed = Some(Failed { since: now, reason });
            }
        }
    });
}

/// Copies leave the server: while they go on, the trail has a row an hour for each ward.
async fn note(app: &App, wards: &[Ward]) -> Result<(), AppError> {
    let now = app.db.now();
    for ward in wards {
        let held = app.kits.of(ward.id);
        let Some(made) = held.made else { continue };
        let copies = held.copies.values().filter(|copy| copy.made == Some(made.at)).count();
        if copies == 0 || held.noted.is_some_and(|noted| now.since(noted) < ONE_ROW) {
            continue;
        }
        let row = Entry {
            actor: None,
            act: Act::Export,
            subject_kind: "downtime-kit",
            subject_id: ward.id.to_string(),
            patient: None,
            encounter: None,
            detail: json!({ "made": made.at.rfc3339(), "folders": copies }),
        };
        app.db.note(row).await?;
        app.kits.change(ward.id, |held| held.noted = Some(now));
    }
    Ok(())
}
