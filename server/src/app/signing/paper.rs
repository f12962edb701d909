//! The paper exception (Circular 46/2018, Art. 13.3b): the sheet is printed with a check code, signed with ink, scanned,
//! and linked to the very version that was printed. The paper is kept, and where it lies is said.
//!
//! The scan is opened by nobody here: its kind is told by its first bytes, and a person looks at it.

use super::form_facts::{FormFacts, gather};
use super::patient::{Offered, Scan, ready, signs};
use super::{ToSign, trail};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::lookups::permit_on_entry;
use crate::state::App;
use crate::view_forms::FilledForm;
use benhan_domain::access::{ViewChart, WitnessPatient};
use benhan_domain::audit::Act;
use benhan_domain::id::PatientSignatureId;
use benhan_domain::patient_signature::{Method, PaperCode, Representative, ScanKind};
use benhan_domain::text;
use benhan_render::PaperPrint;
use benhan_store::{blobs, documents, encounters, patient_signatures};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A scanned sheet of some pages at reading quality.
pub const LARGEST_SCAN: usize = 8 << 20;

/// What somebody hands in who has the signed paper before them.
pub struct SignedPaper {
    pub place: ToSign,
    pub representative: Option<Representative>,
    pub scan: Vec<u8>,
    /// As it stands on the paper.
    pub code: String,
    /// Where the paper is kept.
    pub kept_at: String,
}

/// Of this version of this sheet in this slot, and of no other.
fn code_of(facts: &FormFacts, slot: &str) -> PaperCode {
    let said = format!("benhan/paper/1 {} {} {slot} {}", facts.of.document, facts.of.version, facts.of.sha256);
    PaperCode::of(&Sha256::digest(said).into())
}

/// Prints the sheet to be signed with ink. That it was converted to paper is on the trail.
pub async fn print_for_paper(app: &App, caller: &Caller, place: ToSign) -> Result<Vec<u8>, AppError> {
    let (reader, app2, of) = (caller.clone(), app.clone(), place.clone());
    let read = app.db.read(move |conn| {
        let facts = gather(conn, &app2, &reader, of.document)?;
        permit_on_entry::<WitnessPatient>(conn, &reader.actor, facts.stay.id, Some(facts.of.author))?;
        ready(&facts, &reader, &of)?;
        Ok::<_, AppError>(facts)
    });
    let facts = read.await?;
    let (patient, stay, version) = (facts.stay.patient.id, facts.stay.id, facts.of.version);
    let code = code_of(&facts, &place.slot);
    let paper = PaperPrint {
        code: code.to_string(),
        by: format!("{} {}", caller.user.role.title(), caller.user.name),
        at: app.db.now().0,
    };
    let (app2, reader, at) = (app.clone(), caller.clone(), paper.at);
    let work = tokio::task::spawn_blocking(move || facts.render_for_paper(&app2, &reader, paper, at));
    let pdf = work.await.map_err(|_| AppError::Internal("printing was cut off".into()))??;
    let detail = json!({ "version": version, "slot": place.slot, "paper": true, "code": code.to_string() });
    let subject = ("form", place.document.to_string());
    app.db.note(trail::about_chart(Some(caller.user.id), Act::Print, subject, (patient, stay), detail)).await?;
    Ok(pdf)
}

/// The scan is linked to its version: code, sheet and slot agree, or it is refused. The witness answers for it.
pub async fn signed_on_paper(
    app: &App,
    caller: &Caller,
    given: SignedPaper,
    pin: String,
) -> Result<FilledForm, AppError> {
    let wrong = |place: &str, sentence: &str| AppError::invalid(place, sentence.to_owned());
    if given.scan.len() > LARGEST_SCAN {
        return Err(wrong("scan", "Bản quét lớn hơn 8 MB: quét lại ở độ phân giải thấp hơn (200 dpi)"));
    }
    let kind = ScanKind::of(&given.scan).ok_or_else(|| wrong("scan", "Bản quét phải là tệp JPEG, PNG hoặc PDF"))?;
    let kept_at = text::clean(&given.kept_at);
    if !(2..=200).contains(&kept_at.chars().count()) {
        return Err(wrong("keptAt", "Ghi nơi cất bản giấy (kho, hộp), từ 2 đến 200 ký tự"));
    }
    let typed = PaperCode::parse(&given.code)
        .ok_or_else(|| wrong("code", "Gõ mã đối chiếu in ở cuối bản giấy, dạng ABCD-EFGH"))?;
    let (reader, app2, place) = (caller.clone(), app.clone(), given.place.clone());
    let read = app.db.read(move |conn| {
        let facts = gather(conn, &app2, &reader, place.document)?;
        permit_on_entry::<WitnessPatient>(conn, &reader.actor, facts.stay.id, Some(facts.of.author))?;
        facts.stands_as(place.version)?;
        Ok::<_, AppError>(code_of(&facts, &place.slot))
    });
    if read.await? != typed {
        let sentence =
            "Mã trên bản giấy không phải của phiếu này, bản này và chỗ ký này: mở đúng phiếu, hoặc in lại bản mới";
        return Err(wrong("code", sentence));
    }
    let sha256 = hex::encode(Sha256::digest(&given.scan));
    let offered = Offered {
        place: given.place,
        representative: given.representative,
        method: Method::Paper,
        proof: json!({
            "scanSha256": sha256, "scanExtension": kind.extension(), "scanBytes": given.scan.len(),
            "code": typed.to_string(), "paper": kept_at, "confirmed": CONFIRMED,
        }),
        scan: Some(Scan { bytes: Arc::new(given.scan), media: kind.media() }),
    };
    signs(app, caller, offered, pin).await
}

/// The words above the button that the witness presses.
const CONFIRMED: &str = "Bản quét rõ, đúng với bản giấy đã ký; bản giấy được giữ lại";

/// The scan of a sheet that was signed on paper, audited as a view.
pub async fn scan_of(app: &App, caller: &Caller, id: PatientSignatureId) -> Result<(Vec<u8>, ScanKind), AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let missing = || AppError::not_found("bản quét");
        let document = patient_signatures::document_of(conn, id)?.ok_or_else(missing)?;
        let (stay, author) = documents::written_by(conn, document)?.ok_or_else(missing)?;
        let permit = permit_on_entry::<ViewChart>(conn, &reader.actor, stay, Some(author))?;
        let owner = encounters::owner(conn, stay)?.ok_or_else(missing)?;
        let given = patient_signatures::of_documents(conn, &permit, &[document])?.into_iter().find(|p| p.id == id);
        let name = given.and_then(|p| p.scan_sha256).ok_or_else(missing)?;
        Ok::<_, AppError>((owner, stay, blobs::read(conn, &name)?.ok_or_else(missing)?))
    });
    let (owner, stay, bytes) = read.await?;
    let kind = ScanKind::of(&bytes).ok_or_else(|| AppError::Internal("a kept scan is none".into()))?;
    let (subject, detail) = (("patient-signature", id.to_string()), json!({ "scan": true }));
    app.db.note(trail::about_chart(Some(caller.user.id), Act::View, subject, (owner, stay), detail)).await?;
    Ok((bytes, kind))
}
