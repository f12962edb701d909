//! What the door turns away. Behind it there is no token here: what comes so far is told that there is none.

use super::*;
use crate::Paired;
use benhan_sign::statement::{Opening, SKEW, Statement, StatementKey};
use benhan_sign::{Authority, KeyKind, SigningKey, Subject};
use serde_json::Value;

const HOUSE: &str = "https://emr.benhvien.lan:8443";
const NOW: i64 = 1_795_309_200_000_000;

struct Desk {
    agent: Arc<Agent>,
    server: StatementKey,
    opening: Opening,
}

impl Desk {
    fn paired() -> Self {
        let server = StatementKey::of(&[7; 32]).expect("a key");
        let paired = Paired {
            origin: HOUSE.into(),
            key: server.public().expect("its half").to_hex(),
            facility: "Bệnh viện Thử".into(),
            module: "/nowhere/driver.so".into(),
        };
        let mut agent = Agent::new(&paired, 23_443).expect("paired");
        agent.now = || NOW;
        let authority = Authority::create("Bệnh viện Thử", KeyKind::P256, NOW).expect("a CA");
        let key = SigningKey::generate(KeyKind::P256).expect("a key");
        let certificate = authority.issue_person(&Subject::named("Hoa"), &key, NOW, 365).expect("issued");
        let opening = Opening { key: "a1b2:01".into(), certificate: base64_of(certificate.der()) };
        Self { agent: Arc::new(agent), server, opening }
    }

    fn statement(&self, nonce: &str) -> Statement {
        Statement {
            nonce: nonce.into(),
            batch: "b-1".into(),
            who: "Lê Thị Hoa".into(),
            purpose: "Ký lượt đo".into(),
            signatures: 2,
            issued: NOW,
            expires: NOW + 60_000_000,
            open: Some(self.opening.clone()),
            digests: vec!["00".repeat(32)],
        }
    }

    async fn says(&self, statement: &Statement, pin: Option<&str>) -> (u16, Value) {
        let sealed = self.server.seal(statement).expect("sealed");
        self.posts(&json!({ "statement": sealed.statement, "seal": sealed.seal, "pin": pin })).await
    }

    async fn posts(&self, body: &Value) -> (u16, Value) {
        self.asks(asking("POST", "/v1/sign", HOUSE, "127.0.0.1:23443"), body.to_string()).await
    }

    async fn asks(&self, request: hyper::http::request::Builder, body: String) -> (u16, Value) {
        let request = request.header("content-type", "application/json").body(Full::new(Bytes::from(body)));
        let answer = Arc::clone(&self.agent).answer(request.expect("a request")).await;
        let shown = answer.headers().get("access-control-allow-origin").map(|value| value.to_str().expect("text"));
        let strange = matches!(answer.status().as_u16(), 421) || shown.is_none();
        assert_eq!(shown, (!strange).then_some(HOUSE), "no other page reads an answer");
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&bytes).expect("JSON"))
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn asking(method: &str, path: &str, origin: &str, host: &str) -> hyper::http::request::Builder {
    Request::builder().method(method).uri(path).header("origin", origin).header("host", host)
}

fn code((status, body): (u16, Value)) -> (u16, String) {
    (status, body["code"].as_str().or(body["trouble"].as_str()).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_page_of_another_origin_or_under_another_name_is_turned_away() {
    let desk = Desk::paired();
    let here = "127.0.0.1:23443";
    for origin in ["https://evil.example", "https://emr.benhvien.lan", "http://emr.benhvien.lan:8443", "null", ""] {
        for (method, path) in [("OPTIONS", "/v1/sign"), ("GET", "/v1/state"), ("POST", "/v1/sign")] {
            let answer = desk.asks(asking(method, path, origin, here), "{}".into()).await;
            assert_eq!(code(answer), (403, "other-origin".into()), "{method} for {origin}");
        }
    }
    let without = Request::builder().method("GET").uri("/v1/state").header("host", here);
    assert_eq!(code(desk.asks(without, String::new()).await), (403, "other-origin".into()));
    let two = asking("GET", "/v1/state", HOUSE, here).header("origin", "https://evil.example");
    assert_eq!(code(desk.asks(two, String::new()).await), (403, "other-origin".into()));
    for host in ["evil.example:23443", "127.0.0.1", "127.0.0.1:443", "emr.benhvien.lan:23443"] {
        let answer = desk.asks(asking("GET", "/v1/state", HOUSE, host), String::new()).await;
        assert_eq!(code(answer), (421, "other-host".into()), "{host}");
    }
    let answer = desk.asks(asking("OPTIONS", "/v1/sign", HOUSE, "localhost:23443"), String::new()).await;
    assert_eq!(answer.0, 200, "the house's own page may ask");
    assert_eq!(code(desk.asks(asking("GET", "/v1/other", HOUSE, here), String::new()).await).0, 404);
}

#[tokio::test]
async fn only_what_the_paired_server_sealed_is_followed_and_only_once() {
    let desk = Desk::paired();
    assert_eq!(code(desk.says(&desk.statement("n-1"), Some("1234")).await), (200, "key-unreachable".into()));
    assert_eq!(code(desk.says(&desk.statement("n-1"), Some("1234")).await), (409, "statement-used".into()));
    assert_eq!(code(desk.says(&desk.statement("n-2"), None).await), (400, "pin-missing".into()));
    let long = "1".repeat(65);
    assert_eq!(code(desk.says(&desk.statement("n-2"), Some(&long)).await), (400, "bad-pin-length".into()));

    let sealed = desk.server.seal(&desk.statement("n-3")).expect("sealed");
    let altered = sealed.statement.replace(&"00".repeat(32), &"11".repeat(32));
    let body = json!({ "statement": altered, "seal": sealed.seal, "pin": "1234" });
    assert_eq!(code(desk.posts(&body).await), (403, "other-server".into()));
    let other = StatementKey::of(&[8; 32]).expect("a key").seal(&desk.statement("n-4")).expect("sealed");
    let body = json!({ "statement": other.statement, "seal": other.seal, "pin": "1234" });
    assert_eq!(code(desk.posts(&body).await), (403, "other-server".into()));
    let over = Statement { issued: NOW - 2 * SKEW, expires: NOW - SKEW - 1, ..desk.statement("n-5") };
    assert_eq!(code(desk.says(&over, Some("1234")).await), (403, "statement-over".into()));
    let not_open = Statement { open: None, ..desk.statement("n-6") };
    assert_eq!(code(desk.says(&not_open, None).await), (200, "key-spent".into()), "nobody opened the token");
    let none = Statement { digests: vec!["zz".into()], ..desk.statement("n-7") };
    assert_eq!(code(desk.says(&none, Some("1234")).await), (400, "bad-statement".into()));
}

#[tokio::test]
async fn what_is_no_request_of_the_page_is_refused_within_bounds() {
    let desk = Desk::paired();
    let sign = || asking("POST", "/v1/sign", HOUSE, "127.0.0.1:23443");
    for body in ["", "{}", "[]", "{\"statement\":1}", "{\"statement\":\"\",\"seal\":\"\",\"more\":1}"] {
        assert_eq!(code(desk.asks(sign(), body.into()).await), (400, "bad-body".into()), "{body}");
    }
    let large = "x".repeat(3 * LONGEST);
    assert_eq!(code(desk.asks(sign(), large).await), (413, "too-large".into()));
    let form =
        sign().header("content-type", "text/plain").body(Full::new(Bytes::from_static(b"{}"))).expect("a request");
    let answer = Arc::clone(&desk.agent).answer(form).await;
    assert_eq!(answer.status(), 415, "a form of another page needs no preflight for it");
    let (status, state) = desk.asks(asking("GET", "/v1/state", HOUSE, "127.0.0.1:23443"), String::new()).await;
    assert_eq!((status, &state["trouble"], &state["tokens"]), (200, &json!("key-unreachable"), &json!([])));
}
