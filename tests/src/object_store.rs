//! An S3 store as strict as a real one: it computes each signature anew, checks what it is sent against its checksum, keeps
//! parts until they are an object, shows its lists in pages. And it fails as stores fail. It shares no code with the product.

mod asked;
mod kept;
mod signed;

pub use kept::Fault;

use asked::Asked;
use kept::State;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub const ACCESS_KEY: &str = "AKBENHAN";
pub const SECRET_KEY: &str = "bi+mat/cua kho";
pub const BUCKET: &str = "kho-benh-an";

pub struct ObjectStore {
    pub url: String,
    state: Arc<Mutex<State>>,
    stalled: Arc<Notify>,
}

/// What goes back to who asked.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// The connection breaks after so many bytes of the body.
    cut: Option<usize>,
}

impl ObjectStore {
    /// With one bucket, [`BUCKET`], that is empty.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (state, stalled) = (Arc::new(Mutex::new(State::default())), Arc::new(Notify::new()));
        let (of, told) = (Arc::clone(&state), Arc::clone(&stalled));
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(serve(line, Arc::clone(&of), Arc::clone(&told)));
            }
        });
        Self { url, state, stalled }
    }

    /// What a hospital sets to use it; the secret besides.
    pub fn settings(&self) -> Vec<(String, String)> {
        [
            ("BENHAN_S3_ENDPOINT", self.url.as_str()),
            ("BENHAN_S3_ACCESS_KEY", ACCESS_KEY),
            ("BENHAN_S3_SECRET_KEY", SECRET_KEY),
            ("BENHAN_S3_REGION", "vn-hn-1"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// `s3://…` of a place in it.
    pub fn place(prefix: &str) -> String {
        format!("s3://{BUCKET}/{prefix}")
    }

    /// Keys and bytes of everything below a prefix, without it.
    pub fn objects(&self, prefix: &str) -> BTreeMap<String, Vec<u8>> {
        let state = self.state.lock().expect("whole");
        let all = state.objects.iter().filter_map(|(key, object)| Some((key.strip_prefix(prefix)?, object)));
        all.map(|(key, object)| (key.to_owned(), object.bytes.clone())).collect()
    }

    /// Behind everybody's back.
    pub fn put(&self, key: &str, bytes: &[u8]) {
        self.state.lock().expect("whole").put(key, bytes.to_vec());
    }

    pub fn remove(&self, key: &str) {
        self.state.lock().expect("whole").objects.remove(key);
    }

    /// From now on; the next request may be the first that meets it.
    pub fn fault(&self, fault: Fault) {
        self.state.lock().expect("whole").fault = Some(fault);
    }

    pub fn well(&self) {
        let mut state = self.state.lock().expect("whole");
        (state.fault, state.dead) = (None, false);
    }

    /// Returns when a request is held back by [`Fault::Stalls`].
    pub async fn stalled(&self) {
        self.stalled.notified().await;
    }

    pub fn keep_versions(&self) {
        self.state.lock().expect("whole").versions = true;
    }

    /// Keys that were put since it was asked last, in their order; a part counts as one.
    pub fn puts(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().expect("whole").puts)
    }

    pub fn unfinished_uploads(&self) -> usize {
        self.state.lock().expect("whole").uploads.len()
    }

    /// Requests that it refused because of their signature.
    pub fn refused(&self) -> usize {
        self.state.lock().expect("whole").refused
    }
}

async fn serve(mut line: TcpStream, state: Arc<Mutex<State>>, stalled: Arc<Notify>) {
    let mut left = Vec::new();
    loop {
        let cut = |here, length| state.lock().expect("whole").cuts_up(here, length);
        let Some(asked) = Asked::read(&mut line, &mut left, cut).await else { return };
        if state.lock().expect("whole").stalls(&asked) {
            stalled.notify_one();
            std::future::pending::<()>().await;
        }
        let answer = state.lock().expect("whole").answer(&asked);
        let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
        let length = answer.headers.iter().any(|(name, _)| *name == "content-length");
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !length {
            head += &format!("content-length: {}\r\n", answer.body.len());
        }
        let body = answer.body.get(..answer.cut.unwrap_or(answer.body.len())).unwrap_or(&answer.body);
        let sent = line.write_all(&[head.as_bytes(), b"\r\n", body].concat()).await;
        if sent.is_err() || answer.cut.is_some() {
            return;
        }
    }
}
