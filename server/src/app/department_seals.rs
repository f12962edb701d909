//! Certificates of departments (chứng thư số của khoa, phòng): which has one, and who may put its seal. An administrator
//! brings the certificate, the head of the hospital names the people; each step is on the trail.

mod issuing;
mod shown;

pub(super) use issuing::phrase;
pub use issuing::{Brought, Made, bind_from_machine, issue, issue_from_machine, revoke, revoke_from_machine};
pub use shown::{list, list_from_machine};

use super::AppError;
use super::charting::needed;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_forms::SealOffer;
use crate::view_record::DepartmentSeals;
use benhan_domain::access::{Action, Role};
use benhan_domain::access::{NameSealKeeper, Place, Reach, SignRecord, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{DepartmentId, UserId, WardId};
use benhan_store::audit::{self, Entry};
use benhan_store::places::{self, Department};
use benhan_store::{Conn, Tx, certificates, seal_keepers, users};
use serde_json::{Value, json};

/// Whoever signs the record may put a seal.
fn signs(role: Role) -> bool {
    SignRecord::reach(role) != Reach::Nowhere
}

/// Of its wards; whoever belongs to no ward, as in a laboratory, works for all.
fn belongs(of_user: &[WardId], of_department: &[WardId]) -> bool {
    of_user.is_empty() || of_user.iter().any(|ward| of_department.contains(ward))
}

fn department(conn: &mut Conn, wanted: DepartmentId) -> Result<Department, AppError> {
    let found = places::all_departments(conn)?.into_iter().find(|one| one.id == wanted);
    found.ok_or_else(|| AppError::not_found("khoa, phòng"))
}

/// By the head of the hospital. 409 `already-keeper`, `other-department`, `signs-nothing`.
pub async fn name_keeper(
    app: &App,
    caller: &Caller,
    of: DepartmentId,
    user: UserId,
) -> Result<DepartmentSeals, AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let permit = decide::<NameSealKeeper>(&caller.actor, Place::Facility)?;
        let (unit, person) = (department(tx.conn(), of)?, users::by_id(tx.conn(), user)?);
        let person = person.filter(|p| !p.disabled).ok_or_else(|| AppError::not_found("người dùng"))?;
        if !signs(person.role) {
            let detail = "Người này không ký hồ sơ bệnh án theo bảng quyền: không giao con dấu.";
            return Err(AppError::conflict("signs-nothing", detail));
        }
        let (own, wards) = (users::wards_of(tx.conn(), user)?, places::wards_of(tx.conn(), of)?);
        if !belongs(&own, &wards) {
            let detail = format!("Người này thuộc khoa khác: chỉ giao con dấu của {} cho người của khoa.", unit.name);
            return Err(AppError::conflict("other-department", detail));
        }
        seal_keepers::name(tx, &permit, of, (user, caller.user.id)).map_err(|e| match e {
            e if e.is_taken("seal_keeper") => {
                AppError::conflict("already-keeper", "Người này đang được đóng dấu của khoa rồi.")
            }
            e => e.into(),
        })?;
        noted(tx, Some(caller.user.id), Act::Create, of, json!({ "keeper": user }))?;
        shown::all(tx.conn(), &caller)
    });
    write.await
}

/// At once: what they sealed before stays. 409 `not-keeper`.
pub async fn end_keeper(
    app: &App,
    caller: &Caller,
    (of, user): (DepartmentId, UserId),
    reason: &str,
) -> Result<DepartmentSeals, AppError> {
    let (reason, caller) = (needed(reason)?, caller.clone());
    let write = app.db.write(move |tx| {
        let permit = decide::<NameSealKeeper>(&caller.actor, Place::Facility)?;
        if !seal_keepers::end(tx, &permit, of, (user, caller.user.id), &reason)? {
            return Err(AppError::conflict("not-keeper", "Người này không còn được đóng dấu của khoa."));
        }
        noted(tx, Some(caller.user.id), Act::Cancel, of, json!({ "keeper": user, "reason": reason }))?;
        shown::all(tx.conn(), &caller)
    });
    write.await
}

/// Departments whose seal somebody puts now, each with a certificate.
pub fn kept_by(conn: &mut Conn, user: UserId) -> Result<Vec<SealOffer>, AppError> {
    let kept = seal_keepers::of_user(conn, user)?;
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for one in places::all_departments(conn)? {
        if !kept.contains(&one.id) {
            continue;
        }
        if let Some(held) = certificates::of_department(conn, one.id)? {
            let key_holder = held.key.holder().to_owned();
            found.push(SealOffer { id: one.id.to_string(), code: one.code, name: one.name, key_holder });
        }
    }
    Ok(found)
}

fn noted(tx: &mut Tx<'_>, by: Option<UserId>, act: Act, of: DepartmentId, detail: Value) -> Result<(), AppError> {
    let entry = Entry {
        actor: by,
        act,
        subject_kind: "department-seal",
        subject_id: of.to_string(),
        patient: None,
        encounter: None,
        detail,
    };
    Ok(audit::append(tx, entry)?)
}
