//! One list for all lines: in memory for answering, in its file for the next start.

use super::{List, file};
use benhan_contract::{LabWorklist, Micros};
use benhan_uplink::{CallError, Client, Surroundings};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
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
    /// When a call last ended.
    ended: watch::Sender<Option<Instant>>,
}

#[derive(Default)]
struct Asked {
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
        Self(Arc::new(Shared {
            list: RwLock::new(list),
            client,
            file,
            surroundings,
            asking,
            ended: watch::Sender::new(None),
        }))
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
        let mut ended = self.0.ended.subscribe();
        if ended.borrow_and_update().is_some_and(|at| at.elapsed() < AGAIN) {
            return self.held();
        }
        // Who comes while another asks has its answer too; whoever is tired of waiting leaves it to go on.
        if let Ok(asked) = Arc::clone(&self.0.asking).try_lock_owned() {
            let this = self.clone();
            tokio::spawn(async move { this.refresh(asked, AGAIN).await });
        }
        drop(timeout(PATIENCE, ended.changed()).await);
        self.held()
    }

    fn held(&self) -> Option<Arc<List>> {
        let list = self.0.list.read().unwrap_or_else(PoisonError::into_inner).clone();
        let now = self.0.surroundings.now();
        list.filter(|list| now.saturating_sub(list.pulled_at) <= OLDEST)
    }

    async fn refresh(&self, mut asked: OwnedMutexGuard<Asked>, age: Duration) {
        let Some(client) = &self.0.client else { return };
        if self.0.ended.borrow().is_some_and(|at| at.elapsed() < age) {
            return;
        }
        let told = client.lab_worklist().await;
        match told {
            Ok(pulled) => self.keep(pulled, &mut asked).await,
            Err(cause) => self.missed(&cause, &mut asked),
        }
    }

    fn call_ended(&self) {
        self.0.ended.send_replace(Some(Instant::now()));
    }

    async fn keep(&self, pulled: LabWorklist, asked: &mut Asked) {
        if std::mem::take(&mut asked.is_away) {
            tracing::info!("the laboratory worklist is pulled again");
        }
        let now = self.0.surroundings.now();
        let list = Arc::new(List::new(pulled, now));
        let before = self.0.list.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(&list));
        // Nobody waits for the disk.
        self.call_ended();
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
        self.call_ended();
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

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_contract::LabSpecimen;
    use benhan_uplink::UplinkConfig;
    use std::sync::atomic::{AtomicI64, Ordering};
    use tokio::net::TcpListener;

    fn kept(dir: &std::path::Path, pulled_at: Micros) -> PathBuf {
        let path = dir.join("worklist.json");
        let specimens = vec![LabSpecimen { barcode: "XN-1".to_owned(), ..LabSpecimen::default() }];
        file::write(&path, &List::new(LabWorklist { specimens, ..LabWorklist::default() }, pulled_at)).unwrap();
        path
    }

    /// A server that takes connections and says nothing.
    async fn mute() -> (TcpListener, Client) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (listener, Client::new(&UplinkConfig::new(url, "a-token-of-a-test-0123456789abcdef")).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_delays_an_answer_by_half_a_second_and_never_one_that_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let (_listener, client) = mute().await;
        let surroundings = Surroundings::new(|| 10, || 1);
        let worklist = Worklist::open(kept(dir.path(), 5), Some(client), surroundings);
        let began = Instant::now();
        assert!(worklist.list(|list| list.specimen("XN-1").is_some()).await.is_some());
        assert_eq!(began.elapsed(), Duration::ZERO);
        for asked in 1..=3 {
            assert!(worklist.list(|list| list.specimen("XN-2").is_some()).await.is_some());
            assert!(began.elapsed() <= (PATIENCE + Duration::from_millis(1)) * asked, "{:?}", began.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_the_server_has_not_confirmed_for_three_days_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let (_listener, client) = mute().await;
        let clock = Arc::new(AtomicI64::new(1_000_000 + OLDEST));
        let own = Arc::clone(&clock);
        let surroundings = Surroundings::new(move || own.load(Ordering::Relaxed), || 1);
        let worklist = Worklist::open(kept(dir.path(), 1_000_000), Some(client), surroundings);
        assert!(worklist.list(|_| true).await.is_some());
        clock.fetch_add(1, Ordering::Relaxed);
        assert!(worklist.list(|_| true).await.is_none());
    }

    #[tokio::test]
    async fn without_a_server_to_ask_no_list_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = kept(dir.path(), 5);
        let worklist = Worklist::open(path.clone(), None, Surroundings::system());
        assert!(!worklist.is_kept() && worklist.list(|_| true).await.is_none() && !path.exists());
    }
}
