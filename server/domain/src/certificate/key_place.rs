//! Where the key of a certificate is, as it stands in the database: a holder, and what the holder calls the key.

use std::fmt;

/// PKCS#11 gives a serial sixteen characters; a few makers print longer ones.
const LONGEST_SERIAL: usize = 64;
/// Bytes of a CKA_ID.
const LONGEST_ID: usize = 64;
const LONGEST_CREDENTIAL: usize = 256;

/// Who holds the private key.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum KeyPlace {
    /// The server, wrapped under the owner's PIN.
    #[default]
    Software,
    /// A token or security module that the server itself reaches by PKCS#11.
    Pkcs11(TokenKey),
    /// A remote signing service; what it calls the key.
    Remote(String),
    /// A token that its owner puts into the terminal.
    Terminal(TokenKey),
}

/// One key of one token: the token's serial number and the key's CKA_ID. Written `SERIAL:HEX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    serial: String,
    id: Vec<u8>,
}

impl KeyPlace {
    /// The name of the holder in the database, on the command line and in the API.
    pub fn holder(&self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Pkcs11(_) => "pkcs11",
            Self::Remote(_) => "remote",
            Self::Terminal(_) => "terminal",
        }
    }

    /// What the holder calls the key; nothing for a key in software.
    pub fn reference(&self) -> Option<String> {
        match self {
            Self::Software => None,
            Self::Pkcs11(key) | Self::Terminal(key) => Some(key.to_string()),
            Self::Remote(credential) => Some(credential.clone()),
        }
    }

    /// Reads the two back.
    pub fn parse(holder: &str, reference: Option<&str>) -> Option<Self> {
        match (holder, reference) {
            ("software", None) => Some(Self::Software),
            ("pkcs11", Some(key)) => TokenKey::parse(key).map(Self::Pkcs11),
            ("terminal", Some(key)) => TokenKey::parse(key).map(Self::Terminal),
            ("remote", Some(credential)) => {
                let whole = !credential.is_empty() && credential.len() <= LONGEST_CREDENTIAL;
                let plain = credential.chars().all(|c| c.is_ascii_graphic());
                (whole && plain).then(|| Self::Remote(credential.to_owned()))
            }
            _ => None,
        }
    }

    /// For the people who look after the keys.
    pub fn vietnamese(&self) -> &'static str {
        match self {
            Self::Software => "khoá trên máy chủ, mở bằng mã PIN",
            Self::Pkcs11(_) => "thẻ hoặc HSM gắn với máy chủ",
            Self::Remote(_) => "dịch vụ ký số từ xa",
            Self::Terminal(_) => "thẻ cắm ở máy trạm",
        }
    }
}

impl TokenKey {
    pub fn new(serial: &str, id: &[u8]) -> Option<Self> {
        let (serial, id) = (serial.trim(), id.to_vec());
        let plain = serial.chars().all(|c| c.is_ascii_graphic() || c == ' ');
        let whole = !serial.is_empty() && serial.len() <= LONGEST_SERIAL;
        (plain && whole && !id.is_empty() && id.len() <= LONGEST_ID).then(|| Self { serial: serial.to_owned(), id })
    }

    /// The token's serial number, as its maker set it.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The CKA_ID.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// Reads `SERIAL:HEX`; the identifier stands behind the last colon.
    pub fn parse(text: &str) -> Option<Self> {
        let (serial, hex) = text.rsplit_once(':')?;
        let digits: Vec<u8> =
            hex.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        let id: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        if rest.is_empty() { Self::new(serial, &id) } else { None }
    }
}

impl fmt::Display for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.serial)?;
        self.id.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_as_it_was_written() {
        let key = TokenKey::parse("a1b2:c3 d4:00Ff").expect("a key");
        assert_eq!((key.serial(), key.id()), ("a1b2:c3 d4", [0x00, 0xff].as_slice()));
        for place in [
            KeyPlace::Software,
            KeyPlace::Pkcs11(key.clone()),
            KeyPlace::Terminal(key),
            KeyPlace::Remote("huong/2026-1".into()),
        ] {
            assert_eq!(KeyPlace::parse(place.holder(), place.reference().as_deref()), Some(place));
        }
    }

    #[test]
    fn what_names_no_key_is_refused() {
        let long = "a".repeat(300);
        for bad in ["", ":", "a1b2", "a1b2:", ":01", "a1b2:0", "a1b2:0g", "a1\nb2:01", "thẻ:01", &format!("{long}:01")]
        {
            assert_eq!(TokenKey::parse(bad), None, "{bad}");
        }
        assert_eq!(KeyPlace::parse("remote", Some("")), None);
        assert_eq!(KeyPlace::parse("remote", Some(&long)), None);
        assert_eq!(KeyPlace::parse("remote", Some("a b")), None);
        assert_eq!(KeyPlace::parse("software", Some("x")), None);
        assert_eq!(KeyPlace::parse("hsm", Some("a:01")), None);
    }
}
