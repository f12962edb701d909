//! Files of a handover into an empty database, and the proof that it says the same as they do.

use super::line::{FILES, path, withheld};
use super::sealed::Sealed;
use super::{Handed, file_of, give_out, tables};
use crate::keys::Keyring;
use crate::transfer::catalog::{self, Column, Kind, Table};
use crate::transfer::insert::Batch;
use crate::transfer::row::{Line, Value};
use crate::transfer::{Doing, Progress, TransferError, differs, first_table, holds_ours, unfit};
use crate::{Conn, StoreError, backup, key_store, migrate};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benhan_domain::id::EncounterId;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A device's longest message, and room for how it is written.
const LONGEST_LINE: u64 = 256 << 20;

/// Takes `folder` into an empty database under `keys`, a new store. Nothing stays unless it then says what `said` says,
/// by the `schema` that it was written with.
/// The rows of the audit trail, every chain intact.
pub fn take_in(
    to: &mut Conn,
    keys: &Keyring,
    folder: &Path,
    (schema, said): (&str, &Handed),
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<u64, TransferError> {
    if holds_ours(to)? {
        return Err(TransferError::NotEmpty(first_table(to)?.unwrap_or_default()));
    }
    for (record, at) in &said.destroyed {
        let record: EncounterId = record.parse().map_err(|_| StoreError::corrupt("record_key", "record", record))?;
        keys.shred(record, at.unwrap_or_default()).map_err(StoreError::from)?;
    }
    to.transaction(|to| {
        migrate::up(to.db())?;
        let own = migrate::newest(to.db())?;
        if own != schema {
            return Err(TransferError::OtherSchema { theirs: schema.to_owned(), own });
        }
        key_store::claim(to, keys)?;
        let tables = tables(to)?;
        for table in &tables {
            Reader { table, sealed: Sealed::of(table), keys, folder, row: 0 }.read(to, told)?;
        }
        catalog::continue_counting(to, &tables)?;
        let again = give_out(to, keys, None, &mut |p| told(Progress { doing: Doing::Comparing, ..p }))?;
        for (here, there) in said.tables.iter().zip(&again.tables) {
            if here != there {
                return Err(differs(here.clone(), there.clone()));
            }
        }
        if said.tables.len() != again.tables.len() || said.files != again.files {
            return Err(TransferError::Schema("the number of tables or files".to_owned()));
        }
        Ok(backup::check_chains(to)?.audit_rows)
    })
}

struct Reader<'a> {
    table: &'a Table,
    sealed: Option<&'static Sealed>,
    keys: &'a Keyring,
    folder: &'a Path,
    row: u64,
}

impl Reader<'_> {
    fn read(mut self, to: &mut Conn, told: &mut dyn FnMut(Progress<'_>)) -> Result<(), TransferError> {
        let file = file_of(self.folder, self.table);
        let mut lines = BufReader::new(File::open(&file)?);
        let (mut batch, mut line) = (Batch::new(self.table), String::new());
        loop {
            line.clear();
            if (&mut lines).take(LONGEST_LINE).read_line(&mut line)? == 0 {
                break;
            }
            self.row = self.row.saturating_add(1);
            let row = self.line(&line)?;
            if let Some(full) = batch.add(row) {
                full.insert(to, self.table).map_err(|cause| unfit(self.table, self.row, cause))?;
                let (table, done) = (self.table.name.as_str(), self.row);
                told(Progress { doing: Doing::Copying, table, done, of: 0 });
            }
        }
        batch.rest().insert(to, self.table).map_err(|cause| unfit(self.table, self.row, cause))?;
        let (table, done) = (self.table.name.as_str(), self.row);
        told(Progress { doing: Doing::Copying, table, done, of: done });
        Ok(())
    }

    fn no(&self, why: impl ToString) -> TransferError {
        TransferError::Handed { table: self.table.name.clone(), row: self.row, why: why.to_string() }
    }

    fn line(&self, line: &str) -> Result<Line, TransferError> {
        let mut row: Map<String, Json> =
            serde_json::from_str(line).map_err(|_| self.no("it is no JSON object, or its end is missing"))?;
        let mut values = Vec::with_capacity(self.table.columns.len());
        // The sealed column needs the others, to know its place.
        let sealed = self.sealed.and_then(|sealed| row.remove(sealed.column).map(|value| (sealed, value)));
        let kept = sealed.map(|(sealed, value)| self.kept(sealed, &row, value)).transpose()?;
        for column in &self.table.columns {
            if self.sealed.is_some_and(|sealed| sealed.column == column.name) {
                values.push(kept.clone().ok_or_else(|| self.no(format!("{} is missing", column.name)))?);
                continue;
            }
            let value = row.remove(&column.name).ok_or_else(|| self.no(format!("{} is missing", column.name)))?;
            values.push(self.value(column, value)?);
        }
        match row.keys().next() {
            Some(odd) => Err(self.no(format!("{odd} is no column of it"))),
            None => Ok(Line(values)),
        }
    }

    fn value(&self, column: &Column, value: Json) -> Result<Value, TransferError> {
        let unfit = || self.no(format!("{} has a value of another kind", column.name));
        Ok(match (column.kind, value) {
            // Nobody's password: it must be set anew.
            (Kind::Text, Json::Null) if withheld(self.table, column) && column.name == "password_hash" => {
                Value::Text(String::new())
            }
            (_, Json::Null) => Value::Null,
            (Kind::Bool | Kind::Int, Json::Number(number)) => Value::Int(number.as_i64().ok_or_else(unfit)?),
            (Kind::Real, Json::Number(number)) => Value::Real(number.as_f64().ok_or_else(unfit)?),
            (Kind::Text, Json::String(text)) => Value::Text(text),
            (Kind::Bytes, Json::Object(value)) => Value::Bytes(self.bytes(&value, "base64")?.ok_or_else(unfit)?),
            _ => return Err(unfit()),
        })
    }

    /// What a sealed column holds in its new database.
    fn kept(&self, sealed: &Sealed, row: &Map<String, Json>, value: Json) -> Result<Value, TransferError> {
        let value = match value {
            Json::Null => return Ok(Value::Null),
            Json::Object(value) => value,
            _ => return Err(self.no(format!("{} has a value of another kind", sealed.column))),
        };
        let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        let number = |name: &str| row.get(name).and_then(Json::as_i64).unwrap_or_default();
        let plain = match (value.get("text").and_then(Json::as_str), value.get("file")) {
            (Some(text), _) => Some(text.as_bytes().to_vec()),
            (None, Some(_)) => Some(self.file(text("sha256"), text("media_type"))?),
            (None, None) => self.bytes(&value, "base64")?,
        };
        let Some(of) = value.get("of").and_then(Json::as_str) else {
            return plain.map(Value::Bytes).ok_or_else(|| self.no("nothing of what a sealed column may hold"));
        };
        let of = of.parse().map_err(|_| self.no("an encounter with no id"))?;
        let at = (text(sealed.row), sealed.version.map(number).unwrap_or_default());
        let now = jiff::Timestamp::now().as_microsecond();
        Ok(Value::Bytes(match plain {
            Some(plain) => sealed.seal(self.keys, of, at, &plain, now)?,
            // Nothing is left of a destroyed record.
            None => self.bytes(&value, "unreadable")?.unwrap_or_default(),
        }))
    }

    fn bytes(&self, value: &Map<String, Json>, name: &str) -> Result<Option<Vec<u8>>, TransferError> {
        let Some(text) = value.get(name).and_then(Json::as_str) else { return Ok(None) };
        STANDARD.decode(text).map(Some).map_err(|_| self.no("bytes that are no base64"))
    }

    /// The path comes from what the row says, never from the file.
    fn file(&self, sha256: &str, media_type: &str) -> Result<Vec<u8>, TransferError> {
        let path = path(sha256, media_type).filter(|_| self.table.name == FILES);
        let path = path.ok_or_else(|| self.no("a file without a hash for a name"))?;
        let bytes = fs::read(self.folder.join(&path)).map_err(|error| self.no(format!("{path}: {error}")))?;
        if hex::encode(Sha256::digest(&bytes)) != sha256 {
            return Err(self.no(format!("{path} is another file than it was")));
        }
        Ok(bytes)
    }
}
