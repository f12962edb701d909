//! A scripted server that speaks the ingest contract and remembers what it was told.
#![expect(dead_code, reason = "the gateway's tests use it too, and each crate uses a part of it")]

use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// As long as the one that the server makes.
pub const TOKEN: &str = "a-token-that-a-test-gave-the-gateway-0123456789";

/// How the server behaves just now.
#[derive(Clone, Debug, PartialEq)]
pub enum Mood {
    Up,
    /// Connections are closed at once.
    Away,
    /// The first so many connections are closed at once; then it is up.
    AwayFor(usize),
    /// It commits what it is told and the connection breaks before the answer.
    LosesAnswers,
    /// Every request gets this status.
    Answers(u16),
    /// Requests that hold this text get this status; others are taken.
    ChokesOn(&'static str, u16),
    /// Requests of more than so many bytes get no answer in time.
    IsSlowBeyond(usize),
    /// Deliveries that hold this text are refused one by one in their receipts.
    Refuses(&'static str),
}

#[derive(Default)]
struct Told {
    /// Deliveries and studies, once each, in the order committed.
    committed: Vec<Value>,
    ids: HashSet<String>,
    duplicates: usize,
    requests: usize,
    largest_batch: usize,
    live: Vec<Value>,
    attention: Vec<Value>,
    /// What people chose and nobody has reported as done.
    choices: Vec<Value>,
    /// Open laboratory orders, as `/ingest/lab-worklist` gives them, and how often it did.
    orders: Value,
    pulls: usize,
}

pub struct FakeServer {
    pub address: SocketAddr,
    mood: Mutex<Mood>,
    told: Mutex<Told>,
    news: Notify,
}

impl FakeServer {
    pub async fn start() -> Arc<Self> {
        let (server, listener) = Self::bound().await;
        let own = Arc::clone(&server);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = Arc::clone(&own);
                tokio::spawn(async move { server.converse(stream).await });
            }
        });
        server
    }

    pub async fn start_tls(tls: Arc<tokio_rustls::rustls::ServerConfig>) -> Arc<Self> {
        let (server, listener) = Self::bound().await;
        let own = Arc::clone(&server);
        let acceptor = tokio_rustls::TlsAcceptor::from(tls);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (server, acceptor) = (Arc::clone(&own), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor.accept(stream).await {
                        Ok(stream) => server.converse(stream).await,
                        Err(_) => server.count_request(),
                    }
                });
            }
        });
        server
    }

    async fn bound() -> (Arc<Self>, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Arc::new(Self {
            address: listener.local_addr().unwrap(),
            mood: Mutex::new(Mood::Up),
            told: Mutex::default(),
            news: Notify::new(),
        });
        (server, listener)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn committed(&self) -> Vec<Value> {
        self.told.lock().unwrap().committed.clone()
    }

    /// How many deliveries and studies.
    pub fn taken(&self) -> usize {
        self.told.lock().unwrap().committed.len()
    }

    pub fn live(&self) -> Vec<Value> {
        self.told.lock().unwrap().live.clone()
    }

    /// Reports of what waits for a person, all of them.
    pub fn attention(&self) -> Vec<Value> {
        self.told.lock().unwrap().attention.clone()
    }

    /// The items of the last report.
    pub fn open_items(&self) -> Vec<Value> {
        self.attention().last().map(|report| report["items"].as_array().unwrap().clone()).unwrap_or_default()
    }

    /// A person's choice, answered to each report until one says that it is done.
    pub fn chooses(&self, id: u128, key: &str, choice: &str) {
        let act = json!({"id": uuid::Uuid::from_u128(id).to_string(), "key": key, "choice": choice});
        self.told.lock().unwrap().choices.push(act);
    }

    pub fn choices(&self) -> usize {
        self.told.lock().unwrap().choices.len()
    }

    /// These laboratory orders are open from now on.
    pub fn has_orders(&self, orders: Value) {
        self.told.lock().unwrap().orders = orders;
    }

    /// How often they were pulled.
    pub fn pulls(&self) -> usize {
        self.told.lock().unwrap().pulls
    }

    pub fn requests(&self) -> usize {
        self.told.lock().unwrap().requests
    }

    pub fn duplicates(&self) -> usize {
        self.told.lock().unwrap().duplicates
    }

    pub fn largest_batch(&self) -> usize {
        self.told.lock().unwrap().largest_batch
    }

    /// Waits until the server has seen enough; a story that never gets there fails.
    pub async fn until(&self, what: &str, enough: impl Fn(&Self) -> bool) {
        let waiting = async {
            loop {
                let news = self.news.notified();
                if enough(self) {
                    return;
                }
                news.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .unwrap_or_else(|_| panic!("never happened: {what}"));
    }

    fn count_request(&self) {
        self.told.lock().unwrap().requests += 1;
        self.news.notify_waiters();
    }

    async fn converse(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        loop {
            let mood = self.mood.lock().unwrap().clone();
            if mood == Mood::Away || matches!(mood, Mood::AwayFor(requests) if self.requests() < requests) {
                return self.count_request();
            }
            let Some((head, body)) = request(&mut stream).await else {
                return;
            };
            if let Mood::IsSlowBeyond(bytes) = mood
                && body.len() > bytes
            {
                self.count_request();
                // The client gives up first.
                return std::future::pending().await;
            }
            let answer = self.answer(&head, &body);
            if head.starts_with("POST /ingest/attention") || head.starts_with("GET /ingest/lab-worklist") {
                self.news.notify_waiters();
            } else {
                self.count_request();
            }
            let Some((status, answer)) = answer else {
                return;
            };
            let text = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
                answer.len()
            );
            if stream.write_all(text.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, head: &str, body: &str) -> Option<(u16, String)> {
        let mood = self.mood.lock().unwrap().clone();
        if !head.lines().any(|line| line.eq_ignore_ascii_case(&format!("authorization: Bearer {TOKEN}"))) {
            return Some((401, String::new()));
        }
        match mood {
            Mood::Away => return None,
            Mood::Answers(status) => return Some((status, json!({"title": "no"}).to_string())),
            Mood::ChokesOn(text, status) if body.contains(text) => {
                return Some((status, json!({"title": "it does not fit"}).to_string()));
            }
            _ => {}
        }
        if head.starts_with("GET /ingest/lab-worklist") {
            let mut told = self.told.lock().unwrap();
            told.pulls += 1;
            let orders = Some(told.orders.clone()).filter(|orders| !orders.is_null());
            return Some((200, orders.unwrap_or_else(|| json!({"items": [], "specimens": []})).to_string()));
        }
        if head.starts_with("GET /ingest/worklist") {
            return Some((200, json!({"items": []}).to_string()));
        }
        let body: Value = serde_json::from_str(body).unwrap();
        let mut told = self.told.lock().unwrap();
        if head.starts_with("POST /ingest/live") {
            told.live.push(body);
            return Some((202, String::new()));
        }
        if head.starts_with("POST /ingest/attention") {
            let done = body["done"].as_array().unwrap().clone();
            told.choices.retain(|act| !done.contains(&act["id"]));
            told.attention.push(body);
            let answer = json!({"acts": told.choices}).to_string();
            return (mood != Mood::LosesAnswers).then_some((200, answer));
        }
        let receipts = if head.starts_with("POST /ingest/studies") {
            told.take(&body, &mood)
        } else {
            let deliveries = body["deliveries"].as_array().unwrap();
            told.largest_batch = told.largest_batch.max(deliveries.len());
            json!({"receipts": deliveries.iter().map(|one| told.take(one, &mood)).collect::<Vec<_>>()})
        };
        (mood != Mood::LosesAnswers).then(|| (202, receipts.to_string()))
    }
}

impl Told {
    fn take(&mut self, delivery: &Value, mood: &Mood) -> Value {
        let id = delivery["id"].as_str().unwrap().to_owned();
        if let Mood::Refuses(text) = mood
            && delivery.to_string().contains(text)
        {
            return json!({"id": id, "outcome": "refused", "reason": "not like this"});
        }
        if !self.ids.insert(id.clone()) {
            self.duplicates += 1;
            return json!({"id": id, "outcome": "duplicate"});
        }
        self.committed.push(delivery.clone());
        json!({"id": id, "outcome": "accepted"})
    }
}

async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let mut buffer = [0u8; 16 << 10];
    let (head, start) = loop {
        if let Some(at) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break (String::from_utf8_lossy(&bytes[..at]).into_owned(), at + 4);
        }
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    };
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0usize);
    while bytes.len() < start + length {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
    Some((head, String::from_utf8_lossy(&bytes[start..start + length]).into_owned()))
}
