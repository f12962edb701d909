//! A nurse signs with a token in her own terminal: a browser that is a script carries what is asked to a token that is
//! `openssl`, and brings back what it gets, or does not.

use crate::house::{House, MORNING, PASSWORD};
use crate::rounds::measures;
use crate::signers::certify;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_domain::certificate::{KeyPlace, TokenKey};
use benhan_domain::id::ObservationSetId;
use benhan_server::app::certificates::{self, ToBind};
use benhan_server::app::signing;
use benhan_server::config::Settings;
use benhan_server::http::{Door, serve};
use benhan_sign::statement::{Sealed, Statement, StatementAuthority};
use benhan_sign::{Authority, KeyKind, SigningKey, Subject, pades};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use tokio_util::sync::{CancellationToken, DropGuard};

on_both!(
    a_round_is_signed_by_a_token_in_the_terminal,
    a_token_pulled_out_of_the_terminal_leaves_nothing_half_signed,
    what_the_terminal_does_not_bring_is_named_and_not_signed,
);

/// A ward with its server, and the key of a nurse that is in nobody's hands but hers.
struct Ward {
    house: House,
    authority: Authority,
    base: String,
    key: SigningKey,
    _stop: DropGuard,
}

impl Ward {
    async fn open(mut house: House, seconds: u64) -> Self {
        let authority = certify(&mut house);
        house.app.settings = Arc::new(Settings { sign_agent_seconds: seconds, ..Settings::default() });
        let key = SigningKey::generate(KeyKind::P256).expect("a key");
        let certificate = authority.issue_person(&Subject::named("Lê Thị Hoa"), &key, MORNING, 365).expect("issued");
        let token = TokenKey::parse("a1b2c3d4:01").expect("a token's key");
        let what = ToBind { pem: certificate.to_pem(), key: KeyPlace::Terminal(token), pin: None };
        let bound = certificates::bind(&house.app, &house.administrator, house.nurse.user.id, what).await;
        assert_eq!(bound.expect("bound").proof, "not-yet", "only at her terminal it can be seen");
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let base = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        tokio::spawn(serve(house.app.clone(), Door { listener, tls: None, data_dir: None }, stop.clone()));
        Self { house, authority, base, key, _stop: stop.drop_guard() }
    }

    async fn sets(&self, patients: usize) -> Vec<ObservationSetId> {
        let mut sets = Vec::new();
        for n in 0..patients {
            let number: &'static str = Box::leak(format!("26.{n:04}").into_boxed_str());
            let stay = self.house.admitted(number, "Nguyễn Văn An", self.house.wards[0]).await;
            sets.push(measures(&self.house, &self.house.nurse, stay).await);
        }
        sets
    }

    /// What the token says to a digest.
    fn token(&self, digest: &str) -> String {
        let at = |name: &str| self.house.dir.path().join(name).to_str().expect("a plain path").to_owned();
        let (key, hash, out) = (at("token.der"), at("token.hash"), at("token.sig"));
        fs::write(&key, self.key.pkcs8()).expect("written");
        fs::write(&hash, hex::decode(digest).expect("hexadecimal")).expect("written");
        let args = ["pkeyutl", "-sign", "-keyform", "DER", "-inkey", &key, "-pkeyopt", "digest:sha256", "-in", &hash];
        let done = Command::new("openssl").args(args).args(["-out", &out]).output().expect("openssl");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        STANDARD.encode(fs::read(&out).expect("a signature"))
    }
}

/// A browser in which the nurse is logged in.
#[derive(Clone)]
struct Browser {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Browser {
    async fn login(ward: &Ward) -> Self {
        let (http, base) = (reqwest::Client::new(), ward.base.clone());
        let body = json!({ "username": "dd", "password": PASSWORD });
        let opened = http.post(format!("{base}/auth/login")).json(&body).send().await.expect("an answer");
        let cookie = opened.headers()["set-cookie"].to_str().expect("text");
        let cookie = cookie.split(';').next().expect("a value").to_owned();
        let session: Value = opened.json().await.expect("JSON");
        let csrf = session["csrf"].as_str().expect("a token").to_owned();
        Self { http, base, cookie, csrf }
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = request.header("Cookie", &self.cookie).header("X-CSRF-Token", &self.csrf);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn sign(&self, sets: &[ObservationSetId], pin: &str) -> (StatusCode, Value) {
        let body = json!({ "pin": pin, "setIds": sets });
        self.send(Method::POST, "/vitals/unsigned/sign", Some(&body)).await
    }

    /// The next statement, as the agent would read it.
    async fn asked(&self) -> Statement {
        let (status, authority) = self.send(Method::GET, "/signing/authority", None).await;
        assert_eq!(status, 200);
        let authority = StatementAuthority::parse(authority["key"].as_str().expect("a key")).expect("a key");
        // 204: nothing yet, or another request of hers came after this one. A browser asks again.
        let sealed = loop {
            let (status, sealed) = self.send(Method::GET, "/signing/asked", None).await;
            match status.as_u16() {
                204 => {}
                200 => break sealed,
                no => unreachable!("{no}: {sealed}"),
            }
        };
        let sealed: Sealed = serde_json::from_value(sealed).expect("sealed");
        let issued = serde_json::from_str::<Value>(&sealed.statement).expect("JSON")["issued"].as_i64();
        authority.read(&sealed, issued.expect("a time")).expect("of this server")
    }

    async fn answer(&self, body: &Value) -> (StatusCode, Value) {
        self.send(Method::POST, "/signing/answers", Some(body)).await
    }

    /// Carries everything between the server and the token, until nobody needs it any more.
    async fn carry(&self, ward: &Ward) {
        loop {
            let statement = self.asked().await;
            let signatures = statement.digests.iter().map(|digest| json!({ "signature": ward.token(digest) }));
            let answers: Vec<Value> = signatures.collect();
            let body = json!({ "nonce": statement.nonce, "answers": answers });
            assert_eq!(self.answer(&body).await.0, 204);
        }
    }
}

// Clauses: SIG-8, C46-13.1
async fn a_round_is_signed_by_a_token_in_the_terminal(house: House) {
    let ward = Ward::open(house, 60).await;
    let hoa = Browser::login(&ward).await;
    let sets = ward.sets(3).await;
    let (status, refused) = hoa.sign(&sets, "the-93-Hoa").await;
    assert_eq!(
        (status.as_u16(), &refused["code"]),
        (422, &json!("invalid")),
        "the token's PIN is none of the server's"
    );
    let session = hoa.send(Method::GET, "/auth/session", None).await.1;
    assert_eq!(session["keyHolder"], "terminal");
    let agent = hoa.send(Method::GET, "/signing/agent", None).await.1;
    assert_eq!(agent["address"], "https://127.0.0.1:23443");
    assert_eq!(agent["code"].as_str().expect("a code").len(), 9);

    // A page that was loaded anew has left a request behind, and one that took something is gone: nothing is lost with them.
    let left_behind = tokio::spawn({
        let hoa = hoa.clone();
        async move { hoa.send(Method::GET, "/signing/asked", None).await.0 }
    });
    let carrying = async {
        let (lost, first) = (hoa.asked().await, hoa.asked().await);
        assert!(
            lost.open.is_some()
                && lost.open == first.open
                && lost.digests == first.digests
                && lost.nonce != first.nonce
        );
        let late = json!({ "nonce": lost.nonce, "answers": [{ "signature": ward.token(&lost.digests[0]) }] });
        assert_eq!(hoa.answer(&late).await.1["code"], "not-asked");
        hoa.carry(&ward).await;
    };
    let (status, done) = tokio::select! {
        done = hoa.sign(&sets, "") => done,
        () = carrying => unreachable!("it carries for ever"),
    };
    assert_eq!(status, 200, "{done}");
    assert!([200, 204].contains(&left_behind.await.expect("no panic").as_u16()));
    assert_eq!((done["signed"].as_array().map(Vec::len), &done["failed"]), (Some(3), &json!([])), "{done}");
    let sheet = &done["charts"][0];
    let document = sheet["documentId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let version = sheet["version"].as_i64().expect("a version");
    let pdf = signing::pdf(&ward.house.app, &ward.house.nurse, document, version).await.expect("her sheet");
    let report = pades::verify_pdf(&pdf, &ward.authority.anchors(), ward.house.app.db.now().0);
    assert!(report.signatures[0].cms.trusted(), "{report:?}");

    // Nobody waits for anything any more, and what is made up finds nobody.
    let made_up = json!({ "nonce": "01890000-0000-7000-8000-000000000000", "answers": [] });
    assert_eq!(hoa.answer(&made_up).await.1["code"], "not-asked");
    let stranger = reqwest::Client::new();
    for path in ["agent", "asked"] {
        let answer = stranger.get(format!("{}/signing/{path}", ward.base)).send().await.expect("an answer");
        assert_eq!(answer.status(), 401, "{path}");
    }
}

// Clauses: C46-13.1
async fn a_token_pulled_out_of_the_terminal_leaves_nothing_half_signed(house: House) {
    const PATIENTS: usize = 5;
    let ward = Ward::open(house, 60).await;
    let hoa = Browser::login(&ward).await;
    let sets = ward.sets(PATIENTS).await;
    let carrying = async {
        // Once to see that it is there, twice for each of two patients; a set of the third is signed, its sheet is not.
        for turn in 0.. {
            let statement = hoa.asked().await;
            assert_eq!(statement.open.is_some(), turn == 0, "the token is opened once");
            let answers: Vec<Value> = match turn {
                0..6 => statement.digests.iter().map(|digest| json!({ "signature": ward.token(digest) })).collect(),
                _ => statement.digests.iter().map(|_| json!({ "trouble": "key-unreachable" })).collect(),
            };
            hoa.answer(&json!({ "nonce": statement.nonce, "answers": answers })).await;
        }
    };
    let (status, done) = tokio::select! {
        done = hoa.sign(&sets, "") => done,
        () = carrying => unreachable!("it carries for ever"),
    };
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["signed"].as_array().map(Vec::len), Some(2), "{done}");
    let failed = done["failed"].as_array().expect("the rest");
    assert_eq!(failed.len(), PATIENTS - 2);
    assert!(failed.iter().all(|no| no["code"] == "key-unreachable"), "{done}");
    assert!(failed[0]["detail"].as_str().expect("words").contains("máy này"), "{done}");
    assert_eq!(ward.house.audited("sign", "signature").await, 4, "two sets and their sheets, and nothing by half");
}

// Clauses: SIG-8
async fn what_the_terminal_does_not_bring_is_named_and_not_signed(house: House) {
    let mut ward = Ward::open(house, 60).await;
    let hoa = Browser::login(&ward).await;
    let sets = ward.sets(1).await;
    let refused = async |answer: &dyn Fn(&Statement) -> Value| {
        let carrying = async {
            let statement = hoa.asked().await;
            hoa.answer(&answer(&statement)).await;
            std::future::pending::<()>().await;
        };
        let (_, no) = tokio::select! {
            done = hoa.sign(&sets, "") => done,
            () = carrying => unreachable!("it waits for ever"),
        };
        no["code"].as_str().unwrap_or_default().to_owned()
    };
    let wrong = |s: &Statement| json!({ "nonce": s.nonce, "trouble": "key-bad-pin", "last": true });
    assert_eq!(refused(&wrong).await, "key-bad-pin");
    let elsewhere = ward.token(&"11".repeat(32));
    let other = |s: &Statement| json!({ "nonce": s.nonce, "answers": [{ "signature": elsewhere }] });
    assert_eq!(refused(&other).await, "key-bad-signature", "it signed something else");
    let fewer = |s: &Statement| json!({ "nonce": s.nonce, "answers": [] });
    assert_eq!(refused(&fewer).await, "key-bad-signature");
    let strange = |s: &Statement| json!({ "nonce": s.nonce, "trouble": "no such thing" });
    assert_eq!(refused(&strange).await, "key-refused");

    // Another window of hers asks: the older one is told, and its statement opens nothing.
    let older = tokio::spawn({
        let (hoa, sets) = (hoa.clone(), sets.clone());
        async move { hoa.sign(&sets, "").await }
    });
    let first = hoa.asked().await;
    let newer = tokio::spawn({
        let (hoa, sets) = (hoa.clone(), sets.clone());
        async move { hoa.sign(&sets, "").await }
    });
    assert_eq!(older.await.expect("no panic").1["code"], "key-spent");
    let late = json!({ "nonce": first.nonce, "answers": [{ "signature": ward.token(&first.digests[0]) }] });
    assert_eq!(hoa.answer(&late).await.1["code"], "not-asked");
    // She leaves: nobody waits for her token any longer.
    hoa.asked().await;
    hoa.send(Method::POST, "/auth/logout", None).await;
    assert_eq!(newer.await.expect("no panic").1["code"], "key-spent");
    assert_eq!(ward.house.audited("sign", "signature").await, 0);

    // A terminal that says nothing is waited for only so long.
    let house = std::mem::replace(&mut ward.house, House::open().await);
    drop(ward);
    let ward = Ward::open(house, 1).await;
    let hoa = Browser::login(&ward).await;
    assert_eq!(hoa.sign(&sets, "").await.1["code"], "key-timed-out");
    assert_eq!(ward.house.audited("sign", "signature").await, 0);
}
