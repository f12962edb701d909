//! Between a desk and its browser: what is to be carried to the agent, and what it answered.

use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::desks::{Desks, Found};
use crate::state::App;
use crate::view_terminal::{SealedStatement, SignAgent, SignAuthority};
use benhan_domain::id::UserId;
use benhan_sign::Trouble;
use std::pin::pin;
use std::time::Duration;
use uuid::Uuid;

/// The agent answers on loopback alone; by number, so that no name service is asked.
pub fn address(app: &App) -> String {
    format!("https://127.0.0.1:{}", app.settings.sign_agent_port)
}

pub fn agent(app: &App) -> SignAgent {
    SignAgent { address: address(app), code: app.desks.authority().code() }
}

/// Public by nature: what it verifies, only this server can have sealed.
pub fn authority(app: &App) -> SignAuthority {
    let authority = app.desks.authority();
    SignAuthority { key: authority.to_hex(), code: authority.code(), facility: app.facility.name.clone() }
}

/// What this session's browser is to carry, waited for at most `patience`.
pub async fn asked(app: &App, caller: &Caller, patience: Duration) -> Result<Option<SealedStatement>, AppError> {
    let mut over = pin!(tokio::time::sleep(patience));
    let carrier = Carrier::arrived(app, caller);
    loop {
        let rung = app.desks.rung();
        let found = app.desks.take(carrier.user, caller.session, carrier.id, app.db.now());
        match found.map_err(|error| AppError::Internal(format!("a statement could not be sealed: {error}")))? {
            Found::Statement(sealed) => {
                return Ok(Some(SealedStatement { statement: sealed.statement, seal: sealed.seal }));
            }
            Found::Replaced => return Ok(None),
            Found::Nothing => {}
        }
        tokio::select! {
            () = rung => {}
            () = &mut over => return Ok(None),
        }
    }
}

/// One request that waits for something to carry, however it ends.
struct Carrier<'a> {
    desks: &'a Desks,
    user: UserId,
    id: Uuid,
}

impl<'a> Carrier<'a> {
    fn arrived(app: &'a App, caller: &Caller) -> Self {
        let (desks, user) = (&*app.desks, caller.user.id);
        Self { desks, user, id: desks.arrive(user, caller.session) }
    }
}

impl Drop for Carrier<'_> {
    fn drop(&mut self) {
        self.desks.leave(self.user, self.id);
    }
}

/// What the agent answered. Nothing of it is believed here: who waits verifies each signature.
pub fn answered(
    app: &App,
    caller: &Caller,
    nonce: Uuid,
    said: Result<Vec<Result<Vec<u8>, Trouble>>, Trouble>,
) -> Result<(), AppError> {
    app.desks.answer(caller.user.id, caller.session, nonce, said).map_err(|_| {
        let detail = "Lượt ký này đã dừng hoặc đã có trả lời: xem phần nào đã ký rồi ký phần còn lại.";
        AppError::conflict("not-asked", detail)
    })
}
