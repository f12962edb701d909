//! Damaged spools that were set aside: files that a person must look at, and the mark that somebody has.
//!
//! The files themselves are the list: it outlives every spool, the next damaged one too.

use crate::sqlite::beside;
use benhan_contract::Micros;
use std::fs;
use std::io;
use std::path::Path;

const MARK: &str = ".damaged-";
const SEEN: &str = ".seen";

/// A damaged spool, by the instant in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    pub at: Micros,
    pub file: String,
}

/// Those beside `spool` that nobody has seen, in the order of their names.
///
/// # Errors
/// When the folder cannot be read.
pub fn unseen(spool: &Path) -> io::Result<Vec<SetAside>> {
    let (Some(folder), Some(own)) = (spool.parent(), spool.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string().ok());
    }
    let mut found: Vec<SetAside> = names
        .iter()
        .filter_map(|name| {
            let at = name.strip_prefix(own)?.strip_prefix(MARK)?.parse().ok()?;
            Some(SetAside { at, file: name.clone() })
        })
        .filter(|one| !names.contains(&format!("{}{SEEN}", one.file)))
        .collect();
    found.sort_by_key(|one| one.at);
    Ok(found)
}

/// Notes, beside the file, that somebody has seen it. The file stays.
///
/// # Errors
/// When the mark cannot be made durable.
pub fn seen(spool: &Path, at: Micros) -> io::Result<()> {
    let file = beside(spool, &format!("{MARK}{at}"));
    if !file.exists() {
        return Ok(());
    }
    fs::File::create(beside(&file, SEEN))?.sync_all()?;
    spool.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_spool_is_listed_until_somebody_has_seen_it_and_stays_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool.db");
        for name in ["spool.db", "spool.db.damaged-17", "spool.db.damaged-17-wal", "spool.db.damaged-9"] {
            fs::write(dir.path().join(name), b"x").unwrap();
        }
        let listed = || unseen(&spool).unwrap().into_iter().map(|one| one.at).collect::<Vec<_>>();
        assert_eq!(listed(), [9, 17]);
        seen(&spool, 9).unwrap();
        seen(&spool, 9).unwrap();
        seen(&spool, 5).unwrap();
        assert_eq!(listed(), [17]);
        assert!(dir.path().join("spool.db.damaged-9").exists());
    }
}
