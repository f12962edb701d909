//! The hospital's own forms: `forms/` in the data folder, definitions and templates beside those that ship.

use anyhow::{Context, ensure};
use benhan_render::Renderer;
use std::fs;
use std::path::Path;

/// The folder in the data folder.
pub const FOLDER: &str = "forms";
/// What a hospital can need: several times what ships.
const MOST_FILES: usize = 500;
const MOST_BYTES: u64 = 256 << 10;

/// Name and text of each file; none when there is no folder. Other files (a README) are left alone.
pub fn read(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !(name.ends_with(".toml") || name.ends_with(".typ")) {
            continue;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        ensure!(name.chars().all(plain), "{}: name it with letters, digits, . - _ alone", path.display());
        ensure!(files.len() < MOST_FILES, "{}: more than {MOST_FILES} files", folder.display());
        let size = fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?.len();
        ensure!(size <= MOST_BYTES, "{}: larger than {} KiB", path.display(), MOST_BYTES >> 10);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {} as UTF-8", path.display()))?;
        files.push((name, text));
    }
    Ok(files)
}

/// All forms, or the first flaw: a server does not start with a form that cannot be used.
pub fn renderer(folder: &Path) -> anyhow::Result<Renderer> {
    let files = read(folder)?;
    Renderer::with_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        .with_context(|| format!("the forms in {}: `benhan forms check` names every flaw", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_oddly_named_or_no_text_is_named() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(&dir.path().join("none")).unwrap().is_empty());
        fs::write(dir.path().join("README.md"), [0xff]).unwrap();
        fs::write(dir.path().join("a.toml"), "x = 1").unwrap();
        assert_eq!(read(dir.path()).unwrap(), [("a.toml".to_owned(), "x = 1".to_owned())]);
        for (name, bytes) in [("b.toml", vec![b' '; 300 << 10]), ("b c.typ", vec![]), ("d.typ", vec![0xff])] {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            let refused = format!("{:#}", read(dir.path()).unwrap_err());
            assert!(refused.contains(name), "{refused}");
            fs::remove_file(path).unwrap();
        }
        for n in 0..MOST_FILES {
            fs::write(dir.path().join(format!("{n}.typ")), "").unwrap();
        }
        assert!(read(dir.path()).is_err());
    }
}
