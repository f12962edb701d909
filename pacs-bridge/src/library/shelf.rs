//! From `incoming/` to `blobs/`: renamed, then synced, the file before its folder.
//!
//! Renamed first, because a file system with a journal then commits both at once, and the folder's sync finds nothing
//! left to do. A crash in between may leave a blob under its name that is not whole. Nobody was told that it is kept,
//! the journal does not know it, and the next sending of the same bytes takes its place.

use super::blob::Blob;
use super::part::Part;
use super::sweep::Places;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Seek};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// So many share one round of folder syncs.
const LARGEST_BATCH: usize = 32;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    #[error("the instance cannot be moved to its place")]
    Disk(#[from] io::Error),
    #[error("the shelf is closed")]
    Closed,
}

type Answer = oneshot::Sender<io::Result<()>>;

/// A handle to the thread that syncs folders; the thread ends with the last handle.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    places: Arc<Places>,
    folders: mpsc::Sender<(PathBuf, Answer)>,
}

impl Shelf {
    pub(crate) fn start(places: Places) -> io::Result<Self> {
        let (folders, mut waiting) = mpsc::channel::<(PathBuf, Answer)>(LARGEST_BATCH);
        std::thread::Builder::new().name("shelf".to_owned()).spawn(move || {
            let mut batch = Vec::with_capacity(LARGEST_BATCH);
            while let Some(first) = waiting.blocking_recv() {
                batch.push(first);
                while batch.len() < LARGEST_BATCH
                    && let Ok(next) = waiting.try_recv()
                {
                    batch.push(next);
                }
                sync_folders(&mut batch);
            }
        })?;
        Ok(Self { places: Arc::new(places), folders })
    }

    /// Answers when the dataset is durable under its own name.
    pub(crate) async fn put(&self, part: Part) -> Result<Part, ShelfError> {
        let places = Arc::clone(&self.places);
        let placed = tokio::task::spawn_blocking(move || place(&places, part));
        let part = placed.await.map_err(|_| ShelfError::Closed)??;
        let (reply, answer) = oneshot::channel();
        let folder = self.places.shelf(&part.sha256);
        self.folders.send((folder, reply)).await.map_err(|_| ShelfError::Closed)?;
        answer.await.map_err(|_| ShelfError::Closed)??;
        Ok(part)
    }
}

fn place(places: &Places, mut part: Part) -> io::Result<Part> {
    let target = places.blob(&part.sha256);
    match part.scratch.moved(|path| Ok(renameat_with(CWD, path, CWD, &target, RenameFlags::NOREPLACE)?)) {
        Ok(()) => part.scratch.sync()?,
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        // Sent before: the first stays.
        Err(_) if is_whole(places, &part.sha256) => File::open(&target)?.sync_data()?,
        Err(_) => {
            part.scratch.sync()?;
            part.scratch.moved(|path| fs::rename(path, &target))?;
        }
    }
    Ok(part)
}

/// Whether the blob of this hash has it. One that cannot be read has not.
fn is_whole(places: &Places, sha256: &str) -> bool {
    let hash = || {
        let blob = Blob::open(places, sha256)?;
        let mut file = blob.file();
        file.seek(io::SeekFrom::Start(blob.in_file(0)))?;
        let mut hash = Sha256::new();
        io::copy(&mut file, &mut hash)?;
        Ok::<_, io::Error>(hex::encode(hash.finalize()))
    };
    hash().is_ok_and(|found| found == sha256)
}

fn sync_folders(batch: &mut Vec<(PathBuf, Answer)>) {
    let folders: BTreeSet<&PathBuf> = batch.iter().map(|(folder, _)| folder).collect();
    let synced = folders.into_iter().try_for_each(|folder| File::open(folder)?.sync_all());
    for (_, answer) in batch.drain(..) {
        // A caller that has gone away needs no answer; its blob is found again by its hash.
        drop(answer.send(match &synced {
            Ok(()) => Ok(()),
            Err(cause) => Err(io::Error::new(cause.kind(), cause.to_string())),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::part::tests::part_of;
    use super::super::sweep::prepare;
    use super::*;

    #[tokio::test]
    async fn a_blob_that_a_crash_left_half_is_replaced_by_the_next_sending() {
        let dir = tempfile::tempdir().unwrap();
        let places = prepare(dir.path()).unwrap();
        let shelf = Shelf::start(places.clone()).unwrap();
        let blob = places.blob(&part_of(&places.incoming, "CT_OLD").sha256);
        fs::write(&blob, b"half").unwrap();
        shelf.put(part_of(&places.incoming, "CT_OLD")).await.unwrap();
        let whole = fs::read(&blob).unwrap();
        assert!(whole.len() > 4);
        shelf.put(part_of(&places.incoming, "CT_NEW")).await.unwrap();
        assert_eq!(fs::read(&blob).unwrap(), whole, "sent again by another station, the first stays");
        assert_eq!(fs::read_dir(&places.incoming).unwrap().count(), 0);
    }
}
