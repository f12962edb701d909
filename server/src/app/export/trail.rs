//! The audit rows of a stay, each with its way to the root of a tree that the facility signed.

use super::pack::Zip;
use crate::app::AppError;
use crate::app::sealing::each_hash;
use benhan_domain::access::{Permit, ViewChart};
use benhan_package::{PackError, Proof, ProvenRow, names};
use benhan_sign::audit_export;
use benhan_sign::merkle::{Hash, InclusionProver};
use benhan_store::audit::{self, Row};
use benhan_store::encounters::Encounter;
use benhan_store::{Conn, StoreError};
use std::collections::BTreeMap;

const PAGE: i64 = 1_000;

/// The file of a signed head, and the path of each row to its root, by the row's place.
type Proven = (String, BTreeMap<u64, Vec<Hash>>);

/// A chain's part of the stay.
#[derive(Default)]
struct Part {
    rows: Vec<u64>,
    proven: Option<Proven>,
}

/// How many rows no signed head covers.
pub fn write(conn: &mut Conn, permit: &Permit<ViewChart>, stay: &Encounter, zip: &mut Zip) -> Result<usize, AppError> {
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    each_row(conn, permit, stay, |row| {
        parts.entry(row.chain_id.clone()).or_default().rows.push(place(&row)?);
        Ok(())
    })?;
    for (chain, part) in &mut parts {
        part.proven = proofs(conn, chain, &part.rows, zip)?;
    }
    let mut uncovered = 0_usize;
    zip.add_by::<AppError>(names::TRAIL, |into| {
        each_row(conn, permit, stay, |row| {
            let place = place(&row)?;
            let proven = parts.get(&row.chain_id).and_then(|part| part.proven.as_ref());
            let proof = proven.and_then(|(head, paths)| {
                let path = paths.get(&place)?.iter().map(hex::encode).collect();
                Some(Proof { head: head.clone(), path })
            });
            uncovered += usize::from(proof.is_none());
            let line = ProvenRow { row: exported(row)?, proof };
            serde_json::to_writer(&mut *into, &line).map_err(|e| AppError::Internal(e.to_string()))?;
            into.write_all(b"\n").map_err(PackError::from)?;
            Ok(())
        })
    })?;
    Ok(uncovered)
}

fn each_row(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    stay: &Encounter,
    mut take: impl FnMut(Row) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let mut after = (String::new(), 0);
    loop {
        let page = audit::of_stay(conn, permit, stay.patient.id, (&after.0, after.1), PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.chain_id.clone(), last.seq);
        page.into_iter().try_for_each(&mut take)?;
    }
}

/// Rows are counted from 1, leaves from 0.
fn place(row: &Row) -> Result<u64, StoreError> {
    let place = u64::try_from(row.seq).ok().and_then(|seq| seq.checked_sub(1));
    place.ok_or_else(|| StoreError::corrupt("audit", "seq", &row.chain_id))
}

fn exported(row: Row) -> Result<audit_export::Row, StoreError> {
    let seq = u64::try_from(row.seq).map_err(|_| StoreError::corrupt("audit", "seq", &row.chain_id))?;
    Ok(audit_export::Row { chain: row.chain_id, seq, prev: row.prev_hash, body: row.body, hash: row.hash })
}

/// The head over a chain's last row of the stay, put into the package, and the ways to it: one pass over the hashes.
fn proofs(conn: &mut Conn, chain: &str, rows: &[u64], zip: &mut Zip) -> Result<Option<Proven>, AppError> {
    let last = rows.last().and_then(|place| i64::try_from(*place).ok()).unwrap_or(i64::MAX);
    let Some((_, seq, body, cms)) = audit::head_over(conn, chain, last.saturating_add(1))? else { return Ok(None) };
    let mut prover = InclusionProver::of(rows.iter().copied());
    each_hash(conn, chain, 0, seq, |leaf| prover.push(leaf))?;
    let file = names::head(chain, seq);
    zip.add(&file, body.as_bytes())?;
    zip.add(&names::head_seal(&file), &cms)?;
    Ok(Some((file, prover.finish())))
}
