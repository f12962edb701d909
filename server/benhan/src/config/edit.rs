//! One key of the file changed, everything else as the hospital wrote it, comments too.

use super::Config;
use anyhow::{Context, ensure};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use toml::Value;

/// Puts `database.url` into the file, whole or not at all; `None` takes it out. Only the owner reads the file from now
/// on: the URL may hold a password.
pub fn set_database_url(file: &Path, url: Option<&str>) -> anyhow::Result<()> {
    let text = if file.exists() { fs::read_to_string(file)? } else { String::new() };
    let edited = with_url(&text, url).with_context(|| file.display().to_string())?;
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    out.write_all(edited.as_bytes())?;
    out.sync_all()?;
    fs::rename(&part, file)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Asked before long work whose last step this is.
pub fn ensure_writable(file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let probe = folder.join(format!(".benhan-probe-{}", std::process::id()));
    fs::write(&probe, b"").with_context(|| {
        format!("cannot write to {}: run this as the owner of {}", folder.display(), file.display())
    })?;
    Ok(fs::remove_file(&probe)?)
}

/// The line goes directly below the head of its section, and another of its key is taken out: the only key that the
/// section has. What comes out is read again before it counts.
fn with_url(text: &str, url: Option<&str>) -> anyhow::Result<String> {
    let set = url.map(|url| format!("url = {}", Value::from(url)));
    let (mut lines, mut inside, mut there) = (Vec::new(), false, false);
    for line in text.lines() {
        if line.trim_start().starts_with('[') {
            inside = line.trim() == HEAD;
            there |= inside;
        }
        let old =
            inside && line.trim_start().strip_prefix("url").is_some_and(|rest| rest.trim_start().starts_with('='));
        if old {
            continue;
        }
        lines.push(line.to_owned());
        if line.trim() == HEAD {
            lines.extend(set.clone());
        }
    }
    if let (false, Some(set)) = (there, set) {
        lines.extend([HEAD.to_owned(), set]);
    }
    let edited = lines.join("\n") + "\n";
    let read: Config = toml::from_str(&edited)?;
    ensure!(read.database.url == url.unwrap_or_default(), "database.url could not be set");
    Ok(edited)
}

const HEAD: &str = "[database]";

#[cfg(test)]
mod tests {
    use super::super::REFERENCE;
    use super::*;

    #[test]
    fn the_url_is_set_and_taken_out_and_no_other_word_is_lost() {
        let set = with_url(REFERENCE, Some("postgres://benhan:p%40ss@db/benhan")).expect("set");
        assert_eq!(set.lines().filter(|line| line.starts_with("url")).count(), 1, "{set}");
        let without: Vec<&str> = set.lines().filter(|line| !line.starts_with("url = \"postgres")).collect();
        assert_eq!(without, REFERENCE.lines().collect::<Vec<_>>());
        let again = with_url(&set, Some("postgres://other/x")).expect("set again");
        assert!(again.contains("postgres://other/x") && !again.contains("p%40ss"));
        let gone = with_url(&set, None).expect("taken out");
        assert_eq!(gone.lines().collect::<Vec<_>>(), REFERENCE.lines().collect::<Vec<_>>());
        assert!(with_url("", Some("postgres://db/x")).expect("a new file").contains("[database]"));
    }
}
