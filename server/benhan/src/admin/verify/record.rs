//! A whole record, running or backed up: the audit trail's chains, and what was sealed of each archived record.

use crate::cli::Place;
use crate::{admin, config};
use anyhow::{Context, bail};
use benhan_server::app::life::{Checked, check_manifests};
use benhan_sign::{Anchors, Certificate};
use benhan_store::{Db, DbUrl, backup, dialect};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

pub fn check(folder: &Path, anchors: &[u8], json: bool) -> anyhow::Result<ExitCode> {
    let anchors = Anchors::new(Certificate::list_from_pem(anchors).context("--trust")?);
    let mut conn = Db::reader(&place_of(folder)?)?;
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

/// The database of a data folder, or of a backup on SQLite.
fn place_of(folder: &Path) -> anyhow::Result<DbUrl> {
    let manifest = folder.join("manifest.json");
    if !manifest.exists() {
        let place = Place { data_dir: folder.to_owned(), config: None };
        return config::existing_database(&place, &config::read(&place)?);
    }
    let manifest: Value = serde_json::from_slice(&fs::read(manifest)?).context("manifest.json")?;
    match manifest.get("record").and_then(Value::as_str) {
        Some("record.db") => Ok(DbUrl::Sqlite(folder.join("record.db"))),
        _ => bail!("the record of this backup was on PostgreSQL: restore it, then verify the data folder"),
    }
}
