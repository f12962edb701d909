//! One value of CBOR from the front of some bytes, bounded in depth; how much there is was bounded before.

use crate::Refused;
use ciborium::Value;

/// A map in a map in a map: an attestation's certificates are a list in a map in one.
const DEEPEST: usize = 6;

/// The value that the bytes begin with, and what comes after it.
pub fn first(bytes: &[u8]) -> Result<(Value, &[u8]), Refused> {
    let mut rest = bytes;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEEPEST).map_err(|_| Refused::Malformed)?;
    Ok((value, rest))
}

/// The value that the bytes are.
pub fn whole(bytes: &[u8]) -> Result<Value, Refused> {
    match first(bytes)? {
        (value, []) => Ok(value),
        _ => Err(Refused::Malformed),
    }
}

/// A map whose keys are all different: with two of one name it would depend on the reader which one counts.
pub struct Map(Vec<(Value, Value)>);

impl Map {
    pub fn of(value: Value) -> Result<Self, Refused> {
        let Value::Map(pairs) = value else { return Err(Refused::Malformed) };
        let twice = pairs.iter().enumerate().any(|(at, (key, _))| pairs.iter().take(at).any(|(other, _)| other == key));
        if twice { Err(Refused::Malformed) } else { Ok(Self(pairs)) }
    }

    fn get(&self, key: &Value) -> Result<&Value, Refused> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value).ok_or(Refused::Malformed)
    }

    pub fn named(&self, name: &str) -> Result<&Value, Refused> {
        self.get(&Value::Text(name.to_owned()))
    }

    pub fn integer(&self, label: i64) -> Result<i64, Refused> {
        let value = self.get(&Value::Integer(label.into()))?.as_integer().ok_or(Refused::Malformed)?;
        i64::try_from(value).map_err(|_| Refused::Malformed)
    }

    pub fn bytes(&self, label: i64) -> Result<&[u8], Refused> {
        Ok(self.get(&Value::Integer(label.into()))?.as_bytes().ok_or(Refused::Malformed)?)
    }
}
