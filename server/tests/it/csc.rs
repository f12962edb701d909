//! A remote signing service as strict as a real one: clients with tokens, credentials with PINs that lock, authorisations
//! that count and end. `openssl` signs for it, so nothing of ours is on both sides.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_sign::{Certificate, SigningKey};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const CLIENT: (&str, &str) = ("benh-vien-thu", "s3cret&more");

/// A key that it keeps.
pub struct Kept {
    pub pin: &'static str,
    /// The one-time code that is good next; none: a PIN alone.
    pub otp: Option<&'static str>,
    pub multisign: usize,
    pub scal: &'static str,
    wrong: usize,
    file: String,
    certificate: Certificate,
    ec: bool,
}

/// How it misbehaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Good,
    /// It hangs up instead of signing.
    HangsUp,
    /// It never answers.
    Silent,
    /// It signs something else.
    Lies,
    /// It answers without end.
    Babbles,
    /// An authorisation is over after one signature.
    Forgets,
}

#[derive(Default)]
pub struct State {
    pub credentials: HashMap<&'static str, Kept>,
    pub authorised: Vec<usize>,
    pub signed: usize,
    pub mood: Mood,
    /// Good until so many are signed.
    pub good_for: usize,
    tokens: Vec<String>,
    sads: HashMap<String, (String, usize)>,
}

pub struct Csc {
    pub url: String,
    pub state: Arc<Mutex<State>>,
    dir: tempfile::TempDir,
}

impl Csc {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/csc/v2", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let of = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let state = Arc::clone(&of);
                tokio::spawn(serve(line, state));
            }
        });
        Self { url, state, dir: tempfile::tempdir().expect("a folder") }
    }

    /// Takes a key in.
    pub fn keep(&self, id: &'static str, (key, certificate): (&SigningKey, &Certificate), ec: bool) {
        let file = self.dir.path().join(format!("{id}.der"));
        fs::write(&file, key.pkcs8()).expect("written");
        let kept = Kept {
            pin: "12345678",
            otp: None,
            multisign: 100,
            scal: "1",
            wrong: 0,
            file: file.to_str().expect("a plain path").to_owned(),
            certificate: certificate.clone(),
            ec,
        };
        self.state.lock().expect("whole").credentials.insert(id, kept);
    }

    pub fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().expect("whole"));
    }

    pub fn kept(&self, id: &'static str, change: impl FnOnce(&mut Kept)) {
        change(self.state.lock().expect("whole").credentials.get_mut(id).expect("a credential"));
    }
}

enum Answer {
    Say(u16, Value),
    HangUp,
    Silence,
    Babble,
}

async fn serve(mut line: TcpStream, state: Arc<Mutex<State>>) {
    while let Some((path, token, body)) = heard(&mut line).await {
        let answer = answer(&state, &path, &token, &body);
        let (status, text) = match answer {
            Answer::Say(status, value) => (status, value.to_string()),
            Answer::HangUp => return,
            Answer::Silence => {
                std::future::pending::<()>().await;
                return;
            }
            Answer::Babble => (200, format!("{{\"signatures\":[\"{}\"]}}", "A".repeat(2 << 20))),
        };
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", text.len());
        if line.write_all(format!("{head}{text}").as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Path, bearer token and body of one request.
async fn heard(line: &mut TcpStream) -> Option<(String, String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if line.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let header = |name: &str| {
        let found = text.lines().filter_map(|l| l.split_once(": ")).find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let length: usize = header("content-length").parse().unwrap_or(0);
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        line.read_buf(&mut body).await.ok()?;
    }
    let path = text.split(' ').nth(1)?.to_owned();
    Some((path, header("authorization").replace("Bearer ", ""), body))
}

fn no(error: &str, words: &str) -> Answer {
    Answer::Say(400, json!({ "error": error, "error_description": words }))
}

fn answer(state: &Mutex<State>, path: &str, token: &str, body: &[u8]) -> Answer {
    let mut state = state.lock().expect("whole");
    if path == "/csc/v2/oauth2/token" {
        let text = String::from_utf8_lossy(body);
        let known = text.contains("grant_type=client_credentials")
            && text.contains(&format!("client_id={}", CLIENT.0))
            && text.contains("client_secret=s3cret%26more");
        if !known {
            return Answer::Say(401, json!({ "error": "invalid_client" }));
        }
        let given = format!("token-{}", state.tokens.len());
        state.tokens.push(given.clone());
        return Answer::Say(200, json!({ "access_token": given, "token_type": "Bearer", "expires_in": 3600 }));
    }
    if state.tokens.last().map(String::as_str) != Some(token) {
        return Answer::Say(401, json!({ "error": "invalid_token" }));
    }
    let Ok(asked) = serde_json::from_slice::<Value>(body) else { return no("invalid_request", "no JSON") };
    let id = asked["credentialID"].as_str().unwrap_or_default().to_owned();
    if !state.credentials.contains_key(id.as_str()) {
        return no("invalid_request", "Invalid parameter credentialID");
    }
    match path {
        "/csc/v2/credentials/info" => info(&state, &id),
        "/csc/v2/credentials/authorize" => authorise(&mut state, &id, &asked),
        "/csc/v2/signatures/signHash" => sign(&mut state, &id, &asked),
        _ => Answer::Say(404, json!({ "error": "not_found" })),
    }
}

fn info(state: &State, id: &str) -> Answer {
    let kept = &state.credentials[id];
    let mut objects = vec![json!({ "type": "Password", "id": "PIN", "format": "A" })];
    if kept.otp.is_some() {
        objects.push(json!({ "type": "Password", "id": "OTP", "format": "N", "generator": "totp" }));
    }
    let algo = if kept.ec { "1.2.840.10045.4.3.2" } else { "1.2.840.113549.1.1.11" };
    Answer::Say(
        200,
        json!({
            "key": { "status": "enabled", "algo": [algo], "len": 2048 },
            "cert": { "status": "valid", "certificates": [STANDARD.encode(kept.certificate.der())] },
            "auth": { "mode": "explicit", "expression": "PIN", "objects": objects },
            "SCAL": kept.scal, "multisign": kept.multisign,
        }),
    )
}

fn authorise(state: &mut State, id: &str, asked: &Value) -> Answer {
    let n = usize::try_from(asked["numSignatures"].as_u64().unwrap_or(0)).expect("a number");
    let given = |name: &str| {
        let values = asked["authData"].as_array().cloned().unwrap_or_default();
        values.iter().find(|v| v["id"] == name).and_then(|v| v["value"].as_str().map(str::to_owned))
    };
    let kept = state.credentials.get_mut(id).expect("looked at above");
    if kept.wrong >= 3 {
        return no("invalid_request", "PIN locked");
    }
    if n == 0 || n > kept.multisign {
        return no("invalid_request", "Invalid value for parameter numSignatures");
    }
    if given("PIN").as_deref() != Some(kept.pin) {
        kept.wrong += 1;
        return no("invalid_pin", "The PIN is invalid");
    }
    if let Some(otp) = kept.otp {
        if given("OTP").as_deref() != Some(otp) {
            return no("invalid_otp", "The OTP is invalid");
        }
        kept.otp = Some("used up");
    }
    kept.wrong = 0;
    let sad = format!("sad-{}", state.authorised.len());
    state.authorised.push(n);
    let covers = if state.mood == Mood::Forgets { 1 } else { n };
    state.sads.insert(sad.clone(), (id.to_owned(), covers));
    Answer::Say(200, json!({ "SAD": sad, "expiresIn": 300 }))
}

fn sign(state: &mut State, id: &str, asked: &Value) -> Answer {
    let mood = if state.signed < state.good_for { Mood::Good } else { state.mood };
    match mood {
        Mood::HangsUp => return Answer::HangUp,
        Mood::Silent => return Answer::Silence,
        Mood::Babbles => return Answer::Babble,
        Mood::Good | Mood::Lies | Mood::Forgets => {}
    }
    let sad = asked["SAD"].as_str().unwrap_or_default();
    match state.sads.get_mut(sad) {
        Some((of, left)) if of == id && *left > 0 => *left -= 1,
        _ => return no("invalid_request", "Invalid parameter SAD"),
    }
    let kept = &state.credentials[id];
    let algo = if kept.ec { "1.2.840.10045.4.3.2" } else { "1.2.840.113549.1.1.11" };
    if asked["signAlgo"] != algo || asked["hashAlgorithmOID"] != "2.16.840.1.101.3.4.2.1" {
        return no("invalid_request", "Invalid parameter signAlgo");
    }
    let mut hash = STANDARD.decode(asked["hashes"][0].as_str().unwrap_or_default()).expect("base64");
    if mood == Mood::Lies {
        hash[0] ^= 1;
    }
    let (digest, out) = (format!("{}.hash", kept.file), format!("{}.sig", kept.file));
    fs::write(&digest, &hash).expect("written");
    let args =
        ["pkeyutl", "-sign", "-keyform", "DER", "-inkey", &kept.file, "-pkeyopt", "digest:sha256", "-in", &digest];
    let done = Command::new("openssl").args(args).args(["-out", &out]).output().expect("openssl");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    state.signed += 1;
    Answer::Say(200, json!({ "signatures": [STANDARD.encode(fs::read(&out).expect("a signature"))] }))
}
