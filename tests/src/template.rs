//! The demo hospital is furnished once for each build and database; every test gets a copy of its own.

use crate::database::{Kind, beside, postgres_server, psql};
use crate::process::{Process, binary};
use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Furnishing dates a week of charts up to now: an old template would have old ones.
const FRESH: Duration = Duration::from_secs(6 * 3_600);

/// A furnished and stopped hospital.
pub struct Template {
    pub data: PathBuf,
    /// Name of the template database on PostgreSQL.
    pub database: Option<String>,
}

/// This build, this server.
fn key(kind: Kind) -> String {
    let file = fs::metadata(binary()).expect("the executable");
    let mut hasher = DefaultHasher::new();
    (file.len(), file.modified().expect("a time")).hash(&mut hasher);
    if kind == Kind::Postgres {
        postgres_server().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

fn home() -> PathBuf {
    let home = binary().parent().expect("a folder").join("benhan-tests");
    fs::create_dir_all(&home).expect("a folder beside the executable");
    home
}

fn is_fresh(done: &Path) -> bool {
    let made = fs::metadata(done).and_then(|file| file.modified());
    made.is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|age| age < FRESH))
}

/// The template, made by the first who asks.
pub async fn of(kind: Kind) -> Template {
    let name = if kind == Kind::Sqlite { "sqlite" } else { "postgres" };
    let (home, key) = (home(), key(kind));
    let lock = File::create(home.join(format!("{name}.lock"))).expect("a lock");
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await.expect("a thread");
    let _lock = lock.expect("locked until this is dropped");

    let root = home.join(name);
    let (data, done) = (root.join("data"), root.join(format!("done-{key}")));
    let server = (kind == Kind::Postgres).then(|| postgres_server().expect("the caller looked"));
    let database = server.as_ref().map(|_| format!("benhan_template_{key}"));
    let there = match (&server, &database) {
        (Some(server), Some(name)) => {
            let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
            psql(server, &sql).expect("the server answers") == ["1"]
        }
        _ => true,
    };
    if !(there && is_fresh(&done)) {
        drop(fs::remove_dir_all(&root));
        fs::create_dir_all(&root).expect("a folder");
        let mut environment = Vec::new();
        if let (Some(server), Some(name)) = (&server, &database) {
            psql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).expect("the old one is gone");
            psql(server, &format!("CREATE DATABASE {name}")).expect("an empty database");
            environment.push(("BENHAN_DATABASE_URL".to_owned(), beside(server, name)));
        }
        Process::start(&data, &root.join("log"), &environment).await.stop().await;
        File::create(&done).expect("the mark that it is whole");
    }
    Template { data, database }
}

/// Files and folders, all of them.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
