//! What rights are about, and the five verbs that the law asks to be told apart (CV 365, III.1.1c).

use serde::{Deserialize, Serialize};

/// What a right lets somebody do to what it is about. Every other act counts as the one of these that it is most like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    View,
    Create,
    Edit,
    Cancel,
    Restore,
}

impl Verb {
    pub const ALL: [Self; 5] = [Self::View, Self::Create, Self::Edit, Self::Cancel, Self::Restore];
}

macro_rules! subjects {
    ($($name:ident $code:literal $vietnamese:literal,)+) => {
        /// What a right is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Subject { $($name,)+ }

        impl Subject {
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            pub fn vietnamese(self) -> &'static str {
                match self { $(Self::$name => $vietnamese,)+ }
            }
        }
    };
}

subjects! {
    Ward "ward" "Bảng khoa",
    Chart "chart" "Hồ sơ bệnh án (mọi phần)",
    Vitals "vitals" "Chức năng sống",
    Note "note" "Phiếu chăm sóc",
    Form "form" "Phiếu, bệnh án theo mẫu",
    Signature "signature" "Chữ ký số",
    Confirmation "confirmation" "Xác nhận của người đứng đầu",
    HouseDecision "house-decision" "Quyết định của cơ sở về hồ sơ bệnh án điện tử",
    DepartmentSeal "department-seal" "Chứng thư số và con dấu số của khoa, phòng",
    PatientSignature "patient-signature" "Chữ ký của người bệnh, người đại diện",
    PaperScan "paper-scan" "Bản quét giấy đã ký",
    Restriction "restriction" "Hồ sơ chỉ người được giao mới xem",
    RecordCopy "record-copy" "Bản sao hồ sơ đưa ra ngoài",
    Patient "patient" "Người bệnh",
    Stay "stay" "Đợt điều trị, giường",
    Order "order" "Chỉ định",
    Specimen "specimen" "Mẫu xét nghiệm",
    Result "result" "Kết quả xét nghiệm",
    WaitingVitals "waiting-vitals" "Số máy theo dõi chờ gắn",
    WaitingResult "waiting-result" "Kết quả máy xét nghiệm chờ gắn",
    Study "study" "Ca chụp chờ gắn",
    Record "record" "Kết thúc và lưu trữ hồ sơ",
    RecordRequest "record-request" "Yêu cầu khai thác, cung cấp hồ sơ",
    Consent "consent" "Sự đồng ý xử lý dữ liệu cá nhân",
    SubjectRequest "subject-request" "Yêu cầu của chủ thể dữ liệu",
    Destruction "destruction" "Tiêu hủy hồ sơ hết thời hạn",
    Account "account" "Tài khoản, phiên, khung giờ",
    Policy "policy" "Bảng quyền",
    Authority "authority" "Tổ chức chứng thực được tin cậy",
    Device "device" "Thiết bị",
    Trail "trail" "Nhật ký",
    Attention "attention" "Việc kỹ thuật chờ người",
    Incident "incident" "Sự cố công nghệ thông tin",
    Kit "kit" "Bộ hồ sơ dự phòng khi mất hệ thống",
    SecurityIncident "security-incident" "Sự cố an ninh mạng, vi phạm dữ liệu cá nhân",
    LateEntry "late-entry" "Ghi muộn",
    Treatment "treatment" "Bác sĩ điều trị, hội chẩn",
    Duty "duty" "Trực khoa",
    Emergency "emergency" "Truy cập khẩn cấp",
}
