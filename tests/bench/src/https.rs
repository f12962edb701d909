//! A terminal of the ward: one kept TLS connection, one session.

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Where the server is, and whom to believe that it is the server.
#[derive(Clone)]
pub struct Hospital {
    port: u16,
    tls: TlsConnector,
}

impl Hospital {
    /// # Errors
    /// When `ca` holds no certificate.
    pub fn new(port: u16, ca: &Path) -> anyhow::Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca)? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { port, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// A connection of its own, kept until it is dropped.
    ///
    /// # Errors
    /// When the server is away or shows another certificate.
    pub async fn connect(&self) -> anyhow::Result<Terminal> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.set_nodelay(true)?;
        let stream = self.tls.connect(ServerName::try_from("localhost")?, stream).await?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Terminal { requests, host: format!("localhost:{}", self.port), cookie: String::new(), csrf: String::new() })
    }
}

#[derive(Debug)]
pub struct Terminal {
    requests: SendRequest<Full<Bytes>>,
    host: String,
    cookie: String,
    csrf: String,
}

impl Terminal {
    /// Opens a session; everything after it carries its cookie and CSRF token.
    ///
    /// # Errors
    /// When the door stays shut.
    pub async fn log_in(&mut self, username: &str, password: &str) -> anyhow::Result<Value> {
        let body = json!({ "username": username, "password": password }).to_string();
        let (answer, text) = self.ask(Method::POST, "/api/v1/auth/login", body.into(), None).await?;
        ensure!(answer.status() == StatusCode::OK, "login as {username}: {} {text}", answer.status());
        let cookie = answer.headers().get(SET_COOKIE).context("a login without a cookie")?.to_str()?;
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let session: Value = serde_json::from_str(&text)?;
        self.csrf = session.get("csrf").and_then(Value::as_str).context("a session without a CSRF token")?.to_owned();
        Ok(session)
    }

    /// # Errors
    /// When the answer is not 200 with JSON.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        let (answer, text) = self.ask(Method::GET, path, Bytes::new(), None).await?;
        ensure!(answer.status() == StatusCode::OK, "GET {path}: {} {text}", answer.status());
        Ok(serde_json::from_str(&text)?)
    }

    /// Posts once: the same key again would be answered and not stored.
    ///
    /// # Errors
    /// When the answer is not 201.
    pub async fn create(&mut self, path: &str, body: Bytes, key: &str) -> anyhow::Result<String> {
        let (answer, text) = self.ask(Method::POST, path, body, Some(key)).await?;
        ensure!(answer.status() == StatusCode::CREATED, "POST {path}: {} {text}", answer.status());
        Ok(text)
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        key: Option<&str>,
    ) -> anyhow::Result<(Response<()>, String)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json");
        if !self.cookie.is_empty() {
            request = request.header(COOKIE, &self.cookie).header("X-CSRF-Token", &self.csrf);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.requests.ready().await?;
        let (head, body) = self.requests.send_request(request.body(Full::new(body))?).await?.into_parts();
        let text = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
        Ok((Response::from_parts(head, ()), text))
    }
}
