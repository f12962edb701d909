//! A sealed file, opened for reading by ranges; one from before files were sealed is read as it lies there.

use super::{FileKey, PIECE, Sealing, TAG, images_of, nonce};
use crate::{ImagesId, Keyring};
use aws_lc_rs::aead::{Aad, LessSafeKey};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

/// All offsets count plain bytes.
pub struct Opened {
    file: File,
    length: u64,
    sealed: Option<Sealed>,
}

struct Sealed {
    cipher: LessSafeKey,
    images: Option<ImagesId>,
    /// Where the first piece begins in the file, and how many bytes there are from there.
    start: u64,
    body: u64,
    pieces: u64,
    /// The piece that was read last: whoever looks for something reads a little here and a little behind it.
    latest: Mutex<(u64, Vec<u8>)>,
}

impl Opened {
    /// Blocking.
    ///
    /// # Errors
    /// The file cannot be read, was changed or cut, or its images were destroyed.
    pub fn open(file: File, keys: &Keyring) -> io::Result<Self> {
        let Some(header) = header_of(&file)? else { return Self::plain(file) };
        match FileKey::of(&header, keys).map_err(io::Error::other)? {
            None => Self::plain(file),
            Some(key) => Self::sealed(file, &key, Sealing::HEADER, images_of(&header)),
        }
    }

    /// A file without a header, whose key was kept elsewhere.
    ///
    /// # Errors
    /// As [`Opened::open`].
    pub fn with_key(file: File, key: &FileKey) -> io::Result<Self> {
        Self::sealed(file, key, 0, None)
    }

    fn plain(file: File) -> io::Result<Self> {
        Ok(Self { length: file.metadata()?.len(), file, sealed: None })
    }

    fn sealed(file: File, key: &FileKey, header: usize, images: Option<ImagesId>) -> io::Result<Self> {
        let start = whole(header)?;
        let body = file.metadata()?.len().checked_sub(start).ok_or_else(changed)?;
        let pieces = body.div_ceil(whole(PIECE + TAG)?);
        let length = body.checked_sub(pieces.saturating_mul(whole(TAG)?)).filter(|_| pieces > 0).ok_or_else(changed)?;
        let cipher = key.cipher().map_err(io::Error::other)?;
        let sealed = Sealed { cipher, images, start, body, pieces, latest: Mutex::new((u64::MAX, Vec::new())) };
        // The last piece says that it is the last: only then is the length true, and a file that was cut no shorter image.
        sealed.read(&file, pieces.saturating_sub(1), &mut Vec::new())?;
        Ok(Self { file, length, sealed: Some(sealed) })
    }

    /// Plain bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whose key opens it; nothing where it is not sealed, or by a key that was kept elsewhere.
    #[must_use]
    pub fn images(&self) -> Option<ImagesId> {
        self.sealed.as_ref()?.images
    }

    /// Blocking.
    ///
    /// # Errors
    /// Beyond its end, and where it was changed.
    pub fn read_exact_at(&self, out: &mut [u8], offset: u64) -> io::Result<()> {
        let Some(sealed) = &self.sealed else { return self.file.read_exact_at(out, offset) };
        if offset.checked_add(whole(out.len())?).is_none_or(|end| end > self.length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (mut rest, mut at) = (out, offset);
        while !rest.is_empty() {
            let (number, skip) = (at / whole(PIECE)?, usize::try_from(at % whole(PIECE)?).map_err(io::Error::other)?);
            let mut latest = sealed.latest.lock().unwrap_or_else(PoisonError::into_inner);
            if latest.0 != number {
                // What fails leaves no half piece behind.
                latest.0 = u64::MAX;
                sealed.read(&self.file, number, &mut latest.1)?;
                latest.0 = number;
            }
            let piece = latest.1.get(skip..).filter(|piece| !piece.is_empty()).ok_or_else(changed)?;
            let taken = piece.len().min(rest.len());
            let (now, later) = rest.split_at_mut(taken);
            now.copy_from_slice(piece.get(..taken).unwrap_or_default());
            at = at.saturating_add(whole(taken)?);
            rest = later;
        }
        Ok(())
    }
}

impl Sealed {
    fn read(&self, file: &File, number: u64, into: &mut Vec<u8>) -> io::Result<()> {
        let before = number.saturating_mul(whole(PIECE + TAG)?);
        let size = self.body.saturating_sub(before).min(whole(PIECE + TAG)?);
        into.resize(usize::try_from(size).map_err(io::Error::other)?, 0);
        file.read_exact_at(into, self.start.saturating_add(before))?;
        let nonce = nonce(number, number.saturating_add(1) == self.pieces).ok_or_else(changed)?;
        let plain = self.cipher.open_in_place(nonce, Aad::empty(), into).map_err(|_| changed())?.len();
        into.truncate(plain);
        Ok(())
    }
}

/// What stands where a sealed file has its header. `None` where the file is too short to have one.
///
/// # Errors
/// The file cannot be read.
pub fn header_of(file: &File) -> io::Result<Option<[u8; Sealing::HEADER]>> {
    let mut header = [0; Sealing::HEADER];
    match file.read_exact_at(&mut header, 0) {
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        read => read.map(|()| Some(header)),
    }
}

fn whole(length: usize) -> io::Result<u64> {
    u64::try_from(length).map_err(io::Error::other)
}

fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a sealed file was changed or cut")
}
