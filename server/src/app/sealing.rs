//! The facility's seal: over the heads of the audit chains, and over what leaves the house.
//!
//! A head carries the tree over its chain's rows, so that one row can be proven later without the others. The tree goes
//! on from the edge that the head before left, so an hour's sealing reads that hour's rows.

use super::AppError;
use super::signing::{stamped_xml, with_stamp};
use crate::trust::Trust;
use benhan_domain::time::Instant;
use benhan_sign::audit_export::{HeadBody, hash_from};
use benhan_sign::merkle::Frontier;
use benhan_sign::path::Purpose;
use benhan_sign::{Signer, SigningKey, cms, xades};
use benhan_store::audit::{self, Head};
use benhan_store::dialect::hold;
use benhan_store::{Conn, Db, StoreError};
use std::sync::Arc;

/// Hashes read at once.
const PAGE: i64 = 10_000;

/// The facility's sealing key, held by the server itself.
pub struct SealKey {
    pub key: SigningKey,
    pub certificate: benhan_sign::Certificate,
}

/// Sets the facility's seal on something, checked and stamped as it is set.
#[derive(Clone)]
pub struct Sealer {
    pub key: Arc<SealKey>,
    pub trust: Arc<Trust>,
    /// The facility's code.
    pub facility: String,
}

impl Sealer {
    /// Asks whoever answers for the seal's certificate and the clock's, where another CA issued them; before a write.
    pub async fn ready(&self, at: Instant) {
        self.trust.ask(Purpose::Documents, &self.key.certificate, at.0).await;
        if let Some(clock) = self.trust.clock() {
            self.trust.ask(Purpose::TimeStamps, &clock.certificate, at.0).await;
        }
    }

    /// A detached CMS over `content`, with a time stamp where the hospital has a clock.
    pub fn seal(&self, content: &[u8], at: Instant) -> Result<Vec<u8>, AppError> {
        let broken = |said: String| AppError::Internal(said);
        let evidence = self.trust.check(&self.key.certificate, at.0).map_err(|p| broken(p.english()))?;
        let signer = Signer::new(&self.key.key, &self.key.certificate, &evidence).map_err(|p| broken(p.english()))?;
        let signed = cms::sign_detached(content, &signer, at.0).map_err(|e| broken(e.to_string()))?;
        Ok(with_stamp(&self.trust, signed, at.0))
    }

    /// An XML file with the seal inside (XAdES), and its time stamp where the hospital has a clock.
    pub fn seal_xml(&self, xml: &[u8], at: Instant) -> Result<Vec<u8>, AppError> {
        let broken = |said: String| AppError::Internal(said);
        let evidence = self.trust.check(&self.key.certificate, at.0).map_err(|p| broken(p.english()))?;
        let signer = Signer::new(&self.key.key, &self.key.certificate, &evidence).map_err(|p| broken(p.english()))?;
        let signed = xades::sign_enveloped(xml, &signer, at.0).map_err(|e| broken(e.to_string()))?;
        Ok(stamped_xml(&self.trust, signed, at.0))
    }
}

/// Signs the head of every chain that has grown, however long ago its process died: each start begins new ones.
pub async fn seal_heads(db: &Db, sealer: &Sealer) -> Result<usize, AppError> {
    sealer.ready(db.now()).await;
    let read = db.read::<_, AppError, _>(|conn| {
        let mut open = Vec::new();
        for head in audit::heads(conn, i64::MAX)? {
            if !audit::has_head(conn, &head)? {
                let tree = tree_of(conn, &head)?;
                open.push((head, tree));
            }
        }
        Ok(open)
    });
    let (heads, at, sealer) = (read.await?, db.now(), sealer.clone());
    let work = tokio::task::spawn_blocking(move || {
        heads.into_iter().map(|(head, tree)| sealed(&sealer, head, &tree, at)).collect::<Result<Vec<_>, _>>()
    });
    let sealed = work.await.map_err(|_| AppError::Internal("sealing was cut off".into()))??;
    let write = db.write::<_, AppError, _>(move |tx| {
        // An export and the hourly seal may come together.
        hold(tx.conn(), "audit heads")?;
        let mut kept = 0;
        for head in &sealed {
            if !audit::has_head(tx.conn(), &head.of)? {
                audit::keep_head(tx, &head.of, &head.body, &head.cms, Some(&head.edge))?;
                kept += 1;
            }
        }
        Ok(kept)
    });
    write.await
}

struct SealedHead {
    of: Head,
    body: String,
    cms: Vec<u8>,
    edge: String,
}

fn sealed(sealer: &Sealer, head: Head, tree: &Frontier, at: Instant) -> Result<SealedHead, AppError> {
    let corrupt = || StoreError::corrupt("audit", "hash", &format!("{}/{}", head.chain, head.seq));
    let hash = hash_from(&head.hash).ok_or_else(corrupt)?;
    let seq = u64::try_from(head.seq).map_err(|_| corrupt())?;
    let body = HeadBody::new(&head.chain, seq, &hash, at.0, &sealer.facility).with_tree(tree);
    let body = cms::canonical_json(&body).map_err(|e| AppError::Internal(e.to_string()))?;
    let cms = sealer.seal(&body, at)?;
    let body = String::from_utf8(body).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(SealedHead { of: head, body, cms, edge: tree.peaks() })
}

/// The tree up to this head, from where the head before left it.
fn tree_of(conn: &mut Conn, head: &Head) -> Result<Frontier, StoreError> {
    let mut tree = left_by(audit::last_signed(conn, &head.chain)?).unwrap_or_default();
    each_hash(conn, &head.chain, i64::try_from(tree.size()).unwrap_or(i64::MAX), head.seq, |leaf| tree.push(leaf))?;
    if i64::try_from(tree.size()) != Ok(head.seq) {
        return Err(StoreError::corrupt("audit", "seq", &head.chain));
    }
    Ok(tree)
}

/// The edge counts only where it leads to the root that was signed.
fn left_by(signed: Option<(String, Option<String>)>) -> Option<Frontier> {
    let (body, edge) = signed?;
    let (size, root) = serde_json::from_str::<HeadBody>(&body).ok()?.tree()?;
    Frontier::resume(size, &edge?, &root)
}

/// The hashes of a chain's rows after `from` and up to `until`, in order.
pub(super) fn each_hash(
    conn: &mut Conn,
    chain: &str,
    from: i64,
    until: i64,
    mut take: impl FnMut([u8; 32]),
) -> Result<(), StoreError> {
    let mut after = from;
    loop {
        let page = audit::hashes_after(conn, chain, after, until, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        let last = *last;
        for (seq, hash) in page {
            let corrupt = |column| StoreError::corrupt("audit", column, &format!("{chain}/{seq}"));
            if seq != after.saturating_add(1) {
                return Err(corrupt("seq"));
            }
            take(hash_from(&hash).ok_or_else(|| corrupt("hash"))?);
            after = seq;
        }
        after = last;
    }
}
