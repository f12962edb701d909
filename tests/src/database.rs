//! The database of one hospital, and questions to it that do not go through the product.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database that is gone when this is dropped.
#[derive(Debug)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres { server: String, name: String },
}

/// The PostgreSQL server that tests may use, if there is one.
pub fn postgres_server() -> Option<String> {
    std::env::var("BENHAN_TEST_POSTGRES").ok().filter(|url| !url.is_empty())
}

/// Runs SQL on a PostgreSQL server; its rows, columns separated by `|`.
pub fn psql(url: &str, sql: &str) -> Result<Vec<String>, String> {
    let output = Command::new("psql")
        .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url])
        .output()
        .expect("psql is installed (make setup)");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// The same server, another database.
pub fn beside(server: &str, name: &str) -> String {
    let (front, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{front}/{name}")
}

/// Python's own SQLite reads the file: a judge of another make.
const SQLITE: &str = "import sqlite3, sys
db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, timeout=30)
for row in db.execute(sys.argv[2]):
    print('|'.join('' if value is None else str(value) for value in row))
";

fn sqlite(path: &Path, sql: &str) -> Vec<String> {
    let output = Command::new("python3").args(["-c", SQLITE]).arg(path).arg(sql).output().expect("python3 is there");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// As somebody with the file in their hands.
const SQLITE_CHANGE: &str = "import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30)
db.execute(sys.argv[2])
db.commit()
";

impl Database {
    /// A copy of the template `name` on this server.
    pub fn copied(server: &str, template: &str) -> Self {
        let name = format!("benhan_{}", uuid::Uuid::new_v4().simple());
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        let mut tries = 0;
        // Another test may be copying the same template at this moment.
        while let Err(why) = psql(server, &create) {
            tries += 1;
            assert!(tries < 50, "{why}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        Self::Postgres { server: server.to_owned(), name }
    }

    /// An empty one on this server.
    pub fn empty(server: &str) -> Self {
        let name = format!("benhan_{}", uuid::Uuid::new_v4().simple());
        psql(server, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).expect("an empty database");
        Self::Postgres { server: server.to_owned(), name }
    }

    /// Each table with its columns in the order of their names, as the database itself lists them.
    pub fn columns(&self) -> BTreeMap<String, Vec<String>> {
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p \
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1, 2"
            }
            Self::Postgres { .. } => {
                "SELECT table_name, column_name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY 1, 2"
            }
        };
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in self.query(sql) {
            let (table, column) = row.split_once('|').expect("two columns");
            tables.entry(table.to_owned()).or_default().push(column.to_owned());
        }
        tables
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres { server, name } => beside(server, name),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(_) => Kind::Sqlite,
            Self::Postgres { .. } => Kind::Postgres,
        }
    }

    /// Rows, columns separated by `|`.
    pub fn query(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(path) => sqlite(path, sql),
            Self::Postgres { .. } => psql(&self.url(), sql).unwrap_or_else(|why| panic!("{sql}: {why}")),
        }
    }

    /// A change past the product, as a forger makes it.
    pub fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(path) => {
                let run = Command::new("python3").args(["-c", SQLITE_CHANGE]).arg(path).arg(sql).output();
                let run = run.expect("python3 is there");
                assert!(run.status.success(), "{sql}: {}", String::from_utf8_lossy(&run.stderr));
            }
            Self::Postgres { .. } => drop(psql(&self.url(), sql).unwrap_or_else(|why| panic!("{sql}: {why}"))),
        }
    }

    /// Takes away what keeps a table as it is: on SQLite this trigger, none for a table that has none.
    pub fn unguarded(&self, table: &str, trigger: &str) {
        match self {
            _ if trigger.is_empty() => {}
            Self::Sqlite(_) => self.execute(&format!("DROP TRIGGER {trigger}")),
            Self::Postgres { .. } => self.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")),
        }
    }

    /// The one number that a query answers.
    pub fn count(&self, sql: &str) -> usize {
        self.query(sql)[0].parse().unwrap_or_else(|_| panic!("{sql} is no count"))
    }

    /// Nothing in the files is broken, and no row points at one that is not there.
    pub fn assert_sound(&self) {
        if let Self::Sqlite(path) = self {
            assert_eq!(sqlite(path, "PRAGMA integrity_check"), ["ok"]);
            assert_eq!(sqlite(path, "PRAGMA foreign_key_check"), Vec::<String>::new());
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self
            && let Err(why) = psql(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        {
            eprintln!("the database {name} stays behind: {why}");
        }
    }
}
