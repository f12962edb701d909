//! `benhan serve`: server, gateway and bridge in one process, talking over loopback as they would over a network.

use super::record::Record;
use super::{neighbours, production};
use crate::cli::Place;
use crate::config::{self, Config};
use crate::data_dir::DataDir;
use crate::{demo, observe, say, tls};
use anyhow::bail;
use benhan_domain::access::Role;
use benhan_server::pixels::Pixels;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub fn run(place: &Place, demo: bool) -> anyhow::Result<()> {
    super::begin(serve(place, demo))
}

async fn serve(place: &Place, demo: bool) -> anyhow::Result<()> {
    let mut config = config::read(place)?;
    let dir = DataDir::open(&place.data_dir)?;
    let url = config::database_url(place, &config)?;
    let secrets = Arc::new(dir.secrets()?);
    if demo {
        loopback_only(&config)?;
        // Its passwords are printed at every start: neither they nor its accounts grow old.
        (config.server.password_days, config.server.password_days_administrator) = (0, 0);
        config.server.disable_after_days = 0;
        // And a phone beside a password that everybody can read would keep nobody out.
        config.access.second_factor.retain(|role| *role != Role::Administrator);
        config.dicom.extend(demo::devices::MODALITIES.map(|ae| config::DicomPeer {
            ae_title: ae.into(),
            addresses: vec!["127.0.0.0/8".into()],
            ascii: false,
        }));
        if !dir.path("tls/server.pem").exists() {
            tls::make(&dir, &config.tls.hosts)?;
        }
        demo::seed(&dir, &url, &secrets).await?;
    } else {
        production::ensure_ready(place, &dir, &config)?;
    }
    let meter = observe::install()?;
    let shutdown = CancellationToken::new();
    let pixels = Pixels::new(secrets.pixels_token.clone())?;
    let record = Record::start((place, &dir, &config), url, demo, Arc::clone(&secrets), pixels, &shutdown).await?;
    let mut to = neighbours::local(&config.tls.hosts, record.https, secrets.ingest_token.clone());
    to.name.clone_from(&config.uplink.name);
    let devices = super::devices::start(place, &dir, &config, to, &secrets, &shutdown).await?;
    record.app.pixels.found_at(&format!("http://{}", devices.pixels()));
    let watched = observe::Watched {
        app: Some(record.app.clone()),
        spool: Some(devices.spool()),
        data_dir: dir.root().to_owned(),
    };
    let (metrics, watch) = observe::start(config.listen.metrics, meter, watched, &shutdown)?;

    let mut ports = devices.ports();
    if let Some(ports) = ports.as_object_mut() {
        ports.insert("https".into(), record.https.port().into());
        ports.insert("metrics".into(), metrics.port().into());
    }
    let asked = super::StopAsked::listen()?;
    dir.write_ports(neighbours::SERVE, &ports)?;
    if demo {
        let card = demo::write_card(&dir, &ports)?;
        welcome(&card);
        demo::devices::simulate(&record.app, &devices, &shutdown).await?;
    } else {
        say::line(&format!("Benhan: https://{}", record.https));
    }

    asked.or_ended(&shutdown).await;
    say::line("Đang dừng…");
    shutdown.cancel();
    devices.join().await;
    watch.await??;
    record.join().await
}

/// The demo's passwords are known to everybody.
fn loopback_only(config: &Config) -> anyhow::Result<()> {
    let l = &config.listen;
    for (name, at) in [
        ("https", l.https),
        ("mllp", l.mllp),
        ("astm", l.astm),
        ("dicom", l.dicom),
        ("pixels", l.pixels),
        ("metrics", l.metrics),
    ] {
        if !at.ip().is_loopback() {
            bail!("the demo listens on loopback only: listen.{name} = {at}");
        }
    }
    Ok(())
}

fn welcome(card: &serde_json::Value) {
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    say::line("");
    say::line(&format!("  Bệnh viện mô phỏng đã sẵn sàng:  {}", text(&card["url"])));
    say::line(&format!("  CA của máy chủ (nhập vào trình duyệt để hết cảnh báo):  {}", text(&card["ca"])));
    say::line(&format!("  CA ký số (cho benhan verify --trust):                   {}", text(&card["signingCa"])));
    say::line("");
    say::line("  người dùng   mật khẩu            PIN      vai trò          khoa   họ tên");
    for u in card["users"].as_array().into_iter().flatten() {
        let row = format!(
            "  {:<12} {:<19} {:<8} {:<16} {:<6} {}",
            text(&u["username"]),
            text(&u["password"]),
            text(&u["pin"]),
            text(&u["role"]),
            text(&u["ward"]),
            text(&u["name"])
        );
        say::line(&row);
    }
    say::line("");
    say::line(
        "  Quản trị của bệnh viện mô phỏng không cần mã xác thực trên điện thoại; ở bệnh viện thật thì bắt buộc.",
    );
    say::line("  Dừng: Ctrl-C. Tất cả dữ liệu là giả lập.");
}
