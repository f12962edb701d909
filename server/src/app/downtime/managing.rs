//! What the ward sees of its kit, and what the administrator sets: the password, and which computers fetch it.

use super::password;
use crate::app::accounts::{Caller, random_token, token_hash};
use crate::app::lookups::{People, ward_ref};
use crate::app::{AppError, error::Kind, trail};
use crate::kits::{Failed, Held};
use crate::state::App;
use crate::view::WardRef;
use crate::view_downtime::{Downtime, KitComputer, KitCopy, KitLock, KitTokenIssued, KitTrouble, WardKit};
use benhan_domain::access::{ManageKits, Place, TakeKit, decide};
use benhan_domain::audit::Act;
use benhan_domain::downtime::{check_password, file_name, is_behind, trusted_until};
use benhan_domain::id::{KitTokenId, WardId};
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_store::kits::{self, Password, Subject, Token};
use benhan_store::places::{self, Ward};
use benhan_store::{Conn, Tx};
use serde_json::json;

/// A computer that is to fetch a ward's kit.
pub struct NewToken {
    pub ward: WardId,
    /// By which people know it: where it stands.
    pub label: String,
}

/// The kits that the caller may take; all of them, with what went wrong and who fetches, for the administrator.
pub async fn overview(app: &App, caller: &Caller) -> Result<Downtime, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let read = app.db.read(move |conn| {
        let manages = decide::<ManageKits>(&caller.actor, Place::Facility).is_ok();
        if !manages {
            decide::<TakeKit>(&caller.actor, Place::Facility)?;
        }
        let passwords = kits::passwords(conn)?;
        let tokens = if manages { kits::tokens(conn)? } else { Vec::new() };
        let named = tokens.iter().flat_map(|t| [Some(t.issued_by), t.revoked_by]).flatten();
        let people = People::read(conn, named.chain(passwords.iter().map(|p| p.set_by)))?;
        let mut wards = Vec::new();
        for ward in places::wards(conn)? {
            let takes = decide::<TakeKit>(&caller.actor, Place::Ward(ward.id)).is_ok();
            if manages || takes {
                let lock = password::holding(&passwords, ward.id).map(|p| lock(p, &people)).transpose()?;
                wards.push(kit(&app2, &ward, lock, manages, takes));
            }
        }
        // One's own ward first.
        let rank = |id: &str| caller.actor.wards.iter().position(|w| w.to_string() == id).unwrap_or(usize::MAX);
        wards.sort_by_key(|kit| rank(&kit.ward.id));
        let house = passwords.iter().find(|p| p.subject == Subject::House);
        let computers = tokens.into_iter().map(|token| computer(conn, token, &people)).collect::<Result<_, _>>()?;
        Ok::<_, AppError>(Downtime {
            now: app2.db.now().rfc3339(),
            every_minutes: app2.kits.settings.every_minutes,
            manages,
            house_lock: house.map(|p| lock(p, &people)).transpose()?,
            wards,
            computers,
        })
    });
    read.await
}

fn lock(password: &Password, people: &People) -> Result<KitLock, AppError> {
    Ok(KitLock {
        own: password.subject != Subject::House,
        set_at: Instant(password.set_at).rfc3339(),
        set_by: people.must(password.set_by)?,
    })
}

fn kit(app: &App, ward: &Ward, lock: Option<KitLock>, manages: bool, takes: bool) -> WardKit {
    let Held { made, failed, copies, .. } = app.kits.of(ward.id);
    let (now, every) = (app.db.now(), app.kits.settings.every_minutes);
    let trouble = |failed: Failed| KitTrouble { since: failed.since.rfc3339(), reason: failed.reason };
    let copy = |(at, folder): (usize, &std::path::PathBuf)| {
        let of = copies.get(&at).cloned().unwrap_or_default();
        KitCopy {
            folder: folder.display().to_string(),
            made_at: of.made.map(Instant::rfc3339),
            trouble: of.failed.map(trouble),
        }
    };
    WardKit {
        ward: WardRef { id: ward.id.to_string(), code: ward.code.clone(), name: ward.name.clone() },
        made_at: made.map(|made| made.at.rfc3339()),
        bytes: made.map_or(0, |made| i64::try_from(made.bytes).unwrap_or(i64::MAX)),
        trusted_until: made.map(|made| trusted_until(made.at, every).rfc3339()),
        behind: lock.is_some() && made.is_some_and(|made| is_behind(made.at, now, every)),
        lock,
        trouble: failed.filter(|_| manages).map(trouble),
        copies: if manages { app.kits.settings.to.iter().enumerate().map(copy).collect() } else { Vec::new() },
        takes,
    }
}

fn computer(conn: &mut Conn, token: Token, people: &People) -> Result<KitComputer, AppError> {
    Ok(KitComputer {
        id: token.id.to_string(),
        ward: ward_ref(conn, token.ward)?,
        label: token.label,
        issued_at: Instant(token.issued_at).rfc3339(),
        issued_by: people.must(token.issued_by)?,
        revoked_at: token.revoked_at.map(|at| Instant(at).rfc3339()),
        revoked_by: token.revoked_by.and_then(|by| people.of(by)),
        fetched_at: token.fetched_at.map(|at| Instant(at).rfc3339()),
        fetched_kit_at: token.fetched_kit_at.map(|at| Instant(at).rfc3339()),
    })
}

/// Sets what locks the kits of one ward, or of every ward without its own. `None` gives a ward the house's again.
/// The next kits are made at once; those that lie somewhere already keep the password that they were locked with.
pub async fn set_password(
    app: &App,
    caller: &Caller,
    ward: Option<WardId>,
    password: Option<String>,
) -> Result<Downtime, AppError> {
    if let Some(password) = &password {
        check_password(password).map_err(|why| AppError::invalid("password", why))?;
    }
    let subject = ward.map_or(Subject::House, Subject::Ward);
    if password.is_none() && subject == Subject::House {
        return Err(AppError::invalid(
            "password",
            "Mật khẩu chung chỉ thay được, không bỏ được: bộ dự phòng luôn phải có khoá",
        ));
    }
    let sealed = password.map(|password| password::seal(&app.secrets, subject, &password)).transpose()?;
    let user = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<ManageKits>(&user.actor, Place::Facility)?;
        if let Some(ward) = ward {
            places::ward(tx.conn(), ward)?.ok_or_else(|| AppError::not_found("khoa"))?;
        }
        let detail = json!({ "set": sealed.is_some() });
        kits::set_password(tx, subject, sealed, user.user.id)?;
        trail::on(tx, user.user.id, Act::Edit, "kit-password", subject.key(), detail)
    });
    write.await?;
    app.kits.due.notify_one();
    overview(app, caller).await
}

pub async fn issue_token(app: &App, caller: &Caller, new: NewToken) -> Result<KitTokenIssued, AppError> {
    let label = text::clean(&new.label);
    if label.is_empty() || label.chars().count() > 80 {
        return Err(AppError::invalid("label", "Ghi máy nào, đặt ở đâu (tối đa 80 ký tự)"));
    }
    let (token, user) = (random_token(), caller.clone());
    let hash = token_hash(&token);
    let write = app.db.write(move |tx| {
        decide::<ManageKits>(&user.actor, Place::Facility)?;
        let ward = places::ward(tx.conn(), new.ward)?.ok_or_else(|| AppError::not_found("khoa"))?;
        let id = kits::issue(tx, ward.id, &label, &hash, user.user.id)?;
        trail::on(tx, user.user.id, Act::Create, "kit-token", id.to_string(), json!({ "ward": ward.id }))?;
        Ok::<_, AppError>((shown(tx, id)?, file_name(&ward.code)))
    });
    let (computer, file) = write.await?;
    Ok(KitTokenIssued { computer, token, file })
}

/// It fetches nothing any more. What it has fetched it keeps: change the password too where the computer is lost.
pub async fn revoke_token(app: &App, caller: &Caller, token: KitTokenId) -> Result<KitComputer, AppError> {
    let user = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<ManageKits>(&user.actor, Place::Facility)?;
        kits::token(tx.conn(), token)?.ok_or_else(|| AppError::not_found("mã máy"))?;
        if !kits::revoke(tx, token, user.user.id)? {
            let detail = "Mã máy này đã thu hồi trước đó: tải lại trang.";
            return Err(AppError::refused(Kind::Conflict, "already-handled", detail));
        }
        trail::on(tx, user.user.id, Act::Cancel, "kit-token", token.to_string(), json!({}))?;
        shown(tx, token)
    });
    write.await
}

fn shown(tx: &mut Tx<'_>, id: KitTokenId) -> Result<KitComputer, AppError> {
    let token = kits::token(tx.conn(), id)?.ok_or_else(|| AppError::not_found("mã máy"))?;
    let people = People::read(tx.conn(), [Some(token.issued_by), token.revoked_by].into_iter().flatten())?;
    computer(tx.conn(), token, &people)
}
