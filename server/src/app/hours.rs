//! When people may use the program (khung giờ): set by the administrator, asked at the login and with every request.

use super::AppError;
use super::error::Kind;
use super::lookups::People;
use super::trail;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_access::{AccessHours, RoleHours, UserHours};
use benhan_domain::access::{ManageUsers, Place, Role, decide};
use benhan_domain::access_hours::{Hours, Standing, told};
use benhan_domain::audit::Act;
use benhan_domain::time::Instant;
use benhan_store::access_hours::{self, Subject};
use benhan_store::users::User;
use benhan_store::{Conn, users};
use serde_json::json;

/// How this person stands now. Whoever has no hours may always.
pub fn standing(conn: &mut Conn, user: &User, now: Instant) -> Result<Standing, AppError> {
    let held = access_hours::holding(conn, user.id, user.role)?;
    Ok(held.map_or(Standing::Inside, |hours| hours.at(now)))
}

/// Says when they may come again.
pub fn outside(next: Instant) -> AppError {
    let detail = format!(
        "Ngoài khung giờ bạn được dùng phần mềm: vào lại từ {}. Cần ngay thì gọi quản trị hệ thống.",
        told(next)
    );
    AppError::refused(Kind::Forbidden, "outside-hours", detail)
}

pub async fn list(app: &App, caller: &Caller) -> Result<AccessHours, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        show(conn)
    });
    read.await
}

fn show(conn: &mut Conn) -> Result<AccessHours, AppError> {
    let set = access_hours::all(conn)?;
    let of_users = |(subject, _): &(Subject, Hours)| match subject {
        Subject::User(user) => Some(*user),
        Subject::Role(_) => None,
    };
    let people = People::read(conn, set.iter().filter_map(of_users))?;
    let roles = Role::ALL.into_iter().map(|role| RoleHours {
        role,
        hours: set.iter().find(|(subject, _)| *subject == Subject::Role(role)).map(|(_, hours)| hours.clone()),
    });
    let own = set.iter().filter_map(|one| Some((of_users(one)?, one.1.clone())));
    let users = own.map(|(user, hours)| Ok(UserHours { user: people.must(user)?, hours }));
    Ok(AccessHours { roles: roles.collect(), users: users.collect::<Result<_, AppError>>()? })
}

/// Sets a week, or with none takes it away. It holds with the next request of whoever it is about.
pub async fn set(app: &App, caller: &Caller, subject: Subject, hours: Option<Hours>) -> Result<AccessHours, AppError> {
    let hours = hours.map(Hours::check).transpose().map_err(|e| AppError::invalid("hours", e.to_string()))?;
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        let (kind, id) = match subject {
            Subject::Role(role) => ("role", role.as_str().to_owned()),
            Subject::User(user) => {
                users::by_id(tx.conn(), user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
                ("user", user.to_string())
            }
        };
        let before = access_hours::of(tx.conn(), subject)?;
        access_hours::set(tx, subject, hours.as_ref(), Some(caller.user.id))?;
        let now = tx.now();
        if matches!(standing(tx.conn(), &caller.user, now)?, Standing::Outside(_)) {
            let detail = "Khung giờ này khoá chính bạn ngay bây giờ: đặt lại, hoặc đặt khung riêng cho mình trước.";
            return Err(AppError::invalid("hours", detail));
        }
        let detail = json!({ "hours": hours, "before": before });
        trail::on(tx, caller.user.id, Act::Edit, if kind == "role" { "role-hours" } else { "user-hours" }, id, detail)?;
        show(tx.conn())
    });
    write.await
}
