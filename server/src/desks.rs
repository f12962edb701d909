//! Where signers sit whose keys are on tokens in their own terminals: what is to be signed waits here for the browser that
//! carries it to the agent there and brings the signature back.
//!
//! In memory alone: who signs waits with the request. A person has one desk at a time; a newer one ends the older. What
//! comes back is verified under the certificate by `benhan_sign` like any holder's answer.

mod pen;

use crate::hub::Hub;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_domain::certificate::TokenKey;
use benhan_domain::id::{SessionId, UserId};
use benhan_domain::time::Instant;
use benhan_sign::holder::UntilTrouble;
use benhan_sign::statement::{MOST_DIGESTS, Opening, Sealed, Statement, StatementAuthority, StatementKey};
use benhan_sign::{Certificate, KeyError, KeyHolder, Trouble};
use pen::AtDesk;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

/// A statement is carried at once, or never.
const GOOD_FOR: i64 = 60_000_000;
/// People that sign at their terminals at one time.
const MOST_DESKS: usize = 2_000;

/// What the agent said to one digest.
type Said = Result<Vec<u8>, Trouble>;

/// The desks of one server.
#[derive(Debug)]
pub struct Desks {
    key: StatementKey,
    authority: StatementAuthority,
    open: Mutex<HashMap<UserId, Desk>>,
    /// Who came last to carry for each; whoever came before carries no more. Over HTTP/2 a request whose browser has left
    /// goes on waiting, and must take nothing along.
    carriers: Mutex<HashMap<UserId, Uuid>>,
    /// Rung whenever there is something new to carry, or somebody else to carry it.
    bell: Notify,
    hub: Arc<Hub>,
}

/// Who signs, and for what.
#[derive(Clone, Debug)]
pub struct Signer {
    pub user: UserId,
    pub session: SessionId,
    pub name: String,
    pub purpose: &'static str,
    /// At most.
    pub signatures: usize,
}

#[derive(Debug)]
struct Desk {
    batch: Uuid,
    signer: Signer,
    /// Goes with the first statement, and with it the PIN from the browser to the agent.
    opening: Option<Opening>,
    /// Nobody has carried these yet.
    waiting: Vec<Question>,
    /// Under way, by the nonce of their statement.
    carried: HashMap<Uuid, Carried>,
}

#[derive(Debug)]
struct Carried {
    questions: Vec<Question>,
    opening: Option<Opening>,
}

#[derive(Debug)]
struct Question {
    digest: [u8; 32],
    tell: oneshot::Sender<Said>,
}

/// What a carrier finds.
#[derive(Debug)]
pub enum Found {
    Statement(Sealed),
    Nothing,
    /// Another came after it.
    Replaced,
}

/// An answer fits no statement that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAsked;

impl Desks {
    /// # Errors
    /// [`KeyError`]
    pub fn new(server_key: &[u8; 32], hub: Arc<Hub>) -> Result<Self, KeyError> {
        let key = StatementKey::of(server_key)?;
        let authority = key.public()?;
        let (open, carriers) = (Mutex::default(), Mutex::default());
        Ok(Self { key, authority, open, carriers, bell: Notify::new(), hub })
    }

    /// What an agent believes once it is paired.
    pub fn authority(&self) -> &StatementAuthority {
        &self.authority
    }

    /// Lends the token at the signer's terminal for one batch. Each signature blocks until the browser has brought it, at
    /// most `patience`.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn lend(
        self: &Arc<Self>,
        signer: Signer,
        (key, certificate): (&TokenKey, &Certificate),
        patience: Duration,
    ) -> Result<Arc<dyn KeyHolder>, Trouble> {
        let runtime = Handle::try_current().map_err(|_| Trouble::Unreachable)?;
        let opening = Opening { key: key.to_string(), certificate: STANDARD.encode(certificate.der()) };
        let (user, session, batch) = (signer.user, signer.session, Uuid::now_v7());
        let desk = Desk { batch, signer, opening: Some(opening), waiting: Vec::new(), carried: HashMap::new() };
        {
            let mut open = self.open();
            if open.len() >= MOST_DESKS {
                return Err(Trouble::Busy);
            }
            // Whoever waits at an older one is told at once: its questions are dropped with it.
            open.insert(user, desk);
        }
        let pen = AtDesk { desks: Arc::clone(self), user, session, batch, runtime, patience };
        Ok(Arc::new(UntilTrouble::any(Arc::new(pen))))
    }

    /// Somebody comes to carry. What the one before took and has not answered was lost on the way: it is asked again, under
    /// another nonce.
    pub fn arrive(&self, user: UserId, session: SessionId) -> Uuid {
        let carrier = Uuid::now_v7();
        {
            let mut open = self.open();
            lock(&self.carriers).insert(user, carrier);
            if let Some(desk) = open.get_mut(&user).filter(|desk| desk.signer.session == session) {
                for lost in std::mem::take(&mut desk.carried).into_values() {
                    desk.opening = desk.opening.take().or(lost.opening);
                    desk.waiting.extend(lost.questions.into_iter().filter(|question| !question.tell.is_closed()));
                }
            }
        }
        self.bell.notify_waiters();
        carrier
    }

    /// Nobody carries for them any more, unless another came meanwhile.
    pub fn leave(&self, user: UserId, carrier: Uuid) {
        let mut carriers = lock(&self.carriers);
        if carriers.get(&user) == Some(&carrier) {
            carriers.remove(&user);
        }
    }

    /// What this session's browser is to carry now.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn take(&self, user: UserId, session: SessionId, carrier: Uuid, now: Instant) -> Result<Found, KeyError> {
        let mut open = self.open();
        if lock(&self.carriers).get(&user) != Some(&carrier) {
            return Ok(Found::Replaced);
        }
        let Some(desk) = open.get_mut(&user).filter(|desk| desk.signer.session == session) else {
            return Ok(Found::Nothing);
        };
        if desk.waiting.is_empty() {
            return Ok(Found::Nothing);
        }
        let few = desk.waiting.len().min(MOST_DIGESTS);
        let questions: Vec<Question> = desk.waiting.drain(..few).collect();
        let (nonce, opening) = (Uuid::now_v7(), desk.opening.take());
        let statement = Statement {
            nonce: nonce.to_string(),
            batch: desk.batch.to_string(),
            who: desk.signer.name.clone(),
            purpose: desk.signer.purpose.to_owned(),
            signatures: desk.signer.signatures,
            issued: now.0,
            expires: now.0.saturating_add(GOOD_FOR),
            open: opening.clone(),
            digests: questions.iter().map(|question| hex::encode(question.digest)).collect(),
        };
        let sealed = self.key.seal(&statement)?;
        desk.carried.insert(nonce, Carried { questions, opening });
        Ok(Found::Statement(sealed))
    }

    /// Resolves when there may be something to carry; made before [`Self::take`], it misses nothing.
    pub fn rung(&self) -> Notified<'_> {
        self.bell.notified()
    }

    /// What the agent said to a statement: one answer to each digest, or one trouble for all of it.
    ///
    /// # Errors
    /// [`NotAsked`]
    pub fn answer(
        &self,
        user: UserId,
        session: SessionId,
        nonce: Uuid,
        said: Result<Vec<Said>, Trouble>,
    ) -> Result<(), NotAsked> {
        let questions = {
            let mut open = self.open();
            let desk = open.get_mut(&user).filter(|desk| desk.signer.session == session).ok_or(NotAsked)?;
            desk.carried.remove(&nonce).ok_or(NotAsked)?.questions
        };
        // An agent that answers to something else has answered nothing.
        let said =
            said.and_then(|said| if said.len() == questions.len() { Ok(said) } else { Err(Trouble::BadSignature) });
        let mut each = said.as_ref().ok().into_iter().flatten();
        for question in questions {
            let answer = match &said {
                Err(trouble) => Err(*trouble),
                Ok(_) => each.next().cloned().unwrap_or(Err(Trouble::BadSignature)),
            };
            let _nobody_waits_any_more = question.tell.send(answer);
        }
        Ok(())
    }

    fn open(&self) -> MutexGuard<'_, HashMap<UserId, Desk>> {
        lock(&self.open)
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
