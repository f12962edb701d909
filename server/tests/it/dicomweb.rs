//! The DICOMweb door over HTTP, with a bridge that answers by script.

use crate::house::{House, PASSWORD};
use crate::images::{examined, received, worklist_item};
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use benhan_server::http::{Door, serve};
use serde_json::{Value, json};
use std::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What the bridge would say; the token is asked for.
async fn bridge(req: HttpRequest) -> HttpResponse {
    if req.headers().get("Authorization").and_then(|v| v.to_str().ok()) != Some("Bearer pixels") {
        return HttpResponse::Unauthorized().finish();
    }
    let path = req.path().to_owned();
    let sop = path.split('/').nth(2).unwrap_or_default().to_owned();
    if path.ends_with("/metadata") {
        let header = json!([{
            "00080018": { "vr": "UI", "Value": [sop] },
            "00100010": { "vr": "PN", "Value": [{ "Alphabetic": "NGUYEN^VAN AN" }] },
        }]);
        return HttpResponse::Ok().content_type("application/dicom+json").json(header);
    }
    if path.ends_with("/thumbnail") || path.ends_with("/rendered") {
        return HttpResponse::Ok().content_type("image/jpeg").body(format!("JPEG {path}?{}", req.query_string()));
    }
    if path.ends_with("/frames/9") {
        return HttpResponse::UnsupportedMediaType().finish();
    }
    if path.contains("/frames/") {
        return HttpResponse::Ok().content_type("application/octet-stream").body(format!("PIXELS {path}"));
    }
    HttpResponse::Ok()
        .content_type("application/dicom; transfer-syntax=1.2.840.10008.1.2.1")
        .body(format!("DICM {sop}"))
}

struct Running {
    house: House,
    base: String,
    client: reqwest::Client,
    stop: CancellationToken,
    study: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Running {
    /// A patient's CT on the chart, the server listening, and the bridge, if there is one.
    async fn start(with_bridge: bool) -> Self {
        let house = House::open().await;
        let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
        let told = examined(&worklist_item(&house, stay).await);
        received(&house, told.clone()).await;
        if with_bridge {
            let pixels = HttpServer::new(|| actix_web::App::new().default_service(web::to(bridge)))
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .expect("a port");
            house.app.pixels.found_at(&format!("http://{}", pixels.addrs()[0]));
            tokio::spawn(pixels.run());
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let door = Door { listener, tls: None, data_dir: None };
        tokio::spawn(serve(house.app.clone(), door, stop.clone()));
        Self { house, base, client: reqwest::Client::new(), stop, study: told.study_uid }
    }

    async fn log_in(&self, username: &str) -> String {
        let asked = self.client.post(format!("{}/api/v1/auth/login", self.base));
        let answer =
            asked.json(&json!({ "username": username, "password": PASSWORD })).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let cookie = answer.headers().get("set-cookie").expect("a cookie").to_str().expect("text");
        cookie.split(';').next().expect("its value").to_owned()
    }

    async fn get(&self, cookie: &str, path: &str, accept: &str) -> reqwest::Response {
        let asked = self.client.get(format!("{}/dicom-web{path}", self.base));
        asked.header("Cookie", cookie).header("Accept", accept).send().await.expect("an answer")
    }

    fn at(&self, tail: &str) -> String {
        format!("/studies/{}{tail}", self.study)
    }
}

async fn json_of(answer: reqwest::Response) -> Value {
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/dicom+json");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

/// The bodies of a multipart answer, found by its boundary.
async fn parts_of(answer: reqwest::Response, of: &str) -> Vec<String> {
    assert_eq!(answer.status(), 200);
    let content_type = answer.headers()["content-type"].to_str().expect("text").to_owned();
    assert!(content_type.starts_with(&format!("multipart/related; type=\"{of}\"")), "{content_type}");
    let (_, boundary) = content_type.split_once("boundary=").expect("a boundary");
    let body = answer.text().await.expect("a body");
    assert!(body.ends_with(&format!("\r\n--{boundary}--\r\n")), "{body}");
    let mark = format!("\r\n--{boundary}");
    body.split(&mark).skip(1).filter_map(|p| p.split_once("\r\n\r\n")).map(|(_, content)| content.to_owned()).collect()
}

#[actix_web::test]
async fn a_viewer_reads_a_study_from_the_list_to_the_pixel() {
    let run = Running::start(true).await;
    let nurse = run.log_in("dd").await;
    let json = "application/dicom+json";
    let studies = json_of(run.get(&nurse, "/studies?PatientID=26.0001&limit=5", json).await).await;
    assert_eq!(studies[0]["0020000D"]["Value"][0], run.study.as_str());
    let series = json_of(run.get(&nurse, &run.at("/series"), json).await).await;
    let uid = series[0]["0020000E"]["Value"][0].as_str().expect("a UID").to_owned();
    let instances = json_of(run.get(&nurse, &run.at(&format!("/series/{uid}/instances")), json).await).await;
    let sops: Vec<&str> =
        instances.as_array().expect("a list").iter().filter_map(|i| i["00080018"]["Value"][0].as_str()).collect();
    assert_eq!(sops.len(), 3);

    let headers = json_of(run.get(&nurse, &run.at(&format!("/series/{uid}/metadata")), json).await).await;
    let told: Vec<_> = headers
        .as_array()
        .expect("a list")
        .iter()
        .map(|h| h["00080018"]["Value"][0].as_str().expect("a UID"))
        .collect();
    assert_eq!(told, sops, "in order, none left out");
    assert_eq!(
        headers[0]["00100010"]["Value"][0]["Alphabetic"], "Nguyễn^Văn An",
        "the record's name over the modality's"
    );

    let whole = run.get(&nurse, &run.at(""), "multipart/related; type=\"application/dicom\"; transfer-syntax=*").await;
    let expected: Vec<_> = sops.iter().map(|s| format!("DICM {s}")).collect();
    assert_eq!(parts_of(whole, "application/dicom").await, expected);
    let image = run.at(&format!("/series/{uid}/instances/{}", sops[1]));
    let alone = run.get(&nurse, &image, "application/dicom").await;
    assert_eq!(alone.text().await.expect("a body"), format!("DICM {}", sops[1]));

    let frames = run.get(&nurse, &format!("{image}/frames/1,2"), "*/*").await;
    let expected: Vec<_> = [1, 2].iter().map(|n| format!("PIXELS /instances/{}/frames/{n}", sops[1])).collect();
    assert_eq!(parts_of(frames, "application/octet-stream").await, expected);
    let raw = run.get(&nurse, &format!("{image}/frames/1"), "application/octet-stream").await;
    assert_eq!(raw.headers()["content-type"], "application/octet-stream");
    let shown = run.get(&nurse, &format!("{image}/frames/1/rendered?window=40,400,linear&evil=1"), "image/jpeg").await;
    let shown = shown.text().await.expect("a body");
    assert!(shown.ends_with("frames/1/rendered?window=40,400,linear&format=jpeg"), "{shown}");
    let thumbnail = run.get(&nurse, &run.at(&format!("/series/{uid}/thumbnail")), "image/*").await;
    assert!(thumbnail.text().await.expect("a body").contains(sops[1]), "the middle slice");
    assert_eq!(run.house.audited("view", "study").await, 1, "one look, one row");
}

#[actix_web::test]
async fn the_door_opens_to_nobody_else() {
    let run = Running::start(true).await;
    let image = run.at(&format!("/series/{0}.1/instances/{0}.1.1", run.study));
    for path in ["/studies".to_owned(), image.clone(), run.at("/metadata")] {
        assert_eq!(run.get("", &path, "*/*").await.status(), 401, "{path}");
    }
    let other = run.log_in("dd2").await;
    for path in [image.clone(), run.at("/metadata"), run.at("/series"), format!("{image}/frames/1")] {
        assert_eq!(run.get(&other, &path, "*/*").await.status(), 404, "{path}");
    }
    let nurse = run.log_in("dd").await;
    let crossed = run.at(&format!("/series/{}.1/instances/1.2.3", run.study));
    assert_eq!(run.get(&nurse, &crossed, "*/*").await.status(), 404, "an image of another study");
    assert_eq!(run.get(&nurse, &run.at("/series/..%2F..%2Fetc"), "*/*").await.status(), 404);
    assert_eq!(run.get(&nurse, &format!("{image}/frames/0"), "*/*").await.status(), 422);
    assert_eq!(run.get(&nurse, &format!("{image}/frames/1"), "image/jpeg").await.status(), 406, "not stored so");
    assert_eq!(run.get(&nurse, &format!("{image}/frames/9"), "*/*").await.status(), 406, "not decoded");
    assert_eq!(run.get(&nurse, &image, "text/html").await.status(), 406);
}

// Clauses: CV-III.1.1k
#[actix_web::test]
async fn without_the_bridge_the_list_stands_and_the_image_says_why() {
    let run = Running::start(false).await;
    let nurse = run.log_in("dd").await;
    assert_eq!(run.get(&nurse, "/studies", "*/*").await.status(), 200);
    let image = run.get(&nurse, &run.at("/metadata"), "*/*").await;
    assert_eq!(image.status(), 503);
    let problem: Value = serde_json::from_slice(&image.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(problem["code"], "unavailable");
}
