//! A way to the server that is no network. The simulation has one, and decides what becomes of each request; what an
//! answer means is judged as any other's.

use crate::client::CallError;
use std::future::Future;
use std::pin::Pin;

/// What came back, as far as the client looks at it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Seconds, as `Retry-After` has them.
    pub retry_after: Option<u64>,
    pub body: Vec<u8>,
}

/// An answer under way; its error is what a network would have ended in.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Answer, CallError>> + Send + 'a>>;

/// Takes posts in place of the network.
pub trait Wire: Send + Sync {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Answering<'a>;
}

impl From<Answer> for reqwest::Response {
    fn from(answer: Answer) -> Self {
        let status = http::StatusCode::from_u16(answer.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = http::Response::new(answer.body);
        *response.status_mut() = status;
        if let Some(seconds) = answer.retry_after {
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
        }
        response.into()
    }
}
