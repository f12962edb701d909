//! A file sealed in pieces, so that any range of it can be read without the rest: an image beside the record.
//!
//! `header ‖ piece₀ ‖ piece₁ ‖ …`. Each file has a random key of its own, which lies in the header, wrapped with the key of
//! the images that it belongs to. A piece is 64 KiB and its tag (AES-256-GCM); the nonce is the piece's number and whether it
//! is the last, so that pieces can be neither moved nor taken off the end (the STREAM construction of Hoang, Reyhanitabar,
//! Rogaway and Vizár, 2015). The header is written last: whose image it is, the image itself says.

mod reading;

pub use reading::{Opened, header_of};

use crate::{ImagesId, Key, KeyError, Keyring};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use uuid::Uuid;
use zeroize::Zeroizing;

const MAGIC: &[u8; 16] = b"benhan-sealed/1\n";
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;
/// Nonce, key, tag.
const WRAPPED: usize = NONCE_LEN + 32 + TAG;

/// The key of one file, and of no other.
pub struct FileKey(Key);

impl FileKey {
    /// # Errors
    /// Without randomness.
    pub fn random() -> Result<Self, KeyError> {
        Ok(Self(Key::random()?))
    }

    fn cipher(&self) -> Result<LessSafeKey, KeyError> {
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, self.0.bytes()).map_err(|_| KeyError::Random)?))
    }
}

/// A file on its way in: what is pushed comes out sealed.
pub struct Sealing {
    key: FileKey,
    cipher: LessSafeKey,
    /// Not sealed yet: whether it is the last is not known.
    open: Vec<u8>,
    number: u64,
}

impl Sealing {
    /// Bytes to leave free at the beginning of the file.
    pub const HEADER: usize = 128;

    /// # Errors
    /// Without randomness.
    pub fn begin() -> Result<Self, KeyError> {
        let key = FileKey::random()?;
        Ok(Self { cipher: key.cipher()?, key, open: Vec::with_capacity(PIECE + TAG), number: 0 })
    }

    /// Takes plain bytes; what is ready to be written is put behind `out`.
    ///
    /// # Errors
    /// A file of more than 2⁵⁶ pieces.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        while !bytes.is_empty() {
            if self.open.len() == PIECE {
                self.seal(false, out)?;
            }
            let (taken, rest) = bytes.split_at(bytes.len().min(PIECE.saturating_sub(self.open.len())));
            self.open.extend_from_slice(taken);
            bytes = rest;
        }
        Ok(())
    }

    /// The last piece, empty where nothing was pushed. Gives back the key, for a file without a header.
    ///
    /// # Errors
    /// As [`Sealing::push`].
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<FileKey, KeyError> {
        self.seal(true, out)?;
        Ok(self.key)
    }

    fn seal(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), KeyError> {
        let nonce = nonce(self.number, last).ok_or(KeyError::Random)?;
        let sealed = self.cipher.seal_in_place_append_tag(nonce, Aad::empty(), &mut self.open);
        sealed.map_err(|_| KeyError::Random)?;
        out.append(&mut self.open);
        self.number = self.number.saturating_add(1);
        Ok(())
    }
}

impl FileKey {
    /// What stands at the beginning of a file of these images. Their key is on disk before this returns.
    ///
    /// # Errors
    /// The key store cannot be written, or the images were destroyed.
    pub fn header(&self, keys: &Keyring, of: ImagesId, at: i64) -> Result<[u8; Sealing::HEADER], KeyError> {
        let wrapped = keys.to_seal(of, at)?.seal(&bound_to(of), self.0.bytes())?;
        let mut header = [0; Sealing::HEADER];
        let written = MAGIC.iter().chain(of.0.as_bytes()).chain(&wrapped);
        header.iter_mut().zip(written).for_each(|(to, from)| *to = *from);
        Ok(header)
    }

    /// The header of a file that goes to other images before the key of its own is shredded; nothing where it is not sealed.
    ///
    /// # Errors
    /// It was changed, or its images are destroyed already; and as [`FileKey::header`].
    pub fn moved(
        header: &[u8; Sealing::HEADER],
        keys: &Keyring,
        to: ImagesId,
        at: i64,
    ) -> Result<Option<[u8; Sealing::HEADER]>, KeyError> {
        Self::of(header, keys)?.map(|key| key.header(keys, to, at)).transpose()
    }

    /// `None`: a file from before files were sealed.
    fn of(header: &[u8; Sealing::HEADER], keys: &Keyring) -> Result<Option<Self>, KeyError> {
        let (Some(of), Some(wrapped)) = (images_of(header), header.get(32..32 + WRAPPED)) else { return Ok(None) };
        let changed = || KeyError::Changed(of.into());
        let bytes = keys.to_open(of)?.open(&bound_to(of), wrapped).map(Zeroizing::new).ok_or_else(changed)?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| changed())?;
        Ok(Some(Self(Key::from_bytes(Zeroizing::new(bytes)))))
    }
}

/// Which images a file belongs to, by its header. `None`: a file from before files were sealed.
#[must_use]
pub fn images_of(header: &[u8; Sealing::HEADER]) -> Option<ImagesId> {
    let rest = header.strip_prefix(MAGIC)?;
    Some(ImagesId(Uuid::from_bytes(*rest.first_chunk::<16>()?)))
}

fn bound_to(of: ImagesId) -> String {
    format!("benhan/file/1\n{}", of.0.hyphenated())
}

/// Four free bytes would do for no file on earth; a number that does not fit is refused all the same.
fn nonce(number: u64, last: bool) -> Option<Nonce> {
    let counted = number.checked_shl(8).filter(|shifted| shifted >> 8 == number)?;
    let mut bytes = [0; NONCE_LEN];
    let tail = bytes.last_chunk_mut::<8>()?;
    *tail = (counted | u64::from(last)).to_be_bytes();
    Some(Nonce::assume_unique_for_key(bytes))
}

#[cfg(test)]
mod tests;
