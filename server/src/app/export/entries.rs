//! Every version of what people and devices put into the record, its body as it was kept, and the sheets.

use super::pack::{Gathered, Zip};
use crate::app::AppError;
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::id::DocumentId;
use benhan_domain::lab::Flag;
use benhan_domain::patient_signature::ScanKind;
use benhan_domain::time::Instant;
use benhan_domain::update_limit::EntryKind as WrittenAs;
use benhan_package::{Entry, EntryKind, names};
use benhan_store::encounters::Encounter;
use benhan_store::observations::SetVersion;
use benhan_store::results::ResultVersion;
use benhan_store::{
    Conn, StoreError, audit, blobs, documents, entry_scans, observations, patient_signatures, results, signed_sheets,
};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Versions read at once.
const PAGE: i64 = 500;

pub fn vital_signs(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    zip: &mut Zip,
    into: &mut Gathered,
) -> Result<(), AppError> {
    let mut after = (String::new(), 0);
    loop {
        let page = observations::versions_of_stay(conn, permit, (&after.0, after.1), PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.set.to_string(), last.version);
        for version in page {
            set(zip, into, version)?;
        }
    }
}

fn set(zip: &mut Zip, into: &mut Gathered, version: SetVersion) -> Result<(), AppError> {
    let id = version.set.to_string();
    let file = names::vital_signs(&id, version.version);
    zip.add(&file, version.body.as_bytes())?;
    let (current, stands) = (version.version == version.current_version, version.status.stands());
    if current && stands {
        let broken = |_| StoreError::corrupt("observation_set_version", "body", &id);
        into.bodies.set(version.body.as_bytes()).map_err(broken)?;
    }
    into.people.extend(version.author);
    into.entries.push(Entry {
        kind: EntryKind::VitalSigns,
        id,
        version: version.version,
        status: version.status.as_str().to_owned(),
        current,
        stands,
        title: "Dấu hiệu sinh tồn".to_owned(),
        sha256: version.sha256,
        file,
        sheets: Vec::new(),
    });
    Ok(())
}

pub fn documents(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    zip: &mut Zip,
    into: &mut Gathered,
) -> Result<(), AppError> {
    let mut after = (String::new(), 0);
    loop {
        let page = documents::versions_of_stay(conn, permit, (&after.0, after.1), PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.document.to_string(), last.version);
        let ids: Vec<DocumentId> = page.iter().map(|version| version.document).collect();
        let signed = signed_sheets::of_documents(conn, permit, &ids)?;
        for version in page {
            let id = version.document.to_string();
            let file = names::document(&id, version.version);
            zip.add(&file, version.body.as_bytes())?;
            let mut sheets = Vec::new();
            if let Some(name) = &version.pdf_sha256 {
                let path = names::sheet(&id, version.version);
                zip.add(&path, &printed(conn, name)?)?;
                sheets.push(path);
            }
            let of_this = signed.iter().filter(|s| s.document == version.document && s.version == version.version);
            for (sheet, place) in of_this.zip(1..) {
                let path = names::signed_sheet(&id, version.version, place);
                zip.add(&path, &printed(conn, &sheet.pdf_sha256)?)?;
                into.sheets.insert(sheet.signature, path.clone());
                sheets.push(path);
            }
            into.people.insert(version.author);
            into.entries.push(Entry {
                kind: EntryKind::Document,
                id,
                version: version.version,
                current: version.version == version.current_version,
                stands: version.status != "entered-in-error",
                status: version.status,
                title: version.title,
                sha256: version.sha256,
                file,
                sheets,
            });
        }
    }
}

/// What patients and their representatives gave, with the scan where it was on paper.
pub fn patient_signatures(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    zip: &mut Zip,
    into: &mut Gathered,
) -> Result<(), AppError> {
    for given in patient_signatures::of_stay(conn, permit)? {
        let id = given.id.to_string();
        let file = names::patient_signature(&id);
        zip.add(&file, given.evidence.as_bytes())?;
        if let Some(name) = &given.scan_sha256 {
            let scan = printed(conn, name)?;
            let kind = ScanKind::of(&scan).ok_or_else(|| StoreError::corrupt("blob", "bytes", name))?;
            zip.add(&names::scan(&id, kind.extension()), &scan)?;
        }
        into.entries.push(Entry {
            kind: EntryKind::PatientSignature,
            id,
            version: 1,
            status: "final".to_owned(),
            current: true,
            stands: true,
            title: format!("Người bệnh hoặc người đại diện {}", given.method.vietnamese()),
            sha256: hex::encode(Sha256::digest(&given.evidence)),
            file,
            sheets: Vec::new(),
        });
    }
    Ok(())
}

/// The scans of the paper that entries were written from, each named by its entry.
pub fn entry_scans(conn: &mut Conn, permit: &Permit<ViewChart>, zip: &mut Zip) -> Result<(), AppError> {
    for scan in entry_scans::of_stay(conn, permit)? {
        let bytes = printed(conn, &scan.sha256)?;
        let kind = ScanKind::of(&bytes).ok_or_else(|| StoreError::corrupt("blob", "bytes", &scan.sha256))?;
        let of = match scan.kind {
            WrittenAs::Vitals => "sinh-hieu",
            WrittenAs::Note | WrittenAs::Form => "phieu",
        };
        zip.add(&names::entry_scan(of, &scan.entry, &scan.id.to_string(), kind.extension()), &bytes)?;
    }
    Ok(())
}

fn printed(conn: &mut Conn, name: &str) -> Result<Vec<u8>, StoreError> {
    blobs::read(conn, name)?.ok_or_else(|| StoreError::corrupt("blob", "sha256", name))
}

pub fn results(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    stay: &Encounter,
    zip: &mut Zip,
    into: &mut Gathered,
) -> Result<(), AppError> {
    let mut after = (String::new(), 0);
    loop {
        let page = results::versions_of_stay(conn, permit, (&after.0, after.1), PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.id.to_string(), last.version);
        for version in page {
            result(stay, zip, into, version)?;
        }
    }
}

/// A result is kept in columns: its body is made here, and nobody has signed it.
fn result(stay: &Encounter, zip: &mut Zip, into: &mut Gathered, version: ResultVersion) -> Result<(), AppError> {
    let (id, value) = (version.id.to_string(), &version.value);
    let body = audit::canonical(&json!({
        "format": "benhan/lab-result/1", "result": id, "version": version.version, "encounter": stay.number,
        "patient": stay.patient.code, "status": version.status.as_str(), "code": version.head.code,
        "name": version.head.name, "value": value.value, "unit": value.unit, "referenceRange": value.reference_range,
        "flag": value.flag.map(Flag::as_str), "critical": value.critical,
        "effectiveAt": Instant(value.effective_at).rfc3339(), "recordedAt": Instant(version.recorded_at).rfc3339(),
        "author": version.source.author, "device": version.source.device, "reason": version.source.reason,
        "barcode": version.barcode, "order": version.head.order,
    }))?;
    let file = names::result(&id, version.version);
    zip.add(&file, body.as_bytes())?;
    let (current, stands) = (version.version == version.current_version, version.status.stands());
    if current && stands {
        into.bodies.result(body.as_bytes()).map_err(|_| StoreError::corrupt("result_version", "value", &id))?;
    }
    into.people.extend(version.source.author);
    into.entries.push(Entry {
        kind: EntryKind::Result,
        id,
        version: version.version,
        status: version.status.as_str().to_owned(),
        current,
        stands,
        title: version.head.name,
        sha256: hex::encode(Sha256::digest(&body)),
        file,
        sheets: Vec::new(),
    });
    Ok(())
}
