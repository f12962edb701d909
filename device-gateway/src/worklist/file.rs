//! The list's file, beside the spool: written whole and put in place at once, readable by its owner alone.

use super::List;
use benhan_contract::{LabWorklist, Micros};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Beyond any list that a server gives.
const LARGEST: u64 = 32 << 20;

#[derive(Deserialize)]
struct Kept {
    pulled_at: Micros,
    list: LabWorklist,
}

#[derive(Serialize)]
struct Keeping<'a> {
    pulled_at: Micros,
    list: &'a LabWorklist,
}

/// Nothing where there is none. One that cannot be read is as good as none: the server has the list.
pub fn read(path: &Path) -> Option<List> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut text));
    if let Err(cause) = read {
        if cause.kind() != io::ErrorKind::NotFound {
            tracing::error!(%cause, "the laboratory worklist of the last run cannot be read");
        }
        return None;
    }
    match serde_json::from_slice::<Kept>(&text) {
        Ok(kept) => Some(List::new(kept.list, kept.pulled_at)),
        Err(cause) => {
            let (line, column) = (cause.line(), cause.column());
            tracing::error!(line, column, "the laboratory worklist of the last run is damaged");
            None
        }
    }
}

/// # Errors
/// What the disk answered; the list of before stands then.
pub fn write(path: &Path, list: &List) -> io::Result<()> {
    let fresh = path.with_extension("fresh");
    // Never one that somebody else may have made wider.
    match fs::remove_file(&fresh) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    let text = serde_json::to_vec(&Keeping { pulled_at: list.pulled_at, list: &list.held })?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_contract::LabSpecimen;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_list_comes_back_as_it_was_and_its_file_is_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("worklist.json");
        assert!(read(&path).is_none());
        fs::write(path.with_extension("fresh"), "half of one").unwrap();
        let specimens = vec![LabSpecimen { barcode: "XN-1".to_owned(), ..LabSpecimen::default() }];
        let list = List::new(LabWorklist { items: Vec::new(), specimens }, 7);
        write(&path, &list).unwrap();
        let back = read(&path).unwrap();
        assert_eq!((back.pulled_at, &back.held), (7, &list.held));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        fs::write(&path, &fs::read(&path).unwrap()[..20]).unwrap();
        assert!(read(&path).is_none(), "half a list is none");
    }
}
