//! Numbers for whoever watches the machine: Prometheus reads them from a listener of their own.
//!
//! Counters and durations are kept where things happen; gauges are read when somebody asks. No label holds an id.

use crate::admin::drill::filed;
use anyhow::Context;
use benhan_server::App;
use benhan_server::app::AppError;
use benhan_server::http::metrics::{Render, serve};
use benhan_store::{inbox, jobs, places, studies};
use benhan_uplink::Spool;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// From a millisecond to half a minute.
const SECONDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const WRITES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Once a process, before anything is counted.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full("benhan_commit_batch_writes".into()), &WRITES)?
        .install_recorder()
        .context("metrics")?;
    describe_counter!("benhan_http_requests_total", "Requests by route template, method and status");
    describe_histogram!("benhan_http_request_duration_seconds", Unit::Seconds, "Until the answer began");
    describe_histogram!("benhan_commit_duration_seconds", Unit::Seconds, "One group commit, work and fsync");
    describe_histogram!("benhan_commit_batch_writes", "Writes that shared one commit");
    describe_counter!("benhan_ingest_deliveries_total", "Deliveries of gateway and bridge by what became of them");
    describe_gauge!("benhan_inbox_waiting", "Device messages that wait for a person");
    describe_gauge!("benhan_studies_unmatched", "Studies that wait for a person");
    describe_gauge!("benhan_jobs", "Jobs by state; dead ones wait for a person");
    describe_gauge!("benhan_spool_pending", "Device messages that the server has not got yet");
    describe_gauge!("benhan_spool_oldest_age_seconds", Unit::Seconds, "Age of the oldest of them");
    describe_gauge!("benhan_device_links", "Connections of devices and open lines, by port; 0 of a line that is down");
    describe_counter!(
        "benhan_device_queries_total",
        "Questions of devices by barcode or patient, by what became of them"
    );
    describe_counter!("benhan_device_refusals_total", "Orders that a device refused");
    describe_counter!("benhan_device_forgiven_total", "Departures from the standard that were taken, by port and kind");
    describe_gauge!("benhan_lab_worklist_specimens", "Specimens with open orders that analyzers can ask for");
    describe_gauge!(
        "benhan_lab_worklist_age_seconds",
        Unit::Seconds,
        "Since when analyzers are answered from this list"
    );
    describe_counter!("benhan_dicom_associations_total", "Associations accepted");
    describe_counter!("benhan_dicom_instances_total", "Instances by what became of them");
    describe_gauge!("benhan_event_streams", "Terminals that listen");
    describe_counter!("benhan_signatures_total", "Signatures made");
    describe_counter!("benhan_unstamped_total", "Sheets signed without the time stamp that they should have");
    describe_counter!("benhan_outside_stamp_failures_total", "Time-stamp service outside that was asked in vain");
    describe_gauge!(
        "benhan_archive_stamp_ends_timestamp_seconds",
        Unit::Seconds,
        "Until when the newest archive stamp proves anything"
    );
    describe_gauge!("benhan_revocation_lists_stale", "Fetched revocation lists that are past their next update");
    describe_counter!("benhan_ocsp_failures_total", "Responders of certificate authorities that were asked in vain");
    describe_gauge!("benhan_audit_heads_behind", "1 when signed audit heads could not be taken to this place, else 0");
    describe_gauge!(
        "benhan_downtime_kit_timestamp_seconds",
        Unit::Seconds,
        "When a ward's newest downtime kit was made; 0 while it has none"
    );
    describe_gauge!("benhan_downtime_kit_failed", "1 when the last kit of a ward could not be made, else 0");
    describe_gauge!("benhan_downtime_copies_failed", "Wards whose newest kit a folder of downtime.to has not got");
    describe_gauge!("benhan_disk_free_bytes", Unit::Bytes, "Room on the data folder's volume");
    describe_gauge!("benhan_backup_last_success_timestamp_seconds", Unit::Seconds, "When the last backup was done");
    describe_gauge!("benhan_drill_last_timestamp_seconds", Unit::Seconds, "When the last drill of a backup began");
    describe_gauge!("benhan_drill_last_held", "1 when everything of it was restored and proved, else 0");
    gauge!("benhan_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// Where gauges are read from; what a role has not got is not shown.
#[derive(Clone)]
pub struct Watched {
    pub app: Option<App>,
    pub spool: Option<Spool>,
    pub data_dir: PathBuf,
}

/// Listens until `shutdown`.
pub fn start(
    at: SocketAddr,
    handle: PrometheusHandle,
    watched: Watched,
    shutdown: &CancellationToken,
) -> anyhow::Result<(SocketAddr, JoinHandle<std::io::Result<()>>)> {
    let listener = TcpListener::bind(at).with_context(|| format!("cannot listen on listen.metrics = {at}"))?;
    let at = listener.local_addr()?;
    let (tidied, stop) = (handle.clone(), shutdown.clone());
    tokio::spawn(async move {
        // Durations pile up until they are counted, whether or not anybody reads them.
        let mut every = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = every.tick() => tidied.run_upkeep(),
            }
        }
    });
    let render: Render = Arc::new(move || {
        let (handle, watched) = (handle.clone(), watched.clone());
        Box::pin(async move {
            read_gauges(&watched).await;
            handle.render()
        })
    });
    Ok((at, tokio::spawn(serve(listener, render, shutdown.clone()))))
}

/// What cannot be read is left as it was, and said.
async fn read_gauges(watched: &Watched) {
    if let Ok(volume) = rustix::fs::statvfs(&watched.data_dir) {
        gauge!("benhan_disk_free_bytes").set(number(volume.f_bavail.saturating_mul(volume.f_frsize)));
    }
    if let Some(drill) = filed::last(&watched.data_dir) {
        gauge!("benhan_drill_last_timestamp_seconds").set(number(drill.begun_at / 1_000_000));
        gauge!("benhan_drill_last_held").set(f64::from(u8::from(drill.held)));
    }
    if let Some(spool) = &watched.spool {
        match spool.status().await {
            Ok(status) => {
                let now = jiff::Timestamp::now().as_microsecond();
                let age = status.oldest_waiting.map_or(0, |at| now.saturating_sub(at).max(0));
                gauge!("benhan_spool_pending").set(number(status.waiting()));
                gauge!("benhan_spool_oldest_age_seconds").set(number(age) / 1e6);
            }
            Err(error) => tracing::warn!(%error, "the spool could not be counted"),
        }
    }
    if let Some(app) = &watched.app {
        let read = app.db.read::<_, AppError, _>(|conn| {
            Ok((inbox::waiting(conn)?, studies::unmatched_count(conn)?, jobs::counts(conn)?))
        });
        read_kits(app).await;
        match read.await {
            Ok((waiting, unmatched, (ready, dead))) => {
                gauge!("benhan_inbox_waiting").set(number(waiting));
                gauge!("benhan_studies_unmatched").set(number(unmatched));
                gauge!("benhan_jobs", "state" => "ready").set(number(ready));
                gauge!("benhan_jobs", "state" => "dead").set(number(dead));
            }
            Err(error) => tracing::warn!(%error, "the record could not be counted"),
        }
    }
}

/// By the wards' codes and the folders' places in the configuration: few, and of no patient.
async fn read_kits(app: &App) {
    let Ok(wards) = app.db.read::<_, AppError, _>(|conn| Ok(places::wards(conn)?)).await else { return };
    let mut behind = vec![0_i64; app.kits.settings.to.len()];
    for ward in wards {
        let held = app.kits.of(ward.id);
        let made = held.made.map_or(0, |made| made.at.0 / 1_000_000);
        gauge!("benhan_downtime_kit_timestamp_seconds", "ward" => ward.code.clone()).set(number(made));
        gauge!("benhan_downtime_kit_failed", "ward" => ward.code).set(f64::from(u8::from(held.failed.is_some())));
        for (folder, count) in behind.iter_mut().enumerate() {
            *count += i64::from(held.copies.get(&folder).is_some_and(|copy| copy.failed.is_some()));
        }
    }
    for (folder, count) in behind.into_iter().enumerate() {
        gauge!("benhan_downtime_copies_failed", "folder" => folder.to_string()).set(number(count));
    }
}

/// A gauge is a float; beyond 2^53 nobody minds the last digit.
#[expect(clippy::as_conversions, reason = "a gauge is a float")]
fn number(count: impl TryInto<i64>) -> f64 {
    count.try_into().unwrap_or(i64::MAX) as f64
}
