//! The agent beside a signer's own token: a browser on the same computer brings what the paired server asks for, and takes
//! the signatures back.
//!
//! Loopback alone, over TLS, for pages of one origin. What the page says is not believed: only a statement that the server
//! sealed is followed, once, while it is good. The PIN comes from the browser, opens the token, and goes no further. Nothing
//! is logged that names a person.

mod batches;
mod certificate;
mod door;
mod paired;
mod pairing;

pub use certificate::{OwnCertificate, certificate};
pub use paired::{BadPairing, Paired};
pub use pairing::{NotPaired, Offered, ask};

use batches::Batches;
use benhan_holders::Tokens;
use benhan_sign::statement::StatementAuthority;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// A browser opens six.
const MOST_CONNECTIONS: usize = 32;
const HANDSHAKE: Duration = Duration::from_secs(10);
const HEADERS: Duration = Duration::from_secs(30);
/// A token that a page left open is logged out soon after.
const TIDY: Duration = Duration::from_secs(30);

/// What answers, for one paired server.
pub struct Agent {
    origin: String,
    authority: StatementAuthority,
    tokens: Tokens,
    batches: Batches,
    /// Under which names a browser reaches it, as `Host` says.
    hosts: [String; 2],
    now: fn() -> i64,
}

impl Agent {
    /// # Errors
    /// [`BadPairing`]
    pub fn new(paired: &Paired, port: u16) -> Result<Self, BadPairing> {
        let tokens = Tokens::behind(paired.module.clone());
        Ok(Self {
            origin: paired.origin.clone(),
            authority: paired.authority()?,
            batches: Batches::new(tokens.clone()),
            tokens,
            hosts: ["127.0.0.1", "localhost"].map(|host| format!("{host}:{port}")),
            now: || jiff::Timestamp::now().as_microsecond(),
        })
    }
}

/// Serves until `shutdown`. The listener is on loopback; the caller sees to it.
pub async fn serve(
    agent: Arc<Agent>,
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    shutdown: CancellationToken,
) {
    let (tls, seats) = (TlsAcceptor::from(tls), Arc::new(Semaphore::new(MOST_CONNECTIONS)));
    let mut tidying = tokio::time::interval(TIDY);
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            _ = tidying.tick() => {
                agent.batches.tidy();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else { continue };
        let (agent, tls, shutdown) = (Arc::clone(&agent), tls.clone(), shutdown.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = converse(agent, stream, tls) => {}
                () = shutdown.cancelled() => {}
            }
            drop(seat);
        });
    }
}

async fn converse(agent: Arc<Agent>, stream: TcpStream, tls: TlsAcceptor) {
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await else {
        tracing::debug!("a connection did not finish its handshake: does the browser trust the agent's certificate?");
        return;
    };
    let answer = service_fn(move |request| {
        let agent = Arc::clone(&agent);
        async move { Ok::<_, Infallible>(agent.answer(request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), answer);
    if let Err(cause) = connection.await {
        tracing::debug!(%cause, "a connection ended early");
    }
}
