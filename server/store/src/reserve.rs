//! Where "who looked at what" goes while the database takes nothing: a file whose room was taken beforehand.
//!
//! With a full disk a nurse must still read a chart, and the trail must still know it. The bytes are overwritten in
//! place, so no new room is needed; the rows move to the trail with the first look that the database takes again.

use crate::DbUrl;
use crate::audit::Noted;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

/// Beside the record.
pub(crate) const FILE: &str = "audit.reserve";
/// Some 3,000 looks. When it is full as well, charts close.
const ROOM: u64 = 1 << 20;

/// Looks wait in the reserve of this record: they are not in the database yet.
pub fn waits(url: &DbUrl) -> io::Result<bool> {
    let DbUrl::Sqlite(record) = url else { return Ok(false) };
    let path = record.with_file_name(FILE);
    if !path.exists() {
        return Ok(false);
    }
    let mut first = [0];
    Ok(File::open(path)?.read(&mut first)? == 1 && first != [0])
}

pub(crate) struct Reserve {
    kept: Mutex<Kept>,
}

struct Kept {
    file: File,
    used: u64,
    rows: Vec<Noted>,
}

impl Reserve {
    /// Takes the room now, and reads what an earlier run left.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        let there = file.metadata()?.len();
        if there < ROOM {
            file.seek(SeekFrom::Start(there))?;
            io::copy(&mut io::repeat(0).take(ROOM - there), &mut file)?;
            file.sync_all()?;
        }
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        (&mut file).take(ROOM).read_to_end(&mut bytes)?;
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        let rows = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        Ok(Self { kept: Mutex::new(Kept { file, used: u64::try_from(text.len()).unwrap_or(ROOM), rows }) })
    }

    /// On disk when it returns.
    pub(crate) fn keep(&self, row: Noted) -> io::Result<()> {
        let mut kept = self.kept.lock().map_err(|_| io::Error::other("poisoned"))?;
        let mut line = serde_json::to_vec(&row).map_err(io::Error::other)?;
        line.push(b'\n');
        let end = kept.used.saturating_add(u64::try_from(line.len()).unwrap_or(ROOM));
        if end > ROOM {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let at = SeekFrom::Start(kept.used);
        kept.file.seek(at)?;
        kept.file.write_all(&line)?;
        kept.file.sync_data()?;
        kept.used = end;
        kept.rows.push(row);
        Ok(())
    }

    /// The rows that wait; the caller brings them to the trail or hands them back.
    pub(crate) fn take(&self) -> Vec<Noted> {
        self.kept.lock().map(|mut kept| std::mem::take(&mut kept.rows)).unwrap_or_default()
    }

    pub(crate) fn hand_back(&self, rows: Vec<Noted>) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.rows.splice(0..0, rows);
        }
    }

    /// They are on the trail: the file is empty again, unless others came meanwhile.
    pub(crate) fn clear(&self) -> io::Result<()> {
        let mut kept = self.kept.lock().map_err(|_| io::Error::other("poisoned"))?;
        if !kept.rows.is_empty() || kept.used == 0 {
            return Ok(());
        }
        let used = kept.used;
        kept.file.seek(SeekFrom::Start(0))?;
        io::copy(&mut io::repeat(0).take(used), &mut kept.file)?;
        kept.file.sync_data()?;
        kept.used = 0;
        Ok(())
    }
}
