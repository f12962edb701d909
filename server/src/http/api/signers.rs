//! `/users/{user}/certificate`, `/tokens`: where the keys of the staff are, for the administrator.

use crate::App;
use crate::app::certificates::{self, ToBind};
use crate::app::{AppError, administration};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view::{CertificateFound, TokenRow, UserRow};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use benhan_domain::certificate::KeyPlace;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(tokens).service(look).service(bind);
}

/// What is plugged into the server, with the keys that each token shows before any PIN. 409 `key-not-configured`.
#[utoipa::path(tag = "administration", responses((status = 200, body = Vec<TokenRow>)))]
#[get("/tokens")]
async fn tokens(who: Who, app: Data<App>) -> Answer<Json<Vec<TokenRow>>> {
    Ok(Json(certificates::tokens(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Brought {
    /// The person's certificate; more of its path may follow.
    pem: String,
    /// pkcs11, remote or terminal.
    key_holder: String,
    /// `SERIAL:HEX` of a token's key, or the credential's name at the signing service.
    key_reference: String,
    /// The owner's PIN, typed by the owner: the key proves itself by a signature.
    pin: Option<String>,
}

impl TryFrom<Brought> for ToBind {
    type Error = AppError;

    fn try_from(brought: Brought) -> Result<Self, AppError> {
        let wrong = || {
            AppError::invalid(
                "keyReference",
                "Nơi giữ khoá ghi chưa đúng: thẻ ghi «số sê-ri:mã khoá» (mã khoá dạng hex), dịch vụ ghi mã chứng thư",
            )
        };
        let key = KeyPlace::parse(&brought.key_holder, Some(brought.key_reference.trim())).ok_or_else(wrong)?;
        Ok(Self { pem: brought.pem, key, pin: brought.pin })
    }
}

/// Reads a certificate, its path to a trusted authority, and whether the key is where it is said to be. Binds nothing.
/// 409 `certificate-refused`, `other-key`, `key-…`.
#[utoipa::path(tag = "administration", params(("user" = String, Path)), request_body = Brought, responses((status = 200, body = CertificateFound)))]
#[post("/users/{user}/certificate/check")]
async fn look(who: Who, app: Data<App>, user: Path<String>, body: Json<Brought>) -> Answer<Json<CertificateFound>> {
    let user = id(&user, "người dùng")?;
    Ok(Json(certificates::look(&app, &who, user, body.into_inner().try_into()?).await?))
}

/// The person signs with that key from now on; the certificate before it is retired, what it signed stays as it is.
/// 409 as above, `certificate-taken`, `signs-nothing`.
#[utoipa::path(tag = "administration", params(("user" = String, Path)), request_body = Brought, responses((status = 200, body = UserRow)))]
#[post("/users/{user}/certificate")]
async fn bind(who: Who, app: Data<App>, user: Path<String>, body: Json<Brought>) -> Answer<Json<UserRow>> {
    let user = id(&user, "người dùng")?;
    certificates::bind(&app, &who, user, body.into_inner().try_into()?).await?;
    Ok(Json(administration::user(&app, &who, user).await?))
}
