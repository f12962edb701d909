//! A kit's password at rest: under a key that lies outside the database, bound to whose it is.

use crate::app::AppError;
use crate::secrets::Secrets;
use benhan_domain::id::WardId;
use benhan_store::keys::Key;
use benhan_store::kits::{Password, Subject};
use sha2::{Digest, Sha256};

const USE: &[u8] = b"benhan kit password 1";

/// A key of its own, so that no other use of the server's key meets it.
fn key(secrets: &Secrets) -> Result<Key, AppError> {
    let digest = Sha256::new().chain_update(USE).chain_update(secrets.server_key).finalize();
    Key::from_hex(&hex::encode(digest)).ok_or_else(|| AppError::Internal("no key for the passwords of kits".into()))
}

pub fn seal(secrets: &Secrets, of: Subject, password: &str) -> Result<Vec<u8>, AppError> {
    key(secrets)?.seal(&of.key(), password.as_bytes()).map_err(|error| AppError::Internal(error.to_string()))
}

/// The ward's own, else the one of the house.
pub fn holding(all: &[Password], ward: WardId) -> Option<&Password> {
    let of = |subject| all.iter().find(|password| password.subject == subject);
    of(Subject::Ward(ward)).or_else(|| of(Subject::House))
}

pub fn open(secrets: &Secrets, password: &Password) -> Result<String, AppError> {
    let opened = key(secrets)?.open(&password.subject.key(), &password.sealed);
    let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| {
        AppError::Internal("the password of kits does not open: secrets/server.key is another one; set it anew".into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_domain::id::UserId;
    use uuid::Uuid;

    // Clauses: SEC-5
    #[test]
    fn a_password_opens_for_its_ward_with_its_server_alone() {
        let secrets =
            |byte| Secrets { server_key: [byte; 32], ingest_token: String::new(), pixels_token: String::new() };
        let ward = Subject::Ward(WardId(Uuid::from_u128(7)));
        let sealed = seal(&secrets(1), ward, "khoa noi 2026!").expect("sealed");
        assert!(!sealed.windows(4).any(|w| w == b"khoa"));
        let of = |subject| Password { subject, sealed: sealed.clone(), set_by: UserId(Uuid::from_u128(1)), set_at: 0 };
        assert_eq!(open(&secrets(1), &of(ward)).expect("opened"), "khoa noi 2026!");
        assert!(open(&secrets(2), &of(ward)).is_err());
        assert!(open(&secrets(1), &of(Subject::House)).is_err(), "moved to another row");
    }
}
