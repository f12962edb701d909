//! The list of every hash of a record, and the hospital's seal over it.

use crate::app::AppError;
use crate::app::error::Kind;
use crate::state::App;
use benhan_domain::record::{KeptUntil, LifeEvent, RetentionClass};
use benhan_domain::time::Instant;
use benhan_store::audit;
use benhan_store::encounters::Encounter;
use benhan_store::records::{Contents, Sealed, Standing};
use serde_json::json;
use sha2::{Digest, Sha256};

pub const FORMAT: &str = "benhan/record-manifest/1";

/// What the manifest is of.
pub struct About<'a> {
    pub kind: LifeEvent,
    pub standing: &'a Standing,
    pub grounds: &'a [RetentionClass],
    /// Hash of the record's manifest before this one.
    pub before: Option<String>,
}

/// Canonical JSON (RFC 8785).
pub fn compose(
    app: &App,
    of: &Encounter,
    about: &About<'_>,
    contents: &Contents,
    at: Instant,
) -> Result<String, AppError> {
    let images: usize = contents.studies.iter().map(|s| s.instances.len()).sum();
    let kept_until = about.standing.kept_until.and_then(KeptUntil::last_day);
    Ok(audit::canonical(&json!({
        "format": FORMAT, "kind": about.kind.as_str(), "facility": app.facility.code, "record": of.id,
        "encounter": of.number, "patient": of.patient.code, "archiveNumber": about.standing.archive_number,
        "closedAt": about.standing.closed_at.map(|t| Instant(t).rfc3339()), "sealedAt": at.rfc3339(),
        "class": about.standing.class, "grounds": about.grounds, "keptUntil": kept_until, "before": about.before,
        "contents": contents,
        "counts": {
            "documents": contents.documents.len(), "signedSheets": contents.signed_sheets.len(),
            "patientSignatures": contents.patient_signatures.len(),
            "observationSets": contents.observation_sets.len(),
            "orders": contents.orders.len(), "results": contents.results.len(), "studies": contents.studies.len(),
            "images": images, "signatures": contents.signatures.len(),
        },
    }))?)
}

/// Signed by the hospital's seal, and stamped by its clock where it has one.
pub fn sealed(app: &App, manifest: String, at: Instant) -> Result<Sealed, AppError> {
    let no = |detail: String| AppError::refused(Kind::Conflict, "no-seal", detail);
    let sealer = app.sealer().ok_or_else(|| {
        no("Bệnh viện chưa có con dấu số, nên chưa niêm phong được hồ sơ: báo quản trị cài chứng thư con dấu.".into())
    })?;
    app.trust
        .check(&sealer.key.certificate, at.0)
        .map_err(|problem| no(format!("Con dấu số của bệnh viện không dùng được: {}", problem.vietnamese())))?;
    let (seal, sha256) = (sealer.seal(manifest.as_bytes(), at)?, hex::encode(Sha256::digest(&manifest)));
    Ok(Sealed { manifest, sha256, seal })
}
