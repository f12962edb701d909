//! The trail against heads that left this machine earlier: what they say of it must still be so.

use anyhow::{Context, bail, ensure};
use benhan_bucket::Bucket;
use benhan_sign::audit_export::HeadBody;
use benhan_sign::{Anchors, cms};
use benhan_store::{Conn, audit};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Larger than any head and its signature.
const LARGEST: usize = 1 << 20;

/// Where heads were kept.
pub enum Kept {
    Folder(PathBuf),
    Stored(Arc<Bucket>),
}

impl Kept {
    fn name(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Stored(bucket) => bucket.place().to_string(),
        }
    }

    /// Without their `.json`, in order.
    fn heads(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        match self {
            Self::Folder(folder) => {
                for entry in fs::read_dir(folder).with_context(|| format!("{} is not there", folder.display()))? {
                    names.extend(entry?.file_name().into_string());
                }
            }
            Self::Stored(bucket) => names.extend(bucket.list("")?.into_iter().map(|object| object.name)),
        }
        let mut heads: Vec<String> = names.iter().filter_map(|n| n.strip_suffix(".json").map(str::to_owned)).collect();
        heads.sort();
        Ok(heads)
    }

    fn read(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => fs::read(folder.join(name)).with_context(|| name.to_owned()),
            Self::Stored(bucket) => bucket.get(name, LARGEST)?.with_context(|| format!("{name} is not there")),
        }
    }
}

/// How many heads are kept there. The first that does not fit is an error.
pub fn compare(conn: &mut Conn, kept: &Kept, trust: Option<&Path>) -> anyhow::Result<usize> {
    let anchors = trust.map(|file| -> anyhow::Result<_> {
        let pem = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        Anchors::from_pem(&pem).context("--trust")
    });
    let anchors = anchors.transpose()?;
    let heads = kept.heads()?;
    ensure!(!heads.is_empty(), "{} holds no heads: is it a place of audit.heads_to?", kept.name());
    let now = jiff::Timestamp::now().as_microsecond();
    for name in &heads {
        let body = kept.read(&format!("{name}.json"))?;
        let head: HeadBody = serde_json::from_slice(&body).with_context(|| name.clone())?;
        if let Some(anchors) = &anchors {
            let seal = kept.read(&format!("{name}.p7s"))?;
            let report = cms::verify_detached(&body, &seal, anchors, now);
            ensure!(report.intact() && report.trusted(), "{name}.json: its signature does not hold");
        }
        let seq = i64::try_from(head.seq).context("a row beyond all rows")?;
        match audit::hash_at(conn, &head.chain, seq)? {
            Some(hash) if hash == head.hash => {}
            Some(_) => bail!(
                "{name}.json: up to row {seq} of chain {} the trail was changed after {}",
                head.chain,
                head.signed_at
            ),
            None => bail!("{name}.json: row {seq} of chain {} is gone; it was there at {}", head.chain, head.signed_at),
        }
    }
    Ok(heads.len())
}
