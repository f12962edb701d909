//! The tree of everything that was signed, and the time stamps over it as it grew (RFC 4998 in spirit).
//!
//! A leaf tells nothing of a record: it is a hash over hashes, one of them of a signature's own value. So leaves stay where
//! they are when a record is destroyed, and the tree stays provable for all others.

use crate::error::id;
use crate::keys::KeyError;
use crate::schema::{archive_leaf, archive_stamp, record_event, signature, signed_sheet};
use crate::{Conn, StoreError, Tx, dialect, signatures};
use diesel::dsl::{exists, max, not};
use diesel::prelude::*;
use std::collections::HashMap;

/// What a leaf stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafKind {
    Signature,
    Manifest,
    Stamp,
}

impl LeafKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Manifest => "manifest",
            Self::Stamp => "stamp",
        }
    }
}

/// Something signed that has no leaf yet.
#[derive(Clone, Debug)]
pub struct Unstamped {
    pub id: String,
    /// SHA-256 of what was signed, hexadecimal.
    pub content: String,
    /// The signature's own bytes.
    pub value: Vec<u8>,
    /// SHA-256 of the sheet that shows it, where it is another file than the content.
    pub sheet: Option<String>,
}

/// A page: where it ended, and what of it is still there.
pub struct Page {
    /// `None` where there was nothing.
    pub last: Option<String>,
    pub items: Vec<Unstamped>,
}

/// Signatures without a leaf after this id, by id. Those of a destroyed record are passed over.
pub fn signatures_after(conn: &mut Conn, after: &str, limit: i64) -> Result<Page, StoreError> {
    let leaf = archive_leaf::table
        .filter(archive_leaf::kind.eq(LeafKind::Signature.as_str()).and(archive_leaf::of_id.eq(signature::id)));
    let rows: Vec<(String, String, String, Vec<u8>, i64)> = signature::table
        .filter(signature::id.gt(after.to_owned()).and(not(exists(leaf))))
        .order(signature::id)
        .limit(limit)
        .select((signature::id, signature::encounter_id, signature::sha256, signature::value, signature::key_id))
        .load(conn.db())
        .map_err(StoreError::db("list signatures without a leaf"))?;
    let ids: Vec<String> = rows.iter().map(|row| row.0.clone()).collect();
    let sheets: HashMap<String, String> = signed_sheet::table
        .filter(signed_sheet::signature_id.eq_any(&ids))
        .select((signed_sheet::signature_id, signed_sheet::pdf_sha256))
        .load::<(String, String)>(conn.db())
        .map_err(StoreError::db("read the sheets of signatures"))?
        .into_iter()
        .collect();
    let mut items = Vec::new();
    for (row, stay, sha256, value, key) in rows {
        let of = id(&stay, "signature", "encounter_id")?;
        let (content, value) = match signatures::apart(conn, of, (&row, key), (sha256, value)) {
            Err(StoreError::Keys(KeyError::Shredded(_))) => continue,
            opened => opened?,
        };
        items.push(Unstamped { sheet: sheets.get(&row).cloned(), id: row, content, value });
    }
    Ok(Page { last: ids.last().cloned(), items })
}

/// Sealed manifests without a leaf after this id, by id.
pub fn manifests_after(conn: &mut Conn, after: &str, limit: i64) -> Result<Page, StoreError> {
    let leaf = archive_leaf::table
        .filter(archive_leaf::kind.eq(LeafKind::Manifest.as_str()).and(archive_leaf::of_id.eq(record_event::id)));
    let rows: Vec<(String, Option<String>, Option<Vec<u8>>)> = record_event::table
        .filter(record_event::id.gt(after.to_owned()).and(record_event::manifest_sha256.is_not_null()))
        .filter(not(exists(leaf)))
        .order(record_event::id)
        .limit(limit)
        .select((record_event::id, record_event::manifest_sha256, record_event::seal))
        .load(conn.db())
        .map_err(StoreError::db("list manifests without a leaf"))?;
    let last = rows.last().map(|row| row.0.clone());
    let whole = rows
        .into_iter()
        .filter_map(|(id, content, value)| Some(Unstamped { id, content: content?, value: value?, sheet: None }));
    Ok(Page { last, items: whole.collect() })
}

/// The greatest id of this kind that has a leaf.
pub fn last_of(conn: &mut Conn, kind: LeafKind) -> Result<Option<String>, StoreError> {
    archive_leaf::table
        .filter(archive_leaf::kind.eq(kind.as_str()))
        .select(max(archive_leaf::of_id))
        .first(conn.db())
        .map_err(StoreError::db("read how far the tree has come"))
}

/// How many leaves there are.
pub fn size(conn: &mut Conn) -> Result<i64, StoreError> {
    let last: Option<i64> = archive_leaf::table
        .select(max(archive_leaf::place))
        .first(conn.db())
        .map_err(StoreError::db("measure the tree"))?;
    Ok(last.map_or(0, |last| last.saturating_add(1)))
}

/// Appends leaves: what each is of, and its hash. One that is there already is passed over; how many came.
pub fn grow(tx: &mut Tx<'_>, kind: LeafKind, leaves: &[(String, String)]) -> Result<usize, StoreError> {
    let ids: Vec<&str> = leaves.iter().map(|(of, _)| of.as_str()).collect();
    let there: Vec<String> = archive_leaf::table
        .filter(archive_leaf::kind.eq(kind.as_str()).and(archive_leaf::of_id.eq_any(ids)))
        .select(archive_leaf::of_id)
        .load(tx.db())
        .map_err(StoreError::db("look for leaves"))?;
    let (mut place, mut count) = (size(tx.conn())?, 0);
    for (of, hash) in leaves.iter().filter(|(of, _)| !there.contains(of)) {
        let row = (
            archive_leaf::place.eq(place),
            archive_leaf::kind.eq(kind.as_str()),
            archive_leaf::of_id.eq(of),
            archive_leaf::hash.eq(hash),
        );
        diesel::insert_into(archive_leaf::table)
            .values(row)
            .execute(tx.db())
            .map_err(StoreError::db("append a leaf"))?;
        place = place.saturating_add(1);
        count += 1;
    }
    Ok(count)
}

/// Hashes from this place on, in order.
pub fn hashes(conn: &mut Conn, from: i64, until: i64, limit: i64) -> Result<Vec<(i64, String)>, StoreError> {
    archive_leaf::table
        .filter(archive_leaf::place.ge(from).and(archive_leaf::place.lt(until)))
        .order(archive_leaf::place)
        .limit(limit)
        .select((archive_leaf::place, archive_leaf::hash))
        .load(conn.db())
        .map_err(StoreError::db("read leaves"))
}

/// Where these are in the tree; those without a leaf are missing.
pub fn places(conn: &mut Conn, kind: LeafKind, of: &[String]) -> Result<HashMap<String, i64>, StoreError> {
    let rows: Vec<(String, i64)> = archive_leaf::table
        .filter(archive_leaf::kind.eq(kind.as_str()).and(archive_leaf::of_id.eq_any(of)))
        .select((archive_leaf::of_id, archive_leaf::place))
        .load(conn.db())
        .map_err(StoreError::db("find leaves"))?;
    Ok(rows.into_iter().collect())
}

/// A time stamp over the root of the first `size` leaves.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = archive_stamp)]
pub struct ArchiveStamp {
    pub seq: i64,
    pub at: i64,
    pub size: i64,
    pub body: String,
    pub token: Vec<u8>,
    pub evidence: String,
    pub edge: String,
    pub source: String,
    pub ends_at: i64,
}

pub fn last(conn: &mut Conn) -> Result<Option<ArchiveStamp>, StoreError> {
    archive_stamp::table
        .order(archive_stamp::seq.desc())
        .select(ArchiveStamp::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the last archive stamp"))
}

/// The first stamp whose tree has more than this many leaves.
pub fn first_over(conn: &mut Conn, place: i64) -> Result<Option<ArchiveStamp>, StoreError> {
    archive_stamp::table
        .filter(archive_stamp::size.gt(place))
        .order(archive_stamp::seq)
        .select(ArchiveStamp::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find an archive stamp"))
}

/// The last stamp after `seq` that was made until this instant.
pub fn last_until(conn: &mut Conn, seq: i64, at: i64) -> Result<Option<ArchiveStamp>, StoreError> {
    archive_stamp::table
        .filter(archive_stamp::seq.gt(seq).and(archive_stamp::at.le(at)))
        .order(archive_stamp::seq.desc())
        .select(ArchiveStamp::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find what renewed an archive stamp"))
}

/// [`StoreError::Taken`] of `archive_stamp`: another server was first.
pub fn keep(tx: &mut Tx<'_>, stamp: &ArchiveStamp) -> Result<(), StoreError> {
    let insert = diesel::insert_into(archive_stamp::table).values(stamp).execute(tx.db());
    insert.map(drop).map_err(StoreError::db("keep an archive stamp"))
}

/// The one after this.
pub fn next_after(conn: &mut Conn, seq: i64) -> Result<Option<ArchiveStamp>, StoreError> {
    archive_stamp::table
        .filter(archive_stamp::seq.gt(seq))
        .order(archive_stamp::seq)
        .select(ArchiveStamp::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find the next archive stamp"))
}

/// The hash of a leaf.
pub fn leaf_of(conn: &mut Conn, kind: LeafKind, of: &str) -> Result<Option<String>, StoreError> {
    archive_leaf::table
        .filter(archive_leaf::kind.eq(kind.as_str()).and(archive_leaf::of_id.eq(of)))
        .select(archive_leaf::hash)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a leaf"))
}

/// Not in a record of an older version.
pub fn is_known(conn: &mut Conn) -> Result<bool, StoreError> {
    dialect::has_table(conn, "archive_stamp")
}
