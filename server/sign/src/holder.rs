//! A private key that somebody else holds: a token, a security module, a signing service, a terminal.
//!
//! What a holder answers is worth nothing until it verifies under the certificate's key: [`checked`] is the one way in.

use std::sync::{Arc, OnceLock};

use spki::SubjectPublicKeyInfoOwned;

use crate::algorithm::{self, KeyAlgorithm};
use crate::asn1;
use crate::key::KeyError;

/// Signs with a key that never comes here. May block for as long as a person or a line needs; bounds that itself.
pub trait KeyHolder: Send + Sync {
    /// What kind of holder, for the words.
    fn kind(&self) -> HolderKind;

    /// Signs a SHA-256: by PKCS#1 v1.5 with RSA; by ECDSA, as r and s in DER or side by side.
    ///
    /// # Errors
    /// [`Trouble`]
    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble>;
}

/// Who holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolderKind {
    /// A token or security module that the server reaches by PKCS#11.
    Token,
    /// A remote signing service.
    Service,
    /// A token at the signer's terminal.
    Terminal,
}

/// Why a holder gave no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Pulled out, switched off, not to be reached.
    Unreachable,
    /// The PIN was wrong; `last`: one more wrong one locks it.
    WrongPin { last: bool },
    /// Locked after too many wrong PINs.
    PinLocked,
    /// No PIN has been set, or it must be changed first.
    PinUnset,
    /// It is there and has no such key.
    NoSuchKey,
    /// It answered no.
    Refused,
    /// No answer in time.
    TimedOut,
    /// The authorisation covers no more signatures, or has ended.
    Spent,
    /// Too many ask at once.
    Busy,
    /// Its answer is no signature by the certificate's key.
    BadSignature,
}

impl Trouble {
    /// To try again would cost another of the tries that the holder counts.
    pub fn costs_tries(self) -> bool {
        matches!(self, Self::WrongPin { .. } | Self::PinLocked | Self::PinUnset)
    }

    /// What another machine called it; `last` as it said.
    pub fn from_code(code: &str, last: bool) -> Option<Self> {
        const ALL: [Trouble; 9] = [
            Trouble::Unreachable,
            Trouble::PinLocked,
            Trouble::PinUnset,
            Trouble::NoSuchKey,
            Trouble::Refused,
            Trouble::TimedOut,
            Trouble::Spent,
            Trouble::Busy,
            Trouble::BadSignature,
        ];
        let wrong = Self::WrongPin { last };
        ALL.into_iter().chain([wrong]).find(|trouble| trouble.code() == code)
    }

    /// A stable name for machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "key-unreachable",
            Self::WrongPin { .. } => "key-bad-pin",
            Self::PinLocked => "key-pin-locked",
            Self::PinUnset => "key-pin-unset",
            Self::NoSuchKey => "key-not-there",
            Self::Refused => "key-refused",
            Self::TimedOut => "key-timed-out",
            Self::Spent => "key-spent",
            Self::Busy => "key-busy",
            Self::BadSignature => "key-bad-signature",
        }
    }

    /// The sentence for the signer, with what to do.
    pub fn vietnamese(self, at: HolderKind) -> &'static str {
        let service = at == HolderKind::Service;
        let terminal = at == HolderKind::Terminal;
        match self {
            Self::Unreachable if service => {
                "Không kết nối được dịch vụ ký số từ xa: thử lại sau ít phút, vẫn không được thì báo quản trị."
            }
            Self::Unreachable if terminal => {
                "Không thấy thẻ ký số ở máy này (đã rút ra, hoặc chương trình ký đã dừng): cắm lại thẻ rồi ký phần còn lại."
            }
            Self::Unreachable => "Không thấy thẻ ký số (đã rút ra hoặc mất kết nối): cắm lại thẻ rồi ký phần còn lại.",
            Self::WrongPin { last: true } => {
                "Sai mã PIN của thẻ. Chỉ còn một lần thử, sai nữa thẻ sẽ khoá: kiểm tra kỹ trước khi nhập lại."
            }
            Self::WrongPin { .. } if service => "Nhà cung cấp không nhận mã xác nhận này: xem lại mã rồi ký lại.",
            Self::WrongPin { .. } => "Sai mã PIN của thẻ: nhập lại. Nhập sai nhiều lần thẻ sẽ khoá.",
            Self::PinLocked if service => {
                "Nhà cung cấp đã khoá chứng thư vì nhập sai mã nhiều lần: liên hệ nhà cung cấp để mở."
            }
            Self::PinLocked => "Thẻ đã khoá vì nhập sai mã PIN nhiều lần: liên hệ nơi cấp thẻ để mở khoá.",
            Self::PinUnset => {
                "Thẻ chưa đặt mã PIN, hoặc mã PIN phải đổi: đổi bằng phần mềm của nơi cấp thẻ rồi ký lại."
            }
            Self::NoSuchKey if service => {
                "Dịch vụ ký số không có chứng thư này, hoặc đã ngừng: báo quản trị kiểm tra mã chứng thư đã gắn."
            }
            Self::NoSuchKey => "Trên thẻ không có khoá của chứng thư này: cắm đúng thẻ, hoặc báo quản trị gắn lại.",
            Self::Refused if service => "Dịch vụ ký số từ chối ký: liên hệ nhà cung cấp hoặc báo quản trị.",
            Self::Refused => "Thẻ từ chối ký: rút ra cắm lại rồi thử; vẫn bị thì báo quản trị.",
            Self::TimedOut if service => {
                "Dịch vụ ký số không trả lời kịp: phần đã ký vẫn giữ, ký lại phần còn lại sau ít phút."
            }
            Self::TimedOut if terminal => {
                "Máy đang ngồi không trả lời kịp: phần đã ký vẫn giữ, xem chương trình ký và thẻ rồi ký phần còn lại."
            }
            Self::TimedOut => "Thẻ không trả lời kịp: phần đã ký vẫn giữ, kiểm tra thẻ rồi ký phần còn lại.",
            Self::Spent if terminal => {
                "Lượt ký bằng thẻ này đã dừng vì phiên đã hết hoặc lượt ký khác đã mở: phần đã ký vẫn giữ, ký lại phần còn lại."
            }
            Self::Spent => "Lần xác nhận này đã hết số chữ ký hoặc hết giờ: phần đã ký vẫn giữ, xác nhận để ký tiếp.",
            Self::Busy => "Nhiều người đang ký cùng lúc: thử lại sau giây lát.",
            Self::BadSignature => {
                "Chữ ký nhận về không khớp với chứng thư nên đã bị bỏ: báo quản trị kiểm tra thẻ hoặc chứng thư đã gắn."
            }
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Asks a holder until the first trouble of a kind, which is its answer from then on: a batch ends at once when the
/// token is gone, and a wrong PIN is never given twice.
pub struct UntilTrouble {
    holder: Arc<dyn KeyHolder>,
    ends_it: fn(Trouble) -> bool,
    met: OnceLock<Trouble>,
}

impl UntilTrouble {
    /// For one batch of a person: any trouble ends it.
    pub fn any(holder: Arc<dyn KeyHolder>) -> Self {
        Self { holder, ends_it: |_| true, met: OnceLock::new() }
    }

    /// For a key that is used for years: only what costs tries ends it.
    pub fn of_pin(holder: Arc<dyn KeyHolder>) -> Self {
        Self { holder, ends_it: Trouble::costs_tries, met: OnceLock::new() }
    }
}

impl KeyHolder for UntilTrouble {
    fn kind(&self) -> HolderKind {
        self.holder.kind()
    }

    fn sign(&self, digest: &[u8; 32]) -> Result<Vec<u8>, Trouble> {
        if let Some(trouble) = self.met.get() {
            return Err(*trouble);
        }
        self.holder.sign(digest).inspect_err(|trouble| {
            if (self.ends_it)(*trouble) {
                let _first = self.met.set(*trouble);
            }
        })
    }
}

/// What is signed by a bare RSA operation (PKCS#1 v1.5): the name of SHA-256 and the hash, in DER.
pub fn digest_info(digest: &[u8; 32]) -> Vec<u8> {
    // id-sha256 with NULL parameters (RFC 8017, 9.2 note 1).
    const SHA_256: [u8; 15] =
        [0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00];
    let inside = [SHA_256.as_slice(), &asn1::wrap(asn1::OCTET_STRING, digest)].concat();
    asn1::wrap(asn1::SEQUENCE, &inside)
}

/// A holder's signature over `message`, once it has verified under `public`, in the form that X.509 and CMS use.
pub(crate) fn checked(
    holder: &dyn KeyHolder,
    public: &SubjectPublicKeyInfoOwned,
    algorithm: KeyAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let held = |trouble| KeyError::Held { at: holder.kind(), trouble };
    let answer = holder.sign(&algorithm::sha256(&[message])).map_err(held)?;
    let method = crate::key::method_of(algorithm);
    let good = |signature: &[u8]| algorithm::verify(public, method.oid, None, message, signature).is_ok();
    if good(&answer) {
        return Ok(answer);
    }
    // PKCS#11 gives r and s side by side.
    let der = side_by_side(&answer).filter(|_| algorithm == KeyAlgorithm::EcdsaP256);
    der.filter(|der| good(der)).ok_or_else(|| held(Trouble::BadSignature))
}

fn side_by_side(raw: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = raw.split_at_checked(32).filter(|(_, s)| s.len() == 32)?;
    Some(asn1::wrap(asn1::SEQUENCE, &[asn1::unsigned(r), asn1::unsigned(s)].concat()))
}

#[cfg(test)]
mod tests;
