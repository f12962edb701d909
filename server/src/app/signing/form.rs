//! Signing a filled form: CMS over the stored bytes of its version, then the sheet with every signature on it, PAdES-signed
//! by whoever signed last. The words are fixed bytes before the PIN is asked.

use super::form_facts::{FormFacts, Fresh, gather};
use super::{Batch, Pen, given, open_pen, stamp};
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::app::forms::{self, one};
use crate::app::lookups::permit_on_entry;
use crate::app::{AppError, trail};
use crate::hub::Event;
use crate::state::App;
use crate::view_forms::{FailedForm, FilledForm, FormsSigned, SignedForm};
use benhan_domain::access::{Permit, SignRecord, ViewChart};
use benhan_domain::audit::Act;
use benhan_domain::id::{DocumentId, SignatureId};
use benhan_sign::{Signer, pades};
use benhan_store::encounters::Encounter;
use benhan_store::signatures::{NewSignature, Signature, SubjectKind};
use benhan_store::signed_sheets::{self, SignedSheet};
use benhan_store::{Conn, StoreError, Tx, blobs};
use futures_util::StreamExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

impl FormFacts {
    /// The caller's place on the sheet, if they may sign there now.
    fn check(&self, caller: &Caller, seen: i64, wanted: &str) -> Result<(), AppError> {
        self.stands_as(seen)?;
        let slot = self.form.staff_slots().find(|slot| slot.name == wanted);
        let slot = slot.ok_or_else(|| AppError::not_found("chỗ ký này trên phiếu"))?;
        let mine = |s: &Signature| s.signer == caller.user.id && s.kind != SubjectKind::DepartmentSeal.as_str();
        if self.is_signed_in(wanted) || self.signatures.iter().any(|(_, s)| mine(s)) {
            return Err(AppError::conflict(
                "already-signed",
                "Chỗ này đã có chữ ký, hoặc bạn đã ký phiếu này ở chỗ khác.",
            ));
        }
        self.its_turn(wanted)?;
        let first = self.form.staff_slots().next().is_some_and(|first| first.name == wanted);
        let may = if first { self.of.author == caller.user.id } else { slot.roles.contains(&caller.actor.role) };
        if !may {
            let detail = "Chỗ ký này của người khác: người ghi ký chỗ đầu, các chỗ sau theo chức danh ghi trên mẫu.";
            return Err(AppError::refused(Kind::Forbidden, "not-yours", detail));
        }
        self.complete()
    }
}

/// The sheet as it stands, marked as a draft while nobody has signed it.
pub async fn preview(app: &App, caller: &Caller, document: DocumentId) -> Result<Vec<u8>, AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let facts = app.db.read(move |conn| gather(conn, &app2, &reader, document)).await?;
    let (stay, app2, reader, at) = (facts.stay.id, app.clone(), caller.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || facts.render(&app2, &reader, None, at));
    let pdf = work.await.map_err(|_| AppError::Internal("printing was cut off".into()))??;
    trail::looked(app, caller, stay).await?;
    Ok(pdf)
}

/// What the pen wrote, before it is kept.
pub(super) struct Written {
    pub facts: FormFacts,
    pub slot: String,
    pub cms: Vec<u8>,
    pub pdf: Vec<u8>,
}

/// A place on a sheet, and the version that its signer has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToSign {
    pub document: DocumentId,
    pub version: i64,
    pub slot: String,
}

pub async fn sign_form(app: &App, caller: &Caller, place: ToSign, pin: String) -> Result<FilledForm, AppError> {
    // What cannot be signed is said before the PIN is used up.
    signable(app, caller, &place).await?;
    let pen = Arc::new(open_pen(app, caller, pin, Batch::of(FOR_A_SHEET, "Ký phiếu")).await?);
    sign_with(app, caller, &pen, place).await
}

/// As many sheets as one PIN signs.
const MOST: usize = 200;
/// Signatures on one: its words, and the sheet that shows them.
pub(super) const FOR_A_SHEET: usize = 2;
/// Sheets in the making at one time: a desk's worth of work, so that the wards chart on meanwhile.
const AT_ONCE: usize = 2;

/// Signs many sheets with one PIN. Each is a transaction of its own: what cannot be signed is named with its reason, and
/// the rest is signed all the same.
pub async fn sign_many(app: &App, caller: &Caller, places: Vec<ToSign>, pin: String) -> Result<FormsSigned, AppError> {
    if places.is_empty() || places.len() > MOST {
        return Err(AppError::invalid("sheets", format!("Chọn từ 1 đến {MOST} phiếu để ký")));
    }
    let batch = Batch::of(places.len().saturating_mul(FOR_A_SHEET), "Ký nhiều phiếu");
    let pen = Arc::new(open_pen(app, caller, pin, batch).await?);
    let one = |place: ToSign| {
        let pen = Arc::clone(&pen);
        async move {
            let id = place.document.to_string();
            (id, sign_with(app, caller, &pen, place).await)
        }
    };
    let mut answers = futures_util::stream::iter(places.into_iter().map(one)).buffered(AT_ONCE);
    let mut done = FormsSigned { signed: Vec::new(), failed: Vec::new() };
    while let Some((id, answer)) = answers.next().await {
        match answer {
            Ok(sheet) => done.signed.push(SignedForm { id, version: sheet.entry.version, state: sheet.entry.state }),
            Err(AppError::Refused(no)) => done.failed.push(FailedForm { id, code: no.code.into(), detail: no.detail }),
            // What is signed stays signed and must be told; the caller comes back for the rest.
            Err(error) => {
                tracing::error!(%error, "a sheet of a batch could not be signed");
                let detail = "Máy chủ chưa ký được phiếu này: thử lại sau giây lát.".to_owned();
                done.failed.push(FailedForm { id, code: "internal".into(), detail });
            }
        }
    }
    Ok(done)
}

async fn signable(app: &App, caller: &Caller, place: &ToSign) -> Result<FormFacts, AppError> {
    let (reader, app2, place) = (caller.clone(), app.clone(), place.clone());
    let read = app.db.read(move |conn| {
        let facts = gather(conn, &app2, &reader, place.document)?;
        permit_on_entry::<SignRecord>(conn, &reader.actor, facts.stay.id, Some(facts.of.author))?;
        facts.check(&reader, place.version, &place.slot)?;
        Ok::<_, AppError>(facts)
    });
    read.await
}

async fn sign_with(app: &App, caller: &Caller, pen: &Arc<Pen>, place: ToSign) -> Result<FilledForm, AppError> {
    let facts = signable(app, caller, &place).await?;
    let (pen2, app2, signer_of, at) = (Arc::clone(pen), app.clone(), caller.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || write_up(&app2, &signer_of, &pen2, facts, place.slot, at));
    let written = work.await.map_err(|_| AppError::Internal("signing was cut off".into()))??;
    let (caller, app2, pen) = (caller.clone(), app.clone(), Arc::clone(pen));
    let kept = app.db.write(move |tx| keep(tx, &app2, &caller, &pen, &written));
    let signed = kept.await?;
    metrics::counter!("benhan_signatures_total", "kind" => "form").increment(1);
    Ok(signed)
}

pub(super) fn write_up(
    app: &App,
    caller: &Caller,
    pen: &Pen,
    facts: FormFacts,
    slot: String,
    at: i64,
) -> Result<Written, AppError> {
    let signer = pen.signer()?;
    let cms = pen.writes(&signer, facts.of.body.as_bytes(), at)?;
    let department = pen.seal.as_ref().map(|seal| seal.name.as_str());
    let fresh = Fresh { slot: &slot, cms: &cms, serial: &pen.serial, evidence: None, department };
    let pdf = printed(app, caller, pen, (&signer, &facts), &fresh, at)?;
    Ok(Written { facts, slot, cms, pdf })
}

/// The sheet anew, signed as a whole by whoever holds the pen, and stamped.
pub(super) fn printed(
    app: &App,
    caller: &Caller,
    pen: &Pen,
    (signer, facts): (&Signer<'_>, &FormFacts),
    fresh: &Fresh<'_>,
    at: i64,
) -> Result<Vec<u8>, AppError> {
    let pdf = facts.render(app, caller, Some(fresh), at)?;
    let request = pades::PdfSignature {
        signing_time: at,
        reason: Some(&pen.reason(&facts.form.title)),
        location: Some(&app.facility.name),
        name: Some(pen.seal.as_ref().map_or(&caller.user.name, |seal| &seal.name)),
        room_for_time_stamp: 8_000,
    };
    let pdf = pades::sign(&pdf, signer, &request)?;
    Ok(stamp::lasting(&app.trust, pdf, &pen.evidence, app.db.now().0))
}

/// Signature, sheet and audit row, or nothing.
fn keep(tx: &mut Tx<'_>, app: &App, caller: &Caller, pen: &Pen, written: &Written) -> Result<FilledForm, AppError> {
    let Written { facts, slot, cms, pdf } = written;
    let (of, stay) = (&facts.of, &facts.stay);
    let permit: Permit<SignRecord> = permit_on_entry(tx.conn(), &caller.actor, stay.id, Some(of.author))?;
    forms::alone_with(tx, of.document)?;
    // Somebody may have saved or signed since it was read; the sheet was drawn with the signatures of then.
    let now = gather(tx.conn(), app, caller, of.document)?;
    now.check(caller, of.version, slot)?;
    if now.marks() != facts.marks() {
        return Err(AppError::stale());
    }
    let given = Given {
        subject: (SubjectKind::Document, of.document.to_string(), of.version),
        signed: of.body.as_bytes(),
        cms,
        slot,
        pdf,
        detail: json!({}),
    };
    given.keep(tx, app, &permit, facts, caller, pen)?;
    chart_changed(tx, app, stay);
    one(tx.conn(), app, caller, of.document, Vec::new())
}

pub(super) fn chart_changed(tx: &mut Tx<'_>, app: &App, stay: &Encounter) {
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "forms" }));
}

/// A signature with the sheet that was printed with it, as they are kept.
pub(super) struct Given<'a> {
    pub subject: (SubjectKind, String, i64),
    /// The bytes under the signature.
    pub signed: &'a [u8],
    pub cms: &'a [u8],
    pub slot: &'a str,
    pub pdf: &'a [u8],
    /// More for the audit row.
    pub detail: Value,
}

impl Given<'_> {
    pub fn keep(
        self,
        tx: &mut Tx<'_>,
        app: &App,
        permit: &Permit<SignRecord>,
        facts: &FormFacts,
        caller: &Caller,
        pen: &Pen,
    ) -> Result<SignatureId, AppError> {
        let (of, stay) = (&facts.of, &facts.stay);
        let (kind, subject_id, subject_version) = self.subject;
        let new = NewSignature {
            kind,
            subject_id,
            subject_version,
            encounter: stay.id,
            signer: caller.user.id,
            certificate: pen.row,
            format: "cms",
            sha256: hex::encode(Sha256::digest(self.signed)),
            value: self.cms.to_vec(),
            evidence: serde_json::to_string(&pen.evidence).map_err(|e| AppError::Internal(e.to_string()))?,
            rules: pen.rules_id(),
        };
        let signature = given(tx, app, pen, permit, &new, TAKEN)?;
        let pdf_sha256 = blobs::keep(tx, stay.id, "application/pdf", self.pdf)?;
        let (document, version, slot) = (of.document, of.version, self.slot.to_owned());
        let sheet = SignedSheet { signature, document, version, slot, pdf_sha256 };
        signed_sheets::keep(tx, permit, stay.id, &sheet).map_err(taken)?;
        let mut detail = self.detail;
        let said = json!({
            "subject": new.subject_id, "version": new.subject_version, "slot": self.slot, "format": "cms",
            "certificate": pen.serial, "pdfSha256": sheet.pdf_sha256,
            "evidenceSha256": hex::encode(Sha256::digest(&new.evidence)), "rules": new.rules,
        });
        if let (Value::Object(all), Value::Object(said)) = (&mut detail, said) {
            all.extend(said);
        }
        let subject = ("signature", signature.to_string());
        trail::on_chart(tx, Some(caller.user.id), Act::Sign, subject, (stay.patient.id, stay.id), detail)?;
        Ok(signature)
    }
}

const TAKEN: &str = "Chỗ này vừa có người ký: tải lại phiếu.";

/// Somebody was first.
pub(super) fn taken(error: StoreError) -> AppError {
    match error {
        e if ["signature", "signed_sheet", "patient_signature"].iter().any(|table| e.is_taken(table)) => {
            AppError::conflict("already-signed", TAKEN)
        }
        e => e.into(),
    }
}

/// The signed sheet of a version: the one that shows most signatures.
pub fn sheet_of(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    document: DocumentId,
    version: i64,
) -> Result<Option<String>, AppError> {
    let sheets = signed_sheets::of_documents(conn, permit, &[document])?;
    Ok(sheets.into_iter().rfind(|sheet| sheet.version == version).map(|sheet| sheet.pdf_sha256))
}
