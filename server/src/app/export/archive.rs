//! What proves the signatures for long: the archive stamps over them, and whom this hospital trusted when.

use super::pack::{Gathered, Zip};
use crate::app::AppError;
use crate::app::archive::chain_for;
use benhan_domain::time::Instant;
use benhan_package::{ARCHIVE_FORMAT, ArchiveProofs, PackError, ProvenSignature, TrustRow, names};
use benhan_sign::cms::canonical_json;
use benhan_store::{Conn, trust_changes};

pub fn write(conn: &mut Conn, zip: &mut Zip, gathered: &Gathered) -> Result<(), AppError> {
    let proven = chain_for(conn, &gathered.signatures)?;
    if !proven.stamps.is_empty() {
        let signatures = proven.signatures.into_iter();
        let signatures = signatures.map(|(id, (stamp, way))| ProvenSignature { id, stamp, way }).collect();
        let proofs = ArchiveProofs { format: ARCHIVE_FORMAT.to_owned(), stamps: proven.stamps, signatures };
        zip.add(names::ARCHIVE, &canonical_json(&proofs).map_err(PackError::from)?)?;
    }
    let changes = trust_changes::all(conn)?;
    if !changes.is_empty() {
        let rows = changes.into_iter().map(|change| TrustRow {
            at: Instant(change.at).rfc3339(),
            change: change.change.as_str().to_owned(),
            kind: change.kind.as_str().to_owned(),
            fingerprint: change.fingerprint,
            subject: change.subject,
            reason: change.reason,
        });
        let rows: Vec<TrustRow> = rows.collect();
        zip.add(names::TRUST, &canonical_json(&rows).map_err(PackError::from)?)?;
    }
    Ok(())
}
