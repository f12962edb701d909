//! The pools of images beside the backups. Each image lies there once, for every backup of its target, so a destroyed
//! record's are taken out of all of them at once.

mod elsewhere;

pub use elsewhere::{mark_of, removed_in};

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Beside the backups in their target. Images that only the holders of some keys can open have a pool of their own, whose
/// name goes on after this.
pub const POOL: &str = "benhan-images";

/// What a mark says to whoever finds it.
const WORDS: &[u8] = b"destroyed with its record\n";

/// What is in the place of an image that was destroyed. A backup that is under way does not bring it back, and a restore
/// does not miss it.
fn mark(image: &Path) -> PathBuf {
    image.with_extension("erased")
}

/// `image`: its place in the pool, as it would be unlocked.
pub fn is_erased(image: &Path) -> bool {
    mark(image).exists()
}

/// Takes the images of these hashes out of every pool of a target; blocking. The mark comes before the image goes: of a
/// backup that copies it just now, one of the two sees what the other did.
pub fn erase(target: &Path, hashes: &[String]) -> io::Result<()> {
    for entry in fs::read_dir(target)? {
        let pool = entry?;
        if !pool.file_name().to_str().is_some_and(|name| name.starts_with(POOL)) {
            continue;
        }
        for sha256 in hashes {
            let shelf = pool.path().join(sha256.get(..2).unwrap_or(sha256));
            DirBuilder::new().recursive(true).mode(0o700).create(&shelf)?;
            let image = shelf.join(format!("{sha256}.dcm"));
            let mut marked = File::create(mark(&image))?;
            marked.write_all(WORDS)?;
            marked.sync_all()?;
            File::open(&shelf)?.sync_all()?;
            remove(&image)?;
        }
    }
    Ok(())
}

/// As it lies there, locked or not, whole or what a killed backup left of it.
pub fn remove(image: &Path) -> io::Result<()> {
    for end in ["dcm", "dcm.age", "part", "dcm.part"] {
        match fs::remove_file(image.with_extension(end)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    image.parent().map_or(Ok(()), |shelf| File::open(shelf)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_leaves_every_pool_of_a_target_and_a_mark_stays() {
        let target = tempfile::tempdir().unwrap();
        let (gone, other) = ("ab".repeat(32), "ac".repeat(32));
        for (pool, name) in [(POOL.to_owned(), "dcm"), (format!("{POOL}-0123"), "dcm.age")] {
            let shelf = target.path().join(pool).join("ab");
            fs::create_dir_all(&shelf).unwrap();
            fs::write(shelf.join(format!("{gone}.{name}")), b"pixels").unwrap();
        }
        let kept = target.path().join(POOL).join("ac");
        fs::create_dir_all(&kept).unwrap();
        fs::write(kept.join(format!("{other}.dcm")), b"pixels").unwrap();
        erase(target.path(), std::slice::from_ref(&gone)).unwrap();
        erase(target.path(), std::slice::from_ref(&gone)).unwrap();
        for pool in [POOL.to_owned(), format!("{POOL}-0123")] {
            let shelf = target.path().join(pool).join("ab");
            let left: Vec<_> = fs::read_dir(&shelf).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(left, [format!("{gone}.erased").as_str()]);
            assert!(is_erased(&shelf.join(format!("{gone}.dcm"))));
        }
        assert!(kept.join(format!("{other}.dcm")).exists() && !is_erased(&kept.join(format!("{other}.dcm"))));
    }
}
