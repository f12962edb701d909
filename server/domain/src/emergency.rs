//! Access in an emergency (truy cập khẩn cấp): a chart outside one's own wards, for a short time, with a reason, and looked
//! at afterwards by somebody else.

use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Working days within which somebody has looked at it.
const REVIEW_WORKING_DAYS: u8 = 3;

/// Why somebody had to see the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The patient's life was in danger.
    LifeInDanger,
    /// Called to another ward to help or to advise.
    CalledToHelp,
    /// On duty for several wards.
    OnDuty,
    Other,
}

impl Why {
    const ALL: [Self; 4] = [Self::LifeInDanger, Self::CalledToHelp, Self::OnDuty, Self::Other];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::LifeInDanger => "life-in-danger",
            Self::CalledToHelp => "called-to-help",
            Self::OnDuty => "on-duty",
            Self::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.as_str() == text)
    }
}

/// What whoever looked at it afterwards found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Justified,
    Unjustified,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Unjustified => "unjustified",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Justified, Self::Unjustified].into_iter().find(|v| v.as_str() == text)
    }
}

/// Until when it is to be looked at: the same hour three working days later.
pub fn review_due(opened: Instant) -> Instant {
    opened.working_days_later(REVIEW_WORKING_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_due_in_three_working_days() {
        let at = |text: &str| Instant::parse(text).expect("an instant");
        let friday = at("2026-11-27T22:00:00+07:00");
        assert_eq!(review_due(friday), at("2026-12-02T22:00:00+07:00"), "over the weekend");
        assert_eq!(review_due(at("2026-11-29T08:00:00+07:00")), at("2026-12-02T08:00:00+07:00"), "opened on a Sunday");
        assert_eq!(review_due(at("2026-11-23T08:00:00+07:00")), at("2026-11-26T08:00:00+07:00"));
    }
}
