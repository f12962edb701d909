//! A whole record, running or backed up: the audit trail's chains, and what was sealed of each archived record.

use crate::cli::Place;
use crate::{admin, config};
use admin::backup::{MANIFEST, Manifest};
use anyhow::{Context, ensure};
use benhan_server::app::life::{Checked, check_manifests};
use benhan_sign::{Anchors, Certificate};
use benhan_store::{Db, DbUrl, backup, dialect};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

pub fn check(folder: &Path, anchors: &[u8], json: bool) -> anyhow::Result<ExitCode> {
    let place = place_of(folder)?;
    let anchors = Anchors::new(Certificate::list_from_pem(anchors).context("--trust")?);
    let mut conn = Db::reader(&place)?;
    let now = jiff::Timestamp::now().as_microsecond();
    let (rows, checked) = dialect::snapshot(&mut conn, |conn| -> anyhow::Result<_> {
        let rows = backup::check_chains(conn)?.audit_rows;
        Ok((rows, check_manifests(conn, &anchors, now)?))
    })?;
    admin::answer(json, &json!({ "auditRows": rows, "archive": checked }), &text(rows, &checked)?);
    Ok(if checked.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(rows: u64, checked: &Checked) -> anyhow::Result<String> {
    let mut text = format!(
        "Nhật ký: {rows} dòng, các chuỗi còn nguyên vẹn.\nHồ sơ đã niêm phong: {}, với {} bảng kê.\n",
        checked.records, checked.manifests
    );
    for finding in &checked.findings {
        writeln!(text, "  ✗ hồ sơ {}: {}", finding.record, finding.what)?;
    }
    let verdict = if checked.findings.is_empty() {
        "HỢP LỆ: mọi mã băm và con dấu đều đúng."
    } else {
        "KHÔNG HỢP LỆ: xem từng dòng ở trên."
    };
    Ok(text + verdict)
}

/// The database of a data folder, or of an open backup on SQLite.
fn place_of(folder: &Path) -> anyhow::Result<DbUrl> {
    if !folder.join(MANIFEST).exists() {
        let place = Place { data_dir: folder.to_owned(), config: None };
        return config::existing_database(&place, &config::read(&place)?);
    }
    let manifest = Manifest::read(folder)?;
    ensure!(!manifest.locked, "this backup is locked: restore it, or prove it by `benhan drill`");
    ensure!(
        manifest.is_sqlite(),
        "the record of this backup was on PostgreSQL: restore it, then verify the data folder, or prove it by `benhan drill`"
    );
    Ok(DbUrl::Sqlite(folder.join("record.db")))
}
