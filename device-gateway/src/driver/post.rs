//! Messages by HTTP: `POST /` with one message as its body, answered after the commit. One request a connection.
//!
//! 200: it is kept; the body is the HL7 acknowledgement, or empty. 503: it is not, send it again. 413: it is too
//! large. 403, 404 and 405: this is no web site.

use super::memory::Share;
use super::{Desk, hl7};
use benhan_contract::Protocol;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A head that is not there by then does not come.
const HEAD: Duration = Duration::from_secs(10);
const LARGEST_HEAD: usize = 16 << 10;

/// # Errors
/// What the connection answered.
pub async fn converse<S>(
    stream: S,
    protocol: Protocol,
    desk: &Desk,
    address: &str,
    shutdown: &CancellationToken,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request| async move {
        let answer = answer(request, protocol, desk, address).await;
        Ok::<_, Infallible>(answer.unwrap_or_else(|status| with(status, Vec::new())))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(LARGEST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // Longer than a whole request may take: for who takes no answer.
    let most = HEAD + desk.message_timeout + super::ANSWER_TIMEOUT;
    tokio::select! {
        served = timeout(most, connection) => served?.map_err(io::Error::other),
        () = shutdown.cancelled() => Ok(()),
    }
}

async fn answer(
    request: Request<Incoming>,
    protocol: Protocol,
    desk: &Desk,
    address: &str,
) -> Result<Response<Full<Bytes>>, StatusCode> {
    if request.uri().path() != "/" {
        return Err(StatusCode::NOT_FOUND);
    }
    if request.method() != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    // A browser says where its page is from. No page has results for us, whatever it was made to send.
    if request.headers().contains_key(ORIGIN) {
        return Err(StatusCode::FORBIDDEN);
    }
    let mut share = Share::of(&desk.pool);
    let body = timeout(desk.message_timeout, whole(request.into_body(), desk.limit, &mut share)).await;
    let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)??;
    if body.is_empty() {
        return Err(StatusCode::BAD_REQUEST);
    }
    match protocol {
        Protocol::Hl7 => {
            let reply = hl7::received(desk, address, body).await;
            let status = if reply.is_settled { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            // One response is all there is: what would follow in turn stands behind it.
            Ok(with(status, [reply.at_once, reply.in_turn].concat().concat()))
        }
        _ => match desk.keep(protocol, address, body).await {
            Ok(_) => Ok(with(StatusCode::OK, Vec::new())),
            Err(failure) => {
                tracing::error!(channel = %desk.channel, peer = address, %failure, "a message could not be stored; the sender was told to send it again");
                Err(StatusCode::SERVICE_UNAVAILABLE)
            }
        },
    }
}

async fn whole(mut body: Incoming, limit: usize, share: &mut Share) -> Result<Vec<u8>, StatusCode> {
    let mut bytes = Vec::new();
    let stated = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if stated > limit {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        share.cover(bytes.len() + data.len()).await;
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn with(status: StatusCode, body: Vec<u8>) -> Response<Full<Bytes>> {
    let is_empty = body.is_empty();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    if !is_empty {
        response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/hl7-v2"));
    }
    response
}
