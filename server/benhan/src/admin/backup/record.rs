//! The record itself: a copy of the SQLite file, or a dump by PostgreSQL's own tool. Either is checked.

use super::files::Out;
use crate::cli::Place;
use crate::data_dir::{DataDir, KEYS};
use anyhow::{Context, ensure};
use benhan_store::{Db, DbUrl, backup, dialect};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::{JoinHandle, spawn};

pub struct Copied {
    pub file: &'static str,
    pub sha256: String,
    pub audit_rows: u64,
}

pub fn copy(url: &DbUrl, out: &Out) -> anyhow::Result<Copied> {
    let mut conn = Db::reader(url)?;
    match url {
        DbUrl::Sqlite(_) => {
            let to = out.staged("record.db");
            backup::copy(&mut conn, &to)?;
            let found = backup::check(&to)?;
            Ok(Copied { file: "record.db", sha256: out.put("record.db")?, audit_rows: found.audit_rows })
        }
        // What is checked is what is dumped: both see one snapshot.
        DbUrl::Postgres(url) => dialect::snapshot(&mut conn, |conn| {
            let found = backup::check_chains(conn)?;
            let snapshot = dialect::share_snapshot(conn)?.context("no snapshot")?;
            let snapshot = format!("--snapshot={snapshot}");
            let arguments = ["--format=custom", "--no-owner", "--no-privileges", &snapshot];
            let mut tool = Tool::start("pg_dump", url, &arguments, (Stdio::null(), Stdio::piped()))?;
            let mut dump = tool.child.stdout.take().context("pg_dump says nothing")?;
            let sha256 = out.stream("record.dump", &mut dump)?;
            tool.ended()?;
            Ok(Copied { file: "record.dump", sha256, audit_rows: found.audit_rows })
        }),
    }
}

/// How a restore calls itself to the database.
pub const RESTORE: &str = "benhan restore";

/// A dump into an empty database: all of it or nothing.
pub fn load(url: &str, dump: &mut dyn Read) -> anyhow::Result<()> {
    let arguments = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"];
    let mut tool = Tool::start("pg_restore", url, &arguments, (Stdio::piped(), Stdio::null()))?;
    let mut into = tool.child.stdin.take().context("pg_restore does not listen")?;
    let poured = io::copy(dump, &mut into);
    drop(into);
    // Its own complaint says more than "broken pipe".
    tool.ended()?;
    poured.context("the dump could not be read")?;
    Ok(())
}

/// The target's one copy of the wrapped keys, replaced. Last of all: every payload in the backup has its key in it.
pub fn keys(place: &Place, target: &Path) -> anyhow::Result<()> {
    let dir = DataDir::existing(&place.data_dir)?;
    if dir.path(KEYS).exists() {
        dir.existing_record_keys()?.copy_to(target, jiff::Timestamp::now().as_microsecond())?;
    }
    Ok(())
}

/// A tool of PostgreSQL at work on a database, at the other end of a pipe: when this program is killed, the tool finds
/// the pipe closed and ends too, and never completes what nobody waits for.
struct Tool {
    name: &'static str,
    child: Child,
    said: JoinHandle<String>,
}

impl Tool {
    /// The password goes by the environment: others can list arguments.
    fn start(
        name: &'static str,
        url: &str,
        arguments: &[&str],
        (stdin, stdout): (Stdio, Stdio),
    ) -> anyhow::Result<Self> {
        let (url, password) = without_password(url);
        let mut command = Command::new(name);
        command.args(arguments).arg(format!("--dbname={url}")).stdin(stdin).stdout(stdout).stderr(Stdio::piped());
        if name == "pg_restore" {
            command.env("PGAPPNAME", RESTORE);
        }
        if let Some(password) = password {
            command.env("PGPASSWORD", password);
        }
        let mut child = command.spawn().with_context(|| {
            format!(
                "cannot run {name}: install postgresql-client in the version of the server (Debian: postgresql-client)"
            )
        })?;
        let errors = child.stderr.take().context("it has no voice")?;
        Ok(Self { name, child, said: spawn(move || first_line(errors)) })
    }

    fn ended(mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        let said = self.said.join().unwrap_or_default();
        ensure!(status.success(), "{} failed: {said}", self.name);
        Ok(())
    }
}

fn first_line(errors: ChildStderr) -> String {
    const MOST: u64 = 1 << 20;
    let mut said = Vec::new();
    let mut errors = errors.take(MOST);
    drop(errors.read_to_end(&mut said));
    drop(io::copy(&mut errors.into_inner(), &mut io::sink()));
    String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned()
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
