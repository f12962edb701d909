//! A row as a line of JSON.
//!
//! Numbers and words are as they are; bytes are `{"base64"}`. What is sealed in the record stands open, with its
//! encounter: `{"of", "text"}`, `{"of", "base64"}`, or `{"of", "file"}`; `{"of", "destroyed"}` where the key is shredded.

use super::WITHHELD;
use super::sealed::{Opened, Sealed};
use crate::keys::Keyring;
use crate::transfer::TransferError;
use crate::transfer::catalog::{Column, Table};
use crate::transfer::row::{Line, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The table of the sheets and scans, whose bytes are files of their own.
pub(super) const FILES: &str = "blob";

/// Path and content.
type Beside = Option<(String, Vec<u8>)>;

pub(super) struct Told {
    pub(super) json: String,
    pub(super) file: Beside,
}

pub(super) struct Teller<'a> {
    table: &'a Table,
    sealed: Option<&'static Sealed>,
    keys: &'a Keyring,
    pub(super) unreadable: Vec<String>,
}

pub(super) fn withheld(table: &Table, column: &Column) -> bool {
    WITHHELD.contains(&(table.name.as_str(), column.name.as_str()))
}

/// Where a sheet or scan lies: `tep/ab/ab….pdf`.
pub(super) fn path(sha256: &str, media_type: &str) -> Option<String> {
    let ending = match media_type {
        "application/pdf" => ".pdf",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        _ => "",
    };
    let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| format!("tep/{}/{sha256}{ending}", sha256.get(..2).unwrap_or_default()))
}

impl<'a> Teller<'a> {
    pub(super) fn new(table: &'a Table, sealed: Option<&'static Sealed>, keys: &'a Keyring) -> Self {
        Self { table, sealed, keys, unreadable: Vec::new() }
    }

    /// The last value of `line` is the encounter that owns the row, where the table has a sealed column.
    pub(super) fn tell(&mut self, line: Line) -> Result<Told, TransferError> {
        let mut values = line.0;
        let owner = self.sealed.and_then(|_| values.pop()).and_then(|value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        });
        let (mut row, mut kept) = (Map::new(), None);
        for (column, value) in self.table.columns.iter().zip(values) {
            if self.sealed.is_some_and(|sealed| sealed.column == column.name) {
                kept = Some(value);
            } else {
                let value = if withheld(self.table, column) { Json::Null } else { plain(value) };
                row.insert(column.name.clone(), value);
            }
        }
        let mut file = None;
        if let (Some(sealed), Some(value)) = (self.sealed, kept) {
            let (told, beside) = self.opened(sealed, &row, owner, value)?;
            row.insert(sealed.column.to_owned(), told);
            file = beside;
        }
        let sorted: BTreeMap<String, Json> = row.into_iter().collect();
        let json = serde_json::to_string(&sorted).map_err(|_| self.broken("a value that JSON has not"))?;
        Ok(Told { json, file })
    }

    fn opened(
        &mut self,
        sealed: &Sealed,
        row: &Map<String, Json>,
        owner: Option<String>,
        value: Value,
    ) -> Result<(Json, Beside), TransferError> {
        let Value::Bytes(bytes) = value else { return Ok((plain(value), None)) };
        let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        let number = |name: &str| row.get(name).and_then(Json::as_i64).unwrap_or_default();
        let at = (text(sealed.row), sealed.version.map(number).unwrap_or_default());
        let as_file = (sealed.table == FILES).then(|| path(text("sha256"), text("media_type"))).flatten();
        if !Sealed::is_sealed(number("key_id")) {
            return Ok(match as_file {
                Some(path) => (json!({ "file": path }), Some((path, bytes))),
                None => (encoded(&bytes), None),
            });
        }
        let of = owner.ok_or_else(|| self.broken("a sealed value without an encounter"))?;
        let id = of.parse().map_err(|_| self.broken("an encounter with no id"))?;
        Ok(match sealed.open(self.keys, id, at, bytes)? {
            Opened::Destroyed => (json!({ "of": of, "destroyed": true }), None),
            Opened::Unreadable(bytes) => {
                self.unreadable.push(format!("{} {}", sealed.table, at.0));
                (json!({ "of": of, "unreadable": STANDARD.encode(bytes) }), None)
            }
            Opened::Plain(bytes) => match (as_file, String::from_utf8(bytes)) {
                (Some(path), bytes) => {
                    let bytes = bytes.map_or_else(std::string::FromUtf8Error::into_bytes, String::into_bytes);
                    (json!({ "of": of, "file": path }), Some((path, bytes)))
                }
                (None, Ok(text)) => (json!({ "of": of, "text": text }), None),
                (None, Err(other)) => (json!({ "of": of, "base64": STANDARD.encode(other.into_bytes()) }), None),
            },
        })
    }

    fn broken(&self, why: &str) -> TransferError {
        TransferError::Handed { table: self.table.name.clone(), row: 0, why: why.to_owned() }
    }
}

fn plain(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(number) => number.into(),
        // SQLite keeps 0.0 for -0.0.
        Value::Real(number) => (if number == 0.0 { 0.0 } else { number }).into(),
        Value::Text(text) => text.into(),
        Value::Bytes(bytes) => encoded(&bytes),
    }
}

fn encoded(bytes: &[u8]) -> Json {
    json!({ "base64": STANDARD.encode(bytes) })
}
