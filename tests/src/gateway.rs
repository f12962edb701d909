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
        let data = hospital.scratch("gateway");
        for carried in ["secrets/ingest.token", "tls/ca.pem"] {
            let to = data.join(carried);
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            fs::copy(hospital.data(carried), to).expect("carried");
        }
        fs::write(data.join("benhan.toml"), configuration(server.port())).expect("a configuration");
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
fn configuration(server: u16) -> String {
    format!(
        "[listen]\nmllp = '127.0.0.1:0'\nastm = '127.0.0.1:0'\nmetrics = '127.0.0.1:0'\n\n\
         [uplink]\nurl = 'https://localhost:{server}'\n"
    )
}
