//! The report filed: as JSON for the program, as minutes for the hospital, and as a row on the audit trail.

use super::filed::{FOLDER, Report, place as place_of};
use crate::admin;
use crate::admin::backup::{private_folder, write_synced};
use crate::cli::Place;
use crate::config::{self, Config};
use crate::data_dir::DataDir;
use crate::own_forms;
use crate::say;
use anyhow::Context;
use benhan_domain::audit::Act;
use benhan_store::audit::{self, Entry};
use benhan_store::{Db, StoreError, places};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The minutes, or the JSON where they could not be drawn. What cannot be filed elsewhere is said and lost nothing.
pub fn file(place: &Place, config: &Config, report: &Report) -> anyhow::Result<PathBuf> {
    private_folder(&place.data_dir.join(FOLDER))?;
    let at = place_of(&place.data_dir, report)?;
    let (json, pdf) = (at.with_extension("json"), at.with_extension("pdf"));
    write_synced(&json, &serde_json::to_vec_pretty(report)?).context("the report")?;
    if let Err(why) = on_trail(place, config, report) {
        say::error(&format!("benhan: the drill is not on the audit trail: {why:#}"));
    }
    match drawn(place, config, report) {
        Ok(bytes) => {
            write_synced(&pdf, &bytes).context("the minutes")?;
            Ok(pdf)
        }
        Err(why) => {
            say::error(&format!("benhan: the minutes could not be drawn: {why:#}"));
            Ok(json)
        }
    }
}

fn on_trail(place: &Place, config: &Config, report: &Report) -> anyhow::Result<()> {
    let entry = Entry {
        actor: None,
        act: Act::Restore,
        subject_kind: "backup",
        subject_id: report.backup.clone(),
        patient: None,
        encounter: None,
        detail: json!({
            "step": "drill", "held": report.held, "findings": report.findings.count,
            "rpoSeconds": report.rpo_seconds, "rtoMillis": millis(report.rto_seconds),
        }),
    };
    let db = admin::open(&DataDir::existing(&place.data_dir)?, config::existing_database(place, config)?)?;
    admin::wait(async {
        db.write::<_, StoreError, _>(move |tx| audit::append(tx, entry)).await?;
        db.close();
        Ok(())
    })
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "a duration of days at most")]
fn millis(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}

fn drawn(place: &Place, config: &Config, report: &Report) -> anyhow::Result<Vec<u8>> {
    let mut conn = Db::reader(&config::existing_database(place, config)?)?;
    let facility = places::facility(&mut conn)?.context("this record has no hospital")?;
    let hanoi = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
    let begun = jiff::Timestamp::from_microsecond(report.begun_at)?.to_zoned(hanoi);
    let values = json!({
        "letterhead": { "authority": facility.authority, "facility": facility.name, "department": "" },
        "document": { "id": format!("DTPH-{}-{}", facility.code, begun.strftime("%Y%m%d%H%M%S")), "version": 1 },
        "begun": begun.strftime("%H:%M %d/%m/%Y").to_string(),
        "held": report.held,
        "facts": facts(report),
        "proved": proved(report),
        "findings": report.findings.first.iter().take(60).collect::<Vec<_>>(),
        "findingCount": report.findings.count,
    });
    let renderer = own_forms::renderer(&place.data_dir.join(own_forms::FOLDER))?;
    Ok(renderer.render("bien-ban-dien-tap-phuc-hoi", &values, &[], report.begun_at)?.bytes)
}

fn line(label: &str, value: String) -> Value {
    json!({ "label": label, "value": value })
}

fn facts(report: &Report) -> Vec<Value> {
    let minutes = |seconds: Option<i64>| seconds.map_or_else(|| "không rõ".to_owned(), |s| format!("{} phút", s / 60));
    vec![
        line("Bản sao được phục hồi", report.backup.clone()),
        line("Cơ sở dữ liệu", if report.engine == "sqlite" { "SQLite" } else { "PostgreSQL" }.to_owned()),
        line("Mã hóa", if report.locked { "có (age)" } else { "không" }.to_owned()),
        line("Tuổi của bản sao", minutes(report.backup_age_seconds)),
        line("Mất dữ liệu tối đa nếu có thảm họa lúc diễn tập (RPO)", minutes(report.rpo_seconds)),
        line("Thời gian phục hồi (RTO)", format!("{:.1} giây", report.rto_seconds).replace('.', ",")),
        line("Thời gian kiểm tra", format!("{:.1} giây", report.proof_seconds).replace('.', ",")),
    ]
}

fn proved(report: &Report) -> Vec<Value> {
    vec![
        line("Nhật ký truy vết: dòng, mọi mắt xích", report.audit_rows.to_string()),
        line("Nội dung chuyên môn: phần mở được bằng khóa của hồ sơ", report.bodies.to_string()),
        line("Hồ sơ đã tiêu hủy từ đó, không mở được nữa", report.destroyed_records.to_string()),
        line("Phiếu PDF: tệp, mã băm và chữ ký bên trong", report.sheets.to_string()),
        line("Chữ ký số rời", report.signatures.to_string()),
        line("Hồ sơ đã niêm phong: bảng kê và con dấu", report.sealed_records.to_string()),
        line("Ảnh: tệp, mã băm", report.images.to_string()),
        line("Ảnh mà hồ sơ nêu tên: có đủ, mở được, đúng nội dung", report.image_rows.to_string()),
    ]
}
