//! A write that a client may retry: the first answer is kept and given again.

use crate::app::AppError;
use benhan_domain::id::UserId;
use benhan_store::{Tx, idempotency};
use sha2::{Digest, Sha256};

/// `Idempotency-Key` with the hash of the request that it stands for.
#[derive(Clone, Debug)]
pub struct Key {
    key: String,
    request: String,
}

impl Key {
    /// `None` when the header is absent; refused when it is no key.
    pub fn new(header: Option<&str>, request: &[u8]) -> Result<Option<Self>, AppError> {
        let Some(key) = header else { return Ok(None) };
        if key.is_empty() || key.len() > 64 || !key.is_ascii() {
            return Err(AppError::invalid("Idempotency-Key", "Idempotency-Key phải là một UUID"));
        }
        Ok(Some(Self { key: key.to_owned(), request: hex::encode(Sha256::digest(request)) }))
    }

    pub fn earlier(&self, tx: &mut Tx<'_>, user: UserId) -> Result<Option<String>, AppError> {
        match idempotency::earlier(tx, user, &self.key)? {
            Some((request, answer)) if request == self.request => Ok(Some(answer)),
            Some(_) => {
                Err(AppError::conflict("key-reused", "Khoá chống gửi trùng đã dùng cho dữ liệu khác: tải lại trang."))
            }
            None => Ok(None),
        }
    }

    pub fn keep(&self, tx: &mut Tx<'_>, user: UserId, answer: &str) -> Result<(), AppError> {
        Ok(idempotency::keep(tx, user, &self.key, &self.request, answer)?)
    }
}
