//! What the exchange files need of the bodies: vital signs and results that stand, as they were stored.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a body that cannot be read")]
pub struct BodyError;

/// The bodies that stand, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct Bodies {
    pub(super) sets: Vec<Signs>,
    pub(super) results: Vec<LabValue>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signs {
    pub effective_at: String,
    values: Vec<Cell>,
}

#[derive(Debug, Clone, Deserialize)]
struct Cell {
    code: String,
    value: Option<String>,
}

impl Signs {
    /// A measured number, as it was signed.
    pub fn value(&self, code: &str) -> Option<&str> {
        self.values.iter().find(|cell| cell.code == code)?.value.as_deref()
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LabValue {
    pub code: String,
    pub name: String,
    pub value: String,
    pub unit: String,
    pub effective_at: String,
}

impl Bodies {
    /// Takes up the body of a set that stands.
    pub fn set(&mut self, body: &[u8]) -> Result<(), BodyError> {
        self.sets.push(serde_json::from_slice(body).map_err(|_| BodyError)?);
        Ok(())
    }

    /// Takes up the body of a result that stands.
    pub fn result(&mut self, body: &[u8]) -> Result<(), BodyError> {
        self.results.push(serde_json::from_slice(body).map_err(|_| BodyError)?);
        Ok(())
    }

    /// Once all are there: by time, and where that is the same by code.
    pub fn sorted(mut self) -> Self {
        self.sets.sort_by(|one, other| one.effective_at.cmp(&other.effective_at));
        self.results.sort_by(|one, other| (&one.effective_at, &one.code).cmp(&(&other.effective_at, &other.code)));
        self
    }
}
