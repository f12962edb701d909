//! The record's server inside this process: web door, jobs, and what falls due by the clock.

use super::{beat, production};
use crate::cli::Place;
use crate::config::{Config, SealPlace, secret};
use crate::data_dir::DataDir;
use crate::{identity, own_forms, tls};
use anyhow::Context;
use benhan_domain::time::Instant;
use benhan_server::app::certificates::to_list;
use benhan_server::app::trusting;
use benhan_server::buckets::Buckets;
use benhan_server::config::{Downtime, Messages};
use benhan_server::desks::Desks;
use benhan_server::holders::Holders;
use benhan_server::http::Door;
use benhan_server::hub::Hub;
use benhan_server::kits::Kits;
use benhan_server::pixels::Pixels;
use benhan_server::secrets::Secrets;
use benhan_server::text_messages::TextMessages;
use benhan_server::upkeep::Upkeep;
use benhan_server::{App, jobs, security_keys};
use benhan_store::{Db, DbUrl, StoreError, places};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Everything that requests and jobs use.
pub async fn app(
    dir: &DataDir,
    db: Db,
    secrets: Arc<Secrets>,
    config: &Config,
    (holders, seal): (Holders, SealPlace),
    (pixels, buckets): (Pixels, Arc<Buckets>),
) -> anyhow::Result<App> {
    let facility = db.read::<_, StoreError, _>(places::facility).await?;
    let facility = facility
        .context("this data folder holds no hospital yet: `benhan init` makes one, `benhan serve --demo` shows one")?;
    let revoked = db.read::<_, StoreError, _>(to_list).await?;
    let trust = identity::outward(dir, identity::trust(dir, db.now().0, &revoked)?, config)?;
    trusting::take_up(&db, &trust).await?;
    let of = dir.clone();
    let forms = dir.path(own_forms::FOLDER);
    let renderer = tokio::task::spawn_blocking(move || own_forms::renderer(&forms)).await??;
    let hub = Arc::new(Hub::default());
    let desks = Desks::new(&secrets.server_key, Arc::clone(&hub)).context("the key of statements to terminals")?;
    Ok(App {
        db,
        hub,
        jobs: Arc::new(Notify::new()),
        secrets,
        desks: Arc::new(desks),
        security_keys: Arc::default(),
        messages: messages(dir, &config.messages)?,
        patient_codes: Arc::default(),
        facility: Arc::new(facility),
        renderer: Arc::new(renderer),
        trust: Arc::new(trust),
        lists: Arc::new(move |now, revoked| identity::lists(&of, now, revoked).map_err(|e| format!("{e:#}"))),
        seal: identity::seal(dir, &holders, &seal)?.map(Arc::new),
        holders: Arc::new(holders),
        settings: Arc::new(config.server.clone()),
        signing: config.signing,
        access: Arc::new(config.access.clone()),
        report_clocks: config.incident_reports,
        personal_data: Arc::new(config.personal_data.clone()),
        terms: config.retention,
        kits: Arc::new(Kits::new(dir.path("downtime"), kits_of(dir, &config.downtime))),
        pixels: Arc::new(pixels),
        buckets,
    })
}

/// Who sends text messages, where the house has somebody.
fn messages(dir: &DataDir, set: &Messages) -> anyhow::Result<Option<Arc<TextMessages>>> {
    if set.url.is_empty() {
        return Ok(None);
    }
    let file = Some(&set.token_file).filter(|file| !file.as_os_str().is_empty());
    let token = file.map(|file| secret(&dir.root().join(file), "messages.token_file")).transpose()?;
    let made = TextMessages::new(set, token).map_err(|why| anyhow::anyhow!("[messages]: {why}"))?;
    Ok(Some(Arc::new(made)))
}

/// Its folders as they are: relative ones begin in the data folder.
fn kits_of(dir: &DataDir, set: &Downtime) -> Downtime {
    let to = set.to.iter().map(|folder| dir.root().join(folder)).collect();
    Downtime { to, ..set.clone() }
}

/// Running parts of the server; they end with the token.
pub struct Record {
    pub app: App,
    pub https: SocketAddr,
    web: JoinHandle<std::io::Result<()>>,
    work: JoinHandle<()>,
    beat: JoinHandle<Upkeep>,
}

impl Record {
    pub async fn start(
        (place, dir, config): (&Place, &DataDir, &Config),
        url: DbUrl,
        demo: bool,
        secrets: Arc<Secrets>,
        pixels: Pixels,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let db = Db::open(url, dir.record_keys()?, || Instant::from(jiff::Timestamp::now()))?;
        if !demo {
            production::ensure_passwords(&db, &secrets).await?;
        }
        let keys = (config.holders(place)?, config.seal_place(place)?);
        let buckets = config.buckets(place, shutdown.clone())?;
        db.keys().reach(buckets.clone());
        let app = app(dir, db, secrets, config, keys, (pixels, buckets)).await?;
        let host = config.tls.hosts.first().context("tls.hosts names no host")?;
        if tls::renew_if_due(dir, &config.tls.hosts, app.db.now().0)? {
            tracing::info!("the server's certificate was renewed");
        }
        let tls = tls::server(&tls::Files::of(place, &config.tls), host)?;
        let at = config.listen.https;
        let listener = TcpListener::bind(at).with_context(|| format!("cannot listen on listen.https = {at}"))?;
        let https = listener.local_addr()?;
        let sites = security_keys::sites(&config.access.origins, &config.tls.hosts, https.port());
        app.security_keys.opened_at(
            sites.map_err(|origin| anyhow::anyhow!("access.origins: {origin} is no https:// address with a name"))?,
        );
        let door = Door { listener, tls: Some(tls), data_dir: Some(dir.root().to_owned()) };
        let web = tokio::spawn(benhan_server::http::serve(app.clone(), door, shutdown.clone()));
        let work = tokio::spawn(jobs::run(app.clone(), shutdown.clone()));
        let beat = beat::start(place, config, &app, shutdown)?;
        Ok(Self { app, https, web, work, beat })
    }

    /// Lets requests and jobs finish, signs the audit heads over all of it, closes the database.
    pub async fn join(self) -> anyhow::Result<()> {
        self.web.await??;
        self.work.await?;
        let mut upkeep = self.beat.await?;
        if let Err(error) = upkeep.seal().await {
            tracing::error!(%error, "the audit heads could not be signed");
        }
        self.app.db.close();
        Ok(())
    }
}
