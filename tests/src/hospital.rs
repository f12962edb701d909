//! A hospital of one's own: process, data folder, database, staff.

use crate::actor::{Actor, Staff};
use crate::database::{Database, Kind, postgres_server};
use crate::process::{self, Ports, Process};
use crate::template;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub struct TestHospital {
    process: Option<Process>,
    environment: Vec<(String, String)>,
    data: PathBuf,
    staff: Vec<Staff>,
    ports: Ports,
    pub database: Database,
    folder: TempDir,
}

impl TestHospital {
    /// `None` when PostgreSQL is asked for and no server is named; the test then says so and passes.
    pub async fn open(kind: Kind) -> Option<Self> {
        Self::with(kind, &[]).await
    }

    /// With settings, as `BENHAN_*` variables.
    pub async fn with(kind: Kind, settings: &[(&str, &str)]) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("benhan-hospital.").tempdir().expect("a folder");
        let data = folder.path().join("data");
        Self::at(kind, settings, folder, data).await
    }

    /// With its data in a folder that the story chose: a small disk, for example.
    pub async fn at(kind: Kind, settings: &[(&str, &str)], folder: TempDir, data: PathBuf) -> Option<Self> {
        if kind == Kind::Postgres && postgres_server().is_none() {
            eprintln!("skipped: BENHAN_TEST_POSTGRES names no server");
            return None;
        }
        let made = template::of(kind).await;
        template::copy(&made.data, &data);
        let mut environment: Vec<(String, String)> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let database = match &made.database {
            None => Database::Sqlite(data.join("record.db")),
            Some(name) => Database::copied(&postgres_server().expect("looked at above"), name),
        };
        if kind == Kind::Postgres {
            environment.push(("BENHAN_DATABASE_URL".to_owned(), database.url()));
        }
        let process = Process::start(&data, &folder.path().join("log"), &environment).await;
        let card: Value = serde_json::from_slice(&std::fs::read(data.join("demo.json")).expect("demo.json")).unwrap();
        let staff = card["users"].as_array().expect("users").iter().map(Staff::read).collect();
        let ports = process.ports;
        Some(Self { process: Some(process), environment, data, staff, ports, database, folder })
    }

    /// One that is there already: its data, its database, its people.
    pub async fn over(
        data: PathBuf,
        folder: TempDir,
        database: Database,
        staff: Vec<Staff>,
        environment: Vec<(String, String)>,
    ) -> Self {
        let process = Process::start(&data, &folder.path().join("log"), &environment).await;
        let ports = process.ports;
        Self { process: Some(process), environment, data, staff, ports, database, folder }
    }

    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// What the process is given beside its folder.
    pub fn environment(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.environment.iter().cloned()
    }

    /// A file of the data folder.
    pub fn data(&self, inner: &str) -> PathBuf {
        self.data.join(inner)
    }

    /// A place for files of the story.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everything that the process has said, over all its lives.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }

    /// What the process has counted since it began: the lines of `/metrics` that start so, together.
    pub async fn counted(&self, series: &str) -> u64 {
        let url = format!("http://{}/metrics", self.ports.metrics);
        let text = self.browser().get(url).send().await.expect("an answer").text().await.expect("text");
        let lines = text.lines().filter(|line| line.starts_with(series));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }

    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("a running hospital")
    }

    pub fn base(&self) -> String {
        format!("https://localhost:{}", self.ports.https.port())
    }

    /// A browser that believes this hospital's own CA and nobody else.
    pub fn browser(&self) -> reqwest::Client {
        self.browser_at(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// The same on another machine: loopback has more addresses than one.
    pub fn browser_at(&self, address: IpAddr) -> reqwest::Client {
        reqwest::Client::builder()
            .local_address(address)
            .tls_backend_preconfigured(self.tls())
            .resolve("localhost", self.ports.https)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(240))
            .build()
            .expect("an HTTP client")
    }

    pub fn tls(&self) -> rustls::ClientConfig {
        let mut roots = rustls::RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(self.data("tls/ca.pem")).expect("the CA");
        roots.add(ca).expect("a CA");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        builder.expect("TLS").with_root_certificates(roots).with_no_client_auth()
    }

    pub fn staff(&self, username: &str) -> &Staff {
        self.staff.iter().find(|staff| staff.username == username).unwrap_or_else(|| panic!("no {username} works here"))
    }

    /// A member of the staff, logged in at a terminal of their own.
    pub async fn login(&self, username: &str) -> Actor {
        Actor::login(self.browser(), self.base(), self.staff(username)).await
    }

    /// Kills the whole process; nothing is told to anybody.
    pub async fn kill(&mut self) {
        self.process.take().expect("a running hospital").kill().await;
    }

    /// A setting that holds from the next start on.
    pub fn set(&mut self, key: &str, value: &str) {
        self.environment.push((key.to_owned(), value.to_owned()));
    }

    /// A setting that no longer holds.
    pub fn unset(&mut self, key: &str) {
        self.environment.retain(|(set, _)| set != key);
    }

    /// Starts it again over what it left.
    pub async fn restart(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        let process = Process::start(&self.data, &self.folder.path().join("log"), &self.environment).await;
        self.ports = process.ports;
        self.process = Some(process);
    }

    /// Told to stop, it ends in peace.
    pub async fn stop(&mut self) {
        self.process.take().expect("a running hospital").stop().await;
    }

    /// Exit code and report of `benhan verify FILE --trust CA`.
    pub async fn verify(&self, file: &Path, trust: &Path) -> (i32, String) {
        let mut command = tokio::process::Command::new(process::binary());
        command.arg("verify").arg(file).arg("--trust").arg(trust).envs(self.environment.iter().cloned());
        let output = command.output().await.expect("the executable starts");
        let report = [output.stdout, output.stderr].concat();
        (output.status.code().expect("an exit code"), String::from_utf8_lossy(&report).into_owned())
    }

    /// The audit trail as `benhan audit export` writes it, beside the running server.
    pub async fn audit_export(&self, name: &str) -> PathBuf {
        let mut command = tokio::process::Command::new(process::binary());
        command.args(["audit", "export", "--data-dir"]).arg(&self.data).envs(self.environment.iter().cloned());
        let output = command.output().await.expect("the executable starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let path = self.scratch(name);
        std::fs::write(&path, output.stdout).expect("written");
        path
    }

    /// Database, references and every audit chain hold. While the server runs, what came last has no signed head yet.
    pub async fn assert_intact(&self) {
        self.database.assert_sound();
        let (code, report) = self.verify(&self.audit_export("audit.jsonl").await, &self.data("trust/ca.pem")).await;
        assert!(code == 0 || report.contains("INTACT, NOT TRUSTED"), "{report}");
    }

    /// The same after it was told to stop: now every chain is signed up to its last row.
    pub async fn assert_sealed(&self) {
        assert!(self.process.is_none(), "stop it first");
        self.database.assert_sound();
        let (code, report) = self.verify(&self.audit_export("audit.jsonl").await, &self.data("trust/ca.pem")).await;
        assert_eq!(code, 0, "{report}");
    }
}
