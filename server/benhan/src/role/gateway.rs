//! `benhan gateway`: the devices' side alone. It knows the server's address and token, and no database of its.

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
    // Before anything that another program has to have done.
    benhan_device_gateway::check_ports(&config.gateway.port).context("gateway.port")?;
    let dir = DataDir::open(&place.data_dir)?;
    let to = neighbours::uplink(place, &dir, &config)?;
    let meter = observe::install()?;
    let shutdown = CancellationToken::new();
    let gateway = super::devices::gateway(place, &dir, &config, to);
    let gateway = benhan_device_gateway::start(gateway, shutdown.clone()).await.context("the device gateway")?;
    let watched = observe::Watched { app: None, spool: Some(gateway.spool.clone()), data_dir: dir.root().to_owned() };
    let (metrics, watch) = observe::start(config.listen.metrics, meter, watched, &shutdown)?;
    let ports = json!({
        "mllp": gateway.mllp_addr.map(|a| a.port()),
        "astm": gateway.astm_addr.map(|a| a.port()),
        "metrics": metrics.port(),
    });
    let asked = super::StopAsked::listen()?;
    dir.write_ports(neighbours::GATEWAY, &ports)?;
    say::line(&format!("Benhan, device gateway: {ports}"));

    asked.or_ended(&shutdown).await;
    say::line("Đang dừng…");
    shutdown.cancel();
    gateway.join().await;
    watch.await?.context("the metrics listener")
}
