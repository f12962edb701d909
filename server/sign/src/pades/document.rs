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
/// Values in all objects of a revision, objects read twice counted twice.
const MAX_VALUES: usize = 4_000_000;
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
    static SPENT: Cell<Spent> = const { Cell::new(Spent { unpacked: 0, reading: 0, values: 0, members: false }) };
}

/// What reading one revision has cost so far.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    /// Bytes that came out of object streams.
    unpacked: usize,
    /// Members × bytes of object streams.
    reading: usize,
    /// Values parsed: numbers, names, lists and so on.
    values: usize,
    /// An object stream was read: from now on an object may be a member of one.
    members: bool,
}

/// Opens one revision. Only inside [`with_deep_stack`], where a file that costs too much is given up.
pub(crate) fn open(bytes: &[u8]) -> Result<Document, Unreadable> {
    // Offsets count from the header; junk before it would shift them for some readers only.
    if !bytes.starts_with(b"%PDF-") {
        return Err(Unreadable::NotPdf);
    }
    if bytes.len() > MAX_PDF {
        return Err(Unreadable::TooLarge);
    }
    SPENT.set(Spent::default());
    let options = LoadOptions {
        strict: true,
        max_decompressed_size: Some(MAX_UNPACKED),
        filter: Some(count),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(bytes, options);
    let document = document.map_err(|_| Unreadable::Broken)?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(Unreadable::Encrypted);
    }
    document.catalog().map_err(|_| Unreadable::Broken)?;
    Ok(document)
}

/// Called by the parser for every object that it has read. Unpacks object streams itself, to count
/// their total: the parser's own limit is for each stream alone. Counts values too, for a table may
/// send the parser to one large object a million times.
fn count(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    let mut spent = SPENT.get();
    spent.values = spent.values.saturating_add(values_in(object));
    if let Object::Stream(stream) = object
        && stream.dict.has_type(b"ObjStm")
    {
        let left = MAX_UNPACKED.saturating_sub(spent.unpacked);
        if stream.is_compressed() && stream.decompress_with_limit(left).is_err() {
            give_up();
        }
        let size = stream.content.len();
        let members = stream.dict.get(b"N").and_then(Object::as_i64).unwrap_or(i64::MAX);
        let members = usize::try_from(members).unwrap_or(usize::MAX);
        spent.unpacked = spent.unpacked.saturating_add(size);
        spent.reading = spent.reading.saturating_add(size.saturating_mul(members));
        spent.members = true;
    }
    if spent.unpacked > MAX_UNPACKED || spent.reading > MAX_READING || spent.values > MAX_VALUES {
        give_up();
    }
    SPENT.set(spent);
    // An indirect object stays where it is, and only `None` would drop it; a member of an object
    // stream is taken from here. Members are never streams, so no stream needs to be copied, nor does
    // anything before the first object stream.
    let kept = if !spent.members || matches!(object, Object::Stream(_)) { Object::Null } else { object.clone() };
    Some((id, kept))
}

/// The parser has no way to be stopped from its callback; unwinding ends its thread, quietly.
fn give_up() -> ! {
    std::panic::resume_unwind(Box::new(Unreadable::TooLarge))
}

fn values_in(object: &Object) -> usize {
    let mut count = 0;
    let mut waiting = vec![object];
    while let Some(object) = waiting.pop() {
        count += 1;
        match object {
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(dictionary) => waiting.extend(dictionary.iter().map(|(_, value)| value)),
            Object::Stream(stream) => waiting.extend(stream.dict.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    count
}

/// Runs PDF work on a thread of its own with a deep stack.
pub(crate) fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, Unreadable> {
    thread::scope(|scope| {
        let handle = thread::Builder::new().name("pdf".into()).stack_size(STACK).spawn_scoped(scope, work);
        let finished = handle.map_err(|_| Unreadable::Resources)?.join();
        finished.map_err(|reason| reason.downcast().map_or(Unreadable::Broken, |reason| *reason))
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
