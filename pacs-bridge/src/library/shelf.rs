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
    use super::*;
    use std::fs;

    #[test]
    fn the_same_dataset_from_another_station_leaves_the_first_file_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let places = prepare(dir.path()).unwrap();
        let mut part = part_of(&places, "CT_OLD");
        shelve(&places, &mut part).unwrap();
        let first = fs::read(places.blob(&part.sha256)).unwrap();
        let mut again = part_of(&places, "CT_NEW");
        shelve(&places, &mut again).unwrap();
        drop(again);
        assert_eq!(fs::read(places.blob(&part.sha256)).unwrap(), first);
        assert_eq!(fs::read_dir(&places.incoming).unwrap().count(), 0);
    }

    #[test]
    fn what_a_failing_disk_did_not_take_is_not_found_by_the_next_sending() {
        let dir = tempfile::tempdir().unwrap();
        let places = prepare(dir.path()).unwrap();
        let mut part = part_of(&places, "CT1");
        part.scratch.fail_to_sync();
        shelve(&places, &mut part).unwrap_err();
        let blob = places.blob(&part.sha256);
        drop(part);
        assert!(!blob.exists());
        assert_eq!(fs::read_dir(&places.incoming).unwrap().count(), 0);

        shelve(&places, &mut part_of(&places, "CT1")).unwrap();
        assert!(blob.exists());
    }
}
