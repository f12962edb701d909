//! What a DICOM viewer may find (QIDO-RS) and open, with the record's patient laid over what the modality sent.

use super::modalities;
use crate::app::accounts::Caller;
use crate::app::lookups::permit_on;
use crate::app::{AppError, trail};
use crate::state::App;
use benhan_domain::access::{LinkStudy, Permit, Place, ViewChart, decide};
use benhan_domain::audit::Act;
use benhan_domain::text;
use benhan_domain::time::HOUR;
use benhan_store::studies::{self, Found, Instance, Query, Series, Sight};
use benhan_store::{Conn, StoreError, audit, encounters};
use serde_json::{Value, json};

mod dicom_json;
mod pattern;
pub use dicom_json::overlay;

/// At most this many answers at once, whatever a viewer asks for.
const MOST: i64 = 500;
/// Studies that a search by name looks through.
const LOOKED_THROUGH: i64 = 2_000;
/// Instances of a study or series that are listed at once.
const INSTANCES: i64 = 50_000;

/// A search for studies.
#[derive(Clone, Debug, Default)]
pub struct StudySearch {
    pub query: Query,
    /// With DICOM's `*` and `?`; compared without case and marks.
    pub patient_name: Option<String>,
    pub limit: Option<i64>,
    pub offset: i64,
}

fn page(limit: Option<i64>, offset: i64) -> (i64, i64) {
    (limit.unwrap_or(MOST).clamp(0, MOST), offset.max(0))
}

/// The charts whose studies the caller may see. One study that is named may be on a chart opened in an emergency, or on
/// one of another ward that they are assigned to.
fn charts(conn: &mut Conn, caller: &Caller, named: &[String]) -> Result<Permit<ViewChart>, AppError> {
    let own = !(caller.actor.emergencies.is_empty() && caller.actor.assigned.is_empty());
    if let ([uid], true) = (named, own) {
        let stay = place_of(conn, uid)?.and_then(|at| at.encounter);
        if let Some(stay) = stay.filter(|stay| caller.actor.reads_restricted(*stay)) {
            return permit_on(conn, &caller.actor, stay);
        }
    }
    Ok(decide::<ViewChart>(&caller.actor, Place::Facility)?)
}

fn search(
    conn: &mut Conn,
    caller: &Caller,
    query: &Query,
    (limit, offset): (i64, i64),
) -> Result<Vec<Found>, AppError> {
    let charts = charts(conn, caller, &query.study_uids)?;
    let readable = [caller.actor.assigned.as_slice(), caller.actor.emergencies.as_slice()].concat();
    let unlinked = decide::<LinkStudy>(&caller.actor, Place::Facility).ok();
    let sight = Sight { charts: &charts, unlinked: unlinked.as_ref(), readable: &readable };
    Ok(studies::search(conn, sight, query, limit, offset)?)
}

/// Studies as DICOM JSON; `base` is where this door stands, for the retrieve URLs.
pub async fn studies(app: &App, caller: &Caller, asked: StudySearch, base: String) -> Result<Vec<Value>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let (limit, offset) = page(asked.limit, asked.offset);
        let found = match &asked.patient_name {
            None => search(conn, &caller, &asked.query, (limit, offset))?,
            Some(name) => {
                let all = search(conn, &caller, &asked.query, (LOOKED_THROUGH, 0))?.into_iter();
                let named = all.filter(|f| pattern::names(f).iter().any(|n| pattern::matches(name, n)));
                let (skip, take) = (usize::try_from(offset).unwrap_or(0), usize::try_from(limit).unwrap_or(0));
                named.skip(skip).take(take).collect()
            }
        };
        let of: Vec<_> = found.iter().map(|f| f.study.clone()).collect();
        let series = studies::series_of(conn, &of)?;
        let shown = found.iter().map(|f| {
            let own: Vec<&Series> = series.iter().filter(|s| s.study == f.study.id).collect();
            dicom_json::study(f, &modalities(&own), &own, &base)
        });
        Ok(shown.collect())
    });
    read.await
}

/// Which part of a study.
#[derive(Clone, Debug)]
pub struct Target {
    pub study_uid: String,
    pub series_uid: Option<String>,
    pub sop_uid: Option<String>,
}

/// A study that the caller may see, narrowed to what was asked for.
pub struct Opened {
    pub found: Found,
    pub series: Vec<Series>,
    pub instances: Vec<Instance>,
}

/// The study, the series of it and the instances of those; what does not hang together is not found.
fn narrow(conn: &mut Conn, caller: &Caller, target: &Target, wanted: Wanted) -> Result<Opened, AppError> {
    let missing = || AppError::not_found("ca chụp");
    let query = Query { study_uids: vec![target.study_uid.clone()], ..Query::default() };
    let found = search(conn, caller, &query, (1, 0))?.pop().ok_or_else(missing)?;
    let mut series = studies::series_of(conn, std::slice::from_ref(&found.study))?;
    if let Some(uid) = &target.series_uid {
        series.retain(|s| s.series_uid == *uid);
        if series.is_empty() {
            return Err(missing());
        }
    }
    let instances = match (&target.sop_uid, wanted) {
        (Some(sop), _) => vec![studies::instance_of(conn, &series, sop)?.ok_or_else(missing)?],
        (None, Wanted::Series) => Vec::new(),
        (None, Wanted::Instances) => studies::instances_of(conn, &series, INSTANCES, 0)?,
    };
    Ok(Opened { found, series, instances })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Series,
    Instances,
}

/// The series of one study.
pub async fn series(
    app: &App,
    caller: &Caller,
    target: Target,
    modality: Option<String>,
    base: String,
) -> Result<Vec<Value>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let Opened { found, mut series, .. } = narrow(conn, &caller, &target, Wanted::Series)?;
        series.retain(|s| modality.as_ref().is_none_or(|m| s.modality == *m));
        Ok(series.iter().map(|s| dicom_json::series(&found, s, &base)).collect())
    });
    read.await
}

/// The instances of one study or series.
pub async fn instances(
    app: &App,
    caller: &Caller,
    target: Target,
    (limit, offset): (Option<i64>, i64),
    base: String,
) -> Result<Vec<Value>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let Opened { found, series, instances } = narrow(conn, &caller, &target, Wanted::Instances)?;
        let (skip, take) = (usize::try_from(offset).unwrap_or(0), limit.map(|l| usize::try_from(l).unwrap_or(0)));
        let page = instances.iter().skip(skip).take(take.unwrap_or(usize::MAX));
        Ok(page.map(|i| dicom_json::instance(&found, &series, i, &base)).collect())
    });
    read.await
}

/// Opens images for viewing or, with [`Act::Export`], for taking them out. One audit row an hour for each person,
/// study and act: a viewer asks for hundreds of frames and that is one look.
pub async fn open(app: &App, caller: &Caller, target: Target, act: Act) -> Result<Opened, AppError> {
    let (reader, since) = (caller.clone(), app.db.now().0.saturating_sub(HOUR));
    let read = app.db.read(move |conn| {
        let opened = narrow(conn, &reader, &target, Wanted::Instances)?;
        let id = opened.found.study.id.to_string();
        let stays = opened.found.study.encounter.into_iter().collect::<Vec<_>>();
        let charts = charts(conn, &reader, std::slice::from_ref(&target.study_uid))?;
        let patient = encounters::of_ids(conn, &charts, &stays)?.pop().map(|e| (e.patient.id, e.id));
        let noted = audit::noted_since(conn, reader.user.id, (act, "study", &id), patient.map(|(p, _)| p), since)?;
        Ok::<_, AppError>((opened, patient, noted))
    });
    let (opened, patient, noted) = read.await?;
    if !noted {
        let (user, id) = (caller.user.id, opened.found.study.id.to_string());
        let look = match patient {
            Some(of) => trail::about_chart(Some(user), act, ("study", id), of, json!({})),
            None => trail::about(user, act, "study", id, json!({})),
        };
        app.db.note(look).await?;
    }
    Ok(opened)
}

/// For places that only ask whether a study is known.
pub fn place_of(conn: &mut Conn, study_uid: &str) -> Result<Option<studies::Whereabouts>, StoreError> {
    studies::whereabouts_of_uid(conn, study_uid)
}

/// The folded form that names are compared in.
fn folded(name: &str) -> String {
    text::fold(&name.replace('^', " "))
}
