//! Whether every sealed manifest still says what the record holds: for `benhan verify`, which trusts nobody here.

use super::manifest::FORMAT;
use crate::app::AppError;
use benhan_domain::access::{Permit, ViewChart, system};
use benhan_domain::id::EncounterId;
use benhan_domain::record::{LifeEvent, RecordState};
use benhan_sign::audit_export::sealed_by;
use benhan_sign::{Anchors, cms};
use benhan_store::keys::KeyError;
use benhan_store::records::{self, Contents, Manifest, Part};
use benhan_store::{Conn, StoreError, audit};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Checked {
    pub records: usize,
    pub manifests: usize,
    /// Records that were destroyed: of them only the hashes and the seals of their manifests are left.
    pub destroyed: usize,
    /// Empty when everything holds.
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The stay of the record.
    pub record: EncounterId,
    /// Vietnamese; names what is not as it was sealed.
    pub what: String,
}

const PAGE: i64 = 500;

/// Every record that holds a manifest, as `conn` sees it.
pub fn check_manifests(conn: &mut Conn, anchors: &Anchors, now: i64) -> Result<Checked, AppError> {
    let (mut checked, mut past) = (Checked::default(), String::new());
    loop {
        let page = records::sealed_after(conn, &past, PAGE)?;
        let Some(last) = page.last() else { return Ok(checked) };
        past = last.to_string();
        for stay in page {
            let mut found = Vec::new();
            let manifests = match one(conn, stay, anchors, now, &mut found) {
                // A backup from before: its keys are shredded since.
                Err(AppError::Store(StoreError::Keys(KeyError::Shredded(_)))) => None,
                looked => looked?,
            };
            let Some(manifests) = manifests else {
                checked.destroyed = checked.destroyed.saturating_add(1);
                continue;
            };
            checked.records = checked.records.saturating_add(1);
            checked.manifests = checked.manifests.saturating_add(manifests);
            checked.findings.extend(found.into_iter().map(|what| Finding { record: stay, what }));
        }
    }
}

/// How many manifests; none of a record that was destroyed.
fn one(
    conn: &mut Conn,
    stay: EncounterId,
    anchors: &Anchors,
    now: i64,
    found: &mut Vec<String>,
) -> Result<Option<usize>, AppError> {
    let view = system::<ViewChart>(stay);
    if records::standing(conn, &view)?.state.is_there().is_err() {
        return Ok(None);
    }
    let manifests = match records::manifests(conn, &view) {
        Err(StoreError::Corrupt { table, id, .. }) => {
            found.push(format!("{table} {id}: nội dung không còn đúng mã băm"));
            return Ok(Some(0));
        }
        read => read?,
    };
    let contents = match records::contents(conn, &view, Part::All) {
        Err(StoreError::Corrupt { table, id, .. }) => {
            found.push(format!("{table} {id}: nội dung không còn đúng mã băm"));
            return Ok(Some(manifests.len()));
        }
        read => read?,
    };
    let holds = parts(&contents)?;
    // What was sealed before the record was opened again was sealed to be corrected.
    let events = records::events(conn, &view)?;
    let reopened =
        events.iter().rposition(|event| event.kind == LifeEvent::Reopened).map_or(0, |at| at.saturating_add(1));
    let past: HashSet<_> = events.iter().take(reopened).map(|event| event.id).collect();
    let mut covered = HashSet::new();
    let mut before: Option<&str> = None;
    for manifest in &manifests {
        sealed(manifest, anchors, now, found);
        follows(manifest, before, found);
        before = Some(&manifest.sealed.sha256);
        if past.contains(&manifest.event) {
            continue;
        }
        let Ok(said) = serde_json::from_str::<Value>(&manifest.sealed.manifest) else {
            found.push(format!("bảng kê {}: không đọc được", manifest.event));
            continue;
        };
        if text(&said, "format") != Some(FORMAT) || text(&said, "record") != Some(stay.to_string().as_str()) {
            found.push(format!("bảng kê {}: của hồ sơ khác", manifest.event));
        }
        stay_as_said(conn, &view, &said, &contents, found)?;
        for part in parts_of(said.get("contents").unwrap_or(&Value::Null))? {
            if !holds.contains(&part) {
                found.push(format!("{}: đã đổi hoặc mất so với bảng kê {}", part.name, manifest.event));
            }
            covered.insert(part);
        }
    }
    if records::standing(conn, &view)?.state == RecordState::Archived {
        if !manifests.iter().any(|m| m.kind == LifeEvent::Archived && !past.contains(&m.event)) {
            found.push("đã lưu trữ mà không còn bảng kê lúc lưu trữ: sự kiện của hồ sơ đã bị xóa".to_owned());
        }
        let slipped_in = holds.iter().filter(|part| part.counts && !covered.contains(part));
        found.extend(slipped_in.map(|part| format!("{}: có trong hồ sơ mà không bảng kê nào ghi", part.name)));
    }
    found.sort();
    Ok(Some(manifests.len()))
}

fn text<'v>(of: &'v Value, key: &str) -> Option<&'v str> {
    of.get(key).and_then(Value::as_str)
}

fn sealed(manifest: &Manifest, anchors: &Anchors, now: i64, found: &mut Vec<String>) {
    let (event, sealed) = (manifest.event, &manifest.sealed);
    if hex::encode(Sha256::digest(&sealed.manifest)) != sealed.sha256 {
        found.push(format!("bảng kê {event}: không còn đúng mã băm"));
    }
    let report = cms::verify_detached(sealed.manifest.as_bytes(), &sealed.seal, anchors, now);
    let said: Value = serde_json::from_str(&sealed.manifest).unwrap_or_default();
    let seal = sealed_by(&report, text(&said, "facility").unwrap_or_default(), anchors);
    if !report.trusted() || !seal {
        let why: Vec<String> = report.findings.iter().map(|f| f.vietnamese()).collect();
        found.push(format!("bảng kê {event}: con dấu không đúng ({})", why.join("; ")));
    }
}

/// Each manifest names the one before it, so that none between two is taken away unseen.
fn follows(manifest: &Manifest, before: Option<&str>, found: &mut Vec<String>) {
    let said: Value = serde_json::from_str(&manifest.sealed.manifest).unwrap_or_default();
    let named = text(&said, "before");
    // What archives a record lists all of it again; in older versions it named no manifest before it.
    let begins = manifest.kind == LifeEvent::Archived && named.is_none();
    if named != before && !begins {
        found.push(format!("bảng kê {}: bảng kê liền trước nó đã mất hoặc đã đổi", manifest.event));
    }
}

/// The stay as the archive's manifest has it. The patient's own data may have newer versions; the one of then is there.
fn stay_as_said(
    conn: &mut Conn,
    view: &Permit<ViewChart>,
    said: &Value,
    contents: &Contents,
    found: &mut Vec<String>,
) -> Result<(), AppError> {
    let Some(then) = said.get("contents").and_then(|c| c.get("stay")) else { return Ok(()) };
    let version = then.get("patientVersion").and_then(Value::as_i64).unwrap_or_default();
    if records::patient_sha256(conn, view, version)?.as_deref() != text(then, "patientSha256") {
        found.push("thông tin người bệnh: bản lúc lưu trữ đã đổi hoặc mất".to_owned());
    }
    let now = json_of(&contents.stay)?;
    let kept = ["number", "admittedAt", "dischargedAt", "outcome", "diagnosis", "icd10", "patient"];
    if kept.iter().any(|key| now.get(key) != then.get(key)) {
        found.push("đợt điều trị: đã đổi sau khi lưu trữ".to_owned());
    }
    Ok(())
}

/// One line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PartLine {
    name: String,
    /// Its canonical JSON.
    body: String,
    /// Must be in a manifest of an archived record: what no technician has released is not.
    counts: bool,
}

fn json_of(value: &impl Serialize) -> Result<Value, AppError> {
    serde_json::to_value(value).map_err(|e| AppError::Internal(e.to_string()))
}

fn parts(contents: &Contents) -> Result<HashSet<PartLine>, AppError> {
    parts_of(&json_of(contents)?)
}

fn parts_of(contents: &Value) -> Result<HashSet<PartLine>, AppError> {
    let list = |of: &Value, key: &str| of.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut lines = HashSet::new();
    for kind in ["documents", "signedSheets", "patientSignatures", "observationSets", "orders", "results", "signatures"]
    {
        for part in list(contents, kind) {
            let version = part.get("version").map(|v| format!(" v{v}")).unwrap_or_default();
            let name = format!("{kind} {}{version}", text(&part, "id").unwrap_or_default());
            let counts = part.get("released").and_then(Value::as_bool).unwrap_or(true);
            lines.insert(PartLine { name, body: audit::canonical(&part)?, counts });
        }
    }
    for study in list(contents, "studies") {
        for image in list(&study, "instances") {
            let name = format!("images {}", text(&image, "uid").unwrap_or_default());
            lines.insert(PartLine { name, body: audit::canonical(&image)?, counts: true });
        }
    }
    Ok(lines)
}
