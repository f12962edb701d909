//! A ward's gateway on a box of its own: the real executable, and only what docs/install.md has carried there.

use crate::database::Database;
use crate::hospital::TestHospital;
use crate::process;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::process::{Child, Command};

pub struct Gateway {
    child: Child,
    data: PathBuf,
    pub mllp: SocketAddr,
}

impl Gateway {
    /// Starts `benhan gateway`. It finds the hospital at this port of localhost and nowhere else.
    pub async fn open(hospital: &TestHospital, server: SocketAddr) -> Self {
        let token = fs::read_to_string(hospital.data("secrets/ingest.token")).expect("a token");
        Self::told(hospital, &format!("url = 'https://localhost:{}'", server.port()), &token).await
    }

    /// As [`open`](Self::open), with another `[uplink]` and the token of whoever is there.
    pub async fn told(hospital: &TestHospital, uplink: &str, token: &str) -> Self {
        let data = hospital.scratch("gateway");
        for folder in ["secrets", "tls"] {
            fs::create_dir_all(data.join(folder)).expect("a folder");
        }
        fs::write(data.join("secrets/ingest.token"), token).expect("carried");
        fs::copy(hospital.data("tls/ca.pem"), data.join("tls/ca.pem")).expect("carried");
        fs::write(data.join("benhan.toml"), configuration(uplink)).expect("a configuration");
        let mut command = Command::new(process::binary());
        command.args(["gateway", "--data-dir"]).arg(&data);
        let (child, ports) =
            process::begin(command, &data.join("ports-gateway.json"), &hospital.scratch("gateway.log")).await;
        Self { child, mllp: process::port(&ports, "mllp"), data }
    }

    /// What it keeps until the server has it.
    pub fn spool(&self) -> Database {
        Database::Sqlite(self.data.join("spool/spool.db"))
    }

    /// Told to stop, it ends in peace.
    pub async fn stop(self) {
        process::end(self.child).await;
    }
}

/// Free ports, and where the server is; the rest is as delivered.
fn configuration(uplink: &str) -> String {
    format!("[listen]\nmllp = '127.0.0.1:0'\nastm = '127.0.0.1:0'\nmetrics = '127.0.0.1:0'\n\n[uplink]\n{uplink}\n")
}
