//! A filled form with everything that its sheet shows: read before a key is used, printed with each signature anew.

use super::evidence::PatientEvidence;
use super::sheet;
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::app::forms::{self, current, values_for};
use crate::app::lookups::{People, permit_on_entry};
use crate::app::{AppError, letterhead};
use crate::state::App;
use benhan_domain::access::ViewChart;
use benhan_domain::form::{FormDefinition, Needed, values};
use benhan_domain::id::DocumentId;
use benhan_package::names;
use benhan_render::{Amendment, Attachment, DocumentRef as SheetRef, FormSheet, PaperPrint, Pdf, SignatureMark};
use benhan_store::documents::{self, DocumentVersion};
use benhan_store::encounters::Encounter;
use benhan_store::patient_signatures::{self, PatientSignature};
use benhan_store::signatures::{self, Signature, SubjectKind};
use benhan_store::{Conn, certificates, places, signed_sheets};
use std::collections::HashMap;

pub struct FormFacts {
    pub of: DocumentVersion,
    pub stay: Encounter,
    pub form: FormDefinition,
    pub ward: String,
    pub history: Vec<DocumentVersion>,
    /// Of this version, with the slot of each, in the order of signing.
    pub signatures: Vec<(String, Signature)>,
    /// The same of patients and representatives, each with its witness's signature.
    pub patients: Vec<(PatientSignature, Signature)>,
    /// Versions that somebody signed.
    pub signed: Vec<i64>,
    pub serials: HashMap<String, String>,
    /// Names of departments, by the certificates of their seals.
    pub departments: HashMap<String, String>,
    pub people: People,
}

/// A signature that is being given: its slot, the CMS, the certificate's serial.
pub struct Fresh<'a> {
    pub slot: &'a str,
    pub cms: &'a [u8],
    pub serial: &'a str,
    /// The patient's evidence under it: its id and its bytes. None where staff sign the sheet itself.
    pub evidence: Option<(&'a str, &'a str)>,
    /// Whose seal it is.
    pub department: Option<&'a str>,
}

pub fn gather(conn: &mut Conn, app: &App, caller: &Caller, document: DocumentId) -> Result<FormFacts, AppError> {
    let (of, stay, form) = current(conn, app, caller, document)?;
    let permit = permit_on_entry::<ViewChart>(conn, &caller.actor, stay.id, Some(of.author))?;
    let history = documents::history(conn, &permit, document)?;
    let sheets = signed_sheets::of_documents(conn, &permit, &[document])?;
    let mut given = signatures::on(conn, &permit, SubjectKind::Document, &[document.to_string()])?;
    given.extend(signatures::on(conn, &permit, SubjectKind::DepartmentSeal, &[document.to_string()])?);
    let mut patients = patient_signatures::of_documents(conn, &permit, &[document])?;
    patients.retain(|p| p.version == of.version);
    let ids: Vec<String> = patients.iter().map(|p| p.id.to_string()).collect();
    let witnessed = signatures::on(conn, &permit, SubjectKind::PatientSignature, &ids)?;
    let all = || given.iter().chain(&witnessed);
    let certificates: Vec<String> = all().map(|s| s.certificate.to_string()).collect();
    let certificates = certificates::by_ids(conn, &certificates)?;
    let departments = departments_of(conn, &certificates)?;
    let people = People::read(conn, history.iter().map(|v| v.author).chain(all().map(|s| s.signer)))?;
    let signed = sheets.iter().map(|sheet| sheet.version).collect();
    let of_this = sheets.into_iter().filter(|sheet| sheet.version == of.version);
    let signatures = of_this.filter_map(|s| Some((s.slot, given.iter().find(|g| g.id == s.signature)?.clone())));
    let with_witness = |p: PatientSignature| {
        let witness = witnessed.iter().find(|s| s.id == p.signature)?.clone();
        Some((p, witness))
    };
    Ok(FormFacts {
        signatures: signatures.collect(),
        patients: patients.into_iter().filter_map(with_witness).collect(),
        signed,
        serials: certificates.into_iter().map(|c| (c.id.to_string(), c.serial)).collect(),
        departments,
        ward: places::ward(conn, stay.ward)?.map(|ward| ward.name).unwrap_or_default(),
        people,
        history,
        of,
        stay,
        form,
    })
}

/// Whose seals these certificates put, by their ids.
pub fn departments_of(
    conn: &mut Conn,
    certificates: &[certificates::Certificate],
) -> Result<HashMap<String, String>, AppError> {
    let sealing: Vec<_> = certificates.iter().filter_map(|c| Some((c.id.to_string(), c.department?))).collect();
    if sealing.is_empty() {
        return Ok(HashMap::new());
    }
    let all = places::all_departments(conn)?;
    let named = sealing.into_iter().filter_map(|(id, of)| Some((id, all.iter().find(|d| d.id == of)?.name.clone())));
    Ok(named.collect())
}

impl FormFacts {
    pub fn is_signed_in(&self, slot: &str) -> bool {
        self.signatures.iter().any(|(name, _)| name == slot) || self.patients.iter().any(|(p, _)| p.slot == slot)
    }

    /// How many signatures the sheet was drawn with.
    pub fn marks(&self) -> usize {
        self.signatures.len().saturating_add(self.patients.len())
    }

    /// It is the version that somebody has read, and it counts.
    pub fn stands_as(&self, seen: i64) -> Result<(), AppError> {
        if self.of.version != seen {
            return Err(AppError::stale());
        }
        if self.of.status != forms::STANDS {
            return Err(AppError::conflict("not-standing", "Phiếu này đã bị hủy: mở tờ mới để ghi."));
        }
        Ok(())
    }

    /// Nobody has to sign before the one in this slot.
    pub fn its_turn(&self, slot: &str) -> Result<(), AppError> {
        if let Some(earlier) = self.form.waits_for(slot, |name| self.is_signed_in(name)) {
            return Err(AppError::conflict("not-your-turn", format!("«{}» ký trước: đợi người đó ký.", earlier.label)));
        }
        if self.form.is_sealed(|name| self.is_signed_in(name)) {
            let detail = "Phiếu đã đóng dấu của khoa: không ký thêm được. Cần sửa thì lập phiên bản mới.";
            return Err(AppError::conflict("already-sealed", detail));
        }
        Ok(())
    }

    pub fn complete(&self) -> Result<(), AppError> {
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

    fn staff_marks(
        &self,
        caller: &Caller,
        fresh: Option<&Fresh<'_>>,
        at: i64,
        attached: &mut Vec<Attachment>,
    ) -> Vec<(String, SignatureMark)> {
        let mut marks = Vec::new();
        let kept = self.signatures.iter().map(|(slot, s)| {
            let person = self.people.of(s.signer);
            let serial = self.serials.get(&s.certificate.to_string()).cloned().unwrap_or_default();
            let (name, title) = person.map(|p| (p.name, p.role.title())).unwrap_or_default();
            let department = self.departments.get(&s.certificate.to_string()).cloned();
            (slot.clone(), s.value.clone(), (name, title, s.signed_at, serial, department))
        });
        let me = &caller.user;
        let now = fresh.filter(|f| f.evidence.is_none()).map(|f| {
            let department = f.department.map(str::to_owned);
            let mark = (me.name.clone(), me.role.title(), at, f.serial.to_owned(), department);
            (f.slot.to_owned(), f.cms.to_vec(), mark)
        });
        for (slot, cms, (name, title, signed_at, certificate, department)) in kept.chain(now) {
            let file = match marks.len() {
                0 => format!("{}.p7s", self.file_name()),
                n => format!("{}.{}.p7s", self.file_name(), n.saturating_add(1)),
            };
            attached.push(Attachment::signature(file.clone(), cms));
            let (title, attachment) = (title.to_owned(), Some(file));
            let mark = SignatureMark { name, title, signed_at, certificate, attachment, department };
            marks.push((slot, mark));
        }
        if !marks.is_empty() {
            attached.insert(0, Attachment::json(self.file_name(), self.of.body.clone().into_bytes()));
        }
        marks
    }

    fn patient_marks(
        &self,
        fresh: Option<&Fresh<'_>>,
        at: i64,
        attached: &mut Vec<Attachment>,
    ) -> Result<Vec<(String, benhan_render::PatientMark)>, AppError> {
        let kept = self.patients.iter().map(|(p, s)| {
            let serial = self.serials.get(&s.certificate.to_string()).cloned().unwrap_or_default();
            (p.slot.clone(), p.id.to_string(), p.evidence.clone(), s.value.clone(), serial, p.signed_at)
        });
        let now = fresh.and_then(|f| {
            let (id, evidence) = f.evidence?;
            Some((f.slot.to_owned(), id.to_owned(), evidence.to_owned(), f.cms.to_vec(), f.serial.to_owned(), at))
        });
        let mut marks = Vec::new();
        for (slot, id, evidence, cms, serial, signed_at) in kept.chain(now) {
            let file = names::patient_signature_file(&id);
            let mut mark = PatientEvidence::read(&evidence)?.mark(file.clone(), serial);
            mark.signed_at = signed_at;
            attached.push(Attachment::evidence(file, evidence.into_bytes()));
            attached.push(Attachment::signature(mark.signature.clone(), cms));
            marks.push((slot, mark));
        }
        Ok(marks)
    }

    /// The sheet with every signature so far, and the one that is being given.
    pub fn render(&self, app: &App, caller: &Caller, fresh: Option<&Fresh<'_>>, at: i64) -> Result<Vec<u8>, AppError> {
        Ok(self.typeset(app, caller, fresh, (None, at))?.bytes)
    }

    /// The sheet to be signed with ink.
    pub fn render_for_paper(&self, app: &App, caller: &Caller, paper: PaperPrint, at: i64) -> Result<Pdf, AppError> {
        self.typeset(app, caller, None, (Some(paper), at))
    }

    fn typeset(
        &self,
        app: &App,
        caller: &Caller,
        fresh: Option<&Fresh<'_>>,
        (paper, at): (Option<PaperPrint>, i64),
    ) -> Result<Pdf, AppError> {
        let values = values_for(&self.form, &self.of)?;
        let mut attached = Vec::new();
        let signatures = self.staff_marks(caller, fresh, at, &mut attached);
        let patients = self.patient_marks(fresh, at, &mut attached)?;
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
            signatures,
            patients,
            paper,
            amendments: amendments.collect(),
        };
        app.renderer.form_sheet(&self.form, &form, &attached, at).map_err(sheet::not_printed)
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
