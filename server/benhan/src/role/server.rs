//! `benhan server`: the record alone; gateway and bridge are processes of their own, here or elsewhere.

use super::record::Record;
use super::{neighbours, production};
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::{config, observe, say};
use serde_json::json;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub fn run(place: &Place) -> anyhow::Result<()> {
    super::begin(serve(place))
}

async fn serve(place: &Place) -> anyhow::Result<()> {
    let config = config::read(place)?;
    let dir = DataDir::open(&place.data_dir)?;
    production::ensure_ready(place, &dir, &config)?;
    let url = config::database_url(place, &config)?;
    let secrets = Arc::new(dir.secrets()?);
    let meter = observe::install()?;
    let shutdown = CancellationToken::new();
    let pixels = neighbours::pixels(place, &config, &secrets.pixels_token)?;
    let record = Record::start((place, &dir, &config), url, false, Arc::clone(&secrets), pixels, &shutdown).await?;
    if config.pixels.url.is_empty() {
        tokio::spawn(neighbours::follow_bridge(dir.clone(), Arc::clone(&record.app.pixels), shutdown.clone()));
    }
    let watched = observe::Watched { app: Some(record.app.clone()), spool: None, data_dir: dir.root().to_owned() };
    let (metrics, watch) = observe::start(config.listen.metrics, meter, watched, &shutdown)?;
    let asked = super::StopAsked::listen()?;
    dir.write_ports(neighbours::SERVER, &json!({ "https": record.https.port(), "metrics": metrics.port() }))?;
    say::line(&format!("Benhan, server: https://{}", record.https));

    asked.or_ended(&shutdown).await;
    say::line("Đang dừng…");
    shutdown.cancel();
    watch.await??;
    record.join().await
}
