//! The second factor: a code from one's phone beside the password. Offered, confirmed by one code, renewed by its owner,
//! taken away by another administrator or on the machine.
//!
//! Whoever has one is asked for it at each login. There is no "remember this machine": a ward's machines are everybody's.

mod keeping;
mod losing;
mod otp;
mod picture;
mod setting_up;

pub use losing::reset;
pub(super) use losing::take_away;
pub use setting_up::{confirm, offer};

use super::{Caller, Opened, about_user, account_shut, enter};
use crate::app::AppError;
use crate::app::error::Kind;
use crate::hub::Event;
use crate::state::App;
use benhan_domain::audit::Act;
use benhan_domain::id::{SessionId, UserId};
use benhan_domain::second_factor::{Missing, Step, Typed, missing};
use benhan_domain::time::MINUTE;
use benhan_store::second_factors::{self, Factor};
use benhan_store::users::{Door, User};
use benhan_store::{Conn, Tx, audit, source, users};
use keeping::Keeper;
use serde_json::json;
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
        Some(why) => Ok(second_factors::of(conn, user.id)?.is_none().then_some(why)),
    }
}

pub fn refused(why: Missing) -> AppError {
    match why {
        Missing::Enrol => {
            let detail = "Tài khoản này phải có mã xác thực: đặt mã trên điện thoại rồi làm việc tiếp.";
            AppError::refused(Kind::Forbidden, "must-enrol-second-factor", detail)
        }
        Missing::Outside => {
            let detail = "Từ ngoài bệnh viện chỉ vào được bằng mật khẩu và mã xác thực: đặt mã trên một máy trong bệnh \
                          viện trước (bấm vào tên mình ở góc trên).";
            AppError::refused(Kind::Forbidden, "second-factor-outside", detail)
        }
    }
}

fn asked_for() -> AppError {
    let detail = "Nhập mã 6 số đang hiện trong ứng dụng xác thực trên điện thoại.";
    AppError::refused(Kind::Unauthenticated, "second-factor", detail)
}

fn wrong() -> AppError {
    let detail =
        "Sai mã, hoặc giờ của điện thoại lệch: bật đặt ngày giờ tự động trên điện thoại, chờ mã mới rồi nhập lại.";
    AppError::refused(Kind::Unauthenticated, "bad-code", detail)
}

fn used() -> AppError {
    let detail = "Mã này đã dùng một lần: chờ điện thoại hiện mã mới (tối đa 30 giây) rồi nhập lại.";
    AppError::refused(Kind::Unauthenticated, "used-code", detail)
}

/// A code held against the factor before the transaction, which then takes it or not.
pub(super) struct Tried {
    sealed: Vec<u8>,
    what: Held,
}

enum Held {
    /// The phone's code of this step.
    Step(Step),
    Recovery(String),
    Nothing,
}

/// What came of a code.
enum Outcome {
    /// Let in, and by what, for the trail.
    Right(&'static str),
    Used,
    Wrong,
}

fn hold_against(app: &App, user: UserId, factor: Factor, typed: &str) -> Result<Tried, AppError> {
    let keeper = Keeper::new(&app.secrets.server_key)?;
    let what = match Typed::parse(typed) {
        Some(Typed::Code(code)) => {
            let secret = keeper.open(user, &factor.sealed)?;
            otp::accepted(&secret, Step::at(app.db.now()), code).map_or(Held::Nothing, Held::Step)
        }
        Some(Typed::Recovery(code)) => Held::Recovery(keeper.recovery_hash(user, &code)),
        None => Held::Nothing,
    };
    Ok(Tried { sealed: factor.sealed, what })
}

/// Counts the try, and takes the code if it is right. Wrong ones shut the account as wrong passwords do. Count and end of
/// the wait are their own: a right password, which lifts those of the password, must not lift these.
fn take(tx: &mut Tx<'_>, user: UserId, tried: &Tried, settings: &crate::config::Settings) -> Result<Outcome, AppError> {
    let now = tx.now();
    let (tries, until) = second_factors::count_try(tx, user)?;
    if until.is_some_and(|until| until > now) {
        return Err(account_shut(settings));
    }
    let outcome = match &tried.what {
        Held::Step(step) if second_factors::take_step(tx, user, &tried.sealed, *step)? => Outcome::Right("code"),
        Held::Recovery(hash) if second_factors::take_recovery(tx, user, hash)? => Outcome::Right("recovery"),
        Held::Step(_) => Outcome::Used,
        Held::Recovery(_) | Held::Nothing => Outcome::Wrong,
    };
    if let Outcome::Right(_) = outcome {
        second_factors::count_anew(tx, user, None)?;
        return Ok(outcome);
    }
    let shut = tries >= settings.login_tries;
    if shut {
        let until = now.plus(settings.login_wait_minutes.saturating_mul(MINUTE));
        second_factors::count_anew(tx, user, Some(until))?;
    }
    let why = if matches!(outcome, Outcome::Used) { "used-code" } else { "code" };
    note(tx, Some(user), Act::LoginFailed, user, json!({ "why": why, "locked": shut }))?;
    Ok(outcome)
}

/// The second half of a login whose password was right: whoever has a second factor shows it, whoever needs one from where
/// they are and has none is turned away.
pub(super) async fn enter_with(app: &App, user: &User, code: Option<String>) -> Result<Opened, AppError> {
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
    match (factor, code.filter(|code| !code.trim().is_empty())) {
        (None, _) if lacking == Some(Missing::Outside) => {
            let noted = app.db.write::<_, AppError, _>(move |tx| {
                users::set_door(tx, id, Door { failed_logins: Some(0), locked_until: Some(None), ..Door::default() })?;
                note(tx, Some(id), Act::Denied, id, json!({ "why": "outside" }))
            });
            noted.await?;
            Err(refused(Missing::Outside))
        }
        (None, _) => {
            let write = app.db.write::<_, AppError, _>(move |tx| enter(tx, id, &settings, json!({})));
            write.await
        }
        (Some(_), None) => {
            let right = Door { failed_logins: Some(0), locked_until: Some(None), ..Door::default() };
            app.db.write::<_, AppError, _>(move |tx| Ok(users::set_door(tx, id, right)?)).await?;
            Err(asked_for())
        }
        (Some(factor), Some(code)) => {
            let tried = hold_against(app, id, factor, &code)?;
            let write = app.db.write::<_, AppError, _>(move |tx| match take(tx, id, &tried, &settings)? {
                Outcome::Right(by) => Ok(Ok(enter(tx, id, &settings, json!({ "factor": by }))?)),
                Outcome::Used => Ok(Err(used())),
                Outcome::Wrong => Ok(Err(wrong())),
            });
            write.await?
        }
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
