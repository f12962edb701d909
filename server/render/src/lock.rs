//! A PDF under a password: AES-256 as PDF 2.0 has it (ISO 32000-2, revision 6), so that any reader opens it and nobody
//! without the password does.

use std::collections::BTreeMap;
use std::sync::Arc;

use lopdf::encryption::crypt_filters::{Aes256CryptFilter, CryptFilter};
use lopdf::{Document, EncryptionState, EncryptionVersion, Permissions};

/// The file could not be locked. Says nothing of what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the PDF could not be locked")]
pub struct NotLocked;

/// `fresh` are 64 random bytes that nobody keeps: the file's own key, and the owner's password, which nobody is to have.
pub fn lock(pdf: &[u8], password: &str, fresh: &[u8; 64]) -> Result<Vec<u8>, NotLocked> {
    let mut document = Document::load_mem(pdf).map_err(|_| NotLocked)?;
    let (key, owner) = fresh.split_at(32);
    let owner: String = owner.iter().map(|byte| format!("{byte:02x}")).collect();
    let filter: Arc<dyn CryptFilter> = Arc::new(Aes256CryptFilter);
    let version = EncryptionVersion::V5 {
        // Its title would tell the ward and the hour.
        encrypt_metadata: true,
        crypt_filters: BTreeMap::from([(b"StdCF".to_vec(), filter)]),
        file_encryption_key: key,
        stream_filter: b"StdCF".to_vec(),
        string_filter: b"StdCF".to_vec(),
        owner_password: &owner,
        user_password: password,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).map_err(|_| NotLocked)?;
    document.encrypt(&state).map_err(|_| NotLocked)?;
    "2.0".clone_into(&mut document.version);
    let mut locked = Vec::with_capacity(pdf.len());
    document.save_to(&mut locked).map_err(|_| NotLocked)?;
    Ok(locked)
}
