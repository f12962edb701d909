//! The course of a stay (đợt điều trị). Its record has a life of its own: [`crate::record`].

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncounterState {
    Active,
    /// The patient has left; what is still missing in the record follows.
    Discharged,
}

impl EncounterState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Discharged => "discharged",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Discharged].into_iter().find(|s| s.as_str() == text)
    }

    /// New observations, notes and orders are for a patient who is here.
    pub fn takes_entries(self) -> bool {
        self == Self::Active
    }
}

/// How the stay ended: MA_LOAI_RV of QĐ 4750.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Home,
    AskedToLeave,
    Left,
    Transferred,
    Died,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::AskedToLeave => "asked-to-leave",
            Self::Left => "left",
            Self::Transferred => "transferred",
            Self::Died => "died",
        }
    }
}
