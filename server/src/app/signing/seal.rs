//! A department's seal on a sheet (con dấu số của khoa, phòng): CMS over the stored bytes by the department's certificate,
//! put by one of those whom the head of the hospital named, after everybody whom the form needs. The signature names the
//! person under itself, and the trail does.

use super::form::{FOR_A_SHEET, Given, Written, chart_changed, sign_form, write_up};
use super::form_facts::{FormFacts, gather};
use super::{Batch, Pen, ToSign, rules};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::department_seals::{kept_by, phrase};
use crate::app::error::Kind;
use crate::app::forms::{self, one};
use crate::app::lookups::permit_on_entry;
use crate::state::App;
use crate::view_forms::{FilledForm, SealOffer};
use benhan_domain::access::{Permit, SignRecord};
use benhan_domain::id::DepartmentId;
use benhan_sign::cms::PutBy;
use benhan_store::certificates::{self, Certificate};
use benhan_store::signatures::SubjectKind;
use benhan_store::{Conn, Tx};
use serde_json::json;
use std::sync::Arc;

/// Whose seal a pen puts.
#[derive(Clone, Debug)]
pub(super) struct SealOf {
    pub department: DepartmentId,
    pub name: String,
    pub by: PutBy,
}

impl FormFacts {
    /// Whether the seal may be put there now, by somebody of this role.
    pub(super) fn check_seal(&self, caller: &Caller, seen: i64, wanted: &str) -> Result<(), AppError> {
        self.stands_as(seen)?;
        let slot = self.form.department_slots().find(|slot| slot.name == wanted);
        let slot = slot.ok_or_else(|| AppError::not_found("chỗ đóng dấu này trên phiếu"))?;
        if self.is_signed_in(wanted) {
            return Err(AppError::conflict("already-signed", "Phiếu đã có dấu của khoa ở chỗ này: tải lại phiếu."));
        }
        self.its_turn(wanted)?;
        if !slot.roles.contains(&caller.actor.role) {
            let detail = "Chức danh của bạn không đóng dấu ở chỗ này: xem «Chỗ ký» của mẫu.";
            return Err(AppError::refused(Kind::Forbidden, "not-yours", detail));
        }
        self.complete()
    }
}

/// The department that is meant, of those whose seal the caller puts.
fn meant(conn: &mut Conn, caller: &Caller, wanted: Option<DepartmentId>) -> Result<SealOffer, AppError> {
    let mut kept = kept_by(conn, caller.user.id)?;
    if let Some(wanted) = wanted {
        kept.retain(|one| one.id == wanted.to_string());
    }
    match (kept.pop(), kept.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(AppError::invalid("department", "Chọn khoa, phòng mà bạn đóng dấu")),
        (None, _) => {
            let detail = "Bạn không được giao đóng dấu của khoa, hoặc khoa chưa có chứng thư số: đề nghị lãnh đạo bệnh \
                          viện giao ở «Quyết định của cơ sở».";
            Err(AppError::refused(Kind::Forbidden, "not-a-keeper", detail))
        }
    }
}

/// Department, its certificate, and the sheet: what cannot be sealed is said before the PIN is used up.
fn sealable(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    (place, wanted): (&ToSign, Option<DepartmentId>),
) -> Result<(FormFacts, SealOf, Certificate), AppError> {
    let facts = gather(conn, app, caller, place.document)?;
    permit_on_entry::<SignRecord>(conn, &caller.actor, facts.stay.id, Some(facts.of.author))?;
    facts.check_seal(caller, place.version, &place.slot)?;
    let unit = meant(conn, caller, wanted)?;
    let broken = || AppError::Internal("a department's id cannot be read".into());
    let department: DepartmentId = unit.id.parse().map_err(|_| broken())?;
    let held = certificates::of_department(conn, department)?.ok_or_else(broken)?;
    let by = PutBy { id: caller.user.id.to_string(), name: caller.user.name.clone() };
    Ok((facts, SealOf { department, name: unit.name, by }, held))
}

/// In whatever place of a sheet it is: a person's own signature, or the seal of their department.
pub async fn sign_or_seal(
    app: &App,
    caller: &Caller,
    place: ToSign,
    department: Option<DepartmentId>,
    pin: String,
) -> Result<FilledForm, AppError> {
    let (reader, app2, of, slot) = (caller.clone(), app.clone(), place.document, place.slot.clone());
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let (_, _, form) = forms::current(conn, &app2, &reader, of)?;
        let sealed = form.department_slots().any(|one| one.name == slot);
        Ok(sealed)
    });
    if read.await? {
        return put_seal(app, caller, place, department, pin).await;
    }
    sign_form(app, caller, place, pin).await
}

/// Puts it. The PIN is the person's own where the server holds the department's key, else the token's or the service's.
pub async fn put_seal(
    app: &App,
    caller: &Caller,
    place: ToSign,
    department: Option<DepartmentId>,
    pin: String,
) -> Result<FilledForm, AppError> {
    let (reader, app2, place2, now) = (caller.clone(), app.clone(), place.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let found = sealable(conn, &app2, &reader, (&place2, department))?;
        Ok::<_, AppError>((found, rules::in_force(conn, &app2, now)?))
    });
    let ((facts, seal, held), named) = read.await?;
    let opened = phrase(&app.secrets.server_key, &held.der);
    let batch = Batch::of(FOR_A_SHEET, "Đóng dấu của khoa");
    let pen = super::pen::open_seal(app, caller, (held, opened, seal), (pin, batch), named).await?;
    let pen = Arc::new(pen);
    let (pen2, app2, me, at) = (Arc::clone(&pen), app.clone(), caller.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || write_up(&app2, &me, &pen2, facts, place.slot, at));
    let written = work.await.map_err(|_| AppError::Internal("signing was cut off".into()))??;
    let (caller, app2) = (caller.clone(), app.clone());
    let sealed = app.db.write(move |tx| keep(tx, &app2, &caller, &pen, &written)).await?;
    metrics::counter!("benhan_signatures_total", "kind" => "department-seal").increment(1);
    Ok(sealed)
}

/// Signature, sheet and audit row, or nothing.
fn keep(tx: &mut Tx<'_>, app: &App, caller: &Caller, pen: &Pen, written: &Written) -> Result<FilledForm, AppError> {
    let Written { facts, slot, cms, pdf } = written;
    let (of, stay) = (&facts.of, &facts.stay);
    let permit: Permit<SignRecord> = permit_on_entry(tx.conn(), &caller.actor, stay.id, Some(of.author))?;
    forms::alone_with(tx, of.document)?;
    let now = gather(tx.conn(), app, caller, of.document)?;
    now.check_seal(caller, of.version, slot)?;
    if now.marks() != facts.marks() {
        return Err(AppError::stale());
    }
    let department = pen.seal.as_ref().map(|seal| seal.department);
    // It may have been taken from them since the pen was opened.
    let unit = meant(tx.conn(), caller, department)?;
    let given = Given {
        subject: (SubjectKind::DepartmentSeal, of.document.to_string(), of.version),
        signed: of.body.as_bytes(),
        cms,
        slot,
        pdf,
        detail: json!({ "department": unit.id, "departmentCode": unit.code }),
    };
    given.keep(tx, app, &permit, facts, caller, pen)?;
    chart_changed(tx, app, stay);
    one(tx.conn(), app, caller, of.document, Vec::new())
}
