//! From `incoming/` to `blobs/`: renamed, and the folders that changed synced once for all who came together.

use super::part::Part;
use super::sweep::Places;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tokio::sync::{mpsc, oneshot};

/// So many share one round of syncs.
const LARGEST_BATCH: usize = 32;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    #[error("the instance cannot be moved to its place")]
    Disk(#[source] io::Error),
    #[error("the shelf is closed")]
    Closed,
}

type Answer = oneshot::Sender<Result<Part, ShelfError>>;

/// A handle to the thread that shelves; the thread ends with the last handle.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    queue: mpsc::Sender<(Part, Answer)>,
}

impl Shelf {
    pub(crate) fn start(places: Places) -> io::Result<Self> {
        let (queue, mut waiting) = mpsc::channel::<(Part, Answer)>(LARGEST_BATCH);
        std::thread::Builder::new().name("shelf".to_owned()).spawn(move || {
            let mut batch = Vec::with_capacity(LARGEST_BATCH);
            while let Some(first) = waiting.blocking_recv() {
                batch.push(first);
                while batch.len() < LARGEST_BATCH
                    && let Ok(next) = waiting.try_recv()
                {
                    batch.push(next);
                }
                shelve(&places, &mut batch);
            }
        })?;
        Ok(Self { queue })
    }

    /// Answers when the dataset is durable under its own name.
    pub(crate) async fn put(&self, part: Part) -> Result<Part, ShelfError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send((part, reply)).await.map_err(|_| ShelfError::Closed)?;
        answer.await.map_err(|_| ShelfError::Closed)?
    }
}

fn shelve(places: &Places, batch: &mut Vec<(Part, Answer)>) {
    let mut touched = BTreeSet::new();
    let mut moved = Vec::with_capacity(batch.len());
    for (mut part, answer) in batch.drain(..) {
        match place(places, &mut part, &mut touched) {
            Ok(()) => moved.push((part, answer)),
            Err(cause) => refuse(answer, cause),
        }
    }
    let synced = touched.iter().try_for_each(|folder| File::open(folder)?.sync_all());
    for (part, answer) in moved {
        match &synced {
            // A caller that has gone away needs no answer; its blob is found again by its hash.
            Ok(()) => drop(answer.send(Ok(part))),
            Err(cause) => refuse(answer, io::Error::new(cause.kind(), cause.to_string())),
        }
    }
}

fn refuse(answer: Answer, cause: io::Error) {
    drop(answer.send(Err(ShelfError::Disk(cause))));
}

fn place(places: &Places, part: &mut Part, touched: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let target = places.blob(&part.sha256);
    let Some(folder) = target.parent() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    make_folder(&places.blobs, folder, touched)?;
    let Some(path) = part.path() else {
        return Ok(());
    };
    match renameat_with(CWD, path, CWD, &target, RenameFlags::NOREPLACE) {
        Ok(()) => part.let_go(),
        // The same bytes lie there: sent before, or left by a crash between here and the journal.
        Err(rustix::io::Errno::EXIST) => {}
        Err(cause) => return Err(cause.into()),
    }
    touched.insert(folder.to_owned());
    Ok(())
}

/// Makes `ab/cd`, and notes every folder that got a new entry.
fn make_folder(blobs: &Path, folder: &Path, touched: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    touched.insert(blobs.to_owned());
    if let Some(parent) = folder.parent() {
        touched.insert(parent.to_owned());
    }
    fs::metadata(folder).map(drop)
}
