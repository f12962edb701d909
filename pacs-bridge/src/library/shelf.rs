//! From `incoming/` to `blobs/`: the file synced, renamed, its folder synced, in this order.
//!
//! A blob therefore is whole wherever its name is seen, after a crash and after a disk that failed: what could not be
//! synced never gets the name, and the next sending of the same bytes does not find it.

use super::part::Part;
use super::sweep::Places;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::File;
use std::io;

/// Returns when the dataset is durable under its own name; blocking.
pub(super) fn shelve(places: &Places, part: &mut Part) -> io::Result<()> {
    part.scratch.sync()?;
    let target = places.blob(&part.sha256);
    match part.scratch.moved(|path| Ok(renameat_with(CWD, path, CWD, &target, RenameFlags::NOREPLACE)?)) {
        // Sent before: the first stays.
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
        _ => {}
    }
    File::open(places.shelf(&part.sha256))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::part::tests::part_of;
    use super::super::sweep::prepare;
    use super::super::{Blob, ImageKeys, Library};
    use super::*;
    use sha2::{Digest, Sha256};
    use std::fs;
    use std::path::Path;

    fn library(dir: &Path) -> Library {
        let keyring = benhan_keys::made_once(&dir.join("keys.db"), &dir.join("master.key")).unwrap();
        Library { places: prepare(dir).unwrap(), keys: ImageKeys::new(keyring) }
    }

    #[test]
    fn the_same_dataset_from_another_station_leaves_the_first_file_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let library = library(dir.path());
        let places = &library.places;
        let mut part = part_of(&library, "CT_OLD");
        shelve(places, &mut part).unwrap();
        let first = fs::read(places.blob(&part.sha256)).unwrap();
        let mut again = part_of(&library, "CT_NEW");
        shelve(places, &mut again).unwrap();
        drop(again);
        assert_eq!(fs::read(places.blob(&part.sha256)).unwrap(), first);
        assert_eq!(fs::read_dir(&places.incoming).unwrap().count(), 0);
    }

    // Clauses: C46-10.4
    #[test]
    fn what_lies_on_the_disk_names_nobody_and_reads_as_it_came() {
        let dir = tempfile::tempdir().unwrap();
        let library = library(dir.path());
        let mut part = part_of(&library, "CT1");
        shelve(&library.places, &mut part).unwrap();
        let file = fs::read(library.places.blob(&part.sha256)).unwrap();
        let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|at| at == what);
        assert!(!holds(&file, b"26000001") && !holds(&file, b"CT1"));
        let blob = Blob::open(&library, &part.sha256).unwrap();
        let dataset = blob.beginning(u64::MAX).unwrap();
        assert!(holds(&dataset, b"26000001"));
        assert_eq!((part.size, part.sha256.clone()), (blob.size(), hex::encode(Sha256::digest(dataset))));
    }

    #[test]
    fn what_a_failing_disk_did_not_take_is_not_found_by_the_next_sending() {
        let dir = tempfile::tempdir().unwrap();
        let library = library(dir.path());
        let places = &library.places;
        let mut part = part_of(&library, "CT1");
        part.scratch.fail_to_sync();
        shelve(places, &mut part).unwrap_err();
        let blob = places.blob(&part.sha256);
        drop(part);
        assert!(!blob.exists());
        assert_eq!(fs::read_dir(&places.incoming).unwrap().count(), 0);

        shelve(places, &mut part_of(&library, "CT1")).unwrap();
        assert!(blob.exists());
    }
}
