//! A bridge in a process of its own, that can be killed and measured.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub struct BridgeProcess {
    child: Child,
    pub dicom: SocketAddr,
    pub pixels: SocketAddr,
}

impl BridgeProcess {
    pub fn start(folder: &Path) -> Self {
        let config = folder.join("bridge.toml");
        let text = format!(
            "data_dir = {data:?}\nkey_store = {keys:?}\nmaster_key = {master:?}\nlisten = \"127.0.0.1:0\"\npixels_listen = \"127.0.0.1:0\"\n\
             pixels_token = \"secret\"\nmin_free_percent = 0\nsettle_seconds = 0\n\
             [[peers]]\nae_title = \"CT1\"\naddresses = [\"127.0.0.1\"]\n",
            data = folder.join("data"),
            keys = folder.join("keys.db"),
            master = folder.join("master.key"),
        );
        std::fs::write(&config, text).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_benhan-pacs-bridge"))
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = |name: &str| ports[name].as_str().unwrap().parse().unwrap();
        Self { dicom: address("dicom"), pixels: address("pixels"), child }
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The most memory that it ever had resident, in KiB.
    pub fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for BridgeProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
