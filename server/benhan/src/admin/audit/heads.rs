//! The trail against heads that left this machine earlier: what they say of it must still be so.

use anyhow::{Context, bail, ensure};
use benhan_sign::audit_export::HeadBody;
use benhan_sign::{Anchors, cms};
use benhan_store::{Conn, audit};
use std::fs;
use std::path::Path;

/// How many heads the folder keeps. The first that does not fit is an error.
pub fn compare(conn: &mut Conn, folder: &Path, trust: Option<&Path>) -> anyhow::Result<usize> {
    let anchors = trust.map(|file| -> anyhow::Result<_> {
        let pem = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        Anchors::from_pem(&pem).context("--trust")
    });
    let anchors = anchors.transpose()?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} is not there", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "json") {
            names.push(path);
        }
    }
    names.sort();
    ensure!(!names.is_empty(), "{} holds no heads: is it a folder of audit.heads_to?", folder.display());
    let now = jiff::Timestamp::now().as_microsecond();
    for path in &names {
        let body = fs::read(path)?;
        let head: HeadBody = serde_json::from_slice(&body).with_context(|| path.display().to_string())?;
        if let Some(anchors) = &anchors {
            let seal = fs::read(path.with_extension("p7s")).with_context(|| path.display().to_string())?;
            let report = cms::verify_detached(&body, &seal, anchors, now);
            ensure!(report.intact() && report.trusted(), "{}: its signature does not hold", path.display());
        }
        let seq = i64::try_from(head.seq).context("a row beyond all rows")?;
        match audit::hash_at(conn, &head.chain, seq)? {
            Some(hash) if hash == head.hash => {}
            Some(_) => bail!(
                "{}: up to row {seq} of chain {} the trail was changed after {}",
                path.display(),
                head.chain,
                head.signed_at
            ),
            None => bail!(
                "{}: row {seq} of chain {} is gone; it was there at {}",
                path.display(),
                head.chain,
                head.signed_at
            ),
        }
    }
    Ok(names.len())
}
