//! What proves signatures of one record under the archive stamps, for whoever has not got the tree.

use super::leaves::each_hash;
use crate::app::AppError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_sign::archive::{ProvenStamp, Way};
use benhan_sign::merkle::InclusionProver;
use benhan_store::archive::{self, ArchiveStamp, LeafKind};
use benhan_store::{Conn, StoreError};
use std::collections::BTreeMap;

/// As many as a verifier takes.
const MOST_STAMPS: usize = 64;

/// A chain of stamps, each renewing the one before, and where each signature is under it.
#[derive(Clone, Debug, Default)]
pub struct Proven {
    pub stamps: Vec<ProvenStamp>,
    /// By the signature: which stamp of the chain, and the way to its root.
    pub signatures: BTreeMap<String, (usize, Way)>,
}

/// From the first stamp over the oldest of these signatures to the newest there is, in as few steps as each one's validity
/// allows. Nothing where none is stamped yet.
pub fn chain_for(conn: &mut Conn, signatures: &[String]) -> Result<Proven, AppError> {
    let mut proven = Proven::default();
    let places = archive::places(conn, LeafKind::Signature, signatures)?;
    let Some(first) = places.values().min().copied() else { return Ok(proven) };
    let mut waiting: BTreeMap<i64, String> = places.into_iter().map(|(id, place)| (place, id)).collect();
    let mut next = archive::first_over(conn, first)?;
    let mut before: Option<ArchiveStamp> = None;
    while let Some(stamp) = next {
        if proven.stamps.len() >= MOST_STAMPS {
            return Err(StoreError::corrupt("archive_stamp", "ends_at", &stamp.seq.to_string()).into());
        }
        let after = waiting.split_off(&stamp.size);
        let under = std::mem::replace(&mut waiting, after);
        let link = match &before {
            Some(before) => {
                archive::places(conn, LeafKind::Stamp, &[format!("{:012}", before.seq)])?.into_values().next()
            }
            None => None,
        };
        let ways = ways(conn, &stamp, under.keys().copied().chain(link))?;
        let place_of = |place: i64| u64::try_from(place).ok().and_then(|place| ways.get(&place).cloned());
        proven.stamps.push(ProvenStamp {
            body: stamp.body.clone(),
            token: STANDARD.encode(&stamp.token),
            evidence: stamp.evidence.clone(),
            before: link.and_then(place_of),
        });
        let number = proven.stamps.len().saturating_sub(1);
        for (place, id) in under {
            if let Some(way) = place_of(place) {
                proven.signatures.insert(id, (number, way));
            }
        }
        // The latest that was made while this one still held; where all came too late, the verifier says so.
        next = archive::last_until(conn, stamp.seq, stamp.ends_at)?;
        if next.is_none() {
            next = archive::next_after(conn, stamp.seq)?;
        }
        before = Some(stamp);
    }
    Ok(proven)
}

/// The ways of these leaves to the stamp's root: one pass over the tree.
fn ways(
    conn: &mut Conn,
    stamp: &ArchiveStamp,
    wanted: impl Iterator<Item = i64>,
) -> Result<BTreeMap<u64, Way>, AppError> {
    let wanted = wanted.filter_map(|place| u64::try_from(place).ok());
    let mut prover = InclusionProver::of(wanted);
    each_hash(conn, 0, stamp.size, |leaf| prover.push(leaf))?;
    Ok(prover.finish().into_iter().map(|(place, path)| (place, Way::of(place, &path))).collect())
}
