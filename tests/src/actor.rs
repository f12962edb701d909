//! A person at a terminal: a session, its CSRF token, and what they do.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::Arc;

/// One line of `demo.json`.
#[derive(Clone, Debug)]
pub struct Staff {
    pub username: String,
    pub password: String,
    pub pin: String,
    pub name: String,
}

impl Staff {
    pub fn read(card: &Value) -> Self {
        let text = |field: &str| card[field].as_str().expect("a field of demo.json").to_owned();
        Self { username: text("username"), password: text("password"), pin: text("pin"), name: text("name") }
    }
}

/// Cheap to clone: the same terminal.
#[derive(Clone)]
pub struct Actor {
    pub staff: Arc<Staff>,
    pub session: Arc<Value>,
    http: Client,
    base: String,
    cookie: String,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Answer {
    async fn of(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_owned();
        Ok(Self { status, content_type, body: response.bytes().await?.to_vec() })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The JSON of a success.
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text());
        if self.body.is_empty() { Value::Null } else { serde_json::from_slice(&self.body).expect("JSON") }
    }

    /// The bytes of a success.
    pub fn bytes(self) -> Vec<u8> {
        assert_eq!(self.status, 200, "{}", self.text());
        self.body
    }

    /// A refusal as `problem+json` with a sentence for the ward; answers its stable code.
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.content_type, "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.body).expect("JSON");
        assert_eq!(problem["status"], status);
        let sentence = problem["detail"].as_str().expect("a sentence");
        assert!(sentence.chars().count() > 10 && !sentence.is_ascii(), "not Vietnamese: {sentence}");
        problem["code"].as_str().expect("a code").to_owned()
    }
}

impl Actor {
    pub async fn login(http: Client, base: String, staff: &Staff) -> Self {
        let tried = Self::try_login(&http, &base, &staff.username, &staff.password).await.expect("an answer");
        let (cookie, answer) = tried;
        let session = answer.ok();
        Self { staff: Arc::new(staff.clone()), session: Arc::new(session), http, base, cookie }
    }

    /// The cookie (empty without one) and the answer.
    pub async fn try_login(
        http: &Client,
        base: &str,
        username: &str,
        password: &str,
    ) -> Result<(String, Answer), reqwest::Error> {
        let body = json!({ "username": username, "password": password });
        let response = http.post(format!("{base}/api/v1/auth/login")).json(&body).send().await?;
        let cookie = response.headers().get("set-cookie").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok((cookie, Answer::of(response).await?))
    }

    /// The same person with the same session, after the hospital moved to another port.
    pub fn at(&self, http: Client, base: String) -> Self {
        Self { http, base, ..self.clone() }
    }

    pub fn csrf(&self) -> &str {
        self.session["csrf"].as_str().expect("a token")
    }

    /// The own ward.
    pub fn ward(&self) -> &str {
        self.session["wards"][0]["id"].as_str().expect("a ward")
    }

    /// A request with the cookie and nothing else.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("/dicom-web") || path.starts_with("/ingest") {
            format!("{}{path}", self.base)
        } else {
            format!("{}/api/v1{path}", self.base)
        };
        self.http.request(method, url).header("Cookie", &self.cookie)
    }

    pub async fn send(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        Answer::of(request.send().await?).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        Self::send(self.request(Method::GET, path)).await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.try_post(path, &body, None).await.expect("an answer")
    }

    /// May be cut off; with a key it can be tried again.
    pub async fn try_post(&self, path: &str, body: &Value, key: Option<&str>) -> Result<Answer, reqwest::Error> {
        Self::send(self.posting(path, body, key)).await
    }

    /// A post that is not sent yet.
    pub fn posting(&self, path: &str, body: &Value, key: Option<&str>) -> RequestBuilder {
        let request = self.request(Method::POST, path).header("X-CSRF-Token", self.csrf()).json(body);
        match key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        }
    }

    /// Who lies in a bed of the own ward: the card of the board.
    pub async fn occupant(&self, bed: &str) -> Value {
        let board = self.get(&format!("/wards/{}/board", self.ward())).await.ok();
        let beds = board["beds"].as_array().expect("beds");
        let found = beds.iter().find(|b| b["label"] == bed).unwrap_or_else(|| panic!("no bed {bed}"));
        found["occupants"][0].clone()
    }

    pub async fn stay_in(&self, bed: &str) -> String {
        let occupant = self.occupant(bed).await;
        occupant["encounterId"].as_str().unwrap_or_else(|| panic!("nobody lies in {bed}")).to_owned()
    }

    /// The sets of a stay, oldest first.
    pub async fn chart(&self, stay: &str) -> Vec<Value> {
        let sets = self.get(&format!("/encounters/{stay}/vitals")).await.ok();
        sets.as_array().expect("sets").clone()
    }
}
