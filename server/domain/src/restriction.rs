//! Records that only assigned staff read (hồ sơ chỉ người được giao mới xem): an HIV result is told to whom the law names
//! and nobody else (Law 64/2006/QH11 as amended, Art. 30), and some records of the mind are as near to a person.

use crate::access::Role;

words! {
    /// Why a record is restricted.
    Sensitivity {
        Hiv "hiv" "Kết quả xét nghiệm HIV",
        Psychiatric "psychiatric" "Tâm thần",
        Other "other" "Lý do khác",
    }
}

/// Sees the names of tests that are ordered in a restricted record: whoever carries them out has to.
pub fn carries_out_orders(role: Role) -> bool {
    matches!(role, Role::LabTechnician | Role::Radiologist)
}

/// A restricted record has a doctor who reads it: nobody else could lift it, or treat by it.
pub fn leaves_a_doctor(readers: impl IntoIterator<Item = Role>) -> bool {
    readers.into_iter().any(|role| role == Role::Doctor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_not_left_without_a_doctor() {
        assert!(leaves_a_doctor([Role::Nurse, Role::Doctor]));
        assert!(!leaves_a_doctor([Role::Nurse, Role::HeadNurse]));
        assert!(!leaves_a_doctor([]));
    }
}
