//! Images from before images were sealed, or that a handover brought in: each is read, held against its hash, and put back
//! sealed. Once all are, a mark says so and no later start looks at them again.

use super::image_keys::{Whose, whose_key};
use super::journal::{Journal, JournalError};
use super::schema::{instance, series, study};
use super::scratch::Scratch;
use super::stored::pieces;
use super::{Blob, Library};
use benhan_contract::Micros;
use benhan_keys::Sealing;
use diesel::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Runs beside everything else until all is sealed or it is told to stop.
pub(crate) async fn seal_older(library: Arc<Library>, journal: Journal, at: Micros, shutdown: CancellationToken) {
    if library.places.sealed.exists() {
        return;
    }
    match all(&library, &journal, at, &shutdown).await {
        Ok((sealed, left)) => tracing::info!(sealed, left, "images from before images were sealed"),
        Err(cause) => tracing::error!(%cause, "older images could not be sealed; the next start goes on"),
    }
}

async fn all(
    library: &Arc<Library>,
    journal: &Journal,
    at: Micros,
    stop: &CancellationToken,
) -> io::Result<(u64, u64)> {
    let (mut sealed, mut left) = (0_u64, 0_u64);
    for shelf in u8::MIN..=u8::MAX {
        let folder = library.places.shelf(&format!("{shelf:02x}"));
        for path in blocking(move || plain_below(&folder)).await? {
            if stop.is_cancelled() {
                return Ok((sealed, left));
            }
            let Some(sha256) = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else { continue };
            let whose = whose(journal, sha256.clone()).await.map_err(io::Error::other)?;
            let library = Arc::clone(library);
            match blocking(move || one(&library, &path, &sha256, whose, at)).await {
                Ok(()) => sealed = sealed.saturating_add(1),
                // As it lies there it is at least readable, and a person sees why.
                Err(cause) => {
                    tracing::error!(%cause, "an older image was not sealed");
                    left = left.saturating_add(1);
                }
            }
        }
    }
    if left == 0 {
        let mark = library.places.sealed.clone();
        blocking(move || File::create(mark)?.sync_all()).await?;
    }
    Ok((sealed, left))
}

fn plain_below(shelf: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(shelf)? {
        let path = entry?.path();
        if path.extension().is_some_and(|is| is == "dcm") && whose_key(&File::open(&path)?)?.is_none() {
            found.push(path);
        }
    }
    Ok(found)
}

/// What is nobody's yet has a key for itself.
async fn whose(journal: &Journal, sha256: String) -> Result<Whose, JournalError> {
    let hash = sha256.clone();
    let read = journal.read(move |connection| {
        instance::table
            .inner_join(series::table.inner_join(study::table))
            .filter(instance::sha256.eq(&hash))
            .select((study::study_uid, study::patient_id, study::issuer))
            .first::<(String, String, String)>(connection)
            .optional()
    });
    Ok(read.await?.map_or_else(|| Whose(String::new(), sha256, String::new()), |(s, p, i)| Whose(s, p, i)))
}

/// Under its own name it is the plain file or the sealed one, at any moment.
fn one(library: &Library, path: &Path, sha256: &str, whose: Whose, at: Micros) -> io::Result<()> {
    let keeping = library.keys.keeping_here();
    let file = match File::open(path) {
        // Erased with its record since it was listed.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => library.keys.open(opened?)?,
    };
    let blob = Blob::of(file)?;
    let mut scratch = Scratch::begin(&library.places.incoming, Uuid::now_v7())?;
    let (mut sealing, mut out) = (Sealing::begin().map_err(io::Error::other)?, vec![0; Sealing::HEADER]);
    // Of the dataset alone.
    let (mut hash, mut before) = (Sha256::new(), usize::try_from(blob.in_file(0)).map_err(io::Error::other)?);
    pieces(blob.file().as_ref(), 0, |piece| {
        hash.update(piece.get(before..).unwrap_or_default());
        before = before.saturating_sub(piece.len());
        sealing.push(piece, &mut out).map_err(io::Error::other)?;
        scratch.write_all(&out)?;
        out.clear();
        Ok(())
    })?;
    if hex::encode(hash.finalize()) != sha256 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those that its name is the hash of"));
    }
    let key = sealing.finish(&mut out).map_err(io::Error::other)?;
    scratch.write_all(&out)?;
    scratch.write_head(&library.keys.header(&key, whose, at).map_err(io::Error::other)?)?;
    scratch.sync()?;
    scratch.moved(|part| fs::rename(part, path))?;
    path.parent().map_or(Ok(()), |shelf| File::open(shelf)?.sync_all())?;
    drop(keeping);
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
