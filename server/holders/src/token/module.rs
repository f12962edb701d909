//! A driver, loaded once in a process, and what its tokens ask for: one login at a time for each.

use benhan_sign::Trouble;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Sessions at one time: a hospital's shift that signs at once, each with at most 20 s of patience.
const SEATS: usize = 48;

/// Whose login a token has. To PKCS#11 a login is the whole process's: without this a second person's session would sign
/// under the first one's PIN.
pub(super) type Gate = Mutex<Option<u64>>;

pub(super) struct Module {
    pub pkcs11: Pkcs11,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    taken: AtomicUsize,
}

static LOADED: Mutex<Vec<(PathBuf, Arc<Module>)>> = Mutex::new(Vec::new());

impl Module {
    /// The driver, loaded now if it was not before. One that could not be loaded is tried again the next time.
    pub fn load(driver: &Path) -> Result<Arc<Self>, Trouble> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, module)) = loaded.iter().find(|(path, _)| path == driver) {
            return Ok(Arc::clone(module));
        }
        let said = |error: Error| {
            tracing::error!(driver = %driver.display(), %error, "the PKCS#11 driver cannot be used");
            Trouble::Unreachable
        };
        let pkcs11 = Pkcs11::new(driver).map_err(said)?;
        match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(said(error)),
        }
        let module = Arc::new(Self { pkcs11, gates: Mutex::default(), taken: AtomicUsize::new(0) });
        loaded.push((driver.to_owned(), Arc::clone(&module)));
        Ok(module)
    }

    /// The slot with that token: by its serial number, else by its label, as for a module of several machines.
    pub fn slot_of(&self, token: &str) -> Result<(Slot, TokenInfo), Trouble> {
        let slots = self.pkcs11.get_slots_with_token().map_err(|error| trouble(&error, None))?;
        // One that is pulled out while we look is not there.
        let mut infos: Vec<(Slot, TokenInfo)> =
            slots.into_iter().filter_map(|slot| Some((slot, self.pkcs11.get_token_info(slot).ok()?))).collect();
        let by_serial = infos.iter().position(|(_, info)| info.serial_number().trim() == token);
        let at = by_serial.or_else(|| infos.iter().position(|(_, info)| info.label().trim() == token));
        at.map(|at| infos.swap_remove(at)).ok_or(Trouble::Unreachable)
    }

    pub fn gate(&self, serial: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(serial.to_owned()).or_default())
    }
}

/// A place among those that use a driver at one time.
pub(super) struct Seat(Arc<Module>);

impl Seat {
    pub fn take(module: Arc<Module>) -> Result<Self, Trouble> {
        let free = |taken: usize| (taken < SEATS).then(|| taken.saturating_add(1));
        let taken = module.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, free);
        taken.map_err(|_| Trouble::Busy)?;
        Ok(Self(module))
    }

    pub fn module(&self) -> &Module {
        &self.0
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What a driver's error means to the signer; `info`: the token as it is now.
pub(super) fn trouble(error: &Error, info: Option<&TokenInfo>) -> Trouble {
    let Error::Pkcs11(code, function) = error else {
        tracing::warn!(%error, "a PKCS#11 driver could not be asked");
        return Trouble::Unreachable;
    };
    match code {
        RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
            if info.is_some_and(TokenInfo::user_pin_locked) {
                return Trouble::PinLocked;
            }
            Trouble::WrongPin { last: info.is_some_and(TokenInfo::user_pin_final_try) }
        }
        RvError::PinLocked => Trouble::PinLocked,
        RvError::PinExpired | RvError::UserPinNotInitialized | RvError::NewPinMode => Trouble::PinUnset,
        RvError::KeyFunctionNotPermitted
        | RvError::KeyTypeInconsistent
        | RvError::KeySizeRange
        | RvError::MechanismInvalid
        | RvError::MechanismParamInvalid
        | RvError::FunctionRejected
        | RvError::FunctionCanceled => {
            tracing::warn!(%code, %function, "a token refused");
            Trouble::Refused
        }
        RvError::SessionCount | RvError::HostMemory | RvError::DeviceMemory => Trouble::Busy,
        // Drivers say a dozen things when a token has been pulled out.
        _ => {
            tracing::warn!(%code, %function, "a token does not answer");
            Trouble::Unreachable
        }
    }
}
