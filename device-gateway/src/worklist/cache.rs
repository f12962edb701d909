//! One list for all lines: in memory for answering, in its file for the next start.

use super::{List, file};
use benhan_contract::{LabWorklist, Micros};
use benhan_uplink::{CallError, Client, Surroundings};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// For what is not on the list the server is asked anew, so long and no more often than this, whether it answers or
/// not: a flood of questions is one question, and a device waits less than a second.
const PATIENCE: Duration = Duration::from_millis(500);
const AGAIN: Duration = Duration::from_secs(1);
/// What the server has not confirmed for so long is no order any more.
const OLDEST: Micros = 3 * 86_400 * 1_000_000;
/// An unchanged list is written anew so often, since its file says how old it is.
const REWRITE: Micros = 10 * 60 * 1_000_000;

/// A handle; clones share the list.
#[derive(Clone)]
pub struct Worklist(Arc<Shared>);

struct Shared {
    list: RwLock<Option<Arc<List>>>,
    client: Option<Client>,
    file: PathBuf,
    surroundings: Surroundings,
    /// Held while asking, so that one call stands for many.
    asking: Arc<Mutex<Asked>>,
}

#[derive(Default)]
struct Asked {
    /// When a call last ended.
    at: Option<Instant>,
    written_at: Micros,
    is_away: bool,
}

impl Worklist {
    /// With the list of the last run; without a client nothing is ever asked for.
    pub fn open(file: PathBuf, client: Option<Client>, surroundings: Surroundings) -> Self {
        let list = client.as_ref().and_then(|_| file::read(&file)).map(Arc::new);
        if client.is_none() && file.exists() {
            // Host query was switched off: the names go.
            if let Err(cause) = std::fs::remove_file(&file) {
                tracing::error!(%cause, "the laboratory worklist of before cannot be removed");
            }
        }
        let asking = Arc::default();
        Self(Arc::new(Shared { list: RwLock::new(list), client, file, surroundings, asking }))
    }

    /// Are questions answered here at all?
    pub fn is_kept(&self) -> bool {
        self.0.client.is_some()
    }

    /// What a question is answered from; nothing where no list is recent enough. Asks the server first where `knows`
    /// says that the list does not know all.
    pub async fn list(&self, knows: impl Fn(&List) -> bool) -> Option<Arc<List>> {
        let held = self.held();
        if held.as_ref().is_some_and(|list| knows(list)) {
            return held;
        }
        match Arc::clone(&self.0.asking).try_lock_owned() {
            Ok(asked) => {
                let this = self.clone();
                // Whoever is tired of waiting leaves it to go on.
                let refreshed = tokio::spawn(async move { this.refresh(asked, AGAIN).await });
                drop(timeout(PATIENCE, refreshed).await);
            }
            // Who comes while another asks has its answer too.
            Err(_) => drop(timeout(PATIENCE, self.0.asking.lock()).await),
        }
        self.held()
    }

    fn held(&self) -> Option<Arc<List>> {
        let list = self.0.list.read().unwrap_or_else(PoisonError::into_inner).clone();
        let now = self.0.surroundings.now();
        list.filter(|list| now.saturating_sub(list.pulled_at) <= OLDEST)
    }

    async fn refresh(&self, mut asked: OwnedMutexGuard<Asked>, age: Duration) {
        let Some(client) = &self.0.client else { return };
        if asked.at.is_some_and(|at| at.elapsed() < age) {
            return;
        }
        let told = client.lab_worklist().await;
        asked.at = Some(Instant::now());
        match told {
            Ok(pulled) => self.keep(pulled, &mut asked).await,
            Err(cause) => self.missed(&cause, &mut asked),
        }
    }

    async fn keep(&self, pulled: LabWorklist, asked: &mut Asked) {
        if std::mem::take(&mut asked.is_away) {
            tracing::info!("the laboratory worklist is pulled again");
        }
        let now = self.0.surroundings.now();
        let list = Arc::new(List::new(pulled, now));
        let before = self.0.list.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(&list));
        metrics::gauge!("benhan_lab_worklist_specimens").set(count(list.held.specimens.len()));
        let is_same = before.is_some_and(|before| before.held == list.held);
        if is_same && now.saturating_sub(asked.written_at) < REWRITE {
            return;
        }
        let path = self.0.file.clone();
        let written = tokio::task::spawn_blocking(move || file::write(&path, &list)).await;
        match written.map_err(std::io::Error::other).flatten() {
            Ok(()) => asked.written_at = now,
            Err(cause) => tracing::error!(%cause, "the laboratory worklist could not be kept for the next start"),
        }
    }

    fn missed(&self, cause: &CallError, asked: &mut Asked) {
        if !std::mem::replace(&mut asked.is_away, true) {
            tracing::warn!(%cause, "the laboratory worklist cannot be pulled; analyzers are answered from the last one");
        }
    }

    fn age(&self) -> Option<f64> {
        let list = self.0.list.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        let seconds = self.0.surroundings.now().saturating_sub(list.pulled_at) / 1_000_000;
        i32::try_from(seconds).ok().map(f64::from)
    }

    /// Pulls every few seconds until the end.
    pub async fn pull(self, every: Duration, shutdown: CancellationToken) {
        while self.is_kept() {
            tokio::select! {
                () = async {
                    let asked = Arc::clone(&self.0.asking).lock_owned().await;
                    self.refresh(asked, Duration::ZERO).await;
                } => {}
                () = shutdown.cancelled() => return,
            }
            if let Some(age) = self.age() {
                metrics::gauge!("benhan_lab_worklist_age_seconds").set(age);
            }
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }
}

fn count(length: usize) -> f64 {
    u32::try_from(length).map_or(f64::MAX, f64::from)
}
