//! The folder on disk: what lies in it, what was claimed, where it goes. Each move is one rename in one file system,
//! durable before the next step.
//!
//! `NAME` → `.claimed/TIME-NUMBER-NAME` → `archive/YYYY-MM-DD/HASH-TIME-NUMBER-NAME`, or `refused/…`. The time of the
//! claim is in the name, so that a claim taken up after a crash is the same message, not a second one.

use super::settle::Seen;
use rustix::fs::OFlags;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Looked at in one go; further ones wait for the next.
const AT_ONCE: usize = 1000;
/// Of a name that a device gave, so much is kept.
const LONGEST_NAME: usize = 100;

#[derive(Clone, Debug)]
pub struct Shelf {
    root: PathBuf,
    pattern: String,
}

impl Shelf {
    pub fn new(root: PathBuf, pattern: String) -> Self {
        Self { root, pattern }
    }

    /// # Errors
    /// The folder is not there or cannot be read.
    pub fn list(&self) -> io::Result<Vec<Seen>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name();
            let plain = name.to_string_lossy();
            if plain.starts_with('.') || !matches(&self.pattern, &plain) || !entry.file_type()?.is_file() {
                continue;
            }
            // Gone since it was listed: somebody else's business.
            let Ok(about) = entry.metadata() else { continue };
            files.push(Seen { name, size: about.len(), changed: about.modified().ok() });
            if files.len() >= AT_ONCE {
                break;
            }
        }
        Ok(files)
    }

    /// Nobody but us looks for it under its new name.
    ///
    /// # Errors
    /// It is gone, or cannot be moved.
    pub fn claim(&self, name: &OsStr, at: i64, number: u64) -> io::Result<PathBuf> {
        let claimed = self.folder(".claimed")?;
        let to = claimed.join(format!("{at}-{:08x}-{}", number & 0xffff_ffff, tail(name)));
        move_to(&self.root.join(name), &to)?;
        Ok(to)
    }

    /// What was claimed and not yet put away, the oldest first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn claimed(&self) -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(self.folder(".claimed")?)?.take(AT_ONCE);
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        files.sort();
        Ok(files)
    }

    /// # Errors
    /// It cannot be moved.
    pub fn archive(&self, file: &Path, day: &str, hash: &str) -> io::Result<()> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        self.folder("archive")?;
        move_to(file, &self.folder(&format!("archive/{day}"))?.join(format!("{hash}-{name}")))
    }

    /// # Errors
    /// It cannot be moved.
    pub fn refuse(&self, file: &Path) -> io::Result<()> {
        move_to(file, &self.folder("refused")?.join(file.file_name().unwrap_or_default()))
    }

    /// Made where it is missing, for this program's eyes alone.
    fn folder(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.root.join(name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => File::open(&self.root)?.sync_all()?,
            // A link would lead the files of somewhere else through our hands.
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && path.symlink_metadata()?.is_dir() => {}
            Err(cause) => return Err(cause),
        }
        Ok(path)
    }
}

/// When it was claimed, by its name; else when it was last changed: the same however often it is asked.
pub fn claimed_at(file: &Path) -> Option<i64> {
    let name = file.file_name()?.to_str()?;
    let by_name = name.split_once('-').and_then(|(at, _)| at.parse().ok());
    by_name.or_else(|| {
        let changed = file.symlink_metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(changed.as_micros()).ok()
    })
}

/// Its bytes; nothing if it is no plain file, empty or larger than `limit`.
///
/// # Errors
/// It cannot be read.
pub fn read(file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
    if !file.symlink_metadata()?.is_file() {
        return Ok(None);
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    // A link that took its place meanwhile is not followed.
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
    File::options().read(true).custom_flags(flags).open(file)?.take(most).read_to_end(&mut bytes)?;
    Ok((1..=limit).contains(&bytes.len()).then_some(bytes))
}

/// Never over a file that is there; durable when it returns.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    if to.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)?;
    for folder in [to.parent(), from.parent()].into_iter().flatten() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn tail(name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let skipped = name.char_indices().map(|(at, _)| at).find(|at| name.len() - at <= LONGEST_NAME);
    name.get(skipped.unwrap_or(name.len())..).unwrap_or_default().to_owned()
}

/// `*` stands for any text; everything else for itself, in either case.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_text_with_stars() {
        for (pattern, name) in
            [("*", "a"), ("*.hl7", "KQ.HL7"), ("kq*.txt", "kq-1.txt"), ("a*b*c", "aXbYc"), ("a.txt", "a.txt")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.hl7", "a.hl7.tmp"), ("kq*.txt", "x-kq.txt"), ("ab*ba", "aba"), ("a.txt", "aXtxt")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_link_and_a_long_name_lead_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret");
        fs::write(&secret, "x").unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&secret, &link).unwrap();
        assert_eq!(read(&link, 10).unwrap(), None);
        assert_eq!(read(&secret, 10).unwrap(), Some(b"x".to_vec()));
        let shelf = Shelf::new(dir.path().to_owned(), "*".to_owned());
        assert_eq!(shelf.list().unwrap().len(), 1, "no link is a file");
        let long = format!("{}.hl7", "ư".repeat(120));
        fs::write(dir.path().join(&long), "x").unwrap();
        let claimed = shelf.claim(OsStr::new(&long), 5, 7).unwrap();
        let name = claimed.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("5-00000007-ư") && name.ends_with("ư.hl7") && name.len() < 130, "{name}");
        assert_eq!(claimed_at(&claimed), Some(5));
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("archive")).unwrap();
        assert!(shelf.archive(&claimed, "2026-11-30", "ab").is_err() && claimed.exists());
    }
}
