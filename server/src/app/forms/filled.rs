//! Filled forms as the screens see them: the list of a record, one sheet, its versions.

use super::{body, definition};
use crate::app::accounts::Caller;
use crate::app::charting::Signatures;
use crate::app::department_seals::kept_by;
use crate::app::lookups::{People, permit_on, permit_on_entry};
use crate::app::signing::PatientEvidence;
use crate::app::{AppError, late, trail};
use crate::state::App;
use crate::view::SignatureRef;
use crate::view_forms::{Expansion, FaultView, FilledForm, FormEntry, FormVersion, PatientSigned, SealOffer, SlotView};
use benhan_domain::access::{FillForm, Permit, SignRecord, ViewChart, WitnessPatient};
use benhan_domain::form::values::{self, Fault, Values};
use benhan_domain::form::{FormDefinition, Needed, Signatory};
use benhan_domain::id::{DocumentId, EncounterId, UserId};
use benhan_domain::time::Instant;
use benhan_domain::update_limit::EntryKind;
use benhan_store::Conn;
use benhan_store::documents::{self, DocumentVersion};
use benhan_store::encounters::{self, Encounter};
use benhan_store::patient_signatures::{self, PatientSignature};
use benhan_store::signatures::SubjectKind;
use benhan_store::signed_sheets::{self, SignedSheet};
use std::collections::HashMap;

fn missing() -> AppError {
    AppError::not_found("phiếu")
}

/// The current version of a sheet with its stay and the definition that it was opened with.
pub fn current(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    document: DocumentId,
) -> Result<(DocumentVersion, Encounter, FormDefinition), AppError> {
    let (stay, author) = documents::written_by(conn, document)?.ok_or_else(missing)?;
    let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay, Some(author))?;
    let of = documents::history(conn, &permit, document)?.pop().ok_or_else(missing)?;
    let form = definition(app, &of.form_code, of.form_version)?;
    let stay = encounters::read(conn, &permit, stay)?.ok_or_else(missing)?;
    Ok((of, stay, form))
}

/// What a page of sheets needs beside them, read in a few queries.
pub(super) struct Beside {
    people: People,
    signatures: Signatures,
    sheets: Vec<SignedSheet>,
    patients: Vec<PatientSignature>,
    witnesses: Signatures,
    seals: Signatures,
    late: HashMap<String, crate::view_late::LateMark>,
}

impl Beside {
    pub(super) fn read(conn: &mut Conn, permit: &Permit<ViewChart>, of: &[DocumentVersion]) -> Result<Self, AppError> {
        let ids: Vec<DocumentId> = of.iter().map(|v| v.document).collect();
        let subjects: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let patients = patient_signatures::of_documents(conn, permit, &ids)?;
        let evidence: Vec<String> = patients.iter().map(|p| p.id.to_string()).collect();
        // A mark may have come with the first save, long after the sheet was opened in time.
        let times = of.iter().map(|v| (v.document, v.effective_at, v.recorded_at));
        Ok(Self {
            people: People::read(conn, of.iter().map(|v| v.author))?,
            signatures: Signatures::read(conn, permit, SubjectKind::Document, &subjects)?,
            sheets: signed_sheets::of_documents(conn, permit, &ids)?,
            witnesses: Signatures::read(conn, permit, SubjectKind::PatientSignature, &evidence)?,
            seals: Signatures::read(conn, permit, SubjectKind::DepartmentSeal, &subjects)?,
            patients,
            late: late::marks(conn, permit, EntryKind::Form, times)?,
        })
    }

    /// The slots of a version that are signed, in the order of signing.
    fn signed<'a>(&'a self, of: &'a DocumentVersion) -> impl Iterator<Item = (&'a SignedSheet, SignatureRef)> + 'a {
        let document = of.document.to_string();
        let seals = self.seals.on(&document, of.version);
        let given: Vec<SignatureRef> = self.signatures.on(&document, of.version).chain(seals).collect();
        let sheets = self.sheets.iter().filter(move |s| s.document == of.document && s.version == of.version);
        sheets.filter_map(move |sheet| {
            let id = sheet.signature.to_string();
            Some((sheet, given.iter().find(|s| s.id == id)?.clone()))
        })
    }

    /// What the patient's side gave in a slot of a version.
    fn patient(&self, of: &DocumentVersion, slot: &str) -> Result<Option<PatientSigned>, AppError> {
        let given =
            self.patients.iter().find(|p| (p.document, p.version) == (of.document, of.version) && p.slot == slot);
        let Some(given) = given else { return Ok(None) };
        let evidence = PatientEvidence::read(&given.evidence)?;
        let id = given.id.to_string();
        Ok(self.witnesses.on(&id, 1).next().map(|witness| PatientSigned {
            stands_as: evidence.stands_as(),
            scan_url: given.scan_sha256.as_ref().map(|_| format!("/api/v1/patient-signatures/{id}/scan")),
            kept_at: evidence.kept_at().map(str::to_owned),
            method: evidence.method_shown(),
            name: evidence.signer.name,
            signed_at: Instant(given.signed_at).rfc3339(),
            id: given.id.to_string(),
            witness,
        }))
    }

    fn pdf_url(&self, of: &DocumentVersion) -> Option<String> {
        self.signed(of).next().map(|_| format!("/api/v1/documents/{}/versions/{}/pdf", of.document, of.version))
    }

    pub(super) fn entry(
        &self,
        caller: &Caller,
        may: &May,
        form: &FormDefinition,
        of: &DocumentVersion,
    ) -> Result<FormEntry, AppError> {
        let slots = self.slots(caller, may, form, of)?;
        let staff = || slots.iter().filter(|slot| slot.who == Signatory::Staff);
        let lacks =
            |slot: &SlotView| slot.needed != Needed::Never && slot.signature.is_none() && slot.patient.is_none();
        let state = if of.status == body::WITHDRAWN {
            "withdrawn"
        } else if staff().all(|slot| slot.signature.is_none()) {
            "draft"
        } else if slots.iter().any(lacks) {
            "partly-signed"
        } else {
            "signed"
        };
        Ok(FormEntry {
            id: of.document.to_string(),
            encounter_id: of.encounter.to_string(),
            form_code: of.form_code.clone(),
            form_version: of.form_version,
            number: form.number.clone(),
            title: of.title.clone(),
            kind: form.kind,
            leaves: form.leaves,
            version: of.version,
            versions: of.current_version,
            state: state.to_owned(),
            effective_at: Instant(of.effective_at).rfc3339(),
            recorded_at: Instant(of.recorded_at).rfc3339(),
            author: self.people.must(of.author)?,
            mine: of.author == caller.user.id,
            pdf_url: self.pdf_url(of),
            late: self.late.get(&of.document.to_string()).cloned(),
            reason: of.reason.clone(),
            slots,
        })
    }

    /// From top to bottom, each person in one place; the first place of staff is the author's.
    fn slots(
        &self,
        caller: &Caller,
        may: &May,
        form: &FormDefinition,
        of: &DocumentVersion,
    ) -> Result<Vec<SlotView>, AppError> {
        let signed: Vec<(&SignedSheet, SignatureRef)> = self.signed(of).collect();
        let (me, role) = (caller.user.id.to_string(), caller.actor.role);
        let stands = of.status == body::STANDS;
        let once = signed.iter().all(|(_, s)| s.signer.id != me || s.seal_of.is_some());
        let sheets = || self.sheets.iter().filter(|s| (s.document, s.version) == (of.document, of.version));
        let is_signed = |name: &str| sheets().any(|s| s.slot == name);
        let author = form.staff_slots().next().map(|slot| slot.name.as_str());
        let mut views = Vec::new();
        for slot in &form.signing.slots {
            let signature = signed.iter().find(|(sheet, _)| sheet.slot == slot.name).map(|(_, s)| s.clone());
            let (staff, by_patient) = (slot.who == Signatory::Staff, slot.who == Signatory::Patient);
            let patient = if by_patient { self.patient(of, &slot.name)? } else { None };
            let open = stands
                && !is_signed(&slot.name)
                && !form.is_sealed(is_signed)
                && form.waits_for(&slot.name, is_signed).is_none();
            let sealing = slot.who == Signatory::Department && open && may.sign && slot.roles.contains(&role);
            let seals = if sealing { may.seals.clone() } else { Vec::new() };
            let first = author == Some(slot.name.as_str());
            let mine = if first { of.author == caller.user.id } else { slot.roles.contains(&role) };
            views.push(SlotView {
                name: slot.name.clone(),
                label: slot.label.clone(),
                who: slot.who,
                needed: slot.needed,
                signature,
                may_sign: (staff && open && may.sign && once && mine) || !seals.is_empty(),
                patient,
                may_witness: by_patient && open && may.witness && (slot.roles.is_empty() || slot.roles.contains(&role)),
                seals,
            });
        }
        Ok(views)
    }
}

/// What somebody may do on the sheets of one stay.
pub(super) struct May {
    sign: bool,
    witness: bool,
    /// Departments whose seal they put.
    seals: Vec<SealOffer>,
}

impl May {
    pub fn of(conn: &mut Conn, caller: &Caller, stay: EncounterId, author: Option<UserId>) -> Result<Self, AppError> {
        Ok(Self {
            seals: kept_by(conn, caller.user.id)?,
            sign: permit_on_entry::<SignRecord>(conn, &caller.actor, stay, author).is_ok(),
            witness: permit_on_entry::<WitnessPatient>(conn, &caller.actor, stay, author).is_ok(),
        })
    }
}

/// The sheets of a stay that somebody fills, the newest first.
pub async fn entries(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<FormEntry>, AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let may = May::of(conn, &reader, stay, None)?;
        let mut found = Vec::new();
        for of in documents::of_stay(conn, &permit, None)? {
            // Notes and drawn sheets have lists of their own.
            if let Ok(form) = definition(&app2, &of.form_code, of.form_version) {
                found.push((form, of));
            }
        }
        let versions: Vec<DocumentVersion> = found.iter().map(|(_, of)| of.clone()).collect();
        let beside = Beside::read(conn, &permit, &versions)?;
        let shown = found.iter().rev().map(|(form, of)| beside.entry(&reader, &may, form, of));
        shown.collect::<Result<Vec<_>, AppError>>()
    });
    let shown = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// One sheet with its words.
pub async fn read(app: &App, caller: &Caller, document: DocumentId) -> Result<FilledForm, AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let read = app.db.read(move |conn| {
        let stay = documents::stay_of(conn, document)?.ok_or_else(missing)?;
        Ok::<_, AppError>((stay, one(conn, &app2, &reader, document, Vec::new())?))
    });
    let (stay, shown) = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// The same inside a transaction; `expanded` is what the save before it wrote out.
pub fn one(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    document: DocumentId,
    expanded: Vec<Expansion>,
) -> Result<FilledForm, AppError> {
    let (of, stay, form) = current(conn, app, caller, document)?;
    let author = Some(of.author);
    let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay.id, author)?;
    let may = May::of(conn, caller, stay.id, author)?;
    let may_fill = permit_on_entry::<FillForm>(conn, &caller.actor, stay.id, author).is_ok();
    let beside = Beside::read(conn, &permit, std::slice::from_ref(&of))?;
    let kept = values_for(&form, &of)?;
    let faults = |moment| values::missing(&form, &kept, moment).into_iter().map(shown).collect();
    Ok(FilledForm {
        entry: beside.entry(caller, &may, &form, &of)?,
        missing: faults(Needed::Sign),
        missing_at_close: faults(Needed::Close),
        may_edit: may_fill && form.may_fill(caller.actor.role) && of.status == body::STANDS,
        expanded,
        phone_codes: app.messages.is_some(),
        values: kept,
        definition: form,
    })
}

/// As the screens and the typesetter take them: read anew, so that numbers are numbers whatever their digits.
pub fn values_for(form: &FormDefinition, of: &DocumentVersion) -> Result<Values, AppError> {
    let stored = body::values_of(&of.body)?;
    values::read(form, &stored)
        .map_err(|_| AppError::Internal(format!("form {}: a stored sheet does not fit it", form.code)))
}

fn shown(fault: Fault) -> FaultView {
    FaultView { place: fault.place, sentence: fault.sentence }
}

/// All versions of a sheet, oldest first.
pub async fn versions(app: &App, caller: &Caller, document: DocumentId) -> Result<Vec<FormVersion>, AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let read = app.db.read(move |conn| {
        let (of, stay, _) = current(conn, &app2, &reader, document)?;
        let permit = permit_on_entry::<ViewChart>(conn, &reader.actor, stay.id, Some(of.author))?;
        let history = documents::history(conn, &permit, document)?;
        let beside = Beside::read(conn, &permit, &history)?;
        let view = |of: &DocumentVersion| {
            Ok(FormVersion {
                version: of.version,
                status: of.status.clone(),
                effective_at: Instant(of.effective_at).rfc3339(),
                recorded_at: Instant(of.recorded_at).rfc3339(),
                author: beside.people.must(of.author)?,
                reason: of.reason.clone(),
                signatures: beside.signed(of).map(|(_, signature)| signature).collect(),
                pdf_url: beside.pdf_url(of),
            })
        };
        Ok::<_, AppError>((stay.id, history.iter().map(view).collect::<Result<Vec<_>, AppError>>()?))
    });
    let (stay, shown) = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}
