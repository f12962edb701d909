//! Who reads a restricted record: assigned and dismissed by its readers, or by the director, who need not be one.

use super::{must_stand, told, view};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::lookups::{People, colleagues, permit_on};
use crate::state::App;
use crate::view::PersonRef;
use crate::view_access::RestrictionState;
use benhan_domain::access::{
    Action, AssignsReaders, Permit, Reach, ReassignReaders, RestrictRecord, ViewChart, shown_after,
};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, RecordRestrictionId, UserId};
use benhan_domain::restriction::leaves_a_doctor;
use benhan_store::{Conn, Tx, records, restrictions, users};
use serde_json::json;

/// Assigned at once.
const MOST: usize = 100;

/// Colleagues who may be assigned: those whose role reads charts, and who do not read this one yet.
pub async fn candidates(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<PersonRef>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = may_assign(conn, &caller, stay)?;
        let there = match restrictions::standing(conn, &permit)? {
            Some(standing) => restrictions::readers(conn, &permit, standing.id)?,
            None => Vec::new(),
        };
        let reads = |user: UserId| user == caller.user.id || there.iter().any(|reader| reader.user == user);
        colleagues(conn, |user| may_be_assigned(user) && !reads(user.id))
    });
    read.await
}

/// As whoever assigns sees the record's heading: a doctor who reads it, or the director.
fn may_assign(conn: &mut Conn, caller: &Caller, stay: EncounterId) -> Result<Permit<ViewChart>, AppError> {
    match permit_on::<RestrictRecord>(conn, &caller.actor, stay) {
        Ok(permit) => Ok(shown_after(&permit)),
        Err(refused) => {
            let director = permit_on::<ReassignReaders>(conn, &caller.actor, stay);
            Ok(shown_after(&director.map_err(|_| refused)?))
        }
    }
}

fn may_be_assigned(user: &users::User) -> bool {
    ViewChart::reach(user.role) != Reach::Nowhere
}

/// By a reader, or by the director.
pub async fn assign(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    readers: Vec<UserId>,
) -> Result<RestrictionState, AppError> {
    changed_by(app, caller, stay, Change::Assign(readers)).await
}

pub async fn dismiss(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    reader: UserId,
) -> Result<RestrictionState, AppError> {
    changed_by(app, caller, stay, Change::Dismiss(reader)).await
}

enum Change {
    Assign(Vec<UserId>),
    Dismiss(UserId),
}

async fn changed_by(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    change: Change,
) -> Result<RestrictionState, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        records::held_alone(tx.conn(), stay)?;
        // Who has dismissed themselves assigns nobody any more, and is answered once more.
        let seen = match permit_on::<RestrictRecord>(tx.conn(), &caller.actor, stay) {
            Ok(permit) => change_readers(tx, &app2, &caller, &permit, &change)?,
            Err(refused) => {
                let director = permit_on::<ReassignReaders>(tx.conn(), &caller.actor, stay).map_err(|_| refused)?;
                change_readers(tx, &app2, &caller, &director, &change)?
            }
        };
        let now = tx.now();
        view(tx.conn(), &caller, now, stay, &seen)
    });
    write.await
}

fn change_readers<A: AssignsReaders>(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    permit: &Permit<A>,
    change: &Change,
) -> Result<Permit<ViewChart>, AppError> {
    let standing = must_stand(tx.conn(), permit)?;
    let detail = match change {
        Change::Assign(readers) => {
            assign_all(tx, permit, standing.id, readers)?;
            json!({ "assigned": readers })
        }
        Change::Dismiss(reader) => {
            if !restrictions::dismiss(tx, permit, standing.id, *reader)? {
                return Err(AppError::stale());
            }
            let left = restrictions::readers(tx.conn(), permit, standing.id)?;
            let people = People::read(tx.conn(), left.iter().map(|reader| reader.user))?;
            if !leaves_a_doctor(left.iter().filter_map(|reader| people.of(reader.user)).map(|person| person.role)) {
                let detail = "Hồ sơ phải còn ít nhất một bác sĩ được giao: giao bác sĩ khác trước.";
                return Err(AppError::conflict("last-doctor", detail));
            }
            json!({ "dismissed": reader })
        }
    };
    told(tx, app, caller, permit, (Act::Edit, detail))?;
    Ok(shown_after(permit))
}

pub(super) fn assign_all<A: AssignsReaders>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    of: RecordRestrictionId,
    readers: &[UserId],
) -> Result<(), AppError> {
    if readers.len() > MOST {
        return Err(AppError::invalid("readers", format!("Giao tối đa {MOST} người mỗi lần")));
    }
    for (at, reader) in readers.iter().enumerate() {
        if readers.iter().take(at).any(|earlier| earlier == reader) {
            continue;
        }
        let user = users::by_id(tx.conn(), *reader)?.filter(|user| !user.disabled && may_be_assigned(user));
        if user.is_none() {
            return Err(AppError::invalid(
                "readers",
                "Có người không xem được hồ sơ bệnh án: chọn lại người được giao",
            ));
        }
        match restrictions::assign(tx, permit, of, *reader) {
            Err(error) if error.is_taken("record_reader") => {
                return Err(AppError::conflict("reads-already", "Có người đã được giao rồi: tải lại danh sách."));
            }
            assigned => assigned?,
        }
    }
    Ok(())
}
