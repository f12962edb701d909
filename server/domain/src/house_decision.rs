//! What a hospital decides before its record is electronic (quyết định của người đứng đầu cơ sở: Circular 46/2018, Art. 3.3
//! and 13.3a; Circular 13/2025, Art. 5 and 6), and what follows from it for a stay.

use crate::time::Instant;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionKind {
    /// Dùng hồ sơ bệnh án điện tử thay hồ sơ giấy.
    Paperless,
    /// Quy định sử dụng chữ ký điện tử, chữ ký số.
    SigningRules,
    /// Quy chế lập, cập nhật, quản lý, lưu trữ, sử dụng và bảo mật hồ sơ.
    RecordRules,
}

impl DecisionKind {
    pub const ALL: [Self; 3] = [Self::Paperless, Self::SigningRules, Self::RecordRules];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paperless => "paperless",
            Self::SigningRules => "signing-rules",
            Self::RecordRules => "record-rules",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Paperless => "Dùng hồ sơ bệnh án điện tử thay hồ sơ giấy",
            Self::SigningRules => "Quy định sử dụng chữ ký điện tử, chữ ký số",
            Self::RecordRules => "Quy chế hồ sơ bệnh án điện tử",
        }
    }
}

/// A decision as it was entered; it may have been withdrawn since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub from: Instant,
    pub withdrawn: Option<Instant>,
}

impl Standing {
    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && self.withdrawn.is_none_or(|end| at < end)
    }
}

/// What the record of a stay is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Begun when it replaced paper already.
    Electronic,
    /// Begun before: what was written on paper stays there, beside this record.
    Mixed,
}

impl Medium {
    /// Of a stay that began at `admitted`, by what stood then.
    pub fn of(admitted: Instant, paperless: &[Standing]) -> Self {
        if paperless.iter().any(|decision| decision.holds(admitted)) { Self::Electronic } else { Self::Mixed }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Electronic => "electronic",
            Self::Mixed => "mixed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: C46-3.3, C13-5.1
    #[test]
    fn a_record_is_electronic_when_paper_was_replaced_before_it_began() {
        let from = |at, withdrawn: Option<i64>| Standing { from: Instant(at), withdrawn: withdrawn.map(Instant) };
        assert_eq!(Medium::of(Instant(9), &[]), Medium::Mixed, "nobody has decided");
        assert_eq!(Medium::of(Instant(9), &[from(10, None)]), Medium::Mixed, "admitted before");
        assert_eq!(Medium::of(Instant(10), &[from(10, None)]), Medium::Electronic);
        let taken_back = [from(10, Some(20))];
        assert_eq!(Medium::of(Instant(19), &taken_back), Medium::Electronic, "what began so stays so");
        assert_eq!(Medium::of(Instant(20), &taken_back), Medium::Mixed);
    }
}
