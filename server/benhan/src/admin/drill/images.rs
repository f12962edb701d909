//! The images of a restored backup: room for them, and that each which the record names is there.

use super::Report;
use crate::admin::restore::{Brought, Origin};
use anyhow::{Context, ensure};
use benhan_pacs_bridge::dataset_sha256;
use benhan_store::{Conn, Keyring, proof};
use std::path::Path;

const PAGE: i64 = 1_000;
/// What must stay free for the hospital that goes on working.
const SPARE: u64 = 256 << 20;

/// Refuses before anything is copied: a drill must not fill the disk that the hospital works on.
pub fn ensure_room(from: &Origin, scratch: &Path) -> anyhow::Result<()> {
    let needed = from.measured(scratch)?.saturating_add(SPARE);
    let beside = scratch.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let volume = rustix::fs::statvfs(beside).with_context(|| beside.display().to_string())?;
    let free = volume.f_bavail.saturating_mul(volume.f_frsize);
    let mib = |bytes: u64| bytes >> 20;
    ensure!(
        free >= needed,
        "the drill needs {} MiB beside {}, and {} MiB are free: name a folder on another disk by --scratch",
        mib(needed),
        beside.display(),
        mib(free)
    );
    Ok(())
}

/// The restore has held every file of the index against its hash; here each image that a row names is opened with its key
/// and its bytes are held against the row. What was destroyed since the backup was taken is missed by nobody.
pub fn named_by_rows(
    conn: &mut Conn,
    keys: Option<&Keyring>,
    (blobs, brought): (&Path, &Brought),
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut past = String::new();
    loop {
        let page = proof::images_after(conn, &past, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        past.clone_from(last);
        for (uid, sha256) in page {
            report.image_rows = report.image_rows.saturating_add(1);
            let place = format!("{}/{sha256}.dcm", sha256.get(..2).unwrap_or_default());
            let at = blobs.join(&place);
            if !at.exists() {
                if !brought.is_erased(&place)? {
                    report.findings.add(format!("ảnh {uid}: không có trong bản sao"));
                }
                continue;
            }
            let Some(keys) = keys else {
                report.findings.add(format!("ảnh {uid}: bản sao không có kho khóa"));
                continue;
            };
            match dataset_sha256(&at, keys) {
                Ok(now) if now == sha256 => {}
                Ok(_) => report.findings.add(format!("ảnh {uid}: nội dung khác với hồ sơ đã ghi")),
                Err(cause) => report.findings.add(format!("ảnh {uid}: không mở được: {cause}")),
            }
        }
    }
}
