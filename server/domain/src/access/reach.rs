//! How far a right reaches, and how far the hospital lets its doctors' reach.

use super::{Action, Role};
use serde::{Deserialize, Serialize};

/// How far a role's right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Nowhere,
    /// The records that they were granted on a request, while the grant lasts.
    Granted,
    /// The wards that the user belongs to or covers, and the stays in which they are named.
    OwnWards,
    Facility,
}

/// Whose charts a doctor reads and writes without an emergency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DoctorsReach {
    /// Everybody's: in a small house each doctor is on call for all of it.
    #[default]
    WholeHouse,
    /// Of their own wards, of wards that they cover, and where they are named as treating or asked to consult (Law on
    /// Examination and Treatment, Art. 10.2: what a record says is told to whom the treatment concerns).
    OwnPatients,
}

impl DoctorsReach {
    /// How far this right reaches in this house.
    pub fn narrowed<A: Action>(self, role: Role) -> Reach {
        self.narrow(role, A::OF_TREATMENT, A::reach(role))
    }

    /// The same for a line of the policy.
    pub fn narrow(self, role: Role, of_treatment: bool, reach: Reach) -> Reach {
        match (self, role, reach) {
            (Self::OwnPatients, Role::Doctor, Reach::Facility) if of_treatment => Reach::OwnWards,
            _ => reach,
        }
    }
}
