//! A kit on its way to a ward: taken by a nurse in the browser, or fetched by a computer with a token of its own.

use crate::app::accounts::{Caller, token_hash};
use crate::app::lookups::permit_in;
use crate::app::{AppError, error::Kind, trail};
use crate::state::App;
use benhan_domain::access::TakeKit;
use benhan_domain::audit::Act;
use benhan_domain::downtime::file_name;
use benhan_domain::id::WardId;
use benhan_domain::time::{HOUR, Instant};
use benhan_store::audit::{self, Entry};
use benhan_store::places;
use benhan_store::{Tx, kits};
use serde_json::json;

/// A computer that fetches every new kit is one row of the trail in this time.
const ONE_ROW: i64 = HOUR;

/// A locked kit, with the name of its file.
pub struct Taken {
    pub name: String,
    pub made: Instant,
    pub bytes: Vec<u8>,
}

pub enum Fetched {
    New(Taken),
    /// The computer has the newest one.
    Same(Instant),
}

fn none() -> AppError {
    AppError::refused(
        Kind::NotFound,
        "no-kit",
        "Khoa này chưa có bộ dự phòng nào: quản trị đặt mật khẩu ở «Sự cố», sau đó máy chủ tự làm.",
    )
}

/// In the browser. Each time is a row: whoever takes a kit holds the ward in their hands.
pub async fn take(app: &App, caller: &Caller, ward: WardId) -> Result<Taken, AppError> {
    let user = caller.clone();
    let read = app.db.read(move |conn| {
        permit_in::<TakeKit>(&user.actor, ward)?;
        places::ward(conn, ward)?.ok_or_else(|| AppError::not_found("khoa"))
    });
    let of = read.await?;
    let taken = newest(app, ward, &of.code).await?;
    let detail = json!({ "made": taken.made.rfc3339() });
    app.db.note(trail::about(caller.user.id, Act::Export, "downtime-kit", ward.to_string(), detail)).await?;
    Ok(taken)
}

/// By token. `code` names the ward that the computer believes it is on; `has` is when the kit that it holds was made.
pub async fn fetch(app: &App, token: &str, code: &str, has: Option<Instant>) -> Result<Fetched, AppError> {
    let stranger = || {
        let detail = "Máy này không được lấy bộ dự phòng: mã máy sai hoặc đã thu hồi. Quản trị cấp mã mới ở «Sự cố».";
        AppError::refused(Kind::Unauthenticated, "bad-token", detail)
    };
    let (hash, code) = (token_hash(token), code.to_owned());
    let asked = hash.clone();
    let read = app.db.read(move |conn| {
        let token = kits::standing(conn, &asked)?.ok_or_else(stranger)?;
        let ward = places::ward(conn, token.ward)?.ok_or_else(stranger)?;
        Ok::<_, AppError>((token, ward))
    });
    let (token, ward) = read.await?;
    if ward.code != code {
        let detail = "Mã máy này là của khoa khác: cấp mã cho đúng khoa rồi cài lại.";
        return Err(AppError::refused(Kind::Forbidden, "other-ward", detail));
    }
    let taken = newest(app, ward.id, &ward.code).await?;
    let new = has != Some(taken.made);
    let (made, now) = (taken.made, app.db.now().0);
    let noted = new && token.noted_at.is_none_or(|at| now.saturating_sub(at) >= ONE_ROW);
    let write = app.db.write(move |tx| {
        // It may have been taken back while the file was read.
        kits::standing(tx.conn(), &hash)?.ok_or_else(stranger)?;
        kits::fetched(tx, token.id, made.0, noted)?;
        if noted { row(tx, ward.id, &token.id.to_string(), made) } else { Ok(()) }
    });
    write.await?;
    Ok(if new { Fetched::New(taken) } else { Fetched::Same(made) })
}

fn row(tx: &mut Tx<'_>, ward: WardId, token: &str, made: Instant) -> Result<(), AppError> {
    let entry = Entry {
        actor: None,
        act: Act::Export,
        subject_kind: "downtime-kit",
        subject_id: ward.to_string(),
        patient: None,
        encounter: None,
        detail: json!({ "made": made.rfc3339(), "token": token }),
    };
    Ok(audit::append(tx, entry)?)
}

async fn newest(app: &App, ward: WardId, code: &str) -> Result<Taken, AppError> {
    let (kits, name) = (std::sync::Arc::clone(&app.kits), file_name(code));
    let read = tokio::task::spawn_blocking(move || kits.newest(ward)).await;
    let read = read.map_err(|_| AppError::Internal("the reading of a kit was ended".into()))?;
    let found = read.map_err(|error| AppError::Internal(format!("a kit cannot be read: {error}")))?;
    let (made, bytes) = found.ok_or_else(none)?;
    Ok(Taken { name, made, bytes })
}
