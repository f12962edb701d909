//! Who asks, what the act is about, and how far the answer reaches.

use super::{DoctorsReach, Role};
use crate::id::{EncounterId, UserId, WardId};
use crate::record::RecordState;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user: UserId,
    pub role: Role,
    /// Their own first, then those that they cover now.
    pub wards: Vec<WardId>,
    /// Stays in which they are named as treating, or asked to consult.
    pub treats: Vec<EncounterId>,
    pub doctors: DoctorsReach,
    /// Stays outside these wards that they opened in an emergency and may still see.
    pub emergencies: Vec<EncounterId>,
    /// Stays whose record only assigned staff read, and they are assigned.
    pub assigned: Vec<EncounterId>,
    /// Stays whose record an outsider may read now.
    pub granted: Vec<EncounterId>,
}

/// What the act is about, as the transaction read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Facility,
    Ward(WardId),
    Encounter {
        encounter: EncounterId,
        ward: WardId,
        record: RecordState,
    },
    /// A stay whose record only assigned staff read.
    Restricted {
        encounter: EncounterId,
        ward: WardId,
        record: RecordState,
    },
    /// An entry that the actor made in this stay. Whoever wrote it answers for it: they sign and correct it also after
    /// the patient was moved to a ward that is not theirs, or they were.
    OwnEntry {
        encounter: EncounterId,
        record: RecordState,
    },
}

impl Place {
    pub fn ward(self) -> Option<WardId> {
        match self {
            Self::Ward(ward) | Self::Encounter { ward, .. } | Self::Restricted { ward, .. } => Some(ward),
            Self::Facility | Self::OwnEntry { .. } => None,
        }
    }
}

impl Actor {
    /// Reads this stay's record although only assigned staff do.
    pub fn reads_restricted(&self, encounter: EncounterId) -> bool {
        self.assigned.contains(&encounter) || self.emergencies.contains(&encounter)
    }
}

/// How far a permit reaches; queries filter by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Encounter(EncounterId),
    Ward(WardId),
    /// Some wards: what the holder may see of a list that spans the house.
    Wards(Vec<WardId>),
    Facility,
}
