//! What every sheet has in common: who issues it, about whom, and which document it is.

use serde::Serialize;

/// The head of the sheet, on its left.
#[derive(Debug, Clone, Serialize)]
pub struct Letterhead {
    /// The authority above the facility: `Sở Y tế Hưng Yên`.
    pub authority: String,
    /// Mã cơ sở khám bệnh, chữa bệnh, on every page.
    pub code: String,
    /// The facility: `Bệnh viện Đa khoa Phố Nối`.
    pub facility: String,
    /// The department: `Khoa Nội tổng hợp`.
    pub department: String,
}

/// The patient line. Empty texts print as dotted blanks.
#[derive(Debug, Clone, Serialize)]
pub struct Patient {
    /// Mã người bệnh.
    pub code: String,
    /// Số vào viện.
    pub admission: String,
    /// Full name; printed in capitals.
    pub name: String,
    /// Date of birth as printed: `02/09/1959`, or a year alone.
    pub birth: String,
    /// Age as printed: `67 tuổi`, `5 tháng`.
    pub age: String,
    /// `Nam` or `Nữ`.
    pub sex: String,
    pub room: String,
    pub bed: String,
    pub diagnosis: String,
}

impl Patient {
    /// Nobody: every line is a dotted blank.
    pub(crate) fn nobody() -> Self {
        let blank = String::new;
        Self {
            code: blank(),
            admission: blank(),
            name: blank(),
            birth: blank(),
            age: blank(),
            sex: blank(),
            room: blank(),
            bed: blank(),
            diagnosis: blank(),
        }
    }
}

/// Which document of the record the sheet is.
#[derive(Debug, Clone, Serialize)]
pub struct DocumentRef {
    pub id: String,
    pub version: u32,
}
