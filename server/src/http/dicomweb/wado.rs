//! WADO-RS: datasets as stored, headers with the record's patient, frames, rendered images and thumbnails.

use super::accept::{self, Form};
use super::{multipart, target};
use crate::App;
use crate::app::AppError;
use crate::app::studies::qido::{self, Opened, Target, overlay};
use crate::http::error::{Answer, Failure, problem};
use crate::http::extract::Who;
use crate::pixels::NoPixels;
use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT;
use actix_web::web::{Data, Path, Query, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use benhan_domain::audit::Act;
use benhan_store::studies::{Found, Instance};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;

/// Frames as pixels, or as they are stored where the caller names that type (PS3.18 table 8.7.3-2).
const FRAMES: [&str; 6] =
    ["application/octet-stream", "image/jpeg", "image/jls", "image/jp2", "image/dicom-rle", "image/jxl"];
/// Frames asked for at once, at most.
const MOST_FRAMES: usize = 1_000;

pub fn routes(cfg: &mut ServiceConfig) {
    const INSTANCE: &str = "/studies/{study}/series/{series}/instances/{sop}";
    let at = |tail: &str| format!("{INSTANCE}{tail}");
    cfg.service(resource("/studies/{study}/metadata").get(study_headers))
        .service(resource("/studies/{study}/series/{series}/metadata").get(series_headers))
        .service(resource(at("/metadata")).get(instance_header))
        .service(resource("/studies/{study}/thumbnail").get(study_thumbnail))
        .service(resource("/studies/{study}/series/{series}/thumbnail").get(series_thumbnail))
        .service(resource(at("/thumbnail")).get(instance_thumbnail))
        .service(resource("/studies/{study}/series/{series}/rendered").get(series_rendered))
        .service(resource(at("/rendered")).get(instance_rendered))
        .service(resource(at("/frames/{frames}")).get(frames))
        .service(resource(at("/frames/{frame}/rendered")).get(frame_rendered))
        .service(resource(at("/frames/{frame}/thumbnail")).get(frame_thumbnail))
        .service(resource(INSTANCE).get(instance))
        .service(resource("/studies/{study}/series/{series}").get(series))
        .service(resource("/studies/{study}").get(study));
}

type Two = Path<(String, String)>;
type Three = Path<(String, String, String)>;
type Four = Path<(String, String, String, String)>;

fn accepted(req: &HttpRequest) -> Option<&str> {
    req.headers().get(ACCEPT).and_then(|v| v.to_str().ok())
}

fn not_acceptable() -> HttpResponse {
    let detail = "Ảnh không có ở dạng được yêu cầu: dùng dạng lưu gốc.";
    problem(StatusCode::NOT_ACCEPTABLE, "not-acceptable", detail, BTreeMap::new())
}

/// What the bridge could not give, in the caller's words; what is broken is the operator's to read.
fn without_pixels(error: &NoPixels) -> HttpResponse {
    let none = BTreeMap::new();
    match error {
        NoPixels::NotFound => problem(StatusCode::NOT_FOUND, "not-found", "Kho ảnh không có ảnh này.", none),
        NoPixels::BadRequest => {
            problem(StatusCode::BAD_REQUEST, "invalid", "Cửa sổ, kích thước hoặc chất lượng ảnh không hợp lệ.", none)
        }
        NoPixels::NotRendered => {
            let detail = "Ảnh này chưa dựng thành hình được: tải bản gốc để xem bằng phần mềm khác.";
            problem(StatusCode::NOT_ACCEPTABLE, "not-rendered", detail, none)
        }
        broken => {
            tracing::error!(error = %broken, "the PACS bridge gave no image");
            let detail = "Kho ảnh chưa trả lời: thử lại sau giây lát, hoặc báo quản trị.";
            problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail, none)
        }
    }
}

// ---- datasets as stored

async fn study(who: Who, req: HttpRequest, app: Data<App>, study: Path<String>) -> Answer<HttpResponse> {
    datasets(&who, &req, &app, target(&study, None, None)?).await
}

async fn series(who: Who, req: HttpRequest, app: Data<App>, at: Two) -> Answer<HttpResponse> {
    datasets(&who, &req, &app, target(&at.0, Some(&at.1), None)?).await
}

async fn instance(who: Who, req: HttpRequest, app: Data<App>, at: Three) -> Answer<HttpResponse> {
    datasets(&who, &req, &app, target(&at.0, Some(&at.1), Some(&at.2))?).await
}

/// Stored bytes are never changed nor transcoded; each taking out is audited as an export.
async fn datasets(who: &Who, req: &HttpRequest, app: &App, of: Target) -> Answer<HttpResponse> {
    const DICOM: &str = "application/dicom";
    let Some(form) = accept::form(accepted(req), &[DICOM]) else { return Ok(not_acceptable()) };
    let opened = qido::open(app, who, of, Act::Export).await?;
    let paths: Vec<String> = opened.instances.iter().map(|i| format!("/instances/{}", i.sop_uid)).collect();
    match (form, paths.as_slice()) {
        (Form::Single(_), [one]) => alone(app, one, "", DICOM).await,
        (Form::Single(_), _) => Ok(not_acceptable()),
        (Form::Multipart(_), _) => several(app, paths, DICOM).await,
    }
}

async fn alone(app: &App, path: &str, query: &str, wanted: &str) -> Answer<HttpResponse> {
    Ok(match app.pixels.get(path, query, wanted).await {
        Ok(answer) => multipart::single(answer, wanted).unwrap_or_else(not_acceptable),
        Err(error) => without_pixels(&error),
    })
}

async fn several(app: &App, paths: Vec<String>, wanted: &str) -> Answer<HttpResponse> {
    Ok(match multipart::parts(Arc::clone(&app.pixels), paths, wanted).await {
        Ok(answer) => answer.unwrap_or_else(not_acceptable),
        Err(error) => without_pixels(&error),
    })
}

// ---- headers

async fn study_headers(who: Who, app: Data<App>, study: Path<String>) -> Answer<HttpResponse> {
    headers(&who, &app, target(&study, None, None)?).await
}

async fn series_headers(who: Who, app: Data<App>, at: Two) -> Answer<HttpResponse> {
    headers(&who, &app, target(&at.0, Some(&at.1), None)?).await
}

async fn instance_header(who: Who, app: Data<App>, at: Three) -> Answer<HttpResponse> {
    headers(&who, &app, target(&at.0, Some(&at.1), Some(&at.2))?).await
}

/// One header in memory at a time (and three under way), however long the series is.
async fn headers(who: &Who, app: &App, of: Target) -> Answer<HttpResponse> {
    let Opened { found, instances, .. } = qido::open(app, who, of, Act::View).await?;
    let mut uids = instances.into_iter().map(|i| i.sop_uid);
    let Some(first) = uids.next() else { return Ok(without_pixels(&NoPixels::NotFound)) };
    let first = match app.pixels.header(&first).await {
        Ok(header) => Ok::<_, NoPixels>(written(&found, header, '[')),
        Err(error) => return Ok(without_pixels(&error)),
    };
    let (pixels, found) = (Arc::clone(&app.pixels), Arc::new(found));
    let rest = stream::iter(uids)
        .map(move |uid| {
            let (pixels, found) = (Arc::clone(&pixels), Arc::clone(&found));
            async move { pixels.header(&uid).await.map(|header| written(&found, header, ',')) }
        })
        .buffered(4);
    let body = stream::once(ready(first)).chain(rest).chain(stream::once(ready(Ok(Bytes::from_static(b"]")))));
    Ok(HttpResponse::Ok().content_type("application/dicom+json").streaming(body))
}

fn written(of: &Found, mut header: Value, before: char) -> Bytes {
    overlay(of, &mut header);
    Bytes::from(format!("{before}{header}"))
}

// ---- frames

async fn frames(who: Who, req: HttpRequest, app: Data<App>, at: Four) -> Answer<HttpResponse> {
    let Some(form) = accept::form(accepted(&req), &FRAMES) else { return Ok(not_acceptable()) };
    let numbers = numbers(&at.3)?;
    let of = target(&at.0, Some(&at.1), Some(&at.2))?;
    qido::open(&app, &who, of, Act::View).await?;
    let paths: Vec<String> = numbers.iter().map(|n| format!("/instances/{}/frames/{n}", at.2)).collect();
    match (form, paths.as_slice()) {
        (Form::Single(wanted), [one]) => alone(&app, one, "", &wanted).await,
        (Form::Single(_), _) => Ok(not_acceptable()),
        (Form::Multipart(wanted), _) => several(&app, paths, &wanted).await,
    }
}

/// `1` or `1,3,5`; frames count from 1.
fn numbers(list: &str) -> Result<Vec<u32>, Failure> {
    let bad = || AppError::invalid("frames", "Số thứ tự khung hình bắt đầu từ 1, cách nhau bằng dấu phẩy");
    let numbers: Vec<u32> = list.split(',').take(MOST_FRAMES + 1).filter_map(|n| n.trim().parse().ok()).collect();
    let right = numbers.len() == list.split(',').count() && numbers.len() <= MOST_FRAMES && !numbers.contains(&0);
    if right { Ok(numbers) } else { Err(bad().into()) }
}

// ---- pictures

/// `window`, `viewport`, `quality` as PS3.18 §8.3.5 names them.
type Look = Query<Vec<(String, String)>>;

/// Only what the bridge knows, and only characters that numbers and names are made of.
fn look(keys: &Look, req: &HttpRequest) -> Result<(String, &'static str), Failure> {
    let mut query = Vec::new();
    for (name, value) in keys.iter().filter(|(k, _)| matches!(k.as_str(), "window" | "viewport" | "quality")) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b',' | b'-');
        if value.len() > 64 || !value.bytes().all(plain) {
            return Err(AppError::invalid(name, "Giá trị không hợp lệ").into());
        }
        query.push(format!("{name}={value}"));
    }
    let png = accepted(req).is_some_and(|a| a.contains("image/png") && !a.contains("image/jpeg"));
    query.push(format!("format={}", if png { "png" } else { "jpeg" }));
    Ok((query.join("&"), if png { "image/png" } else { "image/jpeg" }))
}

async fn picture(who: &Who, req: &HttpRequest, app: &App, of: Target, tail: &str, keys: &Look) -> Answer<HttpResponse> {
    let (query, wanted) = look(keys, req)?;
    let opened = qido::open(app, who, of, Act::View).await?;
    let Some(shown) = middle(&opened.instances) else { return Ok(without_pixels(&NoPixels::NotFound)) };
    alone(app, &format!("/instances/{}{tail}", shown.sop_uid), &query, wanted).await
}

/// Of a stack the middle slice shows most.
fn middle(instances: &[Instance]) -> Option<&Instance> {
    instances.get(instances.len() / 2)
}

async fn study_thumbnail(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    study: Path<String>,
    keys: Look,
) -> Answer<HttpResponse> {
    picture(&who, &req, &app, target(&study, None, None)?, "/thumbnail", &keys).await
}

async fn series_thumbnail(who: Who, req: HttpRequest, app: Data<App>, at: Two, keys: Look) -> Answer<HttpResponse> {
    picture(&who, &req, &app, target(&at.0, Some(&at.1), None)?, "/thumbnail", &keys).await
}

async fn instance_thumbnail(who: Who, req: HttpRequest, app: Data<App>, at: Three, keys: Look) -> Answer<HttpResponse> {
    picture(&who, &req, &app, target(&at.0, Some(&at.1), Some(&at.2))?, "/thumbnail", &keys).await
}

async fn series_rendered(who: Who, req: HttpRequest, app: Data<App>, at: Two, keys: Look) -> Answer<HttpResponse> {
    picture(&who, &req, &app, target(&at.0, Some(&at.1), None)?, "/rendered", &keys).await
}

async fn instance_rendered(who: Who, req: HttpRequest, app: Data<App>, at: Three, keys: Look) -> Answer<HttpResponse> {
    picture(&who, &req, &app, target(&at.0, Some(&at.1), Some(&at.2))?, "/rendered", &keys).await
}

async fn frame_rendered(who: Who, req: HttpRequest, app: Data<App>, at: Four, keys: Look) -> Answer<HttpResponse> {
    frame_picture(&who, &req, &app, &at, "rendered", &keys).await
}

async fn frame_thumbnail(who: Who, req: HttpRequest, app: Data<App>, at: Four, keys: Look) -> Answer<HttpResponse> {
    frame_picture(&who, &req, &app, &at, "thumbnail", &keys).await
}

async fn frame_picture(
    who: &Who,
    req: &HttpRequest,
    app: &App,
    at: &Four,
    what: &str,
    keys: &Look,
) -> Answer<HttpResponse> {
    let of = target(&at.0, Some(&at.1), Some(&at.2))?;
    match numbers(&at.3)?.as_slice() {
        [one] => picture(who, req, app, of, &format!("/frames/{one}/{what}"), keys).await,
        _ => Err(AppError::invalid("frames", "Mỗi lần dựng một khung hình").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_from_one() {
        assert_eq!(numbers("1,3,5").expect("a list"), [1, 3, 5]);
        assert!(numbers("0").is_err());
        assert!(numbers("1,x").is_err());
        assert!(numbers("").is_err());
        assert!(numbers(&vec!["1"; MOST_FRAMES + 1].join(",")).is_err());
    }
}
