//! What tokens show to everybody, before any PIN: their names, certificates and public keys.

use super::module::{Module, trouble};
use benhan_domain::certificate::TokenKey;
use benhan_sign::{Certificate, Trouble};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use std::collections::BTreeMap;

const MOST_TOKENS: usize = 64;
const MOST_OBJECTS: usize = 64;

/// A token that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSeen {
    pub serial: String,
    pub label: String,
    /// Maker and model.
    pub made: String,
    /// Locked after too many wrong PINs.
    pub locked: bool,
    pub keys: Vec<KeySeen>,
}

/// A key of it, as far as it shows without a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySeen {
    /// `SERIAL:HEX`, what a certificate is bound to.
    pub key: TokenKey,
    pub label: String,
    /// The certificate that lies beside it.
    pub certificate: Option<Certificate>,
}

/// Whether a token shows a key as a certificate's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The public key beside it is the certificate's.
    Same,
    /// It is another.
    Other,
    /// It shows nothing before the PIN.
    Nothing,
}

pub(super) fn tokens(module: &Module) -> Result<Vec<TokenSeen>, Trouble> {
    let slots = module.pkcs11.get_slots_with_initialized_token().map_err(|error| trouble(&error, None))?;
    let mut tokens = Vec::new();
    for slot in slots.into_iter().take(MOST_TOKENS) {
        // One that is pulled out while we look is not there.
        let Ok(info) = module.pkcs11.get_token_info(slot) else { continue };
        let Ok(session) = module.pkcs11.open_ro_session(slot) else { continue };
        let serial = info.serial_number().trim().to_owned();
        tokens.push(TokenSeen {
            keys: keys(&session, &serial),
            serial,
            label: info.label().trim().to_owned(),
            made: format!("{} {}", info.manufacturer_id().trim(), info.model().trim()).trim().to_owned(),
            locked: info.user_pin_locked(),
        });
    }
    Ok(tokens)
}

fn keys(session: &Session, serial: &str) -> Vec<KeySeen> {
    let mut found: BTreeMap<Vec<u8>, KeySeen> = BTreeMap::new();
    for class in [ObjectClass::PUBLIC_KEY, ObjectClass::CERTIFICATE] {
        let objects = session.find_objects(&[Attribute::Class(class)]).unwrap_or_default();
        for object in objects.into_iter().take(MOST_OBJECTS) {
            let Some(id) = attribute(session, object, AttributeType::Id) else { continue };
            let Some(key) = TokenKey::new(serial, &id) else { continue };
            let label = attribute(session, object, AttributeType::Label).unwrap_or_default();
            let label = String::from_utf8_lossy(&label).trim().to_owned();
            let seen = found.entry(id).or_insert(KeySeen { key, label, certificate: None });
            if class == ObjectClass::CERTIFICATE {
                let der = attribute(session, object, AttributeType::Value);
                seen.certificate = der.and_then(|der| Certificate::from_der(&der).ok());
            }
        }
    }
    found.into_values().collect()
}

pub(super) fn shown(module: &Module, key: &TokenKey, certificate: &Certificate) -> Result<Shown, Trouble> {
    let (slot, _) = module.slot_of(key.serial())?;
    let session = module.pkcs11.open_ro_session(slot).map_err(|error| trouble(&error, None))?;
    let beside = |class| {
        let wanted = [Attribute::Class(class), Attribute::Id(key.id().to_vec())];
        session.find_objects(&wanted).unwrap_or_default().into_iter().next()
    };
    if let Some(object) = beside(ObjectClass::PUBLIC_KEY) {
        let of = |what| attribute(&session, object, what);
        let same = match (of(AttributeType::Modulus), of(AttributeType::EcPoint)) {
            (Some(modulus), _) => certificate.has_modulus(&modulus),
            (None, Some(point)) => certificate.has_point(&point),
            (None, None) => return Ok(Shown::Nothing),
        };
        return Ok(if same { Shown::Same } else { Shown::Other });
    }
    let Some(object) = beside(ObjectClass::CERTIFICATE) else { return Ok(Shown::Nothing) };
    let der = attribute(&session, object, AttributeType::Value);
    let other = der.and_then(|der| Certificate::from_der(&der).ok());
    // A renewed certificate may go with the same key.
    let Some(other) = other else { return Ok(Shown::Nothing) };
    Ok(if other.has_key_of(certificate) { Shown::Same } else { Shown::Other })
}

fn attribute(session: &Session, object: ObjectHandle, wanted: AttributeType) -> Option<Vec<u8>> {
    let found = session.get_attributes(object, &[wanted]).ok()?;
    let value = found.into_iter().next()?;
    match value {
        Attribute::Id(bytes)
        | Attribute::Label(bytes)
        | Attribute::Value(bytes)
        | Attribute::Modulus(bytes)
        | Attribute::EcPoint(bytes) => Some(bytes).filter(|bytes| !bytes.is_empty()),
        _ => None,
    }
}
