//! One request: signed, sent, and asked again where that may help.

use crate::bucket::Bucket;
use crate::trouble::{self, Trouble};
use crate::xml;
use bytes::Bytes;
use reqwest::{Method, Response};
use rusty_s3::S3Action;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// A signature is good so long.
const GOOD_FOR: Duration = Duration::from_secs(900);
/// An answer, and the next piece of one, come within this.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes that even a slow line carries in a second.
const SLOW: u64 = 16 << 10;
const TRIES: u32 = 6;
/// Who cannot be reached at all is away.
const TRIES_TO_CONNECT: u32 = 2;
const LARGEST_ERROR: usize = 1 << 16;
/// A page of a list: a thousand long names.
const LARGEST_ANSWER: usize = 8 << 20;

/// What goes with a request.
#[derive(Default)]
pub struct With {
    /// Signed with it.
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Bytes>,
}

impl Bucket {
    /// `action` is made anew for each try, because a signature has its time in it.
    pub(crate) async fn ask<'a, A: S3Action<'a>>(
        &self,
        action: impl Fn() -> A,
        with: &With,
    ) -> Result<Response, Trouble> {
        let (mut tried, mut wait) = (0, Duration::from_millis(200));
        loop {
            tried += 1;
            let trouble = match self.once(action(), with).await {
                Ok(answer) => return Ok(answer),
                Err((trouble, most)) if trouble.passes() && tried < most => trouble,
                Err((trouble, _)) => return Err(trouble),
            };
            tracing::debug!(%trouble, tried, "an S3 store is asked again");
            sleep(wait).await;
            wait = wait.saturating_mul(2);
        }
    }

    /// With its trouble, how often such a request is tried.
    async fn once<'a, A: S3Action<'a>>(&self, mut action: A, with: &With) -> Result<Response, (Trouble, u32)> {
        for (name, value) in &with.headers {
            action.headers_mut().insert(*name, value.clone());
        }
        let method = Method::from_bytes(A::METHOD.to_str().as_bytes());
        let method = method.map_err(|_| (Trouble::Nonsense("a method"), 0))?;
        let mut request = self.http.request(method, action.sign(GOOD_FOR));
        for (name, value) in &with.headers {
            request = request.header(*name, value);
        }
        let length = with.body.as_ref().map_or(0, |body| u64::try_from(body.len()).unwrap_or(u64::MAX));
        let patience = self.patience.saturating_add(Duration::from_secs(length / SLOW));
        // An empty body of a PUT or POST is said to be empty: stores insist on a length.
        if let Some(body) = &with.body {
            request = request.body(body.clone());
        } else if matches!(A::METHOD, rusty_s3::Method::Put | rusty_s3::Method::Post) {
            request = request.header("content-length", "0");
        }
        let answer = match timeout(patience, request.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let most = if error.is_connect() { TRIES_TO_CONNECT } else { TRIES };
                return Err((unanswered(error), most));
            }
            Err(_) => return Err((Trouble::Away("too slow".into()), TRIES_TO_CONNECT)),
        };
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            return Ok(answer);
        }
        // HEAD has no words.
        let said = read(answer, LARGEST_ERROR).await.unwrap_or_default();
        let code: String = xml::first(&String::from_utf8_lossy(&said), "Code").unwrap_or_default();
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        Err((trouble::of(status, &code), TRIES))
    }

    /// The same, for an answer that is text.
    pub(crate) async fn ask_text<'a, A: S3Action<'a>>(
        &self,
        action: impl Fn() -> A,
        with: &With,
    ) -> Result<String, Trouble> {
        let bytes = read(self.ask(action, with).await?, LARGEST_ANSWER).await?;
        String::from_utf8(bytes).map_err(|_| Trouble::Nonsense("an answer that is no text"))
    }
}

/// All of a body that is no longer than this.
pub async fn read(mut answer: Response, most: usize) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(piece) = piece(&mut answer).await? {
        if body.len().saturating_add(piece.len()) > most {
            return Err(Trouble::Nonsense("an answer without end"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

pub async fn piece(answer: &mut Response) -> Result<Option<Bytes>, Trouble> {
    match timeout(PATIENCE, answer.chunk()).await {
        Ok(piece) => piece.map_err(unanswered),
        Err(_) => Err(Trouble::Away("too slow".into())),
    }
}

/// The innermost cause in words; never the URL, which is signed.
fn unanswered(error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Trouble::Away(cause.to_string())
}
