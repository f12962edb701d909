//! The second factor: a code from one's phone, or a security key, beside the password. Set up by its owner, who shows it
//! once; renewed and added to; taken away by another administrator or on the machine.
//!
//! Whoever has one is asked for it at each login. There is no "remember this machine": a ward's machines are everybody's.

mod asking;
mod keeping;
mod losing;
mod otp;
mod picture;
mod security_key;
mod setting_up;
mod showing;

pub use losing::reset;
pub(super) use losing::take_away;
pub use security_key::{NewKey, add_key, offer_key, own, remove_key};
pub use setting_up::{confirm, offer};
pub use showing::{KeyAnswer, Shown};

use super::{Caller, Opened, about_user, account_shut, enter};
use crate::app::AppError;
use crate::app::error::Kind;
use crate::hub::Event;
use crate::security_keys::Purpose;
use crate::state::App;
use asking::asked_for;
use benhan_domain::audit::Act;
use benhan_domain::id::{SessionId, UserId};
use benhan_domain::second_factor::{Missing, missing};
use benhan_store::users::{Door, User};
use benhan_store::{Conn, Tx, audit, second_factors, source, users};
use serde_json::json;
use showing::{Outcome, hold_against, take};
use std::sync::Arc;

/// Does the request being served come from outside? To be asked on its own task: a read runs on another thread, which
/// knows of no request.
pub(super) fn from_outside(app: &App) -> bool {
    source::current().is_some_and(|from| app.access.is_outside(from))
}

/// What keeps this person out, there or here.
pub(super) fn lacking(app: &App, conn: &mut Conn, user: &User, outside: bool) -> Result<Option<Missing>, AppError> {
    match missing(user.role, &app.access.second_factor, outside) {
        None => Ok(None),
        Some(why) => Ok((!second_factors::stands(conn, user.id)?).then_some(why)),
    }
}

pub fn refused(why: Missing) -> AppError {
    match why {
        Missing::Enrol => {
            let detail = "Tài khoản này phải có mã xác thực hoặc khóa bảo mật: đặt rồi làm việc tiếp.";
            AppError::refused(Kind::Forbidden, "must-enrol-second-factor", detail)
        }
        Missing::Outside => {
            let detail = "Từ ngoài bệnh viện chỉ vào được bằng mật khẩu cùng mã xác thực hoặc khóa bảo mật: đặt trên một \
                          máy trong bệnh viện trước (bấm vào tên mình ở góc trên).";
            AppError::refused(Kind::Forbidden, "second-factor-outside", detail)
        }
    }
}

/// The second half of a login whose password was right: whoever has a second factor shows it, whoever needs one from where
/// they are and has none is turned away.
pub(super) async fn enter_with(app: &App, user: &User, shown: Shown) -> Result<Opened, AppError> {
    let (of, handle, outside) = (user.clone(), app.clone(), from_outside(app));
    let read = app.db.read::<_, AppError, _>(move |conn| {
        Ok((second_factors::of(conn, of.id)?, lacking(&handle, conn, &of, outside)?))
    });
    let (factor, lacking) = read.await?;
    let (id, settings) = (user.id, Arc::clone(&app.settings));
    let now = app.db.now();
    if factor.as_ref().and_then(|factor| factor.shut_until).is_some_and(|until| until > now) {
        return Err(account_shut(&settings));
    }
    match factor {
        None if lacking == Some(Missing::Outside) => {
            let noted = app.db.write::<_, AppError, _>(move |tx| {
                users::set_door(tx, id, Door { failed_logins: Some(0), locked_until: Some(None), ..Door::default() })?;
                note(tx, Some(id), Act::Denied, id, json!({ "why": "outside" }))
            });
            noted.await?;
            Err(refused(Missing::Outside))
        }
        None => {
            let write = app.db.write::<_, AppError, _>(move |tx| enter(tx, id, &settings, json!({})));
            write.await
        }
        Some(factor) if shown.is_nothing() => {
            let right = Door { failed_logins: Some(0), locked_until: Some(None), ..Door::default() };
            app.db.write::<_, AppError, _>(move |tx| Ok(users::set_door(tx, id, right)?)).await?;
            Err(asked_for(app, id, &factor, shown.site.as_ref(), Purpose::Login))
        }
        Some(factor) => {
            let tried = hold_against(app, id, factor, shown, Purpose::Login)?;
            let write = app.db.write::<_, AppError, _>(move |tx| match take(tx, id, &tried, &settings)? {
                Outcome::Right(by) => Ok(Ok(enter(tx, id, &settings, by)?)),
                Outcome::No(why) => Ok(Err(why.refusal())),
            });
            write.await?
        }
    }
}

/// Inside a session a 401 would mean that the session is over.
fn as_forbidden(error: AppError) -> AppError {
    match error {
        AppError::Refused(mut no) => {
            no.kind = Kind::Forbidden;
            AppError::Refused(no)
        }
        other => other,
    }
}

/// Recovery codes that a person has left; none without a second factor.
pub async fn recovery_left(app: &App, caller: &Caller) -> Result<Option<i64>, AppError> {
    let user = caller.user.id;
    let read = app.db.read::<_, AppError, _>(move |conn| match second_factors::of(conn, user)? {
        Some(_) => Ok(Some(second_factors::recovery_left(conn, user)?)),
        None => Ok(None),
    });
    read.await
}

/// On the trail, about somebody's second factor.
fn note(
    tx: &mut Tx<'_>,
    actor: Option<UserId>,
    act: Act,
    user: UserId,
    detail: serde_json::Value,
) -> Result<(), AppError> {
    Ok(audit::append(tx, audit::Entry { subject_kind: "second-factor", ..about_user(actor, act, user, detail) })?)
}

fn say_ended(tx: &mut Tx<'_>, hub: &Arc<crate::hub::Hub>, ended: Vec<SessionId>) {
    let hub = Arc::clone(hub);
    tx.after_commit(move || {
        for session in ended {
            hub.publish(Event::Ended { session, reason: "revoked" });
        }
    });
}
