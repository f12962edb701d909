//! Where a signer's key is, and why a certificate is taken back (thu hồi chứng thư số) before it ends.

mod key_place;

pub use key_place::{KeyPlace, TokenKey};

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevocationReason {
    /// The PIN or the token is out of its owner's hands.
    Lost,
    /// Somebody else may have signed with it.
    Suspected,
    /// Its owner works here no longer.
    Left,
    /// Name or title in it are true no longer.
    Changed,
}

impl RevocationReason {
    pub const ALL: [Self; 4] = [Self::Lost, Self::Suspected, Self::Left, Self::Changed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Suspected => "suspected",
            Self::Left => "left",
            Self::Changed => "changed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }

    /// To whoever may sign with it no longer.
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Lost => "mất mã PIN hoặc thiết bị ký",
            Self::Suspected => "nghi có người khác dùng",
            Self::Left => "không còn làm việc tại đây",
            Self::Changed => "thông tin trong chứng thư đã đổi",
        }
    }
}

/// What became of an authority that this hospital trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustChange {
    /// It was trusted before changes were noted.
    Found,
    Added,
    Removed,
}

impl TrustChange {
    const ALL: [Self; 3] = [Self::Found, Self::Added, Self::Removed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.as_str() == text)
    }
}

/// What an authority is trusted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustKind {
    /// Where paths of trust end.
    Anchor,
    /// Between an anchor and the staff; trusted through its anchor alone.
    Issuing,
    /// Where the paths of time stamps end, and no others.
    TimeStamps,
}

impl TrustKind {
    pub const ALL: [Self; 3] = [Self::Anchor, Self::Issuing, Self::TimeStamps];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Issuing => "issuing",
            Self::TimeStamps => "time-stamps",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Anchor => "Gốc tin cậy",
            Self::Issuing => "Cấp chứng thư",
            Self::TimeStamps => "Dấu thời gian",
        }
    }
}
