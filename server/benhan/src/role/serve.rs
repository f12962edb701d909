//! `benhan serve`: server, gateway and bridge in one process, talking over loopback as they would over a network.

use crate::cli::Place;
use crate::config::{self, Config};
use crate::data_dir::DataDir;
use crate::{demo, identity, say, tls};
use anyhow::{Context, bail};
use benhan_domain::time::Instant;
use benhan_server::config::Settings;
use benhan_server::http::Door;
use benhan_server::hub::Hub;
use benhan_server::pixels::Pixels;
use benhan_server::secrets::Secrets;
use benhan_server::{App, jobs};
use benhan_store::{Db, DbUrl, StoreError, places};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Where the record is: as configured, else `record.db` in the data folder.
pub fn database_url(place: &Place, config: &Config) -> anyhow::Result<DbUrl> {
    if config.database.url.is_empty() {
        return Ok(DbUrl::Sqlite(place.data_dir.join("record.db")));
    }
    Ok(config.database.url.parse()?)
}

pub fn run(place: &Place, demo: bool) -> anyhow::Result<()> {
    let filter = std::env::var("BENHAN_LOG").unwrap_or_else(|_| "info,actix_server=warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        bail!("another TLS provider is installed already");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(place, demo))
}

/// Everything that requests and jobs use.
pub async fn app(dir: &DataDir, db: Db, secrets: Arc<Secrets>, settings: Settings) -> anyhow::Result<App> {
    let facility = db.read::<_, StoreError, _>(places::facility).await?;
    let facility = facility.context("this data folder holds no hospital yet: try `benhan serve --demo`")?;
    let trust = identity::trust(dir, db.now().0)?;
    let renderer = tokio::task::spawn_blocking(benhan_render::Renderer::new).await??;
    let pixels_token = secrets.pixels_token.clone();
    Ok(App {
        db,
        hub: Arc::new(Hub::default()),
        jobs: Arc::new(Notify::new()),
        secrets,
        facility: Arc::new(facility),
        renderer: Arc::new(renderer),
        trust: Arc::new(trust),
        settings: Arc::new(settings),
        pixels: Arc::new(Pixels::new(pixels_token)?),
    })
}

async fn serve(place: &Place, demo: bool) -> anyhow::Result<()> {
    let mut config = config::read(place)?;
    let dir = DataDir::open(&place.data_dir)?;
    let secrets = Arc::new(dir.secrets()?);
    let url = database_url(place, &config)?;
    if demo {
        loopback_only(&config)?;
        config.dicom.extend(demo::devices::MODALITIES.map(|ae| config::DicomPeer {
            ae_title: ae.into(),
            addresses: vec!["127.0.0.0/8".into()],
            ascii: false,
        }));
        demo::seed(&dir, &url, &secrets).await?;
    }
    let db = Db::open(url, || Instant::from(jiff::Timestamp::now()))?;
    let app = app(&dir, db, Arc::clone(&secrets), config.server.clone()).await?;
    let shutdown = CancellationToken::new();

    let listener =
        TcpListener::bind(config.listen.https).with_context(|| format!("cannot listen on {}", config.listen.https))?;
    let https = listener.local_addr()?;
    let door = Door { listener, tls: Some(tls::server(&dir, &["localhost".into(), "127.0.0.1".into()])?) };
    let web = tokio::spawn(benhan_server::http::serve(app.clone(), door, shutdown.clone()));
    let work = tokio::spawn(jobs::run(app.clone(), shutdown.clone()));
    let beat = tokio::spawn(beat(app.clone(), shutdown.clone()));
    let devices = super::devices::start(&dir, &config, https, &secrets, &shutdown).await?;
    app.pixels.found_at(&format!("http://{}", devices.pixels()));

    let ports = devices.ports(https);
    dir.write_private("ports.json", serde_json::to_string(&ports)?.as_bytes())?;
    if demo {
        let card = demo::write_card(&dir, &ports)?;
        welcome(&card);
        demo::devices::simulate(&app, &devices, &shutdown).await?;
    } else {
        say::line(&format!("Benhan: https://{https}"));
    }

    stop_asked().await?;
    say::line("Đang dừng…");
    shutdown.cancel();
    devices.join().await;
    web.await??;
    work.await?;
    beat.await?;
    seal(&dir, &app).await;
    app.db.close();
    Ok(())
}

/// The demo's passwords are known to everybody.
fn loopback_only(config: &Config) -> anyhow::Result<()> {
    let l = &config.listen;
    for (name, at) in
        [("https", l.https), ("mllp", l.mllp), ("astm", l.astm), ("dicom", l.dicom), ("metrics", l.metrics)]
    {
        if !at.ip().is_loopback() {
            bail!("the demo listens on loopback only: listen.{name} = {at}");
        }
    }
    Ok(())
}

/// Live values once a second, fresh revocation lists and sealed audit heads once an hour.
async fn beat(app: App, shutdown: CancellationToken) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = second.tick() => app.hub.flush(),
        }
    }
}

/// Signs the heads of the audit chains, so that what was written until now cannot be rewritten unnoticed.
async fn seal(dir: &DataDir, app: &App) {
    let sealed = async {
        let Some(key) = identity::seal(dir)? else { return Ok(0) };
        app.trust.renew(identity::lists(dir, app.db.now().0)?);
        anyhow::Ok(benhan_server::app::signing::seal_heads(app, &key).await?)
    };
    match sealed.await {
        Ok(heads) => tracing::info!(heads, "audit heads signed"),
        Err(error) => tracing::error!(error = format!("{error:#}"), "the audit heads could not be signed"),
    }
}

async fn stop_asked() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
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
    say::line("  Dừng: Ctrl-C. Tất cả dữ liệu là giả lập.");
}

/// For the uplinks of the gateway and the bridge: the name that the certificate carries.
pub fn base_url(https: SocketAddr) -> String {
    format!("https://localhost:{}", https.port())
}
