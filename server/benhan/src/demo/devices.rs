//! Simulated monitors, an analyzer and a modality, which connect to the demo as real devices would.

use super::catalog;
use crate::role::devices::Devices;
use anyhow::Context;
use benhan_device_gateway::simulate::{Analyzer, AnalyzerKind, Monitor, analyze, run_monitor};
use benhan_domain::order::{OrderKind, OrderState};
use benhan_pacs_bridge::simulate::{Examination, Modality};
use benhan_server::App;
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::orders;
use benhan_store::{StoreError, users};
use benhan_uplink::Surroundings;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// AE titles of the demo's modalities.
pub const MODALITIES: [&str; 2] = ["CT_DEMO", "CR_DEMO"];

/// Numbers of the beds of the first ward that have a monitor.
pub fn monitored() -> impl Iterator<Item = u32> {
    (1..=40).filter(|n| n % 2 == 1 || n % 3 == 0)
}

pub fn bed(n: u32) -> String {
    format!("G{n:02}")
}

/// `BENHAN_DEMO_DEVICES=off` leaves the stage to real devices, or to simulators that are started by hand.
const OFF: (&str, &str) = ("BENHAN_DEMO_DEVICES", "off");

/// Runs until `shutdown`.
pub async fn simulate(app: &App, devices: &Devices, shutdown: &CancellationToken) -> anyhow::Result<()> {
    if std::env::var_os(OFF.0).is_some_and(|value| value == OFF.1) {
        return Ok(());
    }
    if let Some(to) = devices.mllp() {
        for n in monitored() {
            let monitor = Monitor {
                name: "BENHAN-MONITOR".into(),
                eui64: format!("0200BEFFFE{n:06X}"),
                unit: "NOI".into(),
                room: format!("{}", 300 + (n - 1) / 8 + 1),
                bed: bed(n),
                patient_id: None,
                seed: u64::from(n),
                interval: Duration::from_secs(5),
                cuff_every: Duration::from_secs(600),
            };
            tokio::spawn(run_monitor(to, monitor, Surroundings::system(), shutdown.clone()));
        }
    }
    if let Some(to) = devices.astm() {
        let technician = app.db.read::<_, StoreError, _>(|conn| users::by_username(conn, "minh")).await?;
        let technician = accounts::acting(app, technician.context("the demo has no technician")?.id).await?;
        for (kind, name, serial, item) in [
            (AnalyzerKind::Haematology, "BENHAN-HAEMA", "HH-0007", catalog::BLOOD_COUNT),
            (AnalyzerKind::Chemistry, "BENHAN-CHEM", "SH-0012", catalog::CHEMISTRY),
        ] {
            let (send, receive) = mpsc::channel(16);
            let analyzer = Analyzer {
                kind,
                name: name.into(),
                serial_number: serial.into(),
                seed: 11,
                interval: Duration::from_secs(4),
            };
            tokio::spawn(analyze(to, analyzer, receive, Surroundings::system(), shutdown.clone()));
            tokio::spawn(carry(app.clone(), technician.clone(), item, send, shutdown.clone()));
        }
    }
    let dicom = devices.dicom();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let modality = Modality {
            address: dicom,
            calling: MODALITIES[0].into(),
            called: "BENHAN".into(),
            seed: 5,
            examination: Examination::Ct { slices: 24, side: 256 },
        };
        let chest =
            Modality { calling: MODALITIES[1].into(), examination: Examination::Cr { side: 1024 }, ..modality.clone() };
        // Orders reach the bridge's worklist some seconds after they are placed: the machines ask again.
        let mut ask = tokio::time::interval(Duration::from_secs(10));
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ask.tick() => {}
            }
            for machine in [&modality, &chest] {
                if let Err(error) = machine.run(None).await {
                    tracing::warn!(%error, "the simulated modality could not work");
                }
            }
        }
    });
    Ok(())
}

/// Brings tubes that await a result to the analyzer, as a technician's hands would.
async fn carry(
    app: App,
    technician: Caller,
    item: &'static str,
    to: mpsc::Sender<String>,
    shutdown: CancellationToken,
) {
    let mut brought = HashSet::new();
    let mut look = tokio::time::interval(Duration::from_secs(3));
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = look.tick() => {}
        }
        let wanted = (Some(OrderKind::Lab), Some(OrderState::Collected));
        let waiting = match orders::list(&app, &technician, None, wanted).await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::warn!(%error, "the demo could not look for tubes");
                continue;
            }
        };
        for barcode in waiting.into_iter().filter(|o| o.code == item).filter_map(|o| o.barcode) {
            if brought.insert(barcode.clone()) && to.send(barcode).await.is_err() {
                return;
            }
        }
    }
}
