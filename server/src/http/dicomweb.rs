//! `/dicom-web`: QIDO-RS answered from the record's rows, WADO-RS streamed from the bridge, behind session, permit
//! and audit. Nothing is stored through this door.

use super::error::{Answer, Failure};
use super::extract::Who;
use crate::App;
use crate::app::AppError;
use crate::app::studies::qido::{self, StudySearch, Target};
use actix_web::web::{Data, Path, Query, ServiceConfig, resource, scope};
use actix_web::{HttpRequest, HttpResponse};
use benhan_store::studies;
use serde_json::Value;

mod accept;
mod multipart;
mod wado;

pub fn routes(cfg: &mut ServiceConfig) {
    let door = scope("/dicom-web")
        .service(resource("/studies").get(studies_found))
        .service(resource("/studies/{study}/series").get(series_found))
        .service(resource("/studies/{study}/instances").get(study_instances))
        .service(resource("/studies/{study}/series/{series}/instances").get(series_instances))
        .configure(wado::routes);
    cfg.service(door);
}

/// Keys and values of a query, in order: viewers repeat `includefield`.
type Keys = Query<Vec<(String, String)>>;

fn key<'k>(keys: &'k Keys, name: &str, tag: &str) -> Option<&'k str> {
    let found = keys.iter().find(|(k, _)| k == name || k.eq_ignore_ascii_case(tag));
    found.map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
}

fn several(value: Option<&str>) -> Vec<String> {
    value.into_iter().flat_map(|v| v.split([',', '\\'])).map(|v| v.trim().to_owned()).take(100).collect()
}

fn count(keys: &Keys, name: &str) -> Result<Option<i64>, Failure> {
    let bad = || AppError::invalid(name, format!("{name} phải là một số không âm"));
    match key(keys, name, name) {
        None => Ok(None),
        Some(text) => Ok(Some(text.parse::<u32>().map(i64::from).map_err(|_| bad())?)),
    }
}

/// `20261122`, `20261101-`, `-20261122` or `20261101-20261122`.
fn dates(value: Option<&str>) -> (Option<String>, Option<String>) {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    match value.map(|v| v.split_once('-').unwrap_or((v, v))) {
        Some((from, to)) => (given(from), given(to)),
        None => (None, None),
    }
}

fn search_of(keys: &Keys) -> Result<StudySearch, Failure> {
    let (from_date, to_date) = dates(key(keys, "StudyDate", "00080020"));
    Ok(StudySearch {
        query: studies::Query {
            study_uids: several(key(keys, "StudyInstanceUID", "0020000D")),
            patient_id: key(keys, "PatientID", "00100020").map(str::to_owned),
            accession: key(keys, "AccessionNumber", "00080050").map(str::to_owned),
            from_date,
            to_date,
            modalities: several(key(keys, "ModalitiesInStudy", "00080061")),
        },
        patient_name: key(keys, "PatientName", "00100010").map(str::to_owned),
        limit: count(keys, "limit")?,
        offset: count(keys, "offset")?.unwrap_or(0),
    })
}

/// Where this door stands as the caller sees it.
fn base(req: &HttpRequest) -> String {
    let info = req.connection_info();
    format!("{}://{}/dicom-web", info.scheme(), info.host())
}

/// A UID from a path: what is no UID is nowhere.
fn uid(text: &str) -> Result<String, Failure> {
    let right = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if right { Ok(text.to_owned()) } else { Err(AppError::not_found("ca chụp").into()) }
}

fn target(study: &str, series: Option<&str>, sop: Option<&str>) -> Result<Target, Failure> {
    Ok(Target { study_uid: uid(study)?, series_uid: series.map(uid).transpose()?, sop_uid: sop.map(uid).transpose()? })
}

fn dicom_json(found: Vec<Value>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/dicom+json").body(Value::Array(found).to_string())
}

async fn studies_found(who: Who, req: HttpRequest, app: Data<App>, keys: Keys) -> Answer<HttpResponse> {
    Ok(dicom_json(qido::studies(&app, &who, search_of(&keys)?, base(&req)).await?))
}

async fn series_found(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    study: Path<String>,
    keys: Keys,
) -> Answer<HttpResponse> {
    let series = key(&keys, "SeriesInstanceUID", "0020000E");
    let of = target(&study, series, None)?;
    let modality = key(&keys, "Modality", "00080060").map(str::to_owned);
    Ok(dicom_json(qido::series(&app, &who, of, modality, base(&req)).await?))
}

async fn study_instances(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    study: Path<String>,
    keys: Keys,
) -> Answer<HttpResponse> {
    instances_found(who, &req, &app, (&study, None), &keys).await
}

async fn series_instances(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    at: Path<(String, String)>,
    keys: Keys,
) -> Answer<HttpResponse> {
    instances_found(who, &req, &app, (&at.0, Some(&at.1)), &keys).await
}

async fn instances_found(
    who: Who,
    req: &HttpRequest,
    app: &App,
    (study, series): (&str, Option<&str>),
    keys: &Keys,
) -> Answer<HttpResponse> {
    let of = target(study, series, key(keys, "SOPInstanceUID", "00080018"))?;
    let page = (count(keys, "limit")?, count(keys, "offset")?.unwrap_or(0));
    Ok(dicom_json(qido::instances(app, &who, of, page, base(req)).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_may_be_open_on_either_side() {
        let some = |t: &str| Some(t.to_owned());
        assert_eq!(dates(Some("20261122")), (some("20261122"), some("20261122")));
        assert_eq!(dates(Some("20261101-")), (some("20261101"), None));
        assert_eq!(dates(Some("-20261122")), (None, some("20261122")));
        assert_eq!(dates(None), (None, None));
    }

    #[test]
    fn a_path_holds_uids_and_nothing_else() {
        assert!(uid("1.2.840.10008").is_ok());
        assert!(uid("1.2/../../etc").is_err());
        assert!(uid(&"1".repeat(65)).is_err());
    }
}
