//! `benhan pacs`: the images' side alone. It knows the server's address and token, and no database of its.

use super::neighbours;
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::{config, observe, say};
use anyhow::Context;
use serde_json::json;
use tokio_util::sync::CancellationToken;

pub fn run(place: &Place) -> anyhow::Result<()> {
    super::begin(serve(place))
}

async fn serve(place: &Place) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let dir = DataDir::open(&place.data_dir)?;
    let to = neighbours::uplink(place, &dir, &config)?;
    let token = neighbours::token(&config::path(place, &config.pixels.token_file), "pixels.token_file")?;
    let meter = observe::install()?;
    let shutdown = CancellationToken::new();
    let bridge = super::devices::bridge(place, &dir, &config, to, token)?;
    let bridge = benhan_pacs_bridge::start(bridge, shutdown.clone()).await.context("the PACS bridge")?;
    let watched = observe::Watched { app: None, spool: None, data_dir: dir.root().to_owned() };
    let (metrics, watch) = observe::start(config.listen.metrics, meter, watched, &shutdown)?;
    let ports = json!({
        "dicom": bridge.dicom_addr.port(), "pixels": bridge.pixels_addr.port(), "metrics": metrics.port(),
    });
    let asked = super::StopAsked::listen()?;
    dir.write_ports(neighbours::PACS, &ports)?;
    say::line(&format!("Benhan, PACS bridge: {ports}"));

    asked.or_ended(&shutdown).await;
    say::line("Đang dừng…");
    shutdown.cancel();
    bridge.stopped().await;
    watch.await?.context("the metrics listener")
}
