//! Who works in the demo hospital.

use benhan_domain::access::Role;
use benhan_sign::KeyKind;

pub struct Staff {
    pub username: &'static str,
    pub name: &'static str,
    pub role: Role,
    pub pin: &'static str,
    /// Own ward's code; empty for the whole house.
    pub ward: &'static str,
    pub key: KeyKind,
}

impl Staff {
    /// As long and mixed as the rules ask. Fit for loopback and nothing else; production refuses to start with it.
    pub fn password(&self) -> String {
        format!("Phonoi-2026-{}", self.username)
    }
}

const fn staff(
    username: &'static str,
    name: &'static str,
    role: Role,
    pin: &'static str,
    ward: &'static str,
    key: KeyKind,
) -> Staff {
    Staff { username, name, role, pin, ward, key }
}

/// Half sign with RSA-2048, as most tokens in Vietnam do, half with P-256.
pub const STAFF: [Staff; 13] = [
    staff("ha", "Lê Thu Hà", Role::Nurse, "246810", "NOI", KeyKind::P256),
    staff("lan", "Hoàng Thị Lan", Role::Nurse, "135790", "NOI", KeyKind::Rsa2048),
    staff("mai", "Phạm Tuyết Mai", Role::HeadNurse, "112358", "NOI", KeyKind::P256),
    staff("tuan", "Vũ Anh Tuấn", Role::Nurse, "864209", "NGOAI", KeyKind::Rsa2048),
    staff("nga", "Đỗ Thị Nga", Role::Nurse, "975310", "NGOAI", KeyKind::P256),
    staff("viet", "Trần Quốc Việt", Role::Doctor, "314159", "NOI", KeyKind::Rsa2048),
    staff("thanh", "Võ Thị Thanh", Role::Doctor, "577215", "NOI", KeyKind::P256),
    staff("minh", "Bùi Quang Minh", Role::LabTechnician, "271828", "", KeyKind::P256),
    staff("son", "Ngô Hồng Sơn", Role::Radiologist, "161803", "", KeyKind::P256),
    staff("hoa", "Đinh Thị Hoa", Role::RecordRoom, "141421", "", KeyKind::P256),
    staff("dung", "Nguyễn Tiến Dũng", Role::Director, "141592", "", KeyKind::P256),
    staff("quantri", "Lý Gia Bảo", Role::Administrator, "173205", "", KeyKind::P256),
    staff("kiemtra", "Cao Minh Đức", Role::Auditor, "223606", "", KeyKind::P256),
];
