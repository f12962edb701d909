//! Everything that a record says, in files that need no program of ours (bàn giao toàn bộ dữ liệu): one file of JSON lines
//! a table, what is sealed opened, and the sheets and scans beside them as the files that they are.
//!
//! The secrets of people and of the house stay: passwords, PINs, keys. A database that takes these files in says the same
//! again, line by line, under keys of its own.

mod dictionary;
mod line;
mod sealed;
mod take_in;

pub use dictionary::{ColumnMeaning, TableMeaning, meanings};
pub use take_in::take_in;

use super::catalog::{self, Table};
use super::row::each;
use super::{Doing, Progress, Sum, TransferError};
use crate::keys::Keyring;
use crate::{Conn, migrate};
use line::Teller;
use sealed::Sealed;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Below the folder: a file a table.
const TABLES: &str = "bang";
const EVERY: u64 = 20_000;

/// Tables that stay, with why.
pub(super) const LEFT_OUT: [(&str, &str); 10] = [
    ("idempotency", "Câu trả lời tạm thời cho yêu cầu gửi lại"),
    ("key_store", "Nơi nhận có kho khóa riêng"),
    ("kit_password", "Bí mật của khoa"),
    ("kit_token", "Bí mật của máy ở khoa"),
    ("password_history", "Bí mật của người dùng"),
    ("recovery_code", "Bí mật của người dùng"),
    ("second_factor", "Bí mật của người dùng"),
    ("security_key", "Chỉ dùng được với tên của máy chủ này"),
    ("session", "Bí mật của người dùng; việc truy cập có trong audit"),
    ("session_place", "Thuộc phiên đăng nhập; việc truy cập có trong audit"),
];

/// Columns whose content stays: null in the file.
pub(super) const WITHHELD: [(&str, &str); 3] =
    [("certificate", "wrapped_key"), ("user_account", "password_hash"), ("user_account", "pin_hash")];

/// What was handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handed {
    /// The hash is the one of the table's file.
    pub tables: Vec<Sum>,
    pub files: u64,
    /// Records whose keys are shredded, with when.
    pub destroyed: Vec<(String, Option<i64>)>,
    /// Table and row of what could not be opened; it is handed over as it is stored.
    pub unreadable: Vec<String>,
}

/// The newest step of the schema that the files follow.
pub fn schema(conn: &mut Conn) -> Result<String, TransferError> {
    Ok(migrate::newest(conn.db())?)
}

fn tables(conn: &mut Conn) -> Result<Vec<Table>, TransferError> {
    let mut tables = catalog::tables(conn)?;
    tables.retain(|table| LEFT_OUT.iter().all(|(name, _)| *name != table.name));
    Ok(tables)
}

/// Writes everything below `into`, or only counts and hashes what would be written. `conn` sees one snapshot.
pub fn give_out(
    conn: &mut Conn,
    keys: &Keyring,
    into: Option<&Path>,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Handed, TransferError> {
    let mut handed = Handed { destroyed: keys.shredded().map_err(crate::StoreError::from)?, ..Handed::default() };
    for table in &tables(conn)? {
        let sealed = Sealed::of(table);
        let (mut teller, mut out) = (Teller::new(table, sealed, keys), Out::new(table, into)?);
        let (of, mut done) = (catalog::count(conn, table)?, 0_u64);
        let mut report = |done| told(Progress { doing: Doing::Copying, table: &table.name, done, of });
        each(conn, &table.select_with(sealed.map(|sealed| sealed.owner)), |row| {
            let told = teller.tell(row)?;
            out.line(&told.json)?;
            if let Some((path, bytes)) = told.file {
                handed.files = handed.files.saturating_add(1);
                into.map_or(Ok(()), |folder| keep(&folder.join(path), &bytes))?;
            }
            done = done.saturating_add(1);
            if done.is_multiple_of(EVERY) {
                report(done);
            }
            Ok(())
        })?;
        report(done);
        handed.unreadable.append(&mut teller.unreadable);
        handed.tables.push(out.ended(table)?);
    }
    Ok(handed)
}

fn file_of(folder: &Path, table: &Table) -> PathBuf {
    folder.join(TABLES).join(format!("{}.jsonl", table.name))
}

fn keep(to: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create(to)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The file of one table, or nothing but its hash.
struct Out {
    file: Option<BufWriter<File>>,
    hash: Sha256,
    rows: u64,
}

impl Out {
    fn new(table: &Table, into: Option<&Path>) -> io::Result<Self> {
        let file = match into {
            None => None,
            Some(folder) => {
                fs::create_dir_all(folder.join(TABLES))?;
                Some(BufWriter::new(File::create(file_of(folder, table))?))
            }
        };
        Ok(Self { file, hash: Sha256::new(), rows: 0 })
    }

    fn line(&mut self, json: &str) -> io::Result<()> {
        self.rows = self.rows.saturating_add(1);
        for part in [json.as_bytes(), b"\n"] {
            self.hash.update(part);
            if let Some(file) = &mut self.file {
                file.write_all(part)?;
            }
        }
        Ok(())
    }

    fn ended(self, table: &Table) -> io::Result<Sum> {
        if let Some(file) = self.file {
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        }
        Ok(Sum { table: table.name.clone(), rows: self.rows, sha256: hex::encode(self.hash.finalize()) })
    }
}
