//! The life of a set of observations: proposed by a device or entered by a person, then only amended.

use serde::{Deserialize, Serialize};

/// FHIR's observation status, as far as a vital-sign set uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Came from a device; no person has looked.
    Preliminary,
    Final,
    /// A later version with a reason stands for an earlier final one.
    Amended,
    /// A person looked at a device's set and refused it.
    Rejected,
    /// Never true: wrong patient, for example. Stays visible, struck through.
    EnteredInError,
}

/// What a person does to a set; each makes a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Accept,
    Reject,
    Correct,
    Withdraw,
    /// What was withdrawn stands again, with a reason: the withdrawal was the mistake.
    Restore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Lượt đo này đã được xử lý: tải lại để xem trạng thái mới nhất")]
pub struct NotAllowedNow;

impl Status {
    pub fn after(self, step: Step) -> Result<Self, NotAllowedNow> {
        match (self, step) {
            (Self::Preliminary, Step::Accept) => Ok(Self::Final),
            (Self::Preliminary, Step::Reject) => Ok(Self::Rejected),
            (Self::Final | Self::Amended, Step::Correct) => Ok(Self::Amended),
            (Self::Final | Self::Amended, Step::Withdraw) => Ok(Self::EnteredInError),
            (Self::EnteredInError, Step::Restore) => Ok(Self::Amended),
            _ => Err(NotAllowedNow),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preliminary => "preliminary",
            Self::Final => "final",
            Self::Amended => "amended",
            Self::Rejected => "rejected",
            Self::EnteredInError => "entered-in-error",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Preliminary, Self::Final, Self::Amended, Self::Rejected, Self::EnteredInError]
            .into_iter()
            .find(|s| s.as_str() == text)
    }

    /// Counts for the chart, the score and the signature.
    pub fn stands(self) -> bool {
        matches!(self, Self::Final | Self::Amended)
    }
}

/// Why a version replaces an earlier one. The hospital reads these in its quality meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorrectionReason {
    WrongPatient,
    Typo,
    Remeasured,
    Other,
}

impl CorrectionReason {
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::WrongPatient => "nhầm người bệnh",
            Self::Typo => "gõ nhầm",
            Self::Remeasured => "đo lại",
            Self::Other => "lý do khác",
        }
    }

    /// A set on the wrong patient is withdrawn; everything else is amended.
    pub fn step(self) -> Step {
        match self {
            Self::WrongPatient => Step::Withdraw,
            _ => Step::Correct,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_set_is_accepted_once() {
        let accepted = Status::Preliminary.after(Step::Accept).expect("first nurse");
        assert_eq!(accepted, Status::Final);
        assert_eq!(accepted.after(Step::Accept), Err(NotAllowedNow));
        assert_eq!(Status::Rejected.after(Step::Accept), Err(NotAllowedNow));
    }

    #[test]
    fn what_is_withdrawn_is_not_corrected_but_restored() {
        let gone = Status::Final.after(Step::Withdraw).expect("withdrawn");
        assert!(!gone.stands());
        assert_eq!(gone.after(Step::Correct), Err(NotAllowedNow));
        assert_eq!(gone.after(Step::Restore), Ok(Status::Amended));
        assert_eq!(Status::Rejected.after(Step::Restore), Err(NotAllowedNow), "a refused proposal never stood");
        assert_eq!(Status::Final.after(Step::Restore), Err(NotAllowedNow));
    }
}
