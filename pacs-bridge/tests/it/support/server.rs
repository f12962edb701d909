//! A server as the bridge sees it: a worklist to pull, studies to push. It can be away.

use benhan_contract::{Outcome, Receipt, StudyDelivery, Worklist, WorklistItem};
use benhan_uplink::UplinkConfig;
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
    worklist: Worklist,
    studies: Vec<StudyDelivery>,
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
                let receipt = Receipt { id: study.id, outcome: Outcome::Accepted, reason: String::new() };
                state.studies.push(study);
                reply(StatusCode::ACCEPTED, &serde_json::to_value(receipt).unwrap())
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
