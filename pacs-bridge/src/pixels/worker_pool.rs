//! Decoding processes: a few, reused, ended when they take too long or misbehave.

use super::reply::Problem;
use crate::library::Blob;
use crate::worker::protocol::{Answer, Hello, MAX_OUTPUT, Request, encode, json_length};
use benhan_keys::{FileKey, Sealing};
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

const PIECE: u64 = 256 * 1024;
/// So many requests may wait for a process, for so long each.
/// Then a process has had its time: its limit on processor seconds is for so many frames.
const FRAMES: u64 = 200;
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct WorkerPool {
    command: Vec<OsString>,
    memory_mib: u64,
    limit: Duration,
    turns: Semaphore,
    idle: Mutex<Vec<Worker>>,
}

struct Worker {
    /// Held so that the process ends with it.
    _child: Child,
    input: ChildStdin,
    output: ChildStdout,
    frames: u64,
}

/// What a process made of a frame.
pub(crate) enum Outcome {
    /// The draft is whole, and sealed with this.
    Written(FileKey),
    Refused(String),
}

impl WorkerPool {
    pub(crate) fn new(command: Vec<OsString>, workers: usize, memory_mib: u64, limit: Duration) -> Self {
        Self { command, memory_mib, limit, turns: Semaphore::new(workers.max(1)), idle: Mutex::default() }
    }

    /// Works on one frame and writes the result to `draft`.
    pub(crate) async fn run(
        &self,
        request: &Request,
        blob: Arc<Blob>,
        ranges: &[(u64, u64)],
        draft: &Path,
    ) -> Result<Outcome, Problem> {
        let turn = timeout(PATIENCE, self.turns.acquire()).await.map_err(|_| Problem::Busy)?;
        let _turn = turn.map_err(|_| Problem::Busy)?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = match idle {
            Some(worker) => worker,
            None => self.start().await?,
        };
        match timeout(self.limit, converse(&mut worker, request, blob, ranges, draft)).await {
            Ok(Ok(outcome)) => {
                worker.frames += 1;
                if worker.frames < FRAMES {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
                }
                Ok(outcome)
            }
            // Dropping the worker ends its process.
            Ok(Err(cause)) => {
                tracing::warn!(%cause, "a decoding process ended over a frame");
                Ok(Outcome::Refused("the decoder failed on this image".to_owned()))
            }
            Err(_) => {
                tracing::warn!(seconds = self.limit.as_secs(), "a decoding process took too long over a frame");
                Ok(Outcome::Refused("the decoder takes too long over this image".to_owned()))
            }
        }
    }

    async fn start(&self) -> Result<Worker, Problem> {
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| Problem::NotRendered("no decoder is configured (pacs.worker_command)".to_owned()))?;
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Problem::broken)?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Problem::broken("a decoding process without pipes"));
        };
        // Several threads may decode one frame.
        let processor_seconds = self.limit.as_secs().max(1).saturating_mul(FRAMES * 4);
        let hello = encode(&Hello { memory_mib: self.memory_mib, processor_seconds }).map_err(Problem::broken)?;
        input.write_all(&hello).await.map_err(Problem::broken)?;
        Ok(Worker { _child: child, input, output, frames: 0 })
    }
}

async fn converse(
    worker: &mut Worker,
    request: &Request,
    blob: Arc<Blob>,
    ranges: &[(u64, u64)],
    draft: &Path,
) -> std::io::Result<Outcome> {
    worker.input.write_all(&encode(request)?).await?;
    for (offset, length) in ranges {
        let (mut at, end) = (*offset, offset.saturating_add(*length));
        while at < end {
            let size = usize::try_from(end.saturating_sub(at).min(PIECE)).unwrap_or(0);
            let (blob, from) = (Arc::clone(&blob), at);
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; size];
                blob.read_exact(&mut piece, from).map(|()| piece)
            });
            let piece = read.await.map_err(std::io::Error::other)??;
            worker.input.write_all(&piece).await?;
            at = at.saturating_add(PIECE).min(end);
        }
    }
    worker.input.flush().await?;
    let mut length = [0; 4];
    worker.output.read_exact(&mut length).await?;
    let mut json = vec![0; json_length(length)?];
    worker.output.read_exact(&mut json).await?;
    match serde_json::from_slice(&json)? {
        Answer::Refused { reason } => Ok(Outcome::Refused(reason)),
        Answer::Done { length } if length > MAX_OUTPUT => Err(std::io::ErrorKind::InvalidData.into()),
        Answer::Done { length } => {
            let key = sealed(&mut worker.output, length, draft).await?;
            Ok(Outcome::Written(key))
        }
    }
}

/// Puts the next bytes of the pipe into the draft.
async fn sealed(output: &mut ChildStdout, length: u64, draft: &Path) -> std::io::Result<FileKey> {
    let mut file = File::create(draft).await?;
    let (mut sealing, mut out) = (Sealing::begin().map_err(std::io::Error::other)?, Vec::new());
    let mut left = length;
    let mut piece = vec![0; usize::try_from(PIECE.min(length)).unwrap_or(0)];
    while left > 0 {
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let next = piece.get_mut(..size).unwrap_or_default();
        output.read_exact(next).await?;
        sealing.push(next, &mut out).map_err(std::io::Error::other)?;
        file.write_all(&out).await?;
        out.clear();
        left = left.saturating_sub(u64::try_from(size).map_err(std::io::Error::other)?);
    }
    let key = sealing.finish(&mut out).map_err(std::io::Error::other)?;
    file.write_all(&out).await?;
    file.flush().await?;
    Ok(key)
}
