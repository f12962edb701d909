//! What a drill found, and the reports that are kept.

use crate::admin::backup::Manifest;
use crate::admin::backup::schedule::taken_at;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// In the data folder.
pub const FOLDER: &str = "drills";
const FORMAT: &str = "benhan-drill/1";

/// A damaged backup may have a flaw a row: the first are named, the rest counted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Findings {
    pub count: u64,
    pub first: Vec<String>,
}

impl Findings {
    const NAMED: usize = 200;

    pub fn add(&mut self, what: String) {
        self.count = self.count.saturating_add(1);
        if self.first.len() < Self::NAMED {
            self.first.push(what);
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub format: String,
    /// When it began, µs UTC.
    pub begun_at: i64,
    /// The folder's name.
    pub backup: String,
    pub engine: String,
    pub locked: bool,
    /// Everything was restored and proved.
    pub held: bool,
    /// Between the last act in the backup and the drill: what a disaster now would have cost. Seconds.
    pub rpo_seconds: Option<i64>,
    pub backup_age_seconds: Option<i64>,
    /// Until the record could be served again. Seconds.
    pub rto_seconds: f64,
    pub proof_seconds: f64,
    pub audit_rows: u64,
    /// Payloads: opened with the records' keys, or plain from before there were any.
    pub bodies: u64,
    /// Records in the backup that were destroyed since: nothing of them opens.
    #[serde(default)]
    pub destroyed_records: u64,
    pub sheets: u64,
    pub signatures: u64,
    pub sealed_records: u64,
    pub images: u64,
    /// Images that rows name; each must be among those.
    pub image_rows: u64,
    pub findings: Findings,
}

impl Report {
    pub fn begin(from: &Path, manifest: &Manifest) -> Self {
        let now = jiff::Timestamp::now();
        let age = taken_at(from).map(|at| now.as_second().saturating_sub(at));
        Self {
            format: FORMAT.to_owned(),
            begun_at: now.as_microsecond(),
            backup: from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            engine: if manifest.is_sqlite() { "sqlite" } else { "postgresql" }.to_owned(),
            locked: manifest.locked,
            held: false,
            rpo_seconds: None,
            backup_age_seconds: age,
            rto_seconds: 0.0,
            proof_seconds: 0.0,
            audit_rows: 0,
            bodies: 0,
            destroyed_records: 0,
            sheets: 0,
            signatures: 0,
            sealed_records: 0,
            images: 0,
            image_rows: 0,
            findings: Findings::default(),
        }
    }

    pub fn newest_row(&mut self, at: Option<i64>) {
        self.rpo_seconds = at.map(|at| self.begun_at.saturating_sub(at) / 1_000_000);
    }

    pub fn restored_in(&mut self, took: Duration) {
        self.rto_seconds = took.as_secs_f64();
    }

    pub fn proved_in(&mut self, took: Duration) {
        self.proof_seconds = took.as_secs_f64();
    }

    pub fn ended(mut self) -> Self {
        self.held = self.findings.count == 0;
        self
    }

    pub fn text(&self) -> String {
        let mut text = format!(
            "{}: phục hồi trong {:.1} giây, kiểm tra trong {:.1} giây\n\
             Nhật ký {} dòng; {} bản ghi, {} tệp PDF, {} chữ ký, {} hồ sơ đã niêm phong, {} ảnh.\n",
            self.backup,
            self.rto_seconds,
            self.proof_seconds,
            self.audit_rows,
            self.bodies,
            self.sheets,
            self.signatures,
            self.sealed_records,
            self.images
        );
        if self.destroyed_records > 0 {
            let _ = writeln!(text, "Đã tiêu hủy từ đó: {} hồ sơ, không mở được nữa.", self.destroyed_records);
        }
        if let Some(seconds) = self.rpo_seconds {
            let _ = writeln!(text, "Nếu mất máy chủ lúc này: mất dữ liệu của {} phút sau cùng.", seconds / 60);
        }
        for finding in &self.findings.first {
            let _ = writeln!(text, "  ✗ {finding}");
        }
        text.push_str(if self.held {
            "ĐẠT: bản sao phục hồi được, mọi mã băm, chữ ký và tham chiếu đều đúng."
        } else {
            "KHÔNG ĐẠT: xem từng dòng ở trên; lấy bản sao mới và báo người phụ trách."
        });
        text
    }
}

/// The report that was filed last, if any can be read.
pub fn last(data: &Path) -> Option<Report> {
    let mut files: Vec<PathBuf> = fs::read_dir(data.join(FOLDER)).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    serde_json::from_slice(&fs::read(files.pop()?).ok()?).ok()
}

/// The names of a report's two files, without their ends.
pub fn place(data: &Path, report: &Report) -> anyhow::Result<PathBuf> {
    let at = jiff::Timestamp::from_microsecond(report.begun_at).context("a time")?;
    Ok(data.join(FOLDER).join(at.strftime("%Y%m%dT%H%M%SZ").to_string()))
}
