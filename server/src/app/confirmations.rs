//! What waits for the head of the hospital, and by which paper somebody may confirm it (Circular 46/2018, Art. 13.2). The
//! confirming itself is a signature: `app::signing::confirm`.

use super::charting::needed;
use super::{AppError, trail};
use crate::app::accounts::{Caller, about_user};
use crate::app::error::Kind;
use crate::state::App;
use crate::view::WardRef;
use crate::view_record::{ConfirmationQueue, ConfirmingAuthority, HeadsWork, WaitingConfirmation};
use benhan_domain::access::{ConfirmSignatures, ManageUsers, Place, Role, ViewConfirmations, ViewRequests, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{ConfirmingAuthorityId, UserId};
use benhan_domain::record::{Capacity, Term, overdue};
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_store::authorities::{self, Authority, NewAuthority};
use benhan_store::{Conn, audit, certificates, confirmations, encounters, places, requests, users};
use serde_json::json;
use std::collections::HashMap;

/// Records on one list: the ones that wait longest.
const MOST: i64 = 500;

/// By which paper `user` confirms at `now`.
pub fn authority_of(conn: &mut Conn, user: UserId, now: Instant) -> Result<Authority, AppError> {
    let none = || {
        let detail = "Chưa có quyết định bổ nhiệm hoặc giấy ủy quyền còn hiệu lực của bạn: báo quản trị khai số quyết \
                      định trong phần «Người dùng» rồi xác nhận lại.";
        AppError::refused(Kind::Forbidden, "no-authority", detail)
    };
    authorities::of_user(conn, user)?.into_iter().find(|given| given.holds(now)).ok_or_else(none)
}

/// Records with signatures that wait, the one that has waited longest first.
pub async fn queue(app: &App, caller: &Caller) -> Result<ConfirmationQueue, AppError> {
    let (reader, app2, now) = (caller.clone(), app.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewConfirmations>(&reader.actor, Place::Facility)?;
        let hours = app2.settings.confirm_within_hours;
        let found = confirmations::waiting(conn, &permit, MOST)?;
        let ids: Vec<_> = found.iter().map(|waiting| waiting.encounter).collect();
        let stays: HashMap<_, _> =
            encounters::of_ids(conn, &permit, &ids)?.into_iter().map(|stay| (stay.id, stay)).collect();
        let wards: HashMap<_, _> = places::wards(conn)?.into_iter().map(|ward| (ward.id, ward)).collect();
        let lines = found.into_iter().filter_map(|waiting| {
            let stay = stays.get(&waiting.encounter)?;
            let ward = wards.get(&stay.ward)?;
            Some(WaitingConfirmation {
                encounter_id: stay.id.to_string(),
                number: stay.number.clone(),
                patient_name: stay.patient.who.name.clone(),
                patient_code: stay.patient.code.clone(),
                ward: WardRef { id: ward.id.to_string(), code: ward.code.clone(), name: ward.name.clone() },
                record: stay.record.as_str().to_owned(),
                signatures: waiting.count,
                oldest_at: Instant(waiting.oldest).rfc3339(),
                overdue: overdue(Instant(waiting.oldest), hours, now),
            })
        });
        let (waiting, me) = (lines.collect(), reader.user.id);
        let may_confirm = decide::<ConfirmSignatures>(&reader.actor, Place::Facility).is_ok();
        let authority = if may_confirm { authority_of(conn, me, now).ok() } else { None };
        let held = certificates::current(conn, me)?.and_then(|c| benhan_sign::Certificate::from_der(&c.der).ok());
        Ok::<_, AppError>(ConfirmationQueue {
            waiting,
            late_after_hours: hours,
            may_confirm,
            authority: authority.map(|given| shown(given, now)),
            own_certificate: held.is_some_and(|certificate| app2.trust.issued_here(&certificate)),
        })
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "confirmation-list", String::new()).await?;
    Ok(shown)
}

/// What waits for the head of the hospital, counted.
pub async fn count(app: &App, caller: &Caller) -> Result<HeadsWork, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ConfirmSignatures>(&reader.actor, Place::Facility)?;
        let permit = decide::<ViewConfirmations>(&reader.actor, Place::Facility)?;
        let asked = decide::<ViewRequests>(&reader.actor, Place::Facility)?;
        let confirmations = confirmations::records_waiting(conn, &permit)?;
        Ok(HeadsWork { confirmations, requests: requests::undecided(conn, &asked)? })
    });
    read.await
}

fn shown(of: Authority, now: Instant) -> ConfirmingAuthority {
    ConfirmingAuthority {
        id: of.id.to_string(),
        capacity: of.capacity.as_str().to_owned(),
        capacity_text: of.capacity.vietnamese().to_owned(),
        holds: of.holds(now),
        from: of.term.from.rfc3339(),
        until: of.term.until.map(Instant::rfc3339),
        decision: of.decision,
    }
}

/// The paper that an administrator sees beside a person: the one that holds, or the one that is to come.
pub fn beside(conn: &mut Conn, user: UserId, now: Instant) -> Result<Option<ConfirmingAuthority>, AppError> {
    let mut given = authorities::of_user(conn, user)?;
    given.retain(|one| one.withdrawn.is_none() && one.term.until.is_none_or(|until| now < until));
    let at = given.iter().position(|one| one.holds(now)).unwrap_or_default();
    Ok(given.into_iter().nth(at).map(|one| shown(one, now)))
}

pub struct Entered {
    pub capacity: Capacity,
    pub decision: String,
    pub from: Option<Instant>,
    pub until: Option<Instant>,
}

/// An administrator enters the paper: who appointed or authorised whom, by which decision, until when.
pub async fn enter(app: &App, caller: &Caller, user: UserId, paper: Entered) -> Result<(), AppError> {
    let decision = text::clean(&paper.decision);
    if !(5..=200).contains(&decision.chars().count()) {
        return Err(AppError::invalid("decision", "Ghi số và ngày của quyết định, từ 5 đến 200 ký tự"));
    }
    let now = app.db.now();
    let term = Term::new(paper.capacity, paper.from.unwrap_or(now), paper.until)
        .map_err(|no| AppError::invalid("until", no.to_string()))?;
    let (capacity, actor) = (paper.capacity, caller.actor.clone());
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        let of = users::by_id(tx.conn(), user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
        if of.role != Role::Director {
            let detail = "Chỉ tài khoản có vai trò «Người đứng đầu, được ủy quyền» mới xác nhận được: tạo tài khoản \
                          với vai trò đó cho người này.";
            return Err(AppError::conflict("not-director", detail));
        }
        let new = NewAuthority { user, capacity, decision: decision.clone(), term, by: Some(actor.user) };
        let given = authorities::enter(tx, &new)?;
        let detail = json!({
            "authority": given, "capacity": capacity, "decision": decision, "from": term.from.rfc3339(),
            "until": term.until.map(Instant::rfc3339),
        });
        Ok::<_, AppError>(audit::append(tx, about_user(Some(actor.user), Act::Create, user, detail))?)
    });
    write.await.map(drop)
}

/// From now on; what was confirmed by it stays confirmed.
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    of: ConfirmingAuthorityId,
    reason: String,
) -> Result<UserId, AppError> {
    let (reason, actor) = (needed(&reason)?, caller.actor.clone());
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        let known = authorities::by_id(tx.conn(), of)?.ok_or_else(|| AppError::not_found("thẩm quyền xác nhận"))?;
        if !authorities::withdraw(tx, of, actor.user, &reason)? {
            return Err(AppError::conflict("already-withdrawn", "Thẩm quyền này đã được thu hồi trước đó."));
        }
        let detail = json!({ "authority": of, "reason": reason });
        audit::append(tx, about_user(Some(actor.user), Act::Cancel, known.user, detail))?;
        Ok::<_, AppError>(known.user)
    });
    write.await
}
