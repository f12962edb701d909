//! A whole record, running or backed up: the audit trail's chains, and what was sealed of each archived record.

use crate::cli::Place;
use crate::data_dir::{KEYS, keys_of};
use crate::{admin, config};
use admin::backup::{MANIFEST, Manifest, keys_beside};
use anyhow::{Context, ensure};
use benhan_server::app::archive::{self, Archived};
use benhan_server::app::life::{Checked, check_manifests};
use benhan_sign::{Anchors, Certificate};
use benhan_store::payloads::{self, Payloads};
use benhan_store::{Db, DbUrl, Keyring, backup, dialect, key_store, places};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

pub fn check(folder: &Path, secrets: Option<&Path>, anchors: &[u8], json: bool) -> anyhow::Result<ExitCode> {
    let url = place_of(folder)?;
    let anchors = Anchors::new(Certificate::list_from_pem(anchors).context("--trust")?);
    let keys = keys_for(folder, secrets)?;
    let mut conn = match &keys {
        Some(keys) => Db::reader_with(&url, keys.clone())?,
        None => Db::reader(&url)?,
    };
    let now = jiff::Timestamp::now().as_microsecond();
    let (rows, checked) = dialect::snapshot(&mut conn, |conn| -> anyhow::Result<_> {
        let rows = backup::check_chains(conn)?.audit_rows;
        if let Some(keys) = &keys {
            key_store::belongs(conn, keys)?;
        } else if key_store::is_known(conn)? {
            return Ok((rows, None));
        }
        let payloads = payloads::check(conn)?;
        let facility = places::facility(conn)?.map(|facility| facility.code).unwrap_or_default();
        let archived = archive::check(conn, &facility, &anchors, now)?;
        Ok((rows, Some((check_manifests(conn, &anchors, now)?, payloads, archived))))
    })?;
    let Some((checked, payloads, archived)) = checked else {
        let text = format!("Nhật ký: {rows} dòng, các chuỗi còn nguyên vẹn.\n{UNREAD}");
        admin::answer(json, &json!({ "auditRows": rows, "archive": null, "payloads": null }), &text);
        return Ok(ExitCode::FAILURE);
    };
    let value = json!({ "auditRows": rows, "archive": checked, "payloads": payloads, "archiveStamps": archived });
    let whole = checked.findings.is_empty() && payloads.broken.is_empty() && archived.findings.is_empty();
    admin::answer(json, &value, &text(rows, &checked, &payloads, &archived)?);
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const UNREAD: &str = "CHƯA KIỂM ĐƯỢC NỘI DUNG: nội dung hồ sơ đã mã hóa. Chạy lại với --secrets THƯ_MỤC, là thư mục secrets/ \
                      cất riêng khỏi bản sao lưu.";

/// Those of a data folder lie in it, those of a backup beside all backups of its target; `secrets/` in the one only.
fn keys_for(folder: &Path, secrets: Option<&Path>) -> anyhow::Result<Option<Keyring>> {
    let own = folder.join("secrets");
    if !folder.join(MANIFEST).exists() {
        let (store, secrets) = (folder.join(KEYS), secrets.unwrap_or(&own));
        let none = !store.exists() && !secrets.join("records.key").exists();
        return if none { Ok(None) } else { keys_of(&store, secrets).map(Some) };
    }
    let store = keys_beside(folder)?;
    match secrets {
        Some(secrets) if store.exists() => keys_of(&store, secrets).map(Some),
        _ => Ok(None),
    }
}

fn text(rows: u64, checked: &Checked, payloads: &Payloads, archived: &Archived) -> anyhow::Result<String> {
    let mut text = format!(
        "Nhật ký: {rows} dòng, các chuỗi còn nguyên vẹn.\nHồ sơ đã niêm phong: {}, với {} bảng kê.\n",
        checked.records, checked.manifests
    );
    writeln!(
        text,
        "Nội dung: {} phần mở được bằng khóa của hồ sơ, {} phần từ trước khi có khóa.",
        payloads.opened, payloads.plain
    )?;
    if payloads.destroyed > 0 {
        let (records, parts) = (payloads.destroyed_records.len(), payloads.destroyed);
        writeln!(text, "Đã tiêu hủy: {records} hồ sơ; {parts} phần còn lại của chúng không mở được nữa.")?;
    }
    if checked.destroyed > 0 {
        writeln!(text, "Hồ sơ đã tiêu hủy: {}; còn mã băm và con dấu của bảng kê.", checked.destroyed)?;
    }
    if let Some(until) = &archived.until {
        let (stamps, leaves) = (archived.stamps, archived.leaves);
        writeln!(text, "Dấu thời gian lưu trữ: {stamps} dấu trên {leaves} lá, có hiệu lực đến {until}.")?;
    }
    for finding in &archived.findings {
        writeln!(text, "  ✗ {finding}")?;
    }
    for broken in &payloads.broken {
        writeln!(text, "  ✗ {broken}")?;
    }
    for finding in &checked.findings {
        writeln!(text, "  ✗ hồ sơ {}: {}", finding.record, finding.what)?;
    }
    let whole = checked.findings.is_empty() && payloads.broken.is_empty() && archived.findings.is_empty();
    let verdict = if whole {
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
