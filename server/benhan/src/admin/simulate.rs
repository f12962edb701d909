//! `benhan simulate`: a device to try a hospital's set-up with.

use anyhow::Context;
use benhan_device_gateway::simulate::{Analyzer, AnalyzerKind, Monitor, analyze, run_monitor};
use benhan_uplink::Surroundings;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[derive(clap::Subcommand)]
pub enum What {
    /// A bedside monitor that sends HL7 over MLLP until it is stopped
    Monitor {
        /// Host and port of the gateway's MLLP listener
        #[arg(long)]
        to: String,
        /// Ward code, as PV1-3 names it
        #[arg(long)]
        ward: String,
        #[arg(long, default_value = "")]
        room: String,
        #[arg(long)]
        bed: String,
        /// Seconds between two messages
        #[arg(long, default_value_t = 5)]
        every: u64,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// A haematology analyzer that sends ASTM over TCP, once for each barcode
    Analyzer {
        /// Host and port of the gateway's ASTM listener
        #[arg(long)]
        to: String,
        /// Barcodes of the tubes
        #[arg(long, required = true, num_args = 1..)]
        barcode: Vec<String>,
        /// Send chemistry instead of haematology
        #[arg(long)]
        chemistry: bool,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

pub fn run(what: What) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let on_signal = stop.clone();
        tokio::spawn(async move {
            drop(tokio::signal::ctrl_c().await);
            on_signal.cancel();
        });
        match what {
            What::Monitor { to, ward, room, bed, every, seed } => {
                let monitor = Monitor {
                    name: "BENHAN-MONITOR".into(),
                    eui64: format!("0200BEFFFD{seed:06X}"),
                    unit: ward,
                    room,
                    bed,
                    patient_id: None,
                    seed,
                    interval: Duration::from_secs(every.max(1)),
                    cuff_every: Duration::from_secs(300),
                };
                run_monitor(address(&to)?, monitor, Surroundings::system(), stop).await;
            }
            What::Analyzer { to, barcode, chemistry, seed } => {
                let (send, receive) = tokio::sync::mpsc::channel(barcode.len().max(1));
                for tube in barcode {
                    send.send(tube).await?;
                }
                drop(send);
                let (kind, name) = if chemistry {
                    (AnalyzerKind::Chemistry, "BENHAN-CHEM")
                } else {
                    (AnalyzerKind::Haematology, "BENHAN-HAEMA")
                };
                let interval = Duration::from_millis(200);
                let analyzer =
                    Analyzer { kind, name: name.into(), serial_number: format!("SIM-{seed}"), seed, interval };
                analyze(address(&to)?, analyzer, receive, Surroundings::system(), stop).await;
            }
        }
        Ok(())
    })
}

fn address(text: &str) -> anyhow::Result<SocketAddr> {
    let mut found = text.to_socket_addrs().with_context(|| format!("--to {text}: expected HOST:PORT"))?;
    found.next().with_context(|| format!("--to {text}: no such host"))
}
