//! Whether the tree is what the stamps say, and each stamp holds: for `benhan verify`, which trusts nobody here.

use super::leaves::{each_hash, of_stamp};
use crate::app::AppError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_domain::time::Instant;
use benhan_sign::Anchors;
use benhan_sign::archive::{Chain, ProvenStamp, StampBody};
use benhan_sign::merkle::Frontier;
use benhan_store::archive::{self, ArchiveStamp, LeafKind};
use benhan_store::{Conn, StoreError};
use serde::Serialize;

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Archived {
    pub leaves: i64,
    pub stamps: usize,
    /// Until when the newest stamp proves all of it. RFC 3339, UTC.
    pub until: Option<String>,
    /// Empty when everything holds. Vietnamese.
    pub findings: Vec<String>,
}

const MOST_FINDINGS: usize = 200;

/// Every stamp over every leaf, in one pass.
pub fn check(conn: &mut Conn, facility: &str, anchors: &Anchors, now: i64) -> Result<Archived, AppError> {
    let mut found = Archived::default();
    if !archive::is_known(conn)? {
        return Ok(found);
    }
    let (mut tree, mut before): (Frontier, Option<ArchiveStamp>) = (Frontier::default(), None);
    while let Some(stamp) = archive::next_after(conn, before.as_ref().map_or(0, |before| before.seq))? {
        found.stamps = found.stamps.saturating_add(1);
        let from = before.as_ref().map_or(0, |before| before.size);
        match each_hash(conn, from, stamp.size, |leaf| tree.push(leaf)) {
            Err(StoreError::Corrupt { id, .. }) => {
                found.findings.push(format!("cây lưu trữ: lá {id} đã mất hoặc đã đổi"));
                break;
            }
            walked => walked?,
        }
        one(conn, &stamp, &tree, facility, anchors, now, &mut found.findings)?;
        if before.as_ref().is_some_and(|before| before.ends_at < stamp.at) {
            found
                .findings
                .push(format!("dấu thời gian lưu trữ {}: gia hạn sau khi dấu trước đã hết hiệu lực", stamp.seq));
        }
        if found.findings.len() >= MOST_FINDINGS {
            break;
        }
        before = Some(stamp);
    }
    found.leaves = archive::size(conn)?;
    if let Some(last) = before {
        found.until = Some(Instant(last.ends_at).rfc3339());
        if last.ends_at < now {
            let day = Instant(last.ends_at).in_vietnam().strftime("%d/%m/%Y").to_string();
            found
                .findings
                .push(format!("dấu thời gian lưu trữ cuối cùng đã hết hiệu lực ngày {day} và chưa được gia hạn"));
        }
    }
    Ok(found)
}

fn one(
    conn: &mut Conn,
    stamp: &ArchiveStamp,
    tree: &Frontier,
    facility: &str,
    anchors: &Anchors,
    now: i64,
    findings: &mut Vec<String>,
) -> Result<(), AppError> {
    let said = |what: &str| format!("dấu thời gian lưu trữ {}: {what}", stamp.seq);
    let body: Option<StampBody> = serde_json::from_str(&stamp.body).ok();
    if body.is_none_or(|body| body.size != tree.size() || body.root() != Some(tree.root())) {
        findings.push(said("cây không còn đúng như lúc đóng dấu: có lá đã đổi hoặc mất"));
    }
    let alone = ProvenStamp {
        body: stamp.body.clone(),
        token: STANDARD.encode(&stamp.token),
        evidence: stamp.evidence.clone(),
        before: None,
    };
    if let Err(problem) = Chain::judge(&[alone], facility, anchors, now) {
        findings.push(said(&problem.vietnamese()));
    }
    let leaf = archive::leaf_of(conn, LeafKind::Stamp, &format!("{:012}", stamp.seq))?;
    if leaf != Some(hex::encode(of_stamp(stamp))) {
        findings.push(said("dấu hoặc bằng chứng của nó đã đổi"));
    }
    Ok(())
}
