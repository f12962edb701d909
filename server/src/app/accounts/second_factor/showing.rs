//! What somebody shows beside the password, held against what they have: a phone's code, a code on paper, or a security key.

use super::asking::asked_for;
use super::keeping::Keeper;
use super::{as_forbidden, note, otp};
use crate::app::AppError;
use crate::app::accounts::{Caller, account_shut, own};
use crate::app::error::Kind;
use crate::security_keys::Purpose;
use crate::state::App;
use benhan_domain::audit::Act;
use benhan_domain::id::{SecurityKeyId, UserId};
use benhan_domain::second_factor::{Step, Typed};
use benhan_domain::time::MINUTE;
use benhan_store::second_factors::{self, Factor};
use benhan_store::{Tx, security_keys};
use benhan_webauthn::{Assertion, Kept, Refused, Site, challenge_of};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a security key answered, as the browser hands it on.
#[derive(Clone, Debug)]
pub struct KeyAnswer {
    pub credential_id: Vec<u8>,
    pub client_data: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub signature: Vec<u8>,
    /// Whose the key says that it is; most say nothing when they are asked for by name.
    pub user_handle: Option<Vec<u8>>,
}

/// A code or a key's answer, if any, and where the browser has the program open, if keys can be asked there.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub code: Option<String>,
    pub key: Option<KeyAnswer>,
    pub site: Option<Site>,
}

impl From<Option<String>> for Shown {
    fn from(code: Option<String>) -> Self {
        Self { code, ..Self::default() }
    }
}

impl Shown {
    pub(super) fn is_nothing(&self) -> bool {
        self.key.is_none() && self.code.as_deref().is_none_or(|code| code.trim().is_empty())
    }
}

/// Held against the factor before the transaction, which then takes it or not.
pub(super) struct Tried {
    sealed: Option<Vec<u8>>,
    what: Held,
}

enum Held {
    /// The phone's code of this step.
    Step(Step),
    Recovery(String),
    Key {
        id: SecurityKeyId,
        counter: u32,
        verified: bool,
    },
    Nothing(Why),
}

/// What came of it.
pub(super) enum Outcome {
    /// Let in, and by what, for the trail.
    Right(Value),
    No(Why),
}

/// Why it is none.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    Code,
    UsedCode,
    /// Not what was asked, or no longer.
    OldAnswer,
    /// A key that is not theirs.
    StrangeKey,
    Key(Refused),
    /// It had counted as far before.
    Cloned(SecurityKeyId),
}

impl Why {
    fn noted(self) -> Value {
        match self {
            Self::Code => json!({ "why": "code" }),
            Self::UsedCode => json!({ "why": "used-code" }),
            Self::OldAnswer => json!({ "why": "old-answer" }),
            Self::StrangeKey => json!({ "why": "strange-key" }),
            Self::Key(refused) => json!({ "why": "security-key", "refused": refused.to_string() }),
            Self::Cloned(key) => json!({ "why": "cloned-key", "key": key.to_string() }),
        }
    }

    pub(super) fn refusal(self) -> AppError {
        let (code, detail) = match self {
            Self::Code => (
                "bad-code",
                "Sai mã, hoặc giờ của điện thoại lệch: bật đặt ngày giờ tự động trên điện thoại, chờ mã mới rồi nhập lại.",
            ),
            Self::UsedCode => {
                ("used-code", "Mã này đã dùng một lần: chờ điện thoại hiện mã mới (tối đa 30 giây) rồi nhập lại.")
            }
            Self::OldAnswer => {
                ("old-answer", "Khóa bảo mật trả lời quá muộn hoặc cho lần hỏi khác: bấm dùng khóa bảo mật lại.")
            }
            Self::StrangeKey | Self::Key(_) => (
                "bad-security-key",
                "Không nhận ra khóa bảo mật này: dùng đúng khóa đã đăng ký cho tài khoản của bạn rồi thử lại.",
            ),
            Self::Cloned(_) => (
                "cloned-security-key",
                "Khóa bảo mật này có thể đã bị sao chép nên không được nhận nữa: báo quản trị, đăng nhập bằng cách khác \
                 rồi gỡ khóa.",
            ),
        };
        AppError::refused(Kind::Unauthenticated, code, detail)
    }
}

pub(super) fn hold_against(
    app: &App,
    user: UserId,
    factor: Factor,
    shown: Shown,
    purpose: Purpose,
) -> Result<Tried, AppError> {
    let what = match shown {
        Shown { key: Some(answer), .. } => by_key(app, user, &factor, &answer, purpose),
        Shown { code, .. } => by_code(app, user, &factor, &code.unwrap_or_default())?,
    };
    Ok(Tried { sealed: factor.sealed, what })
}

fn by_code(app: &App, user: UserId, factor: &Factor, typed: &str) -> Result<Held, AppError> {
    let keeper = Keeper::new(&app.secrets.server_key)?;
    Ok(match (Typed::parse(typed), &factor.sealed) {
        (Some(Typed::Code(code)), Some(sealed)) => {
            let secret = keeper.open(user, sealed)?;
            otp::accepted(&secret, Step::at(app.db.now()), code).map_or(Held::Nothing(Why::Code), Held::Step)
        }
        (Some(Typed::Recovery(code)), _) => Held::Recovery(keeper.recovery_hash(user, &code)),
        _ => Held::Nothing(Why::Code),
    })
}

/// The question is used up whatever comes of the answer.
fn by_key(app: &App, user: UserId, factor: &Factor, answer: &KeyAnswer, purpose: Purpose) -> Held {
    let asked = challenge_of(&answer.client_data);
    let question = asked.and_then(|asked| {
        let site = app.security_keys.answered(&asked, user, purpose, app.db.now())?;
        Some((asked, site))
    });
    let Some((challenge, site)) = question else { return Held::Nothing(Why::OldAnswer) };
    let known = factor.keys.iter().find(|key| key.credential_id == answer.credential_id && key.host == site.host());
    let mine = answer.user_handle.as_deref().is_none_or(|handle| handle.is_empty() || handle == user.0.as_bytes());
    let Some(key) = known.filter(|_| mine) else { return Held::Nothing(Why::StrangeKey) };
    let kept = Kept { public_key: &key.public_key, counter: key.counter };
    let shown = Assertion {
        client_data: &answer.client_data,
        authenticator_data: &answer.authenticator_data,
        signature: &answer.signature,
    };
    match benhan_webauthn::assert(&site, &challenge, kept, shown) {
        Ok(asserted) => Held::Key { id: key.id, counter: asserted.counter, verified: asserted.verified },
        Err(Refused::CountedBack { .. }) => Held::Nothing(Why::Cloned(key.id)),
        Err(refused) => Held::Nothing(Why::Key(refused)),
    }
}

/// Counts the try, and takes what was shown if it is right. Wrong ones shut the account as wrong passwords do. Count and end
/// of the wait are their own: a right password, which lifts those of the password, must not lift these.
pub(super) fn take(
    tx: &mut Tx<'_>,
    user: UserId,
    tried: &Tried,
    settings: &crate::config::Settings,
) -> Result<Outcome, AppError> {
    let now = tx.now();
    let (tries, until) = second_factors::count_try(tx, user)?;
    if until.is_some_and(|until| until > now) {
        return Err(account_shut(settings));
    }
    let why = match taken(tx, user, tried)? {
        Outcome::Right(by) => {
            second_factors::count_anew(tx, user, None)?;
            return Ok(Outcome::Right(by));
        }
        Outcome::No(why) => why,
    };
    let shut = tries >= settings.login_tries;
    if shut {
        let until = now.plus(settings.login_wait_minutes.saturating_mul(MINUTE));
        second_factors::count_anew(tx, user, Some(until))?;
    }
    let mut detail = why.noted();
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("locked".into(), shut.into());
    }
    note(tx, Some(user), Act::LoginFailed, user, detail)?;
    if let Why::Cloned(key) = why {
        tx.after_commit(move || tracing::warn!(%user, %key, "a security key counted back: there may be a copy of it"));
    }
    Ok(Outcome::No(why))
}

fn taken(tx: &mut Tx<'_>, user: UserId, tried: &Tried) -> Result<Outcome, AppError> {
    let right = |by: &str| Outcome::Right(json!({ "factor": by }));
    Ok(match (&tried.what, &tried.sealed) {
        (Held::Step(step), Some(sealed)) if second_factors::take_step(tx, user, sealed, *step)? => right("code"),
        (Held::Step(_), _) => Outcome::No(Why::UsedCode),
        (Held::Recovery(hash), _) if second_factors::take_recovery(tx, user, hash)? => right("recovery"),
        (Held::Recovery(_), _) => Outcome::No(Why::Code),
        (Held::Key { id, counter, verified }, _) => {
            if security_keys::take_use(tx, user, *id, *counter)? {
                Outcome::Right(json!({ "factor": "security-key", "key": id.to_string(), "verified": verified }))
            } else {
                Outcome::No(Why::Cloned(*id))
            }
        }
        (Held::Nothing(why), _) => Outcome::No(*why),
    })
}

/// Still the same person in this session: the password once more; and where there is a second factor already, that too. An
/// open screen must not be enough to change what lets its owner in.
pub(super) async fn prove(app: &App, caller: &Caller, password: String, shown: Shown) -> Result<(), AppError> {
    own::prove(app, caller, password).await?;
    let (id, purpose) = (caller.user.id, Purpose::Prove(caller.session));
    let factor = app.db.read::<_, AppError, _>(move |conn| Ok(second_factors::of(conn, id)?)).await?;
    let Some(factor) = factor else { return Ok(()) };
    if shown.is_nothing() {
        return Err(as_forbidden(asked_for(app, id, &factor, shown.site.as_ref(), purpose)));
    }
    let (tried, settings) = (hold_against(app, id, factor, shown, purpose)?, Arc::clone(&app.settings));
    match app.db.write::<_, AppError, _>(move |tx| take(tx, id, &tried, &settings)).await? {
        Outcome::Right(_) => Ok(()),
        Outcome::No(why) => Err(as_forbidden(why.refusal())),
    }
}
