//! A nurse signs with a token in her own computer: the real server, the real agent with a token behind PKCS#11, and a
//! browser that is a script and carries what the one asks to the other.

use super::softhsm::{CONF, DRIVER, Drawer};
use benhan_domain::certificate::TokenKey;
use benhan_sign::{Authority, KeyKind, SigningKey, Subject};
use benhan_tests::database::Kind;
use benhan_tests::{Actor, TestHospital, process};
use jiff::Timestamp;
use reqwest::{Client, Method};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use tokio::process::{Child, Command};

const TOKEN_PIN: &str = "93-the-ha";

struct Desk {
    hospital: TestHospital,
    drawer: Drawer,
    ha: Actor,
    token: TokenKey,
    code: String,
}

/// The agent, running; gone with the story.
struct Agent {
    _child: Child,
    http: Client,
    url: String,
    origin: String,
}

impl Desk {
    /// Hà's key is on a token, which is not in the server.
    async fn open() -> Self {
        let folder = tempfile::Builder::new().prefix("benhan-hospital.").tempdir().unwrap();
        let drawer = folder.path().join("drawer");
        fs::create_dir(&drawer).unwrap();
        let (drawer, data) = (Drawer::new(&drawer), folder.path().join("data"));
        let settings = [("BENHAN_SERVER_SIGN_AGENT_SECONDS", "20")];
        let hospital = TestHospital::at(Kind::Sqlite, &settings, folder, data).await.expect("SQLite is always there");
        let authority = fs::read_to_string(hospital.data("secrets/signing-authority.json")).unwrap();
        let authority = Authority::from_json(&authority).unwrap();
        let ha = hospital.login("ha").await;
        let key = SigningKey::generate(KeyKind::Rsa2048).unwrap();
        let now = Timestamp::now().as_microsecond();
        let certificate = authority.issue_person(&Subject::named(&ha.staff.name), &key, now, 365).unwrap();
        let token = drawer.token("the-ha", TOKEN_PIN, &key);
        let pem = hospital.scratch("ha.pem");
        fs::write(&pem, certificate.to_pem()).unwrap();
        let bind = ["certificate", "bind", "--user", "ha", "--pem", pem.to_str().unwrap(), "--terminal"];
        let bound = Command::new(process::binary())
            .args(bind)
            .arg(token.to_string())
            .arg("--data-dir")
            .arg(hospital.data(""))
            .output()
            .await
            .unwrap();
        assert!(bound.status.success(), "{}", String::from_utf8_lossy(&bound.stderr));
        let code = ha.get("/signing/agent").await.ok()["code"].as_str().unwrap().to_owned();
        Self { hospital, drawer, ha, token, code }
    }

    fn dir(&self) -> PathBuf {
        self.hospital.scratch("agent")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(process::binary());
        command.env(CONF, self.drawer.conf()).env("BENHAN_SIGN_AGENT_DIR", self.dir()).arg("sign-agent");
        command
    }

    async fn pair(&self, code: &str) -> Output {
        let mut command = self.command();
        command.args(["pair", "--server", &self.hospital.base(), "--module", DRIVER, "--code", code, "--ca-file"]);
        command.arg(self.hospital.data("tls/ca.pem")).output().await.unwrap()
    }

    async fn agent(&self) -> Agent {
        let mut command = self.command();
        command.args(["--port", "0"]);
        let dir = self.dir();
        let (child, port) = process::begin(command, &dir.join("port.json"), &self.hospital.scratch("agent.log")).await;
        let url = format!("https://127.0.0.1:{}/v1", port["https"]);
        Agent { _child: child, http: trusting(&dir.join("agent.pem")), url, origin: self.hospital.base() }
    }

    /// A set of each of so many patients of her ward.
    async fn sets(&self, patients: usize) -> Vec<Value> {
        let board = self.ha.get(&format!("/wards/{}/board", self.ha.ward())).await.ok();
        let beds =
            board["beds"].as_array().unwrap().iter().filter_map(|bed| bed["occupants"][0]["encounterId"].as_str());
        let mut sets = Vec::new();
        for stay in beds.take(patients) {
            let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": super::trips::by_hand(88) });
            sets.push(self.ha.post(&format!("/encounters/{stay}/vitals"), body).await.ok()["id"].clone());
        }
        assert_eq!(sets.len(), patients, "so many lie there");
        sets
    }

    /// Signs as the web app does: the request waits, and meanwhile what is asked is carried until it has its answer.
    async fn sign(&self, agent: &Agent, sets: &[Value], pin: &str, pull_out_after: usize) -> (u16, Value) {
        let asked = self.ha.post("/vitals/unsigned/sign", json!({ "pin": "", "setIds": sets }));
        let carried = async {
            for turn in 0.. {
                let sealed = self.ha.get("/signing/asked").await.ok();
                let statement: Value = serde_json::from_str(sealed["statement"].as_str().unwrap()).unwrap();
                if turn == pull_out_after {
                    self.drawer.pull_out();
                }
                let pin = statement.get("open").is_some().then_some(pin);
                let (status, said) = agent.sign(&sealed, pin).await;
                assert_eq!(status, 200, "{said}");
                let mut answer = said;
                answer["nonce"] = statement["nonce"].clone();
                self.ha.post("/signing/answers", answer).await;
            }
        };
        tokio::select! {
            answer = asked => (answer.status, serde_json::from_slice(&answer.body).unwrap()),
            () = carried => unreachable!("it carries for ever"),
        }
    }
}

impl Agent {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, origin: &str) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.url)).header("Origin", origin);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn sign(&self, sealed: &Value, pin: Option<&str>) -> (u16, Value) {
        let body = json!({ "statement": sealed["statement"], "seal": sealed["seal"], "pin": pin });
        self.ask(Method::POST, "/sign", Some(&body), &self.origin).await
    }
}

/// A browser that was told to trust the agent's certificate, and nothing else.
fn trusting(pem: &Path) -> Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(pem).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

// Clauses: SIG-8, C13-3, C46-13.1
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_in_the_nurses_own_computer_signs_what_the_paired_server_asks() {
    let desk = Desk::open().await;
    let unpaired = desk.command().args(["--port", "0"]).output().await.unwrap();
    assert!(!unpaired.status.success() && String::from_utf8_lossy(&unpaired.stderr).contains("sign-agent pair"));
    let mistyped = desk.pair("AAAA-AAAA").await;
    assert!(
        !mistyped.status.success() && !desk.dir().join("agent.toml").exists(),
        "another server's code pairs nothing"
    );
    let paired = desk.pair(&desk.code.to_lowercase()).await;
    let told = String::from_utf8_lossy(&paired.stdout).into_owned();
    assert!(paired.status.success() && told.contains("SHA-256"), "{told}{}", String::from_utf8_lossy(&paired.stderr));
    let agent = desk.agent().await;

    let (status, state) = agent.ask(Method::GET, "/state", None, &agent.origin).await;
    let key = &state["tokens"][0]["keys"][0]["key"];
    assert_eq!((status, key.as_str()), (200, Some(desk.token.to_string().as_str())), "{state}");
    let (status, no) = agent.ask(Method::GET, "/state", None, "https://evil.example").await;
    assert_eq!((status, &no["code"]), (403, &json!("other-origin")));

    let sets = desk.sets(2).await;
    let (status, wrong) = desk.sign(&agent, &sets, "0000-sai", usize::MAX).await;
    assert_eq!((status, &wrong["code"]), (403, &json!("key-bad-pin")), "{wrong}");
    let (status, done) = desk.sign(&agent, &sets, TOKEN_PIN, usize::MAX).await;
    assert_eq!((status, &done["failed"]), (200, &json!([])), "{done}");
    assert_eq!(done["signed"].as_array().map(Vec::len), Some(2), "{done}");
    let sheet = &done["charts"][0];
    let path = format!("/documents/{}/versions/{}/pdf", sheet["documentId"].as_str().unwrap(), sheet["version"]);
    let file = desk.hospital.scratch("ha.pdf");
    fs::write(&file, desk.ha.get(&path).await.bytes()).unwrap();
    let (code, report) = desk.hospital.verify(&file, &desk.hospital.data("trust/ca.pem")).await;
    assert_eq!(code, 0, "{report}");

    // A statement works once, and not when somebody has changed it on the way.
    let asked = desk.ha.post("/vitals/unsigned/sign", json!({ "pin": "", "setIds": desk.sets(1).await }));
    let tried = async {
        let sealed = desk.ha.get("/signing/asked").await.ok();
        let mut altered = sealed.clone();
        altered["statement"] =
            json!(sealed["statement"].as_str().unwrap().replace("\"digests\":[\"", "\"digests\":[\"00"));
        assert_eq!(agent.sign(&altered, Some(TOKEN_PIN)).await.1["code"], "other-server");
        assert_eq!(agent.sign(&sealed, Some(TOKEN_PIN)).await.0, 200);
        assert_eq!(agent.sign(&sealed, Some(TOKEN_PIN)).await.1["code"], "statement-used");
        desk.ha.post("/auth/logout", json!({})).await;
        std::future::pending::<()>().await;
    };
    let answer = tokio::select! {
        answer = asked => answer,
        () = tried => unreachable!("it waits for ever"),
    };
    assert_eq!(answer.refused(403), "key-spent", "her session is over, and what waited for her token with it");
    // The demo's server names its people when it starts; the agent knows nobody by name.
    let log = fs::read_to_string(desk.hospital.scratch("agent.log")).unwrap();
    assert!(!log.contains(&desk.ha.staff.name), "no name is in the agent's log");
    assert!(!log.contains(TOKEN_PIN) && !desk.hospital.log().contains(TOKEN_PIN), "and the PIN is in nobody's");
}

// Clauses: C46-13.1
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_pulled_out_of_the_nurses_computer_leaves_the_rest_to_sign() {
    const PATIENTS: usize = 4;
    let desk = Desk::open().await;
    assert!(desk.pair(&desk.code).await.status.success());
    let agent = desk.agent().await;
    let sets = desk.sets(PATIENTS).await;
    // Seen once, then two signatures a patient: it is gone before the second one's are.
    let (status, done) = desk.sign(&agent, &sets, TOKEN_PIN, 3).await;
    assert_eq!(status, 200, "{done}");
    let (signed, failed) = (done["signed"].as_array().unwrap(), done["failed"].as_array().unwrap());
    assert!(!signed.is_empty() && !failed.is_empty() && signed.len() + failed.len() == PATIENTS, "{done}");
    assert!(failed.iter().all(|no| no["code"] == "key-unreachable"), "{done}");
    assert_eq!(done["charts"].as_array().map(Vec::len), Some(signed.len()), "no set without its sheet");
    let owed = desk.ha.get("/vitals/unsigned").await.ok();
    let still = |id: &Value| owed.as_array().unwrap().iter().any(|one| one["set"]["id"] == *id);
    assert!(failed.iter().all(|no| still(&no["setId"])), "the rest is still hers to sign");
}
