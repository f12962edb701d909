//! Says what else is asked for beside the password: a code, or one of somebody's security keys, with the question to it.

use crate::app::AppError;
use crate::app::error::{Kind, Refusal};
use crate::security_keys::{Purpose, STANDS_MINUTES};
use crate::state::App;
use crate::view_factor::{KnownKey, SecondFactorAsked, SecurityKeyAsked};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use benhan_domain::id::UserId;
use benhan_store::second_factors::Factor;
use benhan_store::security_keys::SecurityKey;
use benhan_webauthn::Site;
use std::collections::BTreeMap;

pub(super) fn asked_for(app: &App, user: UserId, factor: &Factor, site: Option<&Site>, purpose: Purpose) -> AppError {
    let asked = asked(app, user, factor, site, purpose);
    let detail = match (&asked.security_key, asked.code) {
        (Some(_), true) => {
            "Dùng khóa bảo mật, hoặc nhập mã 6 số đang hiện trong ứng dụng xác thực trên điện thoại.".into()
        }
        (Some(_), false) => "Dùng khóa bảo mật của bạn, hoặc nhập một mã dự phòng.".into(),
        (None, true) => "Nhập mã 6 số đang hiện trong ứng dụng xác thực trên điện thoại.".into(),
        (None, false) => format!(
            "Khóa bảo mật của bạn chỉ dùng được khi mở Benhan ở {}: mở ở đó, hoặc nhập một mã dự phòng.",
            asked.elsewhere.join(", ")
        ),
    };
    AppError::Refused(Refusal {
        kind: Kind::Unauthenticated,
        code: "second-factor",
        detail,
        fields: BTreeMap::new(),
        asked: Some(Box::new(asked)),
    })
}

fn asked(app: &App, user: UserId, factor: &Factor, site: Option<&Site>, purpose: Purpose) -> SecondFactorAsked {
    let here = |key: &&SecurityKey| site.is_some_and(|site| site.host() == key.host);
    let keys: Vec<KnownKey> = factor.keys.iter().filter(here).map(known).collect();
    let mut elsewhere: Vec<String> = factor.keys.iter().filter(|key| !here(key)).map(|key| key.host.clone()).collect();
    elsewhere.dedup();
    let security_key = site.filter(|_| !keys.is_empty()).map(|site| SecurityKeyAsked {
        challenge: URL_SAFE_NO_PAD.encode(app.security_keys.ask(user, purpose, site, app.db.now())),
        host: site.host().to_owned(),
        stands_seconds: STANDS_MINUTES.saturating_mul(60),
        keys,
    });
    SecondFactorAsked { code: factor.sealed.is_some(), security_key, elsewhere }
}

pub(super) fn known(key: &SecurityKey) -> KnownKey {
    KnownKey { id: URL_SAFE_NO_PAD.encode(&key.credential_id), transports: key.transports.clone() }
}
