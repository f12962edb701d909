//! Signing a filled form: CMS over the stored bytes of its version, then the sheet with every signature on it, PAdES-signed
//! by whoever signed last. The words are fixed bytes before the PIN is asked.

use super::{Pen, given, open_pen, sheet, stamp};
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::app::forms::{self, current, one, values_for};
use crate::app::lookups::{People, permit_on_entry};
use crate::app::{AppError, letterhead, trail};
use crate::hub::Event;
use crate::state::App;
use crate::view_forms::{FailedForm, FilledForm, FormsSigned, SignedForm};
use benhan_domain::access::{Permit, SignRecord, ViewChart};
use benhan_domain::audit::Act;
use benhan_domain::form::{FormDefinition, Needed, values};
use benhan_domain::id::DocumentId;
use benhan_render::{Amendment, Attachment, DocumentRef as SheetRef, FormSheet, SignatureMark};
use benhan_sign::{cms, pades};
use benhan_store::documents::{self, DocumentVersion};
use benhan_store::encounters::Encounter;
use benhan_store::signatures::{self, NewSignature, Signature, SubjectKind};
use benhan_store::signed_sheets::{self, SignedSheet};
use benhan_store::{Conn, Tx, blobs, certificates, places};
use futures_util::StreamExt;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that the sheet shows, read before the key is used.
struct FormFacts {
    of: DocumentVersion,
    stay: Encounter,
    form: FormDefinition,
    ward: String,
    history: Vec<DocumentVersion>,
    /// Of this version, with the slot of each, in the order of signing.
    signatures: Vec<(String, Signature)>,
    /// Versions that somebody signed.
    signed: Vec<i64>,
    serials: HashMap<String, String>,
    people: People,
}

fn gather(conn: &mut Conn, app: &App, caller: &Caller, document: DocumentId) -> Result<FormFacts, AppError> {
    let (of, stay, form) = current(conn, app, caller, document)?;
    let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay.id, Some(of.author))?;
    let history = documents::history(conn, &permit, document)?;
    let sheets = signed_sheets::of_documents(conn, &permit, &[document])?;
    let given = signatures::on(conn, &permit, SubjectKind::Document, &[document.to_string()])?;
    let certificates: Vec<String> = given.iter().map(|s| s.certificate.to_string()).collect();
    let certificates = certificates::by_ids(conn, &certificates)?.into_iter();
    let people = People::read(conn, history.iter().map(|v| v.author).chain(given.iter().map(|s| s.signer)))?;
    let signed = sheets.iter().map(|sheet| sheet.version).collect();
    let of_this = sheets.into_iter().filter(|sheet| sheet.version == of.version);
    let signatures = of_this.filter_map(|s| Some((s.slot, given.iter().find(|g| g.id == s.signature)?.clone())));
    Ok(FormFacts {
        signatures: signatures.collect(),
        signed,
        serials: certificates.map(|c| (c.id.to_string(), c.serial)).collect(),
        ward: places::ward(conn, stay.ward)?.map(|ward| ward.name).unwrap_or_default(),
        people,
        history,
        of,
        stay,
        form,
    })
}

impl FormFacts {
    /// The caller's place on the sheet, if they may sign there now.
    fn check(&self, caller: &Caller, seen: i64, wanted: &str) -> Result<(), AppError> {
        if self.of.version != seen {
            return Err(AppError::stale());
        }
        if self.of.status != forms::STANDS {
            return Err(AppError::conflict("not-standing", "Phiếu này đã bị hủy: mở tờ mới để ghi."));
        }
        let on = |name: &str| self.signatures.iter().any(|(slot, _)| slot == name);
        let slots: Vec<_> = self.form.staff_slots().collect();
        let at = slots
            .iter()
            .position(|slot| slot.name == wanted)
            .ok_or_else(|| AppError::not_found("chỗ ký này trên phiếu"))?;
        if on(wanted) || self.signatures.iter().any(|(_, s)| s.signer == caller.user.id) {
            return Err(AppError::conflict(
                "already-signed",
                "Chỗ này đã có chữ ký, hoặc bạn đã ký phiếu này ở chỗ khác.",
            ));
        }
        let earlier = slots.iter().take(at).enumerate();
        if let Some((_, slot)) =
            earlier.filter(|(n, slot)| *n == 0 || slot.needed != Needed::Never).find(|(_, slot)| !on(&slot.name))
        {
            return Err(AppError::conflict("not-your-turn", format!("«{}» ký trước: đợi người đó ký.", slot.label)));
        }
        let may = match (at, slots.get(at)) {
            (0, _) => self.of.author == caller.user.id,
            (_, Some(slot)) => slot.roles.contains(&caller.actor.role),
            _ => false,
        };
        if !may {
            let detail = "Chỗ ký này của người khác: người ghi ký chỗ đầu, các chỗ sau theo chức danh ghi trên mẫu.";
            return Err(AppError::refused(Kind::Forbidden, "not-yours", detail));
        }
        let faults = values::missing(&self.form, &values_for(&self.form, &self.of)?, Needed::Sign);
        if !faults.is_empty() {
            let detail = "Phiếu còn mục phải ghi trước khi ký: xem các mục được đánh dấu.";
            return Err(forms::refused(Kind::Conflict, "incomplete", detail, faults));
        }
        Ok(())
    }

    /// The file that carries the signed bytes inside the PDF, named as beside it in a package.
    fn file_name(&self) -> String {
        format!("phieu-{}-v{}.json", self.of.document, self.of.version)
    }

    /// `fresh`: the signature that is being given, in its slot, with the certificate's serial.
    fn render(
        &self,
        app: &App,
        caller: &Caller,
        fresh: Option<(&str, &[u8], &str)>,
        at: i64,
    ) -> Result<Vec<u8>, AppError> {
        let values = values_for(&self.form, &self.of)?;
        let (mut marks, mut attached) = (Vec::new(), Vec::new());
        let kept = self.signatures.iter().map(|(slot, s)| {
            let person = self.people.of(s.signer);
            let serial = self.serials.get(&s.certificate.to_string()).cloned().unwrap_or_default();
            let (name, title) = person.map(|p| (p.name, p.role.title())).unwrap_or_default();
            (slot.clone(), s.value.clone(), (name, title, s.signed_at, serial))
        });
        let me = &caller.user;
        let now = fresh.map(|(slot, cms, serial)| {
            (slot.to_owned(), cms.to_vec(), (me.name.clone(), me.role.title(), at, serial.to_owned()))
        });
        for (slot, cms, (name, title, signed_at, certificate)) in kept.chain(now) {
            let file = match marks.len() {
                0 => format!("{}.p7s", self.file_name()),
                n => format!("{}.{}.p7s", self.file_name(), n.saturating_add(1)),
            };
            attached.push(Attachment::signature(file.clone(), cms));
            let mark = SignatureMark { name, title: title.into(), signed_at, certificate, attachment: Some(file) };
            marks.push((slot, mark));
        }
        if !marks.is_empty() {
            attached.insert(0, Attachment::json(self.file_name(), self.of.body.clone().into_bytes()));
        }
        let by = |v: &DocumentVersion| {
            self.people.of(v.author).map(|p| format!("{} {}", p.role.title(), p.name)).unwrap_or_default()
        };
        let amendments = self.amendments().map(|v| Amendment {
            version: u32::try_from(v.version).unwrap_or(u32::MAX),
            by: by(v),
            at: v.recorded_at,
            reason: v.reason.clone().unwrap_or_default(),
        });
        let form = FormSheet {
            letterhead: letterhead::of_ward(app, &self.ward),
            patient: letterhead::patient(&self.stay, self.of.effective_at),
            document: SheetRef {
                id: self.of.document.to_string(),
                version: u32::try_from(self.of.version).unwrap_or(u32::MAX),
            },
            effective_at: self.of.effective_at,
            author: by(&self.of),
            values: &values,
            signatures: marks,
            amendments: amendments.collect(),
        };
        let pdf = app.renderer.form_sheet(&self.form, &form, &attached, at);
        pdf.map(|p| p.bytes).map_err(sheet::not_printed)
    }

    /// The last version of each amendment of what had been signed: its drafts on the way are nobody's statement.
    fn amendments(&self) -> impl Iterator<Item = &DocumentVersion> {
        let next = self.history.iter().skip(1).map(Some).chain([None]);
        self.history.iter().zip(next).filter_map(move |(v, next)| {
            let last = self.signed.contains(&v.version) || next.is_none();
            (v.reason.is_some() && last).then_some(v)
        })
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
struct Written {
    facts: FormFacts,
    slot: String,
    cms: Vec<u8>,
    pdf: Vec<u8>,
}

/// A place on a sheet, and the version that its signer has read.
#[derive(Clone, Debug)]
pub struct ToSign {
    pub document: DocumentId,
    pub version: i64,
    pub slot: String,
}

pub async fn sign_form(app: &App, caller: &Caller, place: ToSign, pin: String) -> Result<FilledForm, AppError> {
    // What cannot be signed is said before the PIN is used up.
    signable(app, caller, &place).await?;
    let pen = Arc::new(open_pen(app, caller, pin, FOR_A_SHEET).await?);
    sign_with(app, caller, &pen, place).await
}

/// As many sheets as one PIN signs.
const MOST: usize = 200;
/// Signatures on one: its words, and the sheet that shows them.
const FOR_A_SHEET: usize = 2;
/// Sheets in the making at one time: a desk's worth of work, so that the wards chart on meanwhile.
const AT_ONCE: usize = 2;

/// Signs many sheets with one PIN. Each is a transaction of its own: what cannot be signed is named with its reason, and
/// the rest is signed all the same.
pub async fn sign_many(app: &App, caller: &Caller, places: Vec<ToSign>, pin: String) -> Result<FormsSigned, AppError> {
    if places.is_empty() || places.len() > MOST {
        return Err(AppError::invalid("sheets", format!("Chọn từ 1 đến {MOST} phiếu để ký")));
    }
    let pen = Arc::new(open_pen(app, caller, pin, places.len().saturating_mul(FOR_A_SHEET)).await?);
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

fn write_up(
    app: &App,
    caller: &Caller,
    pen: &Pen,
    facts: FormFacts,
    slot: String,
    at: i64,
) -> Result<Written, AppError> {
    let signer = pen.signer()?;
    let cms = cms::sign_detached(facts.of.body.as_bytes(), &signer, at)?;
    let pdf = facts.render(app, caller, Some((&slot, &cms, &pen.serial)), at)?;
    let request = pades::PdfSignature {
        signing_time: at,
        reason: Some(&facts.form.title),
        location: Some(&app.facility.name),
        name: Some(&caller.user.name),
        room_for_time_stamp: 8_000,
    };
    let pdf = pades::sign(&pdf, &signer, &request)?;
    let pdf = stamp::lasting(&app.trust, pdf, &pen.evidence, app.db.now().0);
    Ok(Written { facts, slot, cms, pdf })
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
    if now.signatures.len() != facts.signatures.len() {
        return Err(AppError::stale());
    }
    let new = NewSignature {
        kind: SubjectKind::Document,
        subject_id: of.document.to_string(),
        subject_version: of.version,
        encounter: stay.id,
        signer: caller.user.id,
        certificate: pen.row,
        format: "cms",
        sha256: hex::encode(Sha256::digest(&of.body)),
        value: cms.clone(),
        evidence: serde_json::to_string(&pen.evidence).map_err(|e| AppError::Internal(e.to_string()))?,
    };
    const TAKEN: &str = "Chỗ này vừa có người ký: tải lại phiếu.";
    let signature = given(tx, app, pen, &permit, &new, TAKEN)?;
    let pdf_sha256 = blobs::keep(tx, stay.id, "application/pdf", pdf)?;
    let sheet = SignedSheet { signature, document: of.document, version: of.version, slot: slot.clone(), pdf_sha256 };
    signed_sheets::keep(tx, &permit, stay.id, &sheet).map_err(|e| match e {
        e if e.is_taken("signed_sheet") => AppError::conflict("already-signed", TAKEN),
        e => e.into(),
    })?;
    let detail = json!({
        "subject": of.document, "version": of.version, "slot": slot, "format": "cms", "certificate": pen.serial, "pdfSha256": sheet.pdf_sha256,
        "evidenceSha256": hex::encode(Sha256::digest(&new.evidence)),
    });
    let subject = ("signature", signature.to_string());
    trail::on_chart(tx, Some(caller.user.id), Act::Sign, subject, (stay.patient.id, stay.id), detail)?;
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "forms" }));
    one(tx.conn(), app, caller, of.document, Vec::new())
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
