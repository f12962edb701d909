//! Where signing keys are that never come here: tokens and security modules behind PKCS#11, and remote signing services.
//!
//! [`Tokens`] lends [`benhan_sign::KeyHolder`]s; whatever these answer is verified by `benhan_sign` before it is
//! used. Nothing here decides who may sign, and no PIN is kept longer than its signer's batch.

mod service;
mod token;

pub use secrecy::SecretString;
pub use service::{BadService, Credential, Service, ServiceConfig};
pub use token::{KeySeen, Shown, TokenSeen, Tokens};
