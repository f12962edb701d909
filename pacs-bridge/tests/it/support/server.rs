//! A server as the bridge sees it: a worklist to pull, studies to push. It can be away.

use benhan_contract::{AttentionAct, AttentionAnswer, AttentionChoice, AttentionItem, AttentionReport};
use benhan_contract::{Outcome, Receipt, StudyDelivery, Worklist, WorklistItem};
use benhan_uplink::{Surroundings, UplinkConfig};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

#[derive(Clone)]
pub struct TestServer {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    away: bool,
    refuses: bool,
    worklist: Worklist,
    studies: Vec<StudyDelivery>,
    reports: Vec<AttentionReport>,
    choices: Vec<AttentionAct>,
}

impl TestServer {
    pub async fn start(items: Vec<WorklistItem>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = Arc::new(Mutex::new(State { worklist: Worklist { items }, ..State::default() }));
        let server = Self { address: listener.local_addr().unwrap(), state };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                let answer = service_fn(move |request| {
                    let server = server.clone();
                    async move { Ok::<_, std::convert::Infallible>(server.answer(request).await) }
                });
                tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        server
    }

    pub fn uplink(&self) -> UplinkConfig {
        let mut config = UplinkConfig::new(format!("http://{}", self.address), "token");
        config.retry_first_ms = 20;
        config
    }

    pub fn set_away(&self, away: bool) {
        self.state.lock().unwrap().away = away;
    }

    /// Every study, from now on.
    pub fn set_refusing(&self, refuses: bool) {
        self.state.lock().unwrap().refuses = refuses;
    }

    /// What waits for a person by the last report.
    pub fn open_items(&self) -> Option<Vec<AttentionItem>> {
        self.state.lock().unwrap().reports.last().map(|report| report.items.clone())
    }

    /// All reports as text, to look for what must not be in them.
    pub fn reported(&self) -> String {
        serde_json::to_string(&self.state.lock().unwrap().reports).unwrap()
    }

    pub fn chooses(&self, key: &str, choice: AttentionChoice) {
        let mut state = self.state.lock().unwrap();
        let id = Surroundings::system().delivery_id().0;
        state.choices.push(AttentionAct { id, key: key.to_owned(), choice });
    }

    /// What was chosen and is not reported as done.
    pub fn choices(&self) -> Vec<AttentionAct> {
        self.state.lock().unwrap().choices.clone()
    }

    pub fn studies(&self) -> Vec<StudyDelivery> {
        self.state.lock().unwrap().studies.clone()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let mut state = self.state.lock().unwrap();
        if state.away {
            return reply(StatusCode::SERVICE_UNAVAILABLE, &serde_json::json!({}));
        }
        match path.as_str() {
            "/ingest/worklist" => reply(StatusCode::OK, &serde_json::to_value(&state.worklist).unwrap()),
            "/ingest/studies" => {
                let study: StudyDelivery = serde_json::from_slice(&body).unwrap();
                let receipt = if state.refuses {
                    Receipt { id: study.id, outcome: Outcome::Refused, reason: "known with another patient id".into() }
                } else {
                    Receipt { id: study.id, outcome: Outcome::Accepted, reason: String::new() }
                };
                if !state.refuses {
                    state.studies.push(study);
                }
                reply(StatusCode::ACCEPTED, &serde_json::to_value(receipt).unwrap())
            }
            "/ingest/attention" => {
                let report: AttentionReport = serde_json::from_slice(&body).unwrap();
                state.choices.retain(|act| !report.done.contains(&act.id));
                state.reports.push(report);
                let answer = AttentionAnswer { acts: state.choices.clone() };
                reply(StatusCode::OK, &serde_json::to_value(answer).unwrap())
            }
            _ => reply(StatusCode::NOT_FOUND, &serde_json::json!({})),
        }
    }
}

fn reply(status: StatusCode, body: &serde_json::Value) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .unwrap()
}
