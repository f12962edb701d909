//! Connections and answers of the pixel service.

use super::cache::FrameCache;
use super::frame_source::FrameSource;
use super::header::Header;
use super::image_attributes::Attributes;
use super::json;
use super::reply::{self, Problem, Reply};
use super::routes::Route;
use super::worker_pool::{Outcome, WorkerPool};
use crate::bridge::Bridge;
use crate::library::{Blob, Quarantined, RefusalRow, StoredInstance};
use crate::worker::protocol::{Format, Image, Job, Request};
use benhan_dimse::Uid;
use hyper::service::service_fn;
use hyper::{Method, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const MOST_CONNECTIONS: usize = 256;
const LIST: i64 = 200;
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The service and what it keeps.
pub(crate) struct Pixels {
    bridge: Arc<Bridge>,
    cache: FrameCache,
    workers: WorkerPool,
    /// Headers being read at one time: each may take a few megabytes.
    headers: Semaphore,
}

/// A frame found: its bytes and what to make of them.
struct Found {
    blob: Arc<Blob>,
    source: FrameSource,
    image: Image,
}

impl Pixels {
    pub(crate) fn new(bridge: Arc<Bridge>) -> Arc<Self> {
        let config = &bridge.config;
        let limit = Duration::from_secs(config.worker_seconds.max(1));
        Arc::new(Self {
            cache: FrameCache::new(bridge.library.places.derived.clone(), config.frame_cache_mib),
            workers: WorkerPool::new(config.worker_command.clone(), config.workers, config.worker_memory_mib, limit),
            headers: Semaphore::new(8),
            bridge,
        })
    }

    /// Serves until `shutdown`, then lets requests under way finish.
    pub(crate) async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        shutdown: CancellationToken,
    ) {
        let tasks = TaskTracker::new();
        let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else { continue };
            let Ok(turn) = Arc::clone(&connections).try_acquire_owned() else { continue };
            let (service, shutdown, tls) = (Arc::clone(&self), shutdown.clone(), tls.clone());
            tasks.spawn(async move {
                // Without it a small answer waits for the peer's delayed acknowledgement.
                drop(stream.set_nodelay(true));
                match tls {
                    None => service.converse(stream, shutdown).await,
                    Some(tls) => match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                        Ok(Ok(stream)) => service.converse(stream, shutdown).await,
                        Ok(Err(cause)) => tracing::debug!(%cause, "a pixel connection spoke no TLS"),
                        Err(_) => tracing::debug!("a pixel connection did not finish its handshake"),
                    },
                }
                drop(turn);
            });
        }
        tasks.close();
        tasks.wait().await;
    }

    async fn converse(
        self: Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
        shutdown: CancellationToken,
    ) {
        let answer = service_fn(move |request| {
            let service = Arc::clone(&self);
            async move { Ok::<_, std::convert::Infallible>(service.answer(&request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(30))
            .serve_connection(TokioIo::new(stream), answer);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(cause) = ended {
            tracing::debug!(%cause, "a pixel connection ended early");
        }
    }

    async fn answer(&self, request: &hyper::Request<hyper::body::Incoming>) -> Reply {
        match self.route(request).await {
            Ok(reply) => reply,
            Err(problem) => {
                if let Problem::Broken(cause) = &problem {
                    tracing::error!(%cause, "the pixel service failed");
                }
                problem.to_reply()
            }
        }
    }

    async fn route(&self, request: &hyper::Request<hyper::body::Incoming>) -> Result<Reply, Problem> {
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        // Digests are compared, so that the time taken tells nothing of the token.
        if Sha256::digest(token) != Sha256::digest(&self.bridge.config.pixels_token) {
            return Err(Problem::Unauthorized);
        }
        if request.method() != Method::GET {
            return Err(Problem::Method);
        }
        match Route::parse(request.uri().path(), request.uri().query())? {
            Route::Instance(uid) => self.instance(&uid).await,
            Route::Metadata(uid) => {
                let instance = self.find(&uid).await?;
                Ok(dicom_json(&[self.metadata(instance).await?]))
            }
            Route::SeriesMetadata(uid) => self.series_metadata(&uid).await,
            Route::Frame { instance, frame, job, window } => self.frame(&instance, frame, job, window).await,
            Route::Refusals => self.list(|connection| RefusalRow::latest(connection, LIST)).await,
            Route::Quarantine => self.list(|connection| Quarantined::latest(connection, LIST)).await,
        }
    }

    async fn find(&self, uid: &Uid) -> Result<StoredInstance, Problem> {
        let uid = uid.as_str().to_owned();
        let found = self.bridge.journal.read(move |connection| StoredInstance::find(connection, &uid)).await;
        found.map_err(Problem::broken)?.ok_or(Problem::NotFound)
    }

    /// The file as stored: the dataset's bytes are exactly those received.
    async fn instance(&self, uid: &Uid) -> Result<Reply, Problem> {
        let instance = self.find(uid).await?;
        let (library, sha256) = (Arc::clone(&self.bridge.library), instance.sha256.clone());
        let blob = blocking(move || Blob::open(&library, &sha256).map_err(Problem::broken)).await?;
        let media_type = format!("application/dicom; transfer-syntax={}", instance.transfer_syntax);
        Ok(reply::file(&media_type, &instance.sha256, blob.file(), 0, blob.file_size()))
    }

    async fn metadata(&self, instance: StoredInstance) -> Result<serde_json::Value, Problem> {
        let _turn = self.headers.acquire().await.map_err(|_| Problem::Busy)?;
        let library = Arc::clone(&self.bridge.library);
        blocking(move || {
            let blob = Blob::open(&library, &instance.sha256).map_err(Problem::broken)?;
            let header = Header::read(&blob, &instance)?;
            Ok(json::object(&header.elements()?, header.encoding, &instance.transfer_syntax))
        })
        .await
    }

    async fn series_metadata(&self, uid: &Uid) -> Result<Reply, Problem> {
        let uid = uid.as_str().to_owned();
        let read = self.bridge.journal.read(move |connection| StoredInstance::of_series(connection, &uid)).await;
        let instances = read.map_err(Problem::broken)?;
        if instances.is_empty() {
            return Err(Problem::NotFound);
        }
        let mut objects = Vec::with_capacity(instances.len());
        for instance in instances {
            objects.push(self.metadata(instance).await?);
        }
        Ok(dicom_json(&objects))
    }

    async fn frame(&self, uid: &Uid, frame: u64, job: Job, window: Option<(f64, f64)>) -> Result<Reply, Problem> {
        let instance = self.find(uid).await?;
        let media_type = media_type(&job);
        let key = cache_key(&instance.sha256, frame, &job, window);
        if let Some(file) = self.cache.get(&key) {
            let size = file.length();
            return Ok(reply::file(media_type, &key, Arc::new(file), 0, size));
        }
        let mut found = self.locate(instance, frame).await?;
        if job == Job::Decode && found.source.plain {
            return plain(&found, media_type, &key);
        }
        if window.is_some() {
            found.image.window = window;
        }
        let input = found.source.ranges.iter().fold(0_u64, |sum, (_, length)| sum.saturating_add(*length));
        let request = Request { source: found.source.source.clone(), image: found.image, job, input };
        let draft = self.cache.draft(self.bridge.surroundings.delivery_id().0);
        match self.workers.run(&request, found.blob, &found.source.ranges, draft.path()).await? {
            Outcome::Written(sealed_with) => {
                let file = self.cache.put(&draft, &key, sealed_with).map_err(Problem::broken)?;
                let size = file.length();
                Ok(reply::file(media_type, &key, Arc::new(file), 0, size))
            }
            Outcome::Refused(reason) => Err(Problem::NotRendered(reason)),
        }
    }

    async fn locate(&self, instance: StoredInstance, frame: u64) -> Result<Found, Problem> {
        let _turn = self.headers.acquire().await.map_err(|_| Problem::Busy)?;
        let library = Arc::clone(&self.bridge.library);
        blocking(move || {
            let blob = Arc::new(Blob::open(&library, &instance.sha256).map_err(Problem::broken)?);
            let header = Header::read(&blob, &instance)?;
            let elements = header.elements()?;
            let attributes = Attributes::new(&elements, header.encoding);
            let image = attributes.image(frame)?;
            let source = FrameSource::find(&blob, &instance, &attributes, &image, frame)?;
            Ok(Found { blob, source, image })
        })
        .await
    }

    async fn list<T: Serialize + Send + 'static>(
        &self,
        read: impl FnOnce(&mut crate::library::JournalConnection) -> crate::library::JournalAnswer<Vec<T>> + Send + 'static,
    ) -> Result<Reply, Problem> {
        let rows = self.bridge.journal.read(read).await.map_err(Problem::broken)?;
        let body = serde_json::to_vec(&rows).map_err(Problem::broken)?;
        Ok(reply::bytes(StatusCode::OK, "application/json", body))
    }
}

/// One ranged read of the stored file.
fn plain(found: &Found, media_type: &str, key: &str) -> Result<Reply, Problem> {
    let (offset, length) = found.source.ranges.first().copied().ok_or(Problem::NotFound)?;
    Ok(reply::file(media_type, key, found.blob.file(), found.blob.in_file(offset), length))
}

fn media_type(job: &Job) -> &'static str {
    match job {
        Job::Decode => "application/octet-stream",
        Job::Render { format: Format::Jpeg, .. } => "image/jpeg",
        Job::Render { format: Format::Png, .. } => "image/png",
    }
}

/// Names a result by everything that it depends on.
fn cache_key(sha256: &str, frame: u64, job: &Job, window: Option<(f64, f64)>) -> String {
    let all = format!("{sha256} {frame} {job:?} {window:?}");
    hex::encode(Sha256::digest(all))
}

fn dicom_json(objects: &[serde_json::Value]) -> Reply {
    let body = serde_json::to_vec(objects).unwrap_or_default();
    reply::bytes(StatusCode::OK, "application/dicom+json", body)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Problem::Busy))
}
