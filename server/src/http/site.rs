//! Where the browser that asks has the program open, if security keys can be used there.

use crate::App;
use actix_web::dev::Payload;
use actix_web::http::header::HOST;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use benhan_webauthn::Site;
use std::convert::Infallible;
use std::future::{Ready, ready};

/// By the request's `Host` (over HTTP/2 its authority), looked up among the names that the hospital set: a name that
/// somebody makes up is none of them, and what the key then signs names the page itself.
pub struct AtSite(pub Option<Site>);

impl FromRequest for AtSite {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let said = req.headers().get(HOST).and_then(|host| host.to_str().ok());
        let authority = req.uri().authority().map(|authority| authority.as_str()).or(said);
        let app = req.app_data::<Data<App>>();
        ready(Ok(Self(app.zip(authority).and_then(|(app, authority)| app.security_keys.site(authority)))))
    }
}
