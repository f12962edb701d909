//! Backups that only their owner reads: age files (age-encryption.org/v1), made and opened by Debian's `age` as dumps are
//! by PostgreSQL's own tools. Keys are made by `age-keygen`; whoever has one opens a backup without us.

use super::files::pour;
use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// What a locked file's name ends with.
pub const ENDING: &str = ".age";

/// Who can open what is written.
#[derive(Clone)]
pub struct Recipients(Vec<String>);

impl Recipients {
    /// `backup.recipients`; nothing where a backup is not locked.
    pub fn of(keys: &[String]) -> anyhow::Result<Option<Self>> {
        for key in keys {
            let fine = key.starts_with("age1") && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            ensure!(fine, "backup.recipients: {key} is no public key of age (age1…)");
        }
        Ok((!keys.is_empty()).then(|| Self(keys.to_vec())))
    }

    /// A short name for just these: images are shared by backups that the same people can open.
    pub fn name(&self) -> String {
        let mut keys = self.0.clone();
        keys.sort();
        hex::encode(Sha256::digest(keys.join("\n"))).chars().take(12).collect()
    }

    /// Everything of `from` into `to`, locked.
    pub fn lock(&self, from: &mut dyn Read, to: File) -> anyhow::Result<()> {
        let keys = self.0.iter().flat_map(|key| ["--recipient", key]);
        let mut age = start(["--encrypt"].into_iter().chain(keys), Stdio::piped(), Stdio::from(to))?;
        let into = age.stdin.take().context("age does not listen")?;
        let poured = pour(from, into).map(drop);
        // Its own complaint says more than "broken pipe".
        ended(&mut age)?;
        Ok(poured?)
    }
}

/// A secret key that opens a backup, as `age-keygen` writes it.
pub struct Identity(PathBuf);

impl Identity {
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self(file.to_owned()))
    }

    pub fn open(&self, file: &Path) -> anyhow::Result<Box<dyn Read>> {
        let arguments = [OsStr::new("--decrypt"), OsStr::new("--identity"), self.0.as_os_str(), file.as_os_str()];
        let mut age = start(arguments, Stdio::null(), Stdio::piped())?;
        let out = age.stdout.take().context("age says nothing")?;
        Ok(Box::new(Opened { age, out }))
    }
}

/// What comes out counts only when age has ended well: it proves each piece before it hands it on, and the last as the
/// last.
struct Opened {
    age: Child,
    out: ChildStdout,
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.out.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            ended(&mut self.age).map_err(|why| io::Error::other(format!("{why:#}")))?;
        }
        Ok(count)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        drop(self.age.kill());
        drop(self.age.wait());
    }
}

fn start(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>, stdin: Stdio, stdout: Stdio) -> anyhow::Result<Child> {
    let mut command = Command::new("age");
    command.args(arguments).stdin(stdin).stdout(stdout).stderr(Stdio::piped());
    command.spawn().context("cannot run age: install it (Debian: age)")
}

fn ended(age: &mut Child) -> anyhow::Result<()> {
    const MOST: u64 = 1 << 16;
    let mut said = Vec::new();
    if let Some(errors) = &mut age.stderr {
        errors.take(MOST).read_to_end(&mut said)?;
    }
    if age.wait()?.success() {
        return Ok(());
    }
    bail!("{}", String::from_utf8_lossy(&said).lines().next().unwrap_or("age failed"))
}
