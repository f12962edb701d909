//! A second factor is set up by its owner, or renewed: a secret is offered, and one code of it makes it theirs.

use super::keeping::Keeper;
use super::showing::{Shown, prove};
use super::{note, otp, picture, say_ended};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_factor::SecondFactorOffer;
use benhan_domain::audit::Act;
use benhan_domain::second_factor::{OFFER_MINUTES, Step, Typed, printed};
use benhan_domain::time::{Instant, MINUTE};
use benhan_store::{second_factors, sessions};
use rand::RngCore;
use serde_json::json;
use std::sync::Arc;

/// A new secret for one's phone, good once a code of it was typed. The password once more; and where there is a second
/// factor already, that too: an open screen must not be enough to put another phone in its place.
pub async fn offer(
    app: &App,
    caller: &Caller,
    password: String,
    shown: impl Into<Shown>,
) -> Result<SecondFactorOffer, AppError> {
    prove(app, caller, password, shown.into()).await?;
    let id = caller.user.id;
    let mut secret = zeroize::Zeroizing::new([0_u8; otp::SECRET]);
    rand::rng().fill_bytes(secret.as_mut_slice());
    let drawn = picture::draw(&format!("Benhan {}", app.facility.code), &caller.user.username, secret.as_slice())?;
    let sealed = Keeper::new(&app.secrets.server_key)?.seal(id, secret.as_slice())?;
    app.db.write::<_, AppError, _>(move |tx| Ok(second_factors::offer(tx, id, &sealed)?)).await?;
    Ok(SecondFactorOffer { secret: otp::base32(secret.as_slice()), picture_size: drawn.size, picture_path: drawn.path })
}

/// The first code of an offered secret makes it the factor. Other sessions of the person, which passed without it, end.
/// Returns the recovery codes, which are shown this once.
pub async fn confirm(app: &App, caller: &Caller, code: &str) -> Result<Vec<String>, AppError> {
    let id = caller.user.id;
    let now = app.db.now();
    let offered = app.db.read::<_, AppError, _>(move |conn| Ok(second_factors::offered(conn, id)?)).await?;
    let current = offered.filter(|(_, at)| now.since(*at) <= OFFER_MINUTES.saturating_mul(MINUTE));
    let Some((sealed, _)) = current else { return Err(stale()) };
    let keeper = Keeper::new(&app.secrets.server_key)?;
    let step = first_code(&keeper.open(id, &sealed)?, now, code)?;
    let (codes, hashes) = keeper.fresh_recovery(id);
    let (session, hub) = (caller.session, Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        let renewed = second_factors::of(tx.conn(), id)?.is_some_and(|factor| factor.sealed.is_some());
        if !second_factors::enrol(tx, id, &sealed, step, &hashes)? {
            return Err(stale());
        }
        let ended = sessions::revoke_others(tx, id, session)?;
        let act = if renewed { Act::Edit } else { Act::Create };
        note(tx, Some(id), act, id, json!({ "sessions": ended.len() }))?;
        say_ended(tx, &hub, ended);
        Ok(())
    });
    write.await?;
    Ok(codes.iter().map(|code| printed(code)).collect())
}

fn stale() -> AppError {
    let detail = "Mã QR này đã quá 15 phút hoặc đã thay bằng mã khác: tạo mã QR mới.";
    AppError::conflict("stale-offer", detail)
}

/// The secret is the person's own here, so that it may be said by how much their phone is off.
fn first_code(secret: &[u8], now: Instant, typed: &str) -> Result<Step, AppError> {
    let Some(Typed::Code(code)) = Typed::parse(typed) else {
        return Err(AppError::invalid("code", "Nhập 6 số đang hiện trên điện thoại"));
    };
    let now = Step::at(now);
    if let Some(step) = otp::accepted(secret, now, code) {
        return Ok(step);
    }
    let off = now.near().find(|step| otp::code(secret, *step) == code).map(|step| step.minutes_ahead(now));
    let why = match off {
        Some(minutes) => {
            let way = if minutes > 0 { "nhanh" } else { "chậm" };
            let minutes = minutes.abs();
            format!("Giờ của điện thoại {way} {minutes} phút: bật đặt ngày giờ tự động rồi nhập mã mới")
        }
        None => {
            "Mã không khớp: kiểm tra đã quét đúng mã QR này, bật đặt ngày giờ tự động trên điện thoại, rồi nhập mã mới"
                .to_owned()
        }
    };
    Err(AppError::invalid("code", why))
}
