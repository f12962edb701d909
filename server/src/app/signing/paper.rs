//! The paper exception (Circular 46/2018, Art. 13.3b): the sheet is printed with a check code, signed with ink, scanned,
//! and linked to the very version that was printed. The paper is kept, and where it lies is said.
//!
//! What becomes of a file that a scanner dropped is in `app::scans`.

use super::form_facts::{FormFacts, gather};
use super::page_mark::page_marks;
use super::patient::{Offered, Scan, ready, signs};
use super::{ToSign, trail};
use crate::app::accounts::Caller;
use crate::app::lookups::permit_on_entry;
use crate::app::{AppError, scans};
use crate::state::App;
use crate::view_forms::FilledForm;
use benhan_domain::access::{ViewChart, WitnessPatient};
use benhan_domain::audit::Act;
use benhan_domain::id::{PaperScanId, PatientSignatureId};
use benhan_domain::paper_scan::{Found, ScanStep, Why};
use benhan_domain::patient_signature::{Method, PaperCode, Representative, ScanKind};
use benhan_domain::text;
use benhan_render::{PaperPrint, Pdf};
use benhan_store::paper_prints::{self, NewPrint};
use benhan_store::{blobs, documents, encounters, paper_scans, patient_signatures};
use serde_json::{Value, json};
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

/// What somebody says of a file that was handed in before: it is of this place.
pub struct ScannedPaper {
    pub place: ToSign,
    pub representative: Option<Representative>,
    pub scan: PaperScanId,
    /// As it stands on the paper: needed where no code was read on the scan.
    pub code: Option<String>,
    pub kept_at: String,
}

/// Of this version of this sheet in this slot, and of no other.
fn code_of(facts: &FormFacts, slot: &str) -> PaperCode {
    let said = format!("benhan/paper/1 {} {} {slot} {}", facts.of.document, facts.of.version, facts.of.sha256);
    PaperCode::of(&Sha256::digest(said).into())
}

/// Most sheets have fewer pages; a longer one is typeset again.
const USUAL_PAGES: usize = 4;

/// Prints the sheet to be signed with ink, each page with its code. That it was converted to paper is on the trail, and by
/// what code it comes back.
pub async fn print_for_paper(app: &App, caller: &Caller, place: ToSign) -> Result<Vec<u8>, AppError> {
    let (reader, app2, of) = (caller.clone(), app.clone(), place.clone());
    let read = app.db.read(move |conn| {
        let facts = gather(conn, &app2, &reader, of.document)?;
        permit_on_entry::<WitnessPatient>(conn, &reader.actor, facts.stay.id, Some(facts.of.author))?;
        ready(&facts, &reader, &of)?;
        Ok::<_, AppError>(facts)
    });
    let facts = read.await?;
    let (patient, stay, version, author) = (facts.stay.patient.id, facts.stay.id, facts.of.version, facts.of.author);
    let code = code_of(&facts, &place.slot);
    let (app2, reader, at) = (app.clone(), caller.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || printed_with(&app2, &reader, &facts, code, at));
    let pdf = work.await.map_err(|_| AppError::Internal("printing was cut off".into()))??;
    let pages = i64::try_from(pdf.pages).unwrap_or(i64::MAX);
    let actor = caller.actor.clone();
    let write = app.db.write(move |tx| {
        let permit = permit_on_entry::<WitnessPatient>(tx.conn(), &actor, stay, Some(author))?;
        let new = NewPrint { code, document: place.document, version, slot: &place.slot, encounter: stay, pages };
        paper_prints::note(tx, &permit, actor.user, &new)?;
        let detail = json!({ "version": version, "slot": place.slot, "paper": true, "code": code.to_string() });
        let subject = ("form", place.document.to_string());
        trail::on_chart(tx, Some(actor.user), Act::Print, subject, (patient, stay), detail)
    });
    write.await?;
    Ok(pdf.bytes)
}

fn printed_with(app: &App, caller: &Caller, facts: &FormFacts, code: PaperCode, at: i64) -> Result<Pdf, AppError> {
    let by = format!("{} {}", caller.user.role.title(), caller.user.name);
    let mut marked = USUAL_PAGES;
    loop {
        let paper = PaperPrint { code: code.to_string(), by: by.clone(), at, marks: page_marks(code, marked)? };
        let pdf = facts.render_for_paper(app, caller, paper, at)?;
        if pdf.pages <= marked {
            return Ok(pdf);
        }
        marked = pdf.pages;
    }
}

/// The scan is linked to its version: the code that is typed, the one on the scan where it can be read, sheet and slot agree, or it
/// is refused. The witness answers for it.
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
    let kept_at = place_of_paper(&given.kept_at)?;
    let typed = PaperCode::parse(&given.code).ok_or_else(not_a_code)?;
    let bytes = Arc::new(given.scan);
    let (reader, app2, place) = (caller.clone(), app.clone(), given.place.clone());
    let read = app.db.read(move |conn| {
        let facts = gather(conn, &app2, &reader, place.document)?;
        permit_on_entry::<WitnessPatient>(conn, &reader.actor, facts.stay.id, Some(facts.of.author))?;
        facts.stands_as(place.version)?;
        Ok::<_, AppError>(code_of(&facts, &place.slot))
    });
    if read.await? != typed {
        return Err(wrong("code", NOT_OF_THIS));
    }
    let read = match scans::looked_at(Arc::clone(&bytes), kind).await?.0 {
        Found::Nothing => Read::Typed,
        Found::One { code, .. } if code == typed => Read::Qr,
        Found::One { .. } => return Err(AppError::conflict("of-another-sheet", format!("{NOT_OF_THIS}."))),
        Found::Several => return Err(several()),
    };
    let offered = Offered {
        place: given.place,
        representative: given.representative,
        method: Method::Paper,
        proof: proof(&bytes, kind, (typed, read), &kept_at),
        scan: Some(Scan { bytes, media: kind.media() }),
        handed_in: None,
    };
    signs(app, caller, offered, pin).await
}

/// How it is known that a scan is of its sheet.
#[derive(Clone, Copy)]
enum Read {
    Qr,
    Typed,
}

fn proof(scan: &[u8], kind: ScanKind, (code, read): (PaperCode, Read), kept_at: &str) -> Value {
    let read = match read {
        Read::Qr => "qr",
        Read::Typed => "typed",
    };
    json!({
        "scanSha256": hex::encode(Sha256::digest(scan)), "scanExtension": kind.extension(), "scanBytes": scan.len(),
        "code": code.to_string(), "codeRead": read, "paper": kept_at, "confirmed": CONFIRMED,
    })
}

/// A file that was handed in is linked to its sheet by the witness. A code that was read on it decides; where none was, the one
/// that is typed from the paper does. By choice alone nothing is linked.
pub async fn signed_by_scan(
    app: &App,
    caller: &Caller,
    given: ScannedPaper,
    pin: String,
) -> Result<FilledForm, AppError> {
    let kept_at = place_of_paper(&given.kept_at)?;
    let typed = given.code.as_deref().map(|code| PaperCode::parse(code).ok_or_else(not_a_code)).transpose()?;
    let (reader, app2, place, scan) = (caller.clone(), app.clone(), given.place.clone(), given.scan);
    let read = app.db.read(move |conn| {
        let scan = scans::seen(conn, &reader.actor, scan)?;
        scan.state.after(ScanStep::Link).map_err(scans::moved_on)?;
        let facts = gather(conn, &app2, &reader, place.document)?;
        permit_on_entry::<WitnessPatient>(conn, &reader.actor, facts.stay.id, Some(facts.of.author))?;
        let code = code_of(&facts, &place.slot);
        let read = match (&scan.found, typed) {
            (Found::One { code: on_it, .. }, _) if *on_it != code => return Err(of_another(&scan)),
            (Found::One { .. }, _) => Read::Qr,
            (Found::Several, _) => return Err(several()),
            (Found::Nothing, None) => return Err(AppError::invalid("code", CODE_NEEDED)),
            (Found::Nothing, Some(typed)) if typed != code => return Err(AppError::invalid("code", NOT_OF_THIS)),
            (Found::Nothing, Some(_)) => Read::Typed,
        };
        facts.stands_as(place.version)?;
        let bytes = paper_scans::bytes(conn, &scan)?.ok_or_else(|| AppError::not_found("bản quét"))?;
        Ok((bytes, code, read))
    });
    let (bytes, code, read) = read.await?;
    let kind = ScanKind::of(&bytes).ok_or_else(|| AppError::Internal("a scan that was handed in is none".into()))?;
    let offered = Offered {
        place: given.place,
        representative: given.representative,
        method: Method::Paper,
        proof: proof(&bytes, kind, (code, read), &kept_at),
        scan: Some(Scan { bytes: Arc::new(bytes), media: kind.media() }),
        handed_in: Some(given.scan),
    };
    signs(app, caller, offered, pin).await
}

/// An earlier version of the sheet, or another sheet.
fn of_another(scan: &benhan_store::paper_scans::Scan) -> AppError {
    match scans::against(scan) {
        Some(why @ (Why::OldVersion | Why::Withdrawn | Why::AlreadySigned | Why::RecordShut)) => {
            AppError::conflict(why.as_str(), format!("{}.", why.vietnamese()))
        }
        _ => AppError::conflict("of-another-sheet", format!("{NOT_OF_THIS}.")),
    }
}

const NOT_OF_THIS: &str =
    "Mã trên bản giấy không phải của phiếu này, bản này và chỗ ký này: mở đúng phiếu, hoặc in lại bản mới";

fn several() -> AppError {
    AppError::conflict("several-codes", format!("{}.", Why::SeveralCodes.vietnamese()))
}

const CODE_NEEDED: &str =
    "Máy không đọc được mã trên bản quét: gõ mã đối chiếu in ở cuối bản giấy, dạng ABCD-EFGH, rồi xác nhận";

fn not_a_code() -> AppError {
    AppError::invalid("code", "Gõ mã đối chiếu in ở cuối bản giấy, dạng ABCD-EFGH")
}

fn place_of_paper(said: &str) -> Result<String, AppError> {
    let kept_at = text::clean(said);
    if !(2..=200).contains(&kept_at.chars().count()) {
        return Err(AppError::invalid("keptAt", "Ghi nơi cất bản giấy (kho, hộp), từ 2 đến 200 ký tự"));
    }
    Ok(kept_at)
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
