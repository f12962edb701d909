//! The real executable, running.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};

/// `BENHAN_BIN`, else what cargo built beside the tests.
pub fn binary() -> PathBuf {
    let named = std::env::var_os("BENHAN_BIN").filter(|name| !name.is_empty()).map(PathBuf::from);
    let path = named.unwrap_or_else(|| {
        let tests = std::env::current_exe().expect("a test has a path");
        tests.ancestors().nth(2).expect("tests lie in deps/").join("benhan")
    });
    // A relative name is meant from the root of the repository, where make stands.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository");
    let path = root.join(path);
    assert!(path.is_file(), "the executable {} is not built: run `make build` first", path.display());
    path
}

/// Runs a command to its end.
pub async fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
    Command::new(binary()).args(arguments).stdin(Stdio::null()).output().await.expect("the executable starts")
}

#[derive(Clone, Copy, Debug)]
pub struct Ports {
    pub https: SocketAddr,
    pub mllp: SocketAddr,
    pub astm: SocketAddr,
    pub dicom: SocketAddr,
    pub metrics: SocketAddr,
}

pub struct Process {
    child: Child,
    pub ports: Ports,
}

pub fn port(ports: &Value, name: &str) -> SocketAddr {
    let port = ports[name].as_u64().and_then(|port| u16::try_from(port).ok());
    SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or_else(|| panic!("{ports} names no {name}"))))
}

/// Starts a role and returns when it has written where it listens.
pub async fn begin(mut command: Command, known: &Path, log: &Path) -> (Child, Value) {
    drop(fs::remove_file(known)); // of the run before
    let file = fs::File::options().create(true).append(true).open(log).expect("a log");
    command.stdin(Stdio::null()).stdout(file.try_clone().expect("a log")).stderr(file).kill_on_drop(true);
    let mut child = command.spawn().expect("the executable starts");
    let ports = crate::within(Duration::from_secs(240), "it listens", async || {
        if let Some(status) = child.try_wait().expect("a child") {
            let text = fs::read_to_string(log).unwrap_or_default();
            let from = text.len().saturating_sub(4_000);
            let tail = text.get(from..).unwrap_or(&text);
            panic!("benhan ended ({status}) before it was ready:\n{tail}");
        }
        serde_json::from_slice(&fs::read(known).ok()?).ok()
    });
    let ports = ports.await;
    (child, ports)
}

/// SIGTERM: it must end of itself, in peace.
pub async fn end(mut child: Child) {
    let id = child.id().expect("a running process").to_string();
    let told = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill");
    assert!(told.success());
    let ended = tokio::time::timeout(Duration::from_secs(60), child.wait()).await;
    let status = ended.expect("it stops when it is told to").expect("a child");
    assert!(status.success(), "benhan stopped with {status}");
}

impl Process {
    /// Starts `benhan serve`, as a demo unless it is a hospital of its own, and returns when it has written where it
    /// listens.
    pub async fn start(data: &Path, log: &Path, environment: &[(String, String)]) -> Self {
        let mut command = Command::new(binary());
        command.arg("serve").arg("--data-dir").arg(data);
        if data.join("demo.json").exists() || !data.join("benhan.toml").exists() {
            command.arg("--demo");
        }
        for listener in ["HTTPS", "MLLP", "ASTM", "DICOM", "PIXELS", "METRICS"] {
            command.env(format!("BENHAN_LISTEN_{listener}"), "127.0.0.1:0");
        }
        // A nearly full development machine is no full hospital; and nobody waits for long quiet times.
        command.env("BENHAN_PACS_MIN_FREE_PERCENT", "0").env("BENHAN_PACS_SETTLE_SECONDS", "1");
        command.env("BENHAN_DEMO_DEVICES", "off").envs(environment.iter().cloned());
        let (child, ports) = begin(command, &data.join("ports.json"), log).await;
        let ports = Ports {
            https: port(&ports, "https"),
            mllp: port(&ports, "mllp"),
            astm: port(&ports, "astm"),
            dicom: port(&ports, "dicom"),
            metrics: port(&ports, "metrics"),
        };
        Self { child, ports }
    }

    pub fn id(&self) -> u32 {
        self.child.id().expect("a running process")
    }

    /// SIGKILL: no last word, no flush.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// SIGTERM: it must end of itself, in peace.
    pub async fn stop(self) {
        end(self.child).await;
    }

    /// Resident memory in KiB: `VmRSS` now, `VmHWM` at its highest.
    pub fn memory_kib(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).expect("a running process");
        let line = status.lines().find(|line| line.starts_with(field)).expect("the field");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("KiB")
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }
}
