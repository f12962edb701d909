//! Answers of the pixel service: problems as RFC 9457, bodies streamed from files.

use benhan_keys::Opened;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::{Response, StatusCode, header};
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;

pub(crate) type Reply = Response<BoxBody<Bytes, io::Error>>;

const PIECE: u64 = 128 * 1024;

/// Why there is no content to send.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("the bearer token is missing or wrong")]
    Unauthorized,
    #[error("there is no such thing here")]
    NotFound,
    #[error("only GET is answered")]
    Method,
    #[error("{0}")]
    BadRequest(&'static str),
    /// Stored and served as it is, but not shown: the reason is for the user.
    #[error("{0}")]
    NotRendered(String),
    #[error("the decoders are busy")]
    Busy,
    #[error("the library cannot be read")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Problem {
    pub(crate) fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(cause.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotRendered(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn to_reply(&self) -> Reply {
        let status = self.status();
        let body = serde_json::json!({ "title": self.to_string(), "status": status.as_u16() });
        bytes(status, "application/problem+json", body.to_string().into_bytes())
    }
}

/// A body in memory.
pub(crate) fn bytes(status: StatusCode, media_type: &str, body: Vec<u8>) -> Reply {
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed();
    built(Response::builder().status(status).header(header::CONTENT_TYPE, media_type).body(body))
}

/// `length` bytes of a file from `offset` on, read as the reader takes them.
pub(crate) fn file(media_type: &str, etag: &str, file: Arc<Opened>, offset: u64, length: u64) -> Reply {
    let (queue, pieces) = mpsc::channel::<io::Result<Frame<Bytes>>>(2);
    tokio::task::spawn_blocking(move || {
        let (mut at, end) = (offset, offset.saturating_add(length));
        while at < end {
            let size = usize::try_from(end.saturating_sub(at).min(PIECE)).unwrap_or(0);
            let mut piece = vec![0; size];
            let read = file.read_exact_at(&mut piece, at).map(|()| Frame::data(Bytes::from(piece)));
            let failed = read.is_err();
            // A reader that has gone away ends the reading.
            if queue.blocking_send(read).is_err() || failed {
                return;
            }
            at = at.saturating_add(PIECE).min(end);
        }
    });
    let body = stream::unfold(pieces, |mut pieces| async move { pieces.recv().await.map(|piece| (piece, pieces)) });
    let response = Response::builder()
        .header(header::CONTENT_TYPE, media_type)
        .header(header::CONTENT_LENGTH, length)
        .header(header::ETAG, format!("\"{etag}\""))
        .body(BodyExt::boxed(StreamBody::new(body)));
    built(response)
}

/// Fixed header names and media types: building cannot fail, and if it did, the answer is 500.
fn built(response: Result<Reply, hyper::http::Error>) -> Reply {
    response.unwrap_or_else(|_| {
        let mut failed = Response::new(Full::new(Bytes::new()).map_err(|never| match never {}).boxed());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
