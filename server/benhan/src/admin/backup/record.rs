//! The record itself: a copy of the SQLite file, or a dump by PostgreSQL's own tool. Either is checked.

use super::files;
use crate::cli::Place;
use crate::data_dir::{DataDir, KEYS};
use anyhow::{Context, ensure};
use benhan_store::{Db, DbUrl, backup, dialect};
use std::fs::File;
use std::path::Path;
use std::process::Command;

pub struct Copied {
    pub file: &'static str,
    pub sha256: String,
    pub audit_rows: u64,
}

pub fn copy(url: &DbUrl, part: &Path) -> anyhow::Result<Copied> {
    let mut conn = Db::reader(url)?;
    match url {
        DbUrl::Sqlite(_) => {
            let to = part.join("record.db");
            backup::copy(&mut conn, &to)?;
            let found = backup::check(&to)?;
            File::open(&to)?.sync_all()?;
            Ok(Copied { file: "record.db", sha256: files::sha256(&to)?, audit_rows: found.audit_rows })
        }
        DbUrl::Postgres(url) => {
            let to = part.join("record.dump");
            // What is checked is what is dumped: both see one snapshot.
            let found = dialect::snapshot(&mut conn, |conn| -> anyhow::Result<_> {
                let found = backup::check_chains(conn)?;
                let snapshot = dialect::share_snapshot(conn)?.context("no snapshot")?;
                let (snapshot, file) = (format!("--snapshot={snapshot}"), format!("--file={}", to.display()));
                postgres("pg_dump", url, &["--format=custom", "--no-owner", "--no-privileges", &snapshot, &file])?;
                Ok(found)
            })?;
            File::open(&to)?.sync_all()?;
            Ok(Copied { file: "record.dump", sha256: files::sha256(&to)?, audit_rows: found.audit_rows })
        }
    }
}

/// The target's one copy of the wrapped keys, replaced. Last of all: every payload in the backup has its key in it.
pub fn keys(place: &Place, target: &Path) -> anyhow::Result<()> {
    let dir = DataDir::existing(&place.data_dir)?;
    if dir.path(KEYS).exists() {
        dir.existing_record_keys()?.copy_to(target, jiff::Timestamp::now().as_microsecond())?;
    }
    Ok(())
}

/// Runs a tool of PostgreSQL on a database. The password goes by the environment: others can list arguments.
pub fn postgres(tool: &str, url: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let (url, password) = without_password(url);
    let mut command = Command::new(tool);
    command.args(arguments).arg(format!("--dbname={url}"));
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let ended = command.output().with_context(|| {
        format!("cannot run {tool}: install postgresql-client in the version of the server (Debian: postgresql-client)")
    })?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{tool} failed: {}", said.lines().next().unwrap_or_default());
    Ok(())
}

fn without_password(url: &str) -> (String, Option<String>) {
    let whole = || (url.to_owned(), None);
    let Some((scheme, rest)) = url.split_once("://") else { return whole() };
    let Some((user, place)) = rest.split_once('@') else { return whole() };
    let Some((user, password)) = user.split_once(':') else { return whole() };
    (format!("{scheme}://{user}@{place}"), Some(decoded(password)))
}

/// `%40` is an `@`: what a URL may not hold as it is.
fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let coded = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match coded.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_becomes_an_argument() {
        let (url, password) = without_password("postgres://benhan:a%40b:c@db.lan/benhan?sslmode=require");
        assert_eq!(url, "postgres://benhan@db.lan/benhan?sslmode=require");
        assert_eq!(password.as_deref(), Some("a@b:c"));
        assert_eq!(without_password("postgres://benhan@db/x").1, None);
    }
}
