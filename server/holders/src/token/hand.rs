//! One session with one token, logged in by one person's PIN.

use super::module::{Gate, Module, Seat, trouble};
use benhan_domain::certificate::TokenKey;
use benhan_sign::holder::digest_info;
use benhan_sign::{KeyAlgorithm, Trouble};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use secrecy::SecretString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};

static NEXT: AtomicU64 = AtomicU64::new(1);

pub(super) struct Hand {
    // Dropped in this order: the session is closed before the seat is free.
    session: Session,
    object: ObjectHandle,
    slot: Slot,
    id: Vec<u8>,
    algorithm: KeyAlgorithm,
    pin: SecretString,
    me: u64,
    gate: Arc<Gate>,
    seat: Seat,
}

impl Hand {
    pub fn open(seat: Seat, key: &TokenKey, algorithm: KeyAlgorithm, pin: SecretString) -> Result<Self, Trouble> {
        let module = seat.module();
        let (slot, info) = module.slot_of(key.serial())?;
        let session = module.pkcs11.open_ro_session(slot).map_err(|error| trouble(&error, None))?;
        let (gate, me) = (module.gate(info.serial_number().trim()), NEXT.fetch_add(1, Ordering::Relaxed));
        let object = {
            let mut owner = gate.lock().unwrap_or_else(PoisonError::into_inner);
            log_in(module, &session, slot, &pin, &mut owner)?;
            let found = find(&session, key.id());
            match &found {
                Ok(_) => *owner = Some(me),
                Err(_) => log_out(&session, &mut owner),
            }
            found?
        };
        Ok(Self { session, object, slot, id: key.id().to_vec(), algorithm, pin, me, gate, seat })
    }

    pub fn sign(&mut self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        let mut owner = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if *owner != Some(self.me) {
            log_in(self.seat.module(), &self.session, self.slot, &self.pin, &mut owner)?;
            *owner = Some(self.me);
            self.object = find(&self.session, &self.id)?;
        }
        let signed = match self.algorithm {
            KeyAlgorithm::Rsa { .. } => self.session.sign(&Mechanism::RsaPkcs, self.object, &digest_info(digest)),
            _ => self.session.sign(&Mechanism::Ecdsa, self.object, digest),
        };
        signed.map_err(|error| trouble(&error, None))
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let mut owner = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if *owner == Some(self.me) {
            log_out(&self.session, &mut owner);
        }
    }
}

/// Whoever is logged in is logged out before: a PIN counts only where it was given. The PIN is given once.
fn log_in(
    module: &Module,
    session: &Session,
    slot: Slot,
    pin: &SecretString,
    owner: &mut Option<u64>,
) -> Result<(), Trouble> {
    let info = || module.pkcs11.get_token_info(slot);
    if info().as_ref().is_ok_and(TokenInfo::user_pin_locked) {
        return Err(Trouble::PinLocked);
    }
    if owner.is_some() {
        log_out(session, owner);
    }
    let mut tried = session.login(UserType::User, Some(pin));
    if matches!(tried, Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _))) {
        // Not looked at: a login of somebody who is no more was in the way.
        log_out(session, owner);
        tried = session.login(UserType::User, Some(pin));
    }
    tried.map_err(|error| trouble(&error, info().ok().as_ref()))
}

fn log_out(session: &Session, owner: &mut Option<u64>) {
    *owner = None;
    if let Err(error) = session.logout() {
        tracing::debug!(%error, "a token could not be logged out");
    }
}

fn find(session: &Session, id: &[u8]) -> Result<ObjectHandle, Trouble> {
    let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.to_vec())];
    let found = session.find_objects(&wanted).map_err(|error| trouble(&error, None))?;
    found.first().copied().ok_or(Trouble::NoSuchKey)
}
