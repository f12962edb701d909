//! Why a record must be kept whatever its term (giữ hồ sơ theo yêu cầu pháp lý).

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldGround {
    Court,
    Investigation,
    Inspection,
    Dispute,
    Insurance,
}

impl HoldGround {
    const ALL: [Self; 5] = [Self::Court, Self::Investigation, Self::Inspection, Self::Dispute, Self::Insurance];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Court => "court",
            Self::Investigation => "investigation",
            Self::Inspection => "inspection",
            Self::Dispute => "dispute",
            Self::Insurance => "insurance",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.as_str() == text)
    }

    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Court => "Yêu cầu của tòa án",
            Self::Investigation => "Điều tra, kiểm sát",
            Self::Inspection => "Thanh tra, giám định",
            Self::Dispute => "Khiếu nại, tranh chấp, bồi thường",
            Self::Insurance => "Giám định bảo hiểm y tế",
        }
    }
}
