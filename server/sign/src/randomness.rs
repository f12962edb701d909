//! The one place where this crate takes random bytes from: the operating system, through aws-lc.
//!
//! Keys, salts, nonces and serial numbers must be unpredictable, so no caller can hand in its own.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

use crate::key::KeyError;

/// Fills an array with random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut out = [0; N];
    system().fill(&mut out).map_err(|_| KeyError::Randomness)?;
    Ok(out)
}

/// The generator, for aws-lc's signing calls.
pub(crate) fn system() -> SystemRandom {
    SystemRandom::new()
}
