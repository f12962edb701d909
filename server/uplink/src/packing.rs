//! Message bodies at rest: zstd at its fastest, with a context kept by each thread, since making one costs more than
//! packing a message of two kilobytes.

use std::cell::RefCell;
use std::io;
use zstd::bulk::{Compressor, Decompressor};

const LEVEL: i32 = 1;

thread_local! {
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

pub(crate) fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    PACKER.with_borrow_mut(|kept| {
        let packer = match kept {
            Some(packer) => packer,
            None => kept.insert(Compressor::new(LEVEL)?),
        };
        packer.compress(bytes)
    })
}

/// `size` is what the bytes had before: more is an error, so a damaged row costs no more memory than it says.
pub(crate) fn unpack(packed: &[u8], size: i64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size).unwrap_or(0);
    UNPACKER.with_borrow_mut(|kept| {
        let unpacker = match kept {
            Some(unpacker) => unpacker,
            None => kept.insert(Decompressor::new()?),
        };
        unpacker.decompress(packed, size)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_never_longer_than_it_was() {
        for bytes in [&b""[..], b"MSH|^~\\&|", &[7; 300_000]] {
            let packed = pack(bytes).unwrap();
            let size = i64::try_from(bytes.len()).unwrap();
            assert_eq!(unpack(&packed, size).unwrap(), bytes);
            assert!(bytes.is_empty() || unpack(&packed, size - 1).is_err());
        }
        assert!(unpack(b"no zstd", 100).is_err());
        assert_eq!(unpack(&pack(b"after an error").unwrap(), 14).unwrap(), b"after an error");
    }
}
