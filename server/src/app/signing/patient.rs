//! The patient signs, or who stands for them, on the screen and before a witness. What counts is the evidence under the
//! witness's signature: the drawn lines alone never do (Law 20/2023 Art. 22).

use super::evidence::{About, PatientEvidence, compose};
use super::form::{FOR_A_SHEET, Given, chart_changed, printed, taken};
use super::form_facts::{FormFacts, Fresh, gather};
use super::stamp::with_stamp;
use super::{Batch, Pen, ToSign, open_pen};
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::app::forms::{self, one};
use crate::app::lookups::permit_on_entry;
use crate::app::{AppError, scans};
use crate::state::App;
use crate::view_forms::FilledForm;
use benhan_domain::access::{Permit, SignRecord, WitnessPatient};
use benhan_domain::id::{PaperScanId, PatientSignatureId};
use benhan_domain::paper_scan::MovedOn;
use benhan_domain::patient_signature::{Drawing, Method, Representative, signer};
use benhan_domain::person::age_years;
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_store::patient_signatures::{self, PatientSignature};
use benhan_store::signatures::SubjectKind;
use benhan_store::{Tx, blobs, paper_scans};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// What the tablet hands in, however the patient agrees.
#[derive(Clone, Debug)]
pub struct OnTheScreen {
    pub place: ToSign,
    /// In the place of the patient.
    pub representative: Option<Representative>,
    /// By the device's clock: when the words were shown, and when they were agreed to.
    pub shown_at: Instant,
    pub agreed_at: Instant,
    /// What the device says of itself.
    pub device: String,
}

/// Nobody reads for longer than a shift, and no clock runs ahead by more.
const LONGEST: i64 = 12 * benhan_domain::time::HOUR;

/// A patient's signature in the making.
#[derive(Clone)]
pub(super) struct Offered {
    pub place: ToSign,
    pub representative: Option<Representative>,
    pub method: Method,
    pub proof: Value,
    /// Of the paper, where it was signed with ink.
    pub scan: Option<Scan>,
    /// The same, where it was handed in before: it is no longer waiting then.
    pub handed_in: Option<PaperScanId>,
}

#[derive(Clone)]
pub(super) struct Scan {
    pub bytes: Arc<Vec<u8>>,
    pub media: &'static str,
}

impl Offered {
    /// Without a paper.
    pub fn of(place: ToSign, representative: Option<Representative>, method: Method, proof: Value) -> Self {
        Self { place, representative, method, proof, scan: None, handed_in: None }
    }
}

impl OnTheScreen {
    /// What every evidence from a screen says: when, on what, and to which words.
    pub(super) fn proof(&self) -> Result<Map<String, Value>, AppError> {
        if !(0..=LONGEST).contains(&self.agreed_at.since(self.shown_at)) {
            return Err(AppError::invalid("agreedAt", "Giờ trên máy ký không hợp lý: chỉnh giờ của máy rồi ký lại"));
        }
        let device: String = text::clean(&self.device).chars().take(300).collect();
        let said = [
            ("shownAt", self.shown_at.rfc3339()),
            ("agreedAt", self.agreed_at.rfc3339()),
            ("agreed", AGREED.to_owned()),
            ("device", device),
        ];
        Ok(said.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value))).collect())
    }
}

pub async fn patient_draws(
    app: &App,
    caller: &Caller,
    given: OnTheScreen,
    drawing: Drawing,
    pin: String,
) -> Result<FilledForm, AppError> {
    drawing.check().map_err(|no| AppError::invalid("drawing", no.to_string()))?;
    let mut proof = given.proof()?;
    proof.insert("drawing".into(), json!(drawing));
    let offered = Offered::of(given.place, given.representative, Method::Stroke, Value::Object(proof));
    signs(app, caller, offered, pin).await
}

/// The words above the button that the patient presses.
const AGREED: &str = "Tôi đã đọc và đồng ý";

pub(super) async fn signs(app: &App, caller: &Caller, offered: Offered, pin: String) -> Result<FilledForm, AppError> {
    // What cannot be signed is said before the PIN is used up.
    let facts = witnessed(app, caller, &offered).await?;
    let pen = Arc::new(open_pen(app, caller, pin, Batch::of(FOR_A_SHEET, "Làm chứng người bệnh ký")).await?);
    let (pen2, app2, witness, at) = (Arc::clone(&pen), app.clone(), caller.clone(), app.db.now());
    let work = tokio::task::spawn_blocking(move || write_up(&app2, &witness, &pen2, (facts, offered), at));
    let written = work.await.map_err(|_| AppError::Internal("signing was cut off".into()))??;
    let (caller, app2) = (caller.clone(), app.clone());
    let kept = app.db.write(move |tx| keep(tx, &app2, &caller, &pen, &written));
    let signed = kept.await?;
    metrics::counter!("benhan_signatures_total", "kind" => "patient").increment(1);
    Ok(signed)
}

pub(super) async fn witnessed(app: &App, caller: &Caller, offered: &Offered) -> Result<FormFacts, AppError> {
    let (reader, app2, offered) = (caller.clone(), app.clone(), offered.clone());
    let read = app.db.read(move |conn| {
        let facts = gather(conn, &app2, &reader, offered.place.document)?;
        permit_on_entry::<WitnessPatient>(conn, &reader.actor, facts.stay.id, Some(facts.of.author))?;
        check(&facts, &reader, &offered, app2.db.now())?;
        Ok::<_, AppError>(facts)
    });
    read.await
}

/// Whether this person may sign there now, before this witness; answers who signs, as they are kept.
fn check(
    facts: &FormFacts,
    witness: &Caller,
    offered: &Offered,
    now: Instant,
) -> Result<Option<Representative>, AppError> {
    ready(facts, witness, &offered.place)?;
    let minor = facts.stay.patient.who.birth_date.map(|birth| age_years(birth, now.day()) < 18);
    let representative =
        signer(offered.representative.clone(), minor).map_err(|no| AppError::invalid(no.place(), no.to_string()))?;
    for (earlier, _) in &facts.patients {
        if PatientEvidence::read(&earlier.evidence)?.is_by(representative.as_ref()) {
            let detail = "Người này đã ký phiếu ở chỗ khác: mỗi người ký một lần trên một bản.";
            return Err(AppError::conflict("signed-elsewhere", detail));
        }
    }
    Ok(representative)
}

/// Whether somebody of the patient's side may sign there now, before this witness.
pub(super) fn ready(facts: &FormFacts, witness: &Caller, place: &ToSign) -> Result<(), AppError> {
    facts.stands_as(place.version)?;
    let slot = facts.form.patient_slots().find(|slot| slot.name == place.slot);
    let slot = slot.ok_or_else(|| AppError::not_found("chỗ ký của người bệnh trên phiếu"))?;
    if facts.is_signed_in(&slot.name) {
        return Err(AppError::conflict("already-signed", "Chỗ này đã có chữ ký: tải lại phiếu."));
    }
    facts.its_turn(&slot.name)?;
    if !slot.roles.is_empty() && !slot.roles.contains(&witness.actor.role) {
        let detail = "Mẫu phiếu này cần người làm chứng thuộc chức danh khác: xem «Chỗ ký» của mẫu.";
        return Err(AppError::refused(Kind::Forbidden, "not-a-witness", detail));
    }
    facts.complete()
}

/// What the witness's pen wrote, before it is kept.
struct Written {
    facts: FormFacts,
    offered: Offered,
    id: PatientSignatureId,
    evidence: String,
    cms: Vec<u8>,
    pdf: Vec<u8>,
}

fn write_up(
    app: &App,
    witness: &Caller,
    pen: &Pen,
    (facts, offered): (FormFacts, Offered),
    at: Instant,
) -> Result<Written, AppError> {
    let representative = check(&facts, witness, &offered, at)?;
    let id = PatientSignatureId::from(Uuid::now_v7());
    let about = About {
        id,
        of: &facts.of,
        stay: &facts.stay,
        slot: &offered.place.slot,
        method: offered.method,
        representative: representative.as_ref(),
        witness,
        at,
    };
    let evidence = compose(&about, offered.proof.clone())?;
    let signer = pen.signer()?;
    let cms = pen.writes(&signer, evidence.as_bytes(), at.0)?;
    let cms = with_stamp(&app.trust, cms, app.db.now().0);
    let name = id.to_string();
    let fresh = Fresh {
        slot: &offered.place.slot,
        cms: &cms,
        serial: &pen.serial,
        evidence: Some((&name, &evidence)),
        department: None,
    };
    let pdf = printed(app, witness, pen, (&signer, &facts), &fresh, at.0)?;
    Ok(Written { facts, offered, id, evidence, cms, pdf })
}

/// Evidence, the witness's signature, sheet and audit row, or nothing.
fn keep(tx: &mut Tx<'_>, app: &App, caller: &Caller, pen: &Pen, written: &Written) -> Result<FilledForm, AppError> {
    let Written { facts, offered, id, evidence, cms, pdf } = written;
    let (of, stay) = (&facts.of, &facts.stay);
    let author = Some(of.author);
    let permit: Permit<WitnessPatient> = permit_on_entry(tx.conn(), &caller.actor, stay.id, author)?;
    let pen_permit: Permit<SignRecord> = permit_on_entry(tx.conn(), &caller.actor, stay.id, author)?;
    forms::alone_with(tx, of.document)?;
    // Somebody may have saved or signed since it was read; the sheet was drawn with the signatures of then.
    let now = gather(tx.conn(), app, caller, of.document)?;
    let representative = check(&now, caller, offered, tx.now())?;
    if now.marks() != facts.marks() {
        return Err(AppError::stale());
    }
    let scan_sha256 = offered.scan.as_ref().map(|scan| blobs::keep(tx, stay.id, scan.media, &scan.bytes));
    let scan_sha256 = scan_sha256.transpose().map_err(|e| match e {
        e if e.is_taken("blob") => {
            AppError::invalid("scan", "Bản quét này đã nằm trong hồ sơ của người bệnh khác: chọn đúng tệp")
        }
        e => e.into(),
    })?;
    let given = Given {
        subject: (SubjectKind::PatientSignature, id.to_string(), 1),
        signed: evidence.as_bytes(),
        cms,
        slot: &offered.place.slot,
        pdf,
        detail: json!({
            "document": of.document, "documentVersion": of.version, "method": offered.method,
            "by": if representative.is_some() { "representative" } else { "patient" },
        }),
    };
    let signature = given.keep(tx, app, &pen_permit, facts, caller, pen)?;
    let new = PatientSignature {
        id: *id,
        signature,
        document: of.document,
        version: of.version,
        slot: offered.place.slot.clone(),
        method: offered.method,
        scan_sha256,
        signed_at: tx.now().0,
        evidence: evidence.clone(),
    };
    patient_signatures::keep(tx, &permit, stay.id, &new).map_err(taken)?;
    if let Some(scan) = offered.handed_in
        && !paper_scans::link(tx, &permit, scan, *id, caller.actor.user)?
    {
        return Err(scans::moved_on(MovedOn));
    }
    chart_changed(tx, app, stay);
    one(tx.conn(), app, caller, of.document, Vec::new())
}
