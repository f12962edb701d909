//! One run from its seed: lives of the gateway, one after another over what the one before left on its disk, until
//! everything has come to its end and is judged.

use super::device;
use super::disk::survive;
use super::judge::message_in;
use super::world::Shared;
use crate::answer::Answering;
use crate::driver::Desk;
use crate::driver::ends::Ends;
use crate::driver::memory::Pool;
use crate::gateway::take_up;
use crate::normalise::Readers;
use crate::reader;
use benhan_uplink::{Client, Courier, LiveChannel, Spool, UplinkConfig};
use futures_util::FutureExt as _;
use jiff::tz::TimeZone;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const TICK: Duration = Duration::from_secs(10);
/// Faults end when the devices are rid of everything, or then.
const LONGEST: Duration = Duration::from_secs(8 * 3600);
/// Without faults everything must arrive within this.
const TO_THE_END: Duration = Duration::from_secs(3600);

/// All that happened, and what must not have.
pub struct Run {
    pub trace: Vec<String>,
    pub violations: Vec<String>,
}

enum End {
    Killed,
    Stopped,
    Done,
    /// Something is wrong already.
    Wrong,
}

pub fn run(seed: u64) -> Run {
    let shared = Shared::new(seed);
    let root = tempfile::tempdir_in(fastest()).unwrap();
    let mut dir = root.path().join("0");
    let lives = shared.lock().script.lives;
    for life in 1.. {
        let (dies_after, stops_after) = {
            let mut world = shared.lock();
            let crashes = world.script.faults.crashes;
            let dies = life < lives && world.chance(crashes);
            let after = world.dice.pick(&[10, 60, 200]);
            (dies.then(|| world.dice.between(0, after)), (life < lives && !dies).then(|| world.dice.between(1, 900)))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let end = runtime.block_on(live(&shared, &dir, dies_after, stops_after.map(Duration::from_secs)));
        let end = if shared.lock().violations.is_empty() { end } else { End::Wrong };
        match end {
            End::Killed => {
                let next = root.path().join(life.to_string());
                let size = shared.lock().dice.pick(&[0, 1, 24, 5_000]);
                let garbage: Vec<u8> = (0..size).map(|_| shared.lock().dice.roll().to_le_bytes()[0]).collect();
                // The connections are still open: nothing has been tidied up.
                survive(&dir, &next, &garbage);
                dir = next;
            }
            End::Stopped => {}
            End::Done => shared.lock().judge_all(),
            End::Wrong => {}
        }
        let mut world = shared.lock();
        runtime.block_on(async { world.end_life() });
        if !matches!(end, End::Killed | End::Stopped) {
            break;
        }
        drop(world);
        drop(runtime);
    }
    let mut world = shared.lock();
    Run { trace: std::mem::take(&mut world.trace), violations: std::mem::take(&mut world.violations) }
}

/// Memory, where the machine has a folder of it: an fsync costs nothing there.
fn fastest() -> std::path::PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

async fn live(shared: &Shared, dir: &Path, dies_after: Option<u64>, stops_after: Option<Duration>) -> End {
    shared.lock().begin_life(dies_after);
    let surroundings = shared.surroundings();
    let (spool, set_aside) = Spool::open(&dir.join("spool.db"), surroundings.clone()).unwrap();
    if set_aside.is_some() {
        shared.violated("the spool was damaged");
    }
    let answering = Answering::without_list(dir);
    if take_up(&spool, &answering.worklist).await.is_err() {
        // Whoever watches over the process starts it again.
        sleep(TICK).await;
        return if shared.lock().dead { End::Killed } else { End::Stopped };
    }
    let (shutdown, mut tasks) = (CancellationToken::new(), JoinSet::new());
    let config = config(shared);
    let client = client().over(Arc::new(shared.clone()));
    let courier = Courier::new(spool.outbox().clone(), client, &config, surroundings.clone(), Spool::settle());
    tasks.spawn(guarded(shared.clone(), courier.run(shutdown.clone())));
    tasks.spawn(guarded(
        shared.clone(),
        reader::run(spool.clone(), readers(), LiveChannel::default(), shutdown.clone()),
    ));
    tasks.spawn(guarded(shared.clone(), spool.clone().keep_pruned(config, shutdown.clone())));
    let devices = shared.lock().script.devices.len();
    let (mut at_work, ends) = (JoinSet::new(), Ends::default());
    for device in 0..devices {
        let desk = desk(shared, &spool, ends.clone(), answering.clone());
        at_work.spawn(guarded(shared.clone(), device::work(shared.clone(), device, desk, shutdown.clone())));
    }
    let stop = async {
        match stops_after {
            Some(after) => sleep(after).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = shared.death.notified() => return End::Killed,
        () = until_done(shared, &spool) => return End::Done,
        () = stop => {}
    }
    shared.note("the gateway is asked to end");
    shutdown.cancel();
    at_work.abort_all();
    let ended = async { while tasks.join_next().await.is_some() {} };
    tokio::select! {
        biased;
        () = shared.death.notified() => return End::Killed,
        () = ended => {}
        () = sleep(Duration::from_secs(300)) => shared.violated("the gateway does not end"),
    }
    End::Stopped
}

async fn guarded(shared: Shared, work: impl Future<Output = ()>) {
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        shared.violated("the gateway panicked");
    }
}

/// Looks after the clock and after the end; mends what waits for a person once the faults are over.
async fn until_done(shared: &Shared, spool: &Spool) {
    let mut calm_since = None;
    loop {
        sleep(TICK).await;
        let now = {
            let mut world = shared.lock();
            let clock = world.script.faults.clock / 20;
            if world.chance(clock) {
                world.jump();
            }
            let now = world.now();
            if !world.calm && (now > LONGEST || (world.all_sent() && world.dice.per_mille(20))) {
                world.calm_down();
            }
            if !world.calm || !world.all_sent() {
                calm_since = if world.calm { calm_since.or(Some(now)) } else { None };
                if calm_since.is_some_and(|since| now - since > TO_THE_END) {
                    world.violated("a device is never rid of its messages".to_owned());
                    return;
                }
                continue;
            }
            world.take_late(true);
            now
        };
        for waiting in spool.set_apart(1_000).await.unwrap().0 {
            let receipt = spool.receipt(waiting.sequence).await.unwrap().unwrap();
            shared.lock().apart.extend(message_in(&receipt.raw));
            shared.note(format!("a person sends {} again: {}", waiting.sequence, waiting.reason));
            spool.replay(waiting.sequence).await.unwrap();
        }
        let status = spool.status().await.unwrap();
        let begun = spool.orphans().await.unwrap().len();
        if status.waiting() + status.held + status.dead == 0 && begun == 0 {
            return;
        }
        if now - *calm_since.get_or_insert(now) > TO_THE_END {
            shared.violated(format!("it never arrives: {status:?}, {begun} begun"));
            return;
        }
    }
}

fn config(shared: &Shared) -> UplinkConfig {
    let world = shared.lock();
    let mut config = UplinkConfig::new("http://127.0.0.1:9", "token".to_owned());
    config.retry_longest_s = 60;
    config.batch = world.script.batch;
    config.hold_after = world.script.hold_after;
    config
}

/// Made once: what it knows of certificates costs more than a run.
fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let make = || Client::new(&UplinkConfig::new("http://127.0.0.1:9", "token".to_owned())).unwrap();
    CLIENT.get_or_init(make).clone()
}

fn readers() -> Arc<Readers> {
    static READERS: OnceLock<Arc<Readers>> = OnceLock::new();
    Arc::clone(READERS.get_or_init(|| Arc::new(Readers::with(&[], "Asia/Ho_Chi_Minh").unwrap())))
}

fn desk(shared: &Shared, spool: &Spool, ends: Ends, answering: Answering) -> Desk {
    Desk {
        spool: spool.clone(),
        readers: readers(),
        surroundings: shared.surroundings(),
        zone: TimeZone::UTC,
        channel: "ward".into(),
        limit: 1 << 20,
        message_timeout: Duration::from_secs(60),
        pool: Pool::default(),
        ends,
        answering,
        framing: None,
    }
}
