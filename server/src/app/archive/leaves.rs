//! Leaves of the tree: what was signed since, in pages, each page a transaction.

use super::ONE;
use crate::app::AppError;
use benhan_sign::archive::{manifest_leaf, signature_leaf, stamp_leaf};
use benhan_sign::merkle::Hash;
use benhan_store::archive::{self, ArchiveStamp, LeafKind, Unstamped};
use benhan_store::{Conn, Db, StoreError, dialect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const AT_ONCE: i64 = 500;
/// Ids begin with the instant that they were made at. A transaction that took this long came late, and is found all the same.
const LOOK_BACK_MS: u64 = 24 * 60 * 60 * 1000;

/// Puts what has no leaf yet into the tree; how much that was.
pub async fn gather(db: &Db) -> Result<usize, AppError> {
    let mut count = 0;
    for kind in [LeafKind::Signature, LeafKind::Manifest] {
        let last = db.read::<_, AppError, _>(move |conn| Ok(archive::last_of(conn, kind)?)).await?;
        let mut after = last.map(|last| begin_before(&last)).unwrap_or_default();
        loop {
            let from = after.clone();
            let page = db.read::<_, AppError, _>(move |conn| {
                let page = match kind {
                    LeafKind::Signature => archive::signatures_after(conn, &from, AT_ONCE)?,
                    _ => archive::manifests_after(conn, &from, AT_ONCE)?,
                };
                let leaves = page.items.iter().map(|item| leaf(kind, item)).collect::<Result<Vec<_>, _>>()?;
                Ok((page.last, leaves))
            });
            let (last, leaves) = page.await?;
            let Some(last) = last else { break };
            after = last;
            let write = db.write::<_, AppError, _>(move |tx| {
                dialect::hold(tx.conn(), ONE)?;
                Ok(archive::grow(tx, kind, &leaves)?)
            });
            count += write.await?;
        }
    }
    Ok(count)
}

/// The id from which to look, before this one.
fn begin_before(last: &str) -> String {
    let Ok(id) = Uuid::try_parse(last) else { return String::new() };
    let milliseconds = u64::try_from(id.as_u128() >> 80).unwrap_or_default().saturating_sub(LOOK_BACK_MS);
    Uuid::from_u128(u128::from(milliseconds) << 80).hyphenated().to_string()
}

fn leaf(kind: LeafKind, item: &Unstamped) -> Result<(String, String), StoreError> {
    let broken = |column| StoreError::corrupt("archive_leaf", column, &item.id);
    let content = hash_of(&item.content).ok_or_else(|| broken("content"))?;
    let sheet = item.sheet.as_deref().map(|sheet| hash_of(sheet).ok_or_else(|| broken("sheet"))).transpose()?;
    let hash = match kind {
        LeafKind::Manifest => manifest_leaf(&content, &item.value),
        _ => signature_leaf(&content, &item.value, sheet.as_ref()),
    };
    Ok((item.id.clone(), hex::encode(hash)))
}

pub(super) fn of_stamp(stamp: &ArchiveStamp) -> Hash {
    stamp_leaf(&stamp.body, &stamp.token, &stamp.evidence)
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hash_of(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
}

/// The hashes from this place on, in order, a page at a time.
pub(super) fn each_hash(conn: &mut Conn, from: i64, until: i64, mut take: impl FnMut(Hash)) -> Result<(), StoreError> {
    let mut next = from;
    loop {
        let page = archive::hashes(conn, next, until, super::PAGE)?;
        if page.is_empty() {
            return Ok(());
        }
        for (place, hash) in page {
            let corrupt = |column| StoreError::corrupt("archive_leaf", column, &place.to_string());
            if place != next {
                return Err(corrupt("place"));
            }
            take(hash_of(&hash).ok_or_else(|| corrupt("hash"))?);
            next = next.saturating_add(1);
        }
    }
}
