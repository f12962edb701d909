//! A browser as far as the API sees one: the CA imported, one session cookie, the CSRF token.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

pub struct Browser {
    http: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl Answer {
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        self.body
    }

    pub fn refused(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Browser {
    pub fn new(port: u16, ca: &Path) -> Self {
        Self::at(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ca)
    }

    /// On a network where the hospital's name leads to this address.
    pub fn at(address: SocketAddr, ca: &Path) -> Self {
        let client = reqwest::Client::builder().tls_backend_preconfigured(trusting(ca)).resolve("localhost", address);
        let (http, port) = (client.build().expect("a client"), address.port());
        Self { http, base: format!("https://localhost:{port}"), cookie: String::new(), csrf: String::new() }
    }

    pub async fn log_in(&mut self, username: &str, password: &str) -> Answer {
        self.show(json!({ "username": username, "password": password })).await
    }

    /// With a code from the phone, or from paper.
    pub async fn log_in_with(&mut self, username: &str, password: &str, code: &str) -> Answer {
        self.show(json!({ "username": username, "password": password, "code": code })).await
    }

    async fn show(&mut self, body: Value) -> Answer {
        let asked = self.http.post(format!("{}/api/v1/auth/login", self.base)).json(&body);
        let answer = asked.send().await.expect("an answer");
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            self.cookie = cookie.split(';').next().expect("its value").to_owned();
        }
        let answer = read(answer).await;
        self.csrf = answer.body["csrf"].as_str().unwrap_or_default().to_owned();
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut asked = self.http.request(method, format!("{}{path}", self.base));
        asked = asked.header("Cookie", &self.cookie).header("X-CSRF-Token", &self.csrf);
        if let Some(body) = body {
            asked = asked.json(&body);
        }
        read(asked.send().await.expect("an answer")).await
    }
}

/// What a phone with this secret shows so many seconds from now, as Python's own library reckons it.
pub fn phone(secret: &str, ahead: i64) -> String {
    let reckon = "import base64, hashlib, hmac, sys, time\n\
                  step = (int(time.time()) + int(sys.argv[2])) // 30\n\
                  tag = hmac.new(base64.b32decode(sys.argv[1]), step.to_bytes(8, 'big'), hashlib.sha1).digest()\n\
                  at = tag[-1] & 15\n\
                  print('%06d' % ((int.from_bytes(tag[at:at + 4], 'big') & 0x7fffffff) % 10**6))";
    let shown = Command::new("python3").args(["-c", reckon, secret, &ahead.to_string()]).output();
    String::from_utf8(shown.expect("python3 is there").stdout).expect("digits").trim().to_owned()
}

async fn read(answer: reqwest::Response) -> Answer {
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

fn trusting(ca: &Path) -> rustls::ClientConfig {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).expect("the CA") {
        roots.add(certificate.expect("a certificate")).expect("a CA");
    }
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
