//! A sealed image: any bytes in its place end in a defined state, and one that was changed reads as it was or not at all.
#![no_main]

use benhan_keys::{ImagesId, Key, Keyring, Opened, Sealing};
use libfuzzer_sys::fuzz_target;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::OnceLock;

struct Place {
    folder: PathBuf,
    keys: Keyring,
    plain: Vec<u8>,
    sealed: Vec<u8>,
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("benhan-fuzz-sealed-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let master = Key::from_hex(&"07".repeat(32)).unwrap();
        let keys = Keyring::open_or_make(&folder.join("records.db"), master).unwrap();
        let plain: Vec<u8> = (0..150_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let (mut sealing, mut body) = (Sealing::begin().unwrap(), Vec::new());
        sealing.push(&plain, &mut body).unwrap();
        let key = sealing.finish(&mut body).unwrap();
        let sealed = [&key.header(&keys, ImagesId::fresh(), 1).unwrap()[..], &body].concat();
        Place { folder, keys, plain, sealed }
    })
}

impl Place {
    fn read(&self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        let path = self.folder.join("image");
        fs::write(&path, bytes)?;
        let opened = Opened::open(File::open(&path)?, &self.keys)?;
        let mut out = vec![0; usize::try_from(opened.length()).unwrap()];
        opened.read_exact_at(&mut out, 0)?;
        Ok(out)
    }
}

fuzz_target!(|data: &[u8]| {
    let place = place();
    let _ = place.read(data);
    let mut sealed = place.sealed.clone();
    for change in data.chunks_exact(4) {
        let at = u32::from_le_bytes([change[0], change[1], change[2], 0]) as usize % sealed.len();
        match change[3] {
            0 => sealed.truncate(at.max(Sealing::HEADER)),
            bits => sealed[at] ^= bits,
        }
    }
    // Without its magic it is a file from before, whose bytes are as they lie there.
    if sealed[..16] == place.sealed[..16]
        && let Ok(read) = place.read(&sealed)
    {
        assert!(read == place.plain, "other bytes were read as the image's");
    }
});
