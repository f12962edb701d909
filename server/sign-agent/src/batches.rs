//! Tokens that are open for a batch, and the statements that were used.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_domain::certificate::TokenKey;
use benhan_holders::{SecretString, Tokens};
use benhan_sign::statement::{Opening, SKEW, Statement};
use benhan_sign::{Certificate, KeyHolder, Trouble};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A batch that nobody continues for so long is over, and its token logged out.
const IDLE: Duration = Duration::from_secs(120);
const MOST_OPEN: usize = 8;
const MOST_SEEN: usize = 20_000;

pub(crate) struct Batches {
    tokens: Tokens,
    open: Mutex<HashMap<String, Open>>,
    /// Used nonces, and until when their statements are good.
    seen: Mutex<HashMap<String, i64>>,
}

struct Open {
    holder: Arc<dyn KeyHolder>,
    used: Instant,
}

/// What the token gave for each digest, in its order; or why nothing.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Done {
    Each { answers: Vec<One> },
    None { trouble: &'static str, last: bool },
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum One {
    Signature(String),
    Trouble(&'static str),
}

/// A statement that is not followed although the server sealed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It was used before.
    Again,
    Malformed,
    /// It opens a token, and no PIN came with it.
    NoPin,
    TooMany,
}

impl Batches {
    pub fn new(tokens: Tokens) -> Self {
        Self { tokens, open: Mutex::default(), seen: Mutex::default() }
    }

    /// Follows a statement. Blocks for as long as the token needs.
    pub fn follow(&self, statement: &Statement, pin: Option<SecretString>, now: i64) -> Result<Done, Refused> {
        let hashes = statement.hashes().ok_or(Refused::Malformed)?;
        if statement.open.is_some() && pin.is_none() {
            return Err(Refused::NoPin);
        }
        self.once(statement, now)?;
        let holder = match (&statement.open, pin) {
            (Some(opening), Some(pin)) => match self.opened(opening, pin) {
                Ok(holder) => {
                    self.keep(&statement.batch, &holder)?;
                    holder
                }
                Err(trouble) => return Ok(Done::of(trouble)),
            },
            _ => match self.find(&statement.batch) {
                Some(holder) => holder,
                None => return Ok(Done::of(Trouble::Spent)),
            },
        };
        let mut whole = true;
        let answers = hashes.iter().map(|digest| match holder.sign(digest) {
            Ok(signature) => One::Signature(STANDARD.encode(signature)),
            Err(trouble) => {
                whole = false;
                One::Trouble(trouble.code())
            }
        });
        let answers = answers.collect();
        if !whole {
            self.close(&statement.batch);
        }
        Ok(Done::Each { answers })
    }

    /// The token is logged out.
    pub fn close(&self, batch: &str) {
        lock(&self.open).remove(batch);
    }

    /// Closes what nobody continues.
    pub fn tidy(&self) {
        lock(&self.open).retain(|_, open| open.used.elapsed() < IDLE);
    }

    fn once(&self, statement: &Statement, now: i64) -> Result<(), Refused> {
        let mut seen = lock(&self.seen);
        if seen.len() >= MOST_SEEN {
            seen.retain(|_, until| *until >= now);
            if seen.len() >= MOST_SEEN {
                return Err(Refused::TooMany);
            }
        }
        let until = statement.expires.saturating_add(SKEW);
        if seen.insert(statement.nonce.clone(), until).is_some() { Err(Refused::Again) } else { Ok(()) }
    }

    fn opened(&self, opening: &Opening, pin: SecretString) -> Result<Arc<dyn KeyHolder>, Trouble> {
        let key = TokenKey::parse(&opening.key).ok_or(Trouble::NoSuchKey)?;
        let der = STANDARD.decode(&opening.certificate).map_err(|_| Trouble::NoSuchKey)?;
        let certificate = Certificate::from_der(&der).map_err(|_| Trouble::NoSuchKey)?;
        self.tokens.open(&key, &certificate, pin)
    }

    fn keep(&self, batch: &str, holder: &Arc<dyn KeyHolder>) -> Result<(), Refused> {
        self.tidy();
        let mut open = lock(&self.open);
        if open.len() >= MOST_OPEN {
            return Err(Refused::TooMany);
        }
        open.insert(batch.to_owned(), Open { holder: Arc::clone(holder), used: Instant::now() });
        Ok(())
    }

    fn find(&self, batch: &str) -> Option<Arc<dyn KeyHolder>> {
        self.tidy();
        let mut open = lock(&self.open);
        let found = open.get_mut(batch)?;
        found.used = Instant::now();
        Some(Arc::clone(&found.holder))
    }
}

impl Done {
    fn of(trouble: Trouble) -> Self {
        Self::None { trouble: trouble.code(), last: trouble == Trouble::WrongPin { last: true } }
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
