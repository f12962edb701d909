//! Which column of a table is sealed, with the key of which record, and for which place.

use crate::StoreError;
use crate::keys::{KeyError, Keyring, Place};
use crate::payload::SEALED;
use crate::transfer::catalog::Table;
use benhan_domain::id::EncounterId;

/// `key_id` says of a row whether its column is sealed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sealed {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    /// The columns that name the place.
    pub(super) row: &'static str,
    pub(super) version: Option<&'static str>,
    /// The encounter whose key it is, of a row of `t`.
    pub(super) owner: &'static str,
}

const fn versions(table: &'static str, row: &'static str, owner: &'static str) -> Sealed {
    Sealed { table, column: "sealed", row, version: Some("version"), owner }
}

const fn rows(table: &'static str, column: &'static str, row: &'static str, owner: &'static str) -> Sealed {
    Sealed { table, column, row, version: None, owner }
}

const COLUMNS: [Sealed; 10] = [
    versions(
        "observation_set_version",
        "set_id",
        "(SELECT h.encounter_id FROM observation_set h WHERE h.id = t.set_id)",
    ),
    versions("document_version", "document_id", "(SELECT h.encounter_id FROM document h WHERE h.id = t.document_id)"),
    versions("result_version", "result_id", "(SELECT h.encounter_id FROM result h WHERE h.id = t.result_id)"),
    rows("encounter", "sealed", "id", "t.id"),
    rows("record_event", "sealed", "id", "t.encounter_id"),
    rows("patient_signature", "sealed", "id", "t.encounter_id"),
    rows("record_restriction", "sealed", "id", "t.encounter_id"),
    rows("signature", "value", "id", "t.encounter_id"),
    rows("blob", "bytes", "sha256", "t.encounter_id"),
    // Under a key of its own: whose record it belongs to may not be known.
    rows("paper_scan", "bytes", "id", "t.id"),
];

/// A sealed value, as far as it opens.
pub(super) enum Opened {
    Plain(Vec<u8>),
    /// The key is shredded: nothing is left of it.
    Destroyed,
    /// It stays as it is stored.
    Unreadable(Vec<u8>),
}

impl Sealed {
    pub(super) fn of(table: &Table) -> Option<&'static Self> {
        COLUMNS.iter().find(|sealed| sealed.table == table.name)
    }

    pub(super) fn is_sealed(key_id: i64) -> bool {
        key_id == SEALED
    }

    fn place<'a>(&self, row: &'a str, version: i64) -> Place<'a> {
        Place { table: self.table, row, version }
    }

    pub(super) fn open(
        &self,
        keys: &Keyring,
        of: EncounterId,
        (row, version): (&str, i64),
        bytes: Vec<u8>,
    ) -> Result<Opened, StoreError> {
        match keys.to_open(of) {
            Ok(key) => Ok(match key.open(&self.place(row, version).of(of), &bytes) {
                Some(plain) => Opened::Plain(plain),
                None => Opened::Unreadable(bytes),
            }),
            Err(KeyError::Shredded(_)) => Ok(Opened::Destroyed),
            Err(KeyError::Missing(_)) => Ok(Opened::Unreadable(bytes)),
            Err(other) => Err(other.into()),
        }
    }

    pub(super) fn seal(
        &self,
        keys: &Keyring,
        of: EncounterId,
        (row, version): (&str, i64),
        plain: &[u8],
        now: i64,
    ) -> Result<Vec<u8>, StoreError> {
        Ok(keys.to_seal(of, now)?.seal(&self.place(row, version).of(of), plain)?)
    }
}
