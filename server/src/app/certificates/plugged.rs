//! The tokens that are plugged into the server, so that who binds a certificate picks its key and types no number.

use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::holders::Holders;
use crate::state::App;
use crate::view::{TokenKeyRow, TokenRow};
use benhan_domain::access::{ManageUsers, Place, decide};
use benhan_domain::time::Instant;
use benhan_holders::TokenSeen;
use benhan_sign::{HolderKind, KeyError};
use std::sync::Arc;

pub async fn tokens(app: &App, caller: &Caller) -> Result<Vec<TokenRow>, AppError> {
    let actor = caller.actor.clone();
    app.db.read::<_, AppError, _>(move |_| Ok(decide::<ManageUsers>(&actor, Place::Facility).map(drop)?)).await?;
    let holders = Arc::clone(&app.holders);
    let work = tokio::task::spawn_blocking(move || tokens_of(&holders));
    work.await.map_err(|_| AppError::Internal("looking at tokens was cut off".into()))?
}

/// The same from the machine itself. Blocks.
pub fn tokens_of(holders: &Holders) -> Result<Vec<TokenRow>, AppError> {
    let Some(tokens) = &holders.tokens else {
        let detail = "Máy chủ chưa được đặt trình điều khiển thẻ ký số: điền [pkcs11] module trong benhan.toml.";
        return Err(AppError::conflict("key-not-configured", detail));
    };
    let seen = tokens.seen().map_err(|trouble| KeyError::Held { at: HolderKind::Token, trouble })?;
    Ok(seen.into_iter().map(row).collect())
}

fn row(token: TokenSeen) -> TokenRow {
    let keys = token.keys.into_iter().map(|key| TokenKeyRow {
        key: key.key.to_string(),
        label: key.label,
        subject: key.certificate.as_ref().map(benhan_sign::Certificate::subject),
        issuer: key.certificate.as_ref().map(benhan_sign::Certificate::issuer),
        not_after: key.certificate.as_ref().map(|c| Instant(c.valid_until()).rfc3339()),
        pem: key.certificate.as_ref().map(benhan_sign::Certificate::to_pem),
    });
    TokenRow { keys: keys.collect(), serial: token.serial, label: token.label, made: token.made, locked: token.locked }
}
