//! Opening a PDF that may be hostile: strictly, without repair, within bounds of size and depth.

use std::cell::Cell;
use std::thread;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use thiserror::Error;

/// Larger files are refused.
pub const MAX_PDF: usize = 64 * 1024 * 1024;
/// What all object streams of a file may unpack to, together.
const MAX_UNPACKED: usize = 32 * 1024 * 1024;
/// Object streams are read once for each object in them; this bounds objects × bytes, together.
const MAX_READING: usize = 2_000_000_000;
/// lopdf nests a hundred deep; its frames in a debug build need more than a pool thread has.
const STACK: usize = 32 * 1024 * 1024;

/// Why a PDF was not opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// No PDF header at the first byte.
    #[error("not a PDF")]
    NotPdf,
    /// More than [`MAX_PDF`] bytes, or unpacking to too much.
    #[error("too large")]
    TooLarge,
    /// Encrypted files are neither signed nor verified.
    #[error("encrypted")]
    Encrypted,
    /// Structure broken: cross-references, objects or trailer.
    #[error("broken structure")]
    Broken,
    /// No thread could be started.
    #[error("no resources")]
    Resources,
}

thread_local! {
    static UNPACKED: Cell<usize> = const { Cell::new(0) };
    static READING: Cell<usize> = const { Cell::new(0) };
    static EXCEEDED: Cell<bool> = const { Cell::new(false) };
}

/// Opens one revision.
pub(crate) fn open(bytes: &[u8]) -> Result<Document, Unreadable> {
    // Offsets count from the header; junk before it would shift them for some readers only.
    if !bytes.starts_with(b"%PDF-") {
        return Err(Unreadable::NotPdf);
    }
    if bytes.len() > MAX_PDF {
        return Err(Unreadable::TooLarge);
    }
    UNPACKED.set(0);
    READING.set(0);
    EXCEEDED.set(false);
    let options = LoadOptions {
        strict: true,
        max_decompressed_size: Some(MAX_UNPACKED),
        filter: Some(unpack_within_bounds),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(bytes, options);
    if EXCEEDED.get() {
        return Err(Unreadable::TooLarge);
    }
    let document = document.map_err(|_| Unreadable::Broken)?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(Unreadable::Encrypted);
    }
    document.catalog().map_err(|_| Unreadable::Broken)?;
    Ok(document)
}

/// Called by the parser for every object. Unpacks object streams itself, to count their total: the
/// parser's own limit is for each stream alone.
fn unpack_within_bounds(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object
        && stream.dict.has_type(b"ObjStm")
    {
        let left = MAX_UNPACKED.saturating_sub(UNPACKED.get());
        let unpacked = stream.is_compressed().then(|| stream.decompress_with_limit(left));
        let size = stream.content.len();
        let members = stream.dict.get(b"N").and_then(Object::as_i64).unwrap_or(i64::MAX);
        let members = usize::try_from(members).unwrap_or(usize::MAX);
        UNPACKED.set(UNPACKED.get().saturating_add(size));
        READING.set(READING.get().saturating_add(size.saturating_mul(members)));
        let failed = unpacked.is_some_and(|result| result.is_err());
        if failed || size > left || READING.get() > MAX_READING || members > size {
            EXCEEDED.set(true);
            return None;
        }
    }
    // An indirect object stays where it is, and only `None` would drop it; a member of an object
    // stream is taken from here. Members are never streams, so no stream needs to be copied.
    let kept = if matches!(object, Object::Stream(_)) { Object::Null } else { object.clone() };
    Some((id, kept))
}

/// Runs PDF work on a thread of its own with a deep stack.
pub(crate) fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Unreadable> {
    thread::scope(|scope| {
        let handle = thread::Builder::new().name("pdf".into()).stack_size(STACK).spawn_scoped(scope, work);
        handle.map_err(|_| Unreadable::Resources)?.join().map_err(|_| Unreadable::Broken)
    })
}

/// Follows references, a few of them.
pub(crate) fn resolve<'d>(document: &'d Document, object: &'d Object) -> Option<&'d Object> {
    document.dereference(object).ok().map(|(_, object)| object)
}

/// A dictionary's value, references followed.
pub(crate) fn value<'d>(document: &'d Document, dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
    dictionary.get(key).ok().and_then(|object| resolve(document, object))
}

pub(crate) fn dictionary<'d>(document: &'d Document, parent: &'d Dictionary, key: &[u8]) -> Option<&'d Dictionary> {
    value(document, parent, key).and_then(|object| object.as_dict().ok())
}

pub(crate) fn array<'d>(document: &'d Document, parent: &'d Dictionary, key: &[u8]) -> Option<&'d [Object]> {
    value(document, parent, key).and_then(|object| object.as_array().ok()).map(Vec::as_slice)
}

/// A text string (ISO 32000-1 7.9.2.2): UTF-16 with a mark, UTF-8 with a mark, or Latin text.
pub(crate) fn text(bytes: &[u8]) -> String {
    let decoded = if let Some(utf16) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units = utf16.chunks(2).map(|pair| pair.iter().fold(0_u16, |sum, byte| (sum << 8) | u16::from(*byte)));
        char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
    } else if let Some(utf8) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        String::from_utf8_lossy(utf8).into_owned()
    } else {
        bytes.iter().map(|byte| char::from(*byte)).collect::<String>()
    };
    decoded.chars().filter(|c| !c.is_control()).collect()
}
