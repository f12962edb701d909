//! The web API, as careless and as hostile clients use it.

use super::{CANARY, Target};
use benhan_tests::{Actor, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Posts bytes that claim to be JSON.
async fn raw(actor: &Actor, path: &str, body: Vec<u8>) -> benhan_tests::Answer {
    let request = actor.request(Method::POST, path).header("X-CSRF-Token", actor.csrf());
    Actor::send(request.header("Content-Type", "application/json").body(body)).await.unwrap()
}

// Clauses: SEC-7
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_types_and_impossible_values_are_refused_with_the_field() {
    let target = Target::open().await;
    let nga = target.hospital.login("nga").await;
    let stay = nga.stay_in("N02").await;
    let before = nga.chart(&stay).await;
    let path = format!("/encounters/{stay}/vitals");
    let now = jiff::Timestamp::now().to_string();
    let wrong: [(Value, &[u16]); 12] = [
        (json!(null), &[400]),
        (json!([]), &[400]),
        (json!({ "effectiveAt": 5, "values": [] }), &[400]),
        (json!({ "effectiveAt": now, "values": "pulse" }), &[400]),
        (json!({ "effectiveAt": now, "values": [{ "code": "pulse", "value": "84" }] }), &[400]),
        (json!({ "effectiveAt": now, "values": [{ "code": CANARY, "value": 84 }] }), &[400]),
        (json!({ "effectiveAt": now, "values": [{ "code": "pulse", "value": 84 }], "patient": CANARY }), &[400]),
        (json!({ "effectiveAt": CANARY, "values": [{ "code": "pulse", "value": 84 }] }), &[422]),
        (json!({ "effectiveAt": now, "values": [] }), &[422]),
        (json!({ "effectiveAt": now, "values": [{ "code": "pulse", "value": 84_000 }] }), &[422]),
        (json!({ "effectiveAt": "2099-01-01T00:00:00Z", "values": [{ "code": "pulse", "value": 84 }] }), &[422]),
        (
            json!({ "effectiveAt": now, "values": [{ "code": "sbp", "value": 90 }, { "code": "dbp", "value": 120 }] }),
            &[422],
        ),
    ];
    for (body, statuses) in wrong {
        let answer = nga.post(&path, body.clone()).await;
        assert!(statuses.contains(&answer.status), "{body}: {} {}", answer.status, answer.text());
        answer.refused(answer.status);
        assert!(!answer.text().contains(CANARY), "the answer repeats what was sent");
    }
    for body in ["{", "{\"effectiveAt\":1e999}", "\u{0}", "{\"values\":[1,2", "nonsense"] {
        assert_eq!(raw(&nga, &path, body.into()).await.refused(400), "bad-body");
    }
    let deep = [b"[".repeat(200_000), b"]".repeat(200_000)].concat();
    assert_eq!(raw(&nga, &path, deep).await.refused(400), "bad-body");
    let deep = [br#"{"values":"#.repeat(50_000), b"1".to_vec(), b"}".repeat(50_000)].concat();
    assert_eq!(raw(&nga, &path, deep).await.refused(400), "bad-body");
    for id in ["x", "../../etc/passwd", "%00", &"9".repeat(5_000)] {
        let answer = nga.get(&format!("/encounters/{id}/vitals")).await;
        assert!(matches!(answer.status, 400 | 404 | 414 | 431), "{id:.20}: {}", answer.status);
    }
    assert_eq!(nga.chart(&stay).await, before, "nothing of it is on the chart");
    target.endures("types", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_100_mb_is_refused_before_it_is_read() {
    let target = Target::open().await;
    let nga = target.hospital.login("nga").await;
    let stay = nga.stay_in("N02").await;
    let token = std::fs::read_to_string(target.hospital.data("secrets/ingest.token")).unwrap();
    let large = vec![b'['; 100 << 20];
    let vitals = format!("/encounters/{stay}/vitals");
    for (path, bearer) in
        [(vitals.as_str(), None), ("/ingest/deliveries", Some("wrong")), ("/ingest/deliveries", Some(token.trim()))]
    {
        let mut request = nga.request(Method::POST, path).header("X-CSRF-Token", nga.csrf());
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        let request = request.header("Content-Type", "application/json").body(large.clone());
        // The server may answer and hang up while the client still sends.
        match Actor::send(request).await {
            Ok(answer) if bearer == Some("wrong") => drop(answer.refused(401)),
            Ok(answer) => drop(answer.refused(413)),
            Err(error) => assert!(error.is_request() || error.is_body() || error.is_connect(), "{error:?}"),
        }
    }
    target.endures("large", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_is_no_delivery_is_refused_and_holds_nobody_back() {
    let target = Target::open().await;
    let token = std::fs::read_to_string(target.hospital.data("secrets/ingest.token")).unwrap();
    let http = target.hospital.browser();
    let url = format!("{}/ingest/deliveries", target.hospital.base());
    let post = async |body: Value| {
        let sent = http.post(&url).bearer_auth(token.trim()).json(&body).send().await.unwrap();
        sent.status().as_u16()
    };
    for body in [json!({}), json!({ "deliveries": 5 }), json!({ "deliveries": [{ "id": CANARY }] }), json!([[[]]])] {
        assert_eq!(post(body).await, 400);
    }
    let nobody = http.post(&url).bearer_auth("0".repeat(64)).json(&json!({ "deliveries": [] })).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
    eventually("the honest are served", async || (post(json!({ "deliveries": [] })).await == 202).then_some(())).await;
    let slow =
        tokio::time::timeout(Duration::from_secs(1), http.get(format!("{}/healthz", target.hospital.base())).send());
    assert_eq!(slow.await.unwrap().unwrap().status(), 200);
    target.endures("delivery", &[]).await;
}
