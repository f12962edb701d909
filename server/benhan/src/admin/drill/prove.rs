//! Every hash, signature and reference of a restored record.

use super::Report;
use benhan_server::app::life::check_manifests;
use benhan_sign::report::verify_with;
use benhan_sign::{Anchors, cms};
use benhan_store::Conn;
use benhan_store::payloads;
use benhan_store::proof::{self, Bodies, Covered};
use benhan_store::signatures::Kept;
use sha2::{Digest, Sha256};

const PAGE: i64 = 500;
/// Signatures carry their evidence: fewer at once.
const SIGNATURES: i64 = 50;

pub fn record(conn: &mut Conn, anchors: &Anchors, now: i64, report: &mut Report) -> anyhow::Result<()> {
    for (child, parent) in proof::dangling(conn)? {
        report.findings.add(format!("{child}: có dòng trỏ tới {parent} không còn"));
    }
    let opened = payloads::check(conn)?;
    report.bodies = opened.opened.saturating_add(opened.plain);
    report.destroyed_records = u64::try_from(opened.destroyed_records.len())?;
    opened.broken.into_iter().for_each(|what| report.findings.add(what));
    for (of, table) in [(Bodies::VitalSigns, "observation_set_version"), (Bodies::Documents, "document_version")] {
        bodies(conn, of, table, report)?;
    }
    sheets(conn, anchors, now, report)?;
    signatures(conn, anchors, now, report)?;
    let manifests = check_manifests(conn, anchors, now)?;
    report.sealed_records = u64::try_from(manifests.records)?;
    for finding in manifests.findings {
        report.findings.add(format!("hồ sơ {}: {}", finding.record, finding.what));
    }
    Ok(())
}

/// Of those from before records had keys: what is sealed proves itself as it opens.
fn bodies(conn: &mut Conn, of: Bodies, table: &str, report: &mut Report) -> anyhow::Result<()> {
    let mut past = (String::new(), 0);
    loop {
        let page = proof::bodies_after(conn, of, (&past.0, past.1), PAGE)?;
        let Some((id, version, _, _)) = page.last() else { return Ok(()) };
        past = (id.clone(), *version);
        for (id, version, body, named) in page {
            if hex::encode(Sha256::digest(&body)) != named {
                report.findings.add(format!("{table} {id} v{version}: nội dung không còn đúng mã băm"));
            }
        }
    }
}

/// Every PDF is what its name says, and every signature inside holds.
fn sheets(conn: &mut Conn, anchors: &Anchors, now: i64, report: &mut Report) -> anyhow::Result<()> {
    let mut past = String::new();
    while let Some((name, media, size, bytes)) = proof::blob_after(conn, &past)? {
        report.sheets = report.sheets.saturating_add(1);
        let Some(bytes) = bytes else {
            past = name;
            continue;
        };
        let same = hex::encode(Sha256::digest(&bytes)) == name && i64::try_from(bytes.len()) == Ok(size);
        if !same {
            report.findings.add(format!("blob {name}: tệp không còn đúng mã băm"));
        } else if media == "application/pdf" {
            let proof = verify_with(&bytes, anchors, now);
            if proof.exit_code() != 0 {
                report.findings.add(format!("blob {name}: chữ ký trong tệp: {}", proof.verdict.vietnamese()));
            }
        }
        past = name;
    }
    Ok(())
}

fn signatures(conn: &mut Conn, anchors: &Anchors, now: i64, report: &mut Report) -> anyhow::Result<()> {
    let mut past = String::new();
    loop {
        let page = proof::signatures_after(conn, &past, SIGNATURES)?;
        let Some(last) = page.last() else { return Ok(()) };
        last.id().clone_into(&mut past);
        for stored in page {
            let Some(kept) = stored.open(conn)? else { continue };
            report.signatures = report.signatures.saturating_add(1);
            if let Some(why) = flaw(conn, &kept, anchors, now)? {
                report.findings.add(format!("chữ ký {}: {why}", kept.id));
            }
        }
    }
}

/// What is wrong with a signature. The signatures inside a PDF were judged with it.
fn flaw(conn: &mut Conn, kept: &Kept, anchors: &Anchors, now: i64) -> anyhow::Result<Option<String>> {
    let bytes = match proof::signed_bytes(conn, kept)? {
        Covered::Bytes(bytes) => bytes,
        Covered::Gone => return Ok(Some("bản đã ký không còn".to_owned())),
        Covered::Unreadable => return Ok(None),
    };
    if hex::encode(Sha256::digest(&bytes)) != kept.sha256 {
        return Ok(Some("bản đã ký không còn đúng mã băm".to_owned()));
    }
    if kept.format != "cms" {
        return Ok(None);
    }
    let found = cms::verify_detached(&bytes, &kept.value, anchors, now);
    let why: Vec<String> = found.findings.iter().map(|finding| finding.vietnamese()).collect();
    Ok((!found.trusted()).then(|| why.join("; ")))
}
