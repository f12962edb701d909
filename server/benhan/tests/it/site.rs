//! A hospital's machine: a data folder, a place for backups, a database, and the program on free ports.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

pub const ADMIN: &str = "quantri";
pub const INITIAL: &str = "mat khau ban dau 1";

/// The two places where a record can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

pub struct Site {
    root: tempfile::TempDir,
    database: Option<Database>,
}

/// A database of its own, gone with the story.
struct Database {
    admin: String,
    name: String,
    url: String,
}

impl Database {
    /// By PostgreSQL's own client: the program under test has no business making databases.
    fn create() -> Option<Self> {
        let admin = std::env::var("BENHAN_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let (server, _) = admin.rsplit_once('/').expect("a URL with a database");
        let name = format!("benhan_{}", uuid::Uuid::now_v7().simple());
        let url = format!("{server}/{name}");
        psql(&admin, &format!("CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"));
        Some(Self { admin, name, url })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        psql(&self.admin, &format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name));
    }
}

fn psql(url: &str, statement: &str) {
    let ended = Command::new("psql").args(["-qAtc", statement, url]).output().expect("psql runs");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

impl Site {
    /// Nothing where the story wants PostgreSQL and there is none to test with.
    pub fn new(on: On) -> Option<Self> {
        let database = match on {
            On::Sqlite => None,
            On::Postgres => Some(Database::create()?),
        };
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("backup")).expect("a folder");
        std::fs::write(root.path().join("initial"), INITIAL).expect("a file");
        Some(Self { root, database })
    }

    /// A hospital of one ward of four beds, ready to be served.
    pub fn opened(on: On) -> Option<Self> {
        let site = Self::new(on)?;
        site.init(&[]).ok();
        Some(site)
    }

    pub fn path(&self, inner: &str) -> PathBuf {
        self.root.path().join(inner)
    }

    pub fn data(&self, inner: &str) -> PathBuf {
        self.path("data").join(inner)
    }

    /// Another empty database on the same server.
    pub fn another_database(&self) -> Option<String> {
        let database = self.database.as_ref()?;
        let name = format!("{}_b", database.name);
        psql(&database.admin, &format!("CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"));
        database.url.rsplit_once('/').map(|(server, _)| format!("{server}/{name}"))
    }

    pub fn forget_database(&self, url: &str) {
        let database = self.database.as_ref().expect("a site on PostgreSQL");
        let (_, name) = url.rsplit_once('/').expect("a URL with a database");
        psql(&database.admin, &format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
    }

    /// The program with every listener on a free port.
    pub fn benhan(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_benhan"));
        command.args(arguments).env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
        for listener in ["HTTPS", "MLLP", "ASTM", "DICOM", "METRICS"] {
            command.env(format!("BENHAN_LISTEN_{listener}"), "127.0.0.1:0");
        }
        command.env("BENHAN_DATA_DIR", self.path("data")).current_dir(self.root.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended(self.benhan(arguments).output().expect("the program runs"))
    }

    pub fn init(&self, more: &[&str]) -> Ended {
        let (backup, initial) = (self.path("backup"), self.path("initial"));
        let mut arguments = vec!["init", "--code", "33001", "--name", "Bệnh viện Thử", "--authority", "Sở Y tế Thử"];
        arguments.extend(["--ward", "NOI=Khoa Nội:4", "--admin-name", "Trần Văn Bình", "--json"]);
        arguments.extend(["--backup-target", text(&backup), "--password-file", text(&initial)]);
        if let Some(database) = &self.database {
            arguments.extend(["--database-url", &database.url]);
        }
        arguments.extend(more);
        self.run(&arguments)
    }

    /// Starts a role and waits for the line that says it is up.
    pub fn start(&self, arguments: &[&str], ports: &str) -> Running {
        Running::start(self.benhan(arguments), &self.data(ports))
    }

    pub fn serve(&self) -> Running {
        self.start(&["serve"], "ports.json")
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// What a command said.
pub struct Ended(pub Output);

impl Ended {
    pub fn code(&self) -> i32 {
        self.0.status.code().expect("an exit code")
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("text")
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Its output, when it went well.
    pub fn ok(&self) -> String {
        assert_eq!(self.code(), 0, "{}{}", self.out(), self.err());
        self.out()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.ok()).expect("JSON")
    }

    /// What it complained of, when it failed as it should.
    pub fn failed(&self) -> String {
        assert_eq!(self.code(), 1, "{}{}", self.out(), self.err());
        self.err()
    }
}

/// A role at work; killed with the story unless it was stopped.
pub struct Running {
    child: Child,
    _said: BufReader<ChildStdout>,
    pub ports: Value,
}

impl Running {
    pub fn start(mut command: Command, ports: &Path) -> Self {
        let log = tempfile::tempfile().expect("a file");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(log.try_clone().expect("a file"))
            .spawn()
            .expect("the program starts");
        let mut said = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        if !line.starts_with("Benhan") {
            panic!("it did not start: {line}{}", read_back(log));
        }
        let ports = serde_json::from_slice(&std::fs::read(ports).expect("ports")).expect("JSON");
        Self { child, _said: said, ports }
    }

    pub fn port(&self, of: &str) -> u16 {
        let port = self.ports[of].as_u64().unwrap_or_else(|| panic!("no port of {of} in {}", self.ports));
        u16::try_from(port).expect("a port")
    }

    /// As systemd stops it; true when it ended well.
    pub fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        self.child.wait().expect("it ends").success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read_back(mut log: std::fs::File) -> String {
    use std::io::Seek;
    let mut text = String::new();
    log.rewind().expect("a file");
    log.read_to_string(&mut text).expect("text");
    text
}
