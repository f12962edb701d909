//! Patients with names as the wards know them, and vital signs that fit their illness.

use super::dice::Dice;
use benhan_domain::person::Sex;
use benhan_domain::vitals::VitalCode;
use benhan_server::view::VitalInput;
use benhan_store::patients::Demographics;
use jiff::civil::Date;

const FAMILY: [&str; 16] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương",
    "Lý",
];
const MEN: [&str; 14] = [
    "Đức Thắng",
    "Văn Dũng",
    "Hữu Phước",
    "Việt Cường",
    "Minh Khôi",
    "Xuân Bách",
    "Tiến Đạt",
    "Bá Lộc",
    "Công Thành",
    "Quốc Huy",
    "Trọng Nghĩa",
    "Gia Khánh",
    "Văn Tâm",
    "Đình Trung",
];
const WOMEN: [&str; 14] = [
    "Thị Bích Ngọc",
    "Ngọc Ẩn",
    "Quỳnh Trang",
    "Thuỳ Dương",
    "Thị Hường",
    "Mỹ Lệ",
    "Thị Kim Oanh",
    "Gia Hân",
    "Thị Ánh Tuyết",
    "Hoàng Yến",
    "Thị Ngân",
    "Thanh Hằng",
    "Thị Thơm",
    "Hải Yến",
];
const STREETS: [&str; 6] = ["Nguyễn Văn Linh", "Phố Nối", "Bạch Sam", "Nhân Hoà", "Yên Mỹ", "Minh Đức"];
const ILLNESS: [&[(&str, &str)]; 2] = [
    &[
        ("Viêm phổi thùy", "J18.1"),
        ("Suy tim độ III", "I50.0"),
        ("Đái tháo đường típ 2", "E11.9"),
        ("Xơ gan mất bù", "K74.6"),
        ("COPD đợt cấp", "J44.1"),
        ("Nhồi máu não", "I63.9"),
        ("Viêm tụy cấp", "K85.9"),
        ("Tăng huyết áp", "I10"),
        ("Suy thận mạn", "N18.9"),
        ("Xuất huyết tiêu hóa", "K92.2"),
    ],
    &[
        ("Viêm ruột thừa cấp", "K35.8"),
        ("Sỏi túi mật", "K80.2"),
        ("Gãy cổ xương đùi", "S72.0"),
        ("Thoát vị bẹn", "K40.9"),
        ("Chấn thương sọ não", "S06.9"),
        ("Sau mổ u đại tràng", "C18.9"),
        ("Áp xe phần mềm", "L02.9"),
        ("Bỏng độ II", "T30.2"),
    ],
];

pub struct Person {
    pub who: Demographics,
    pub diagnosis: &'static str,
    pub icd10: &'static str,
    pub pregnant: bool,
    /// 0 well … 3 very ill: how far the vital signs stray.
    pub severity: i64,
}

/// The `n`th patient of ward `ward`. Numbers 0 and 20 of the first ward share a name on purpose.
pub fn person(ward: usize, n: i64) -> Person {
    let mut dice =
        Dice::new(u64::try_from(n).unwrap_or(0).wrapping_mul(7_919).wrapping_add(u64::try_from(ward).unwrap_or(0)));
    let twin = ward == 0 && (n == 0 || n == 20);
    let woman = !twin && dice.between(0, 1) == 1;
    let name = if twin {
        "Nguyễn Đức Thắng".to_owned()
    } else {
        // 16 families and 14 given names repeat after 112: nobody but the twins shares a name.
        let place = usize::try_from(n).unwrap_or(0).saturating_add(ward.saturating_mul(40));
        let given = if woman { &WOMEN } else { &MEN };
        let part = |of: &[&'static str]| of.get(place.saturating_mul(5) % of.len().max(1)).copied().unwrap_or_default();
        format!("{} {}", part(&FAMILY), part(given))
    };
    let child = ward == 1 && n % 17 == 5;
    let pregnant = woman && ward == 1 && n % 13 == 3;
    let year = if child {
        dice.between(2014, 2021)
    } else if pregnant {
        dice.between(1992, 2003)
    } else {
        dice.between(1936, 2003)
    };
    let birth = Date::new(
        i16::try_from(year).unwrap_or(1980),
        i8::try_from(dice.between(1, 12)).unwrap_or(1),
        i8::try_from(dice.between(1, 28)).unwrap_or(1),
    );
    let table = ILLNESS.get(ward).copied().unwrap_or(&[]);
    let at = usize::try_from(dice.between(0, i64::try_from(table.len()).unwrap_or(1).saturating_sub(1))).unwrap_or(0);
    let (diagnosis, icd10) = table.get(at).copied().unwrap_or(("Theo dõi", "Z03.9"));
    let severity = match dice.between(0, 19) {
        0 => 3,
        1..=3 => 2,
        4..=9 => 1,
        _ => 0,
    };
    let century = if year >= 2000 { 2 } else { 0 } + i64::from(woman);
    Person {
        who: Demographics {
            name,
            birth_date: birth.ok(),
            sex: if woman { Sex::Female } else { Sex::Male },
            national_id: Some(format!(
                "033{century}{:02}{:06}",
                year.rem_euclid(100),
                dice.between(0, 999) * 1_000 + n * 2 + i64::try_from(ward).unwrap_or(0)
            )),
            insurance_card: (dice.between(0, 9) < 8).then(|| {
                format!(
                    "DN4{:02}{:010}",
                    33,
                    dice.between(0, 99_999) * 10_000 + n * 10 + i64::try_from(ward).unwrap_or(0)
                )
            }),
            phone: format!("09{:08}", dice.between(10_000_000, 99_999_999)),
            address: format!("{} {}, Mỹ Hào, Hưng Yên", dice.between(1, 240), dice.one(&STREETS)),
            allergies: if dice.between(0, 9) == 0 {
                vec![dice.one(&["Penicillin", "Hải sản", "Ibuprofen"]).to_owned()]
            } else {
                Vec::new()
            },
        },
        diagnosis,
        icd10,
        pregnant,
        severity,
    }
}

/// One set, plausible for `severity`, different at every `step`.
pub fn vitals(severity: i64, patient: i64, step: i64) -> Vec<VitalInput> {
    let seed = patient.wrapping_mul(1_009).wrapping_add(step.wrapping_mul(31)).unsigned_abs();
    let mut dice = Dice::new(seed);
    let oxygen = severity >= 2 && dice.between(0, 1) == 1;
    let systolic = dice.between(112, 138) - severity * dice.between(0, 9);
    let number = |code, value: i64| VitalInput {
        code,
        value: Some(to_f64(value)),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    };
    let tenths = |code, value: i64| VitalInput {
        code,
        value: Some(to_f64(value) / 10.0),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    };
    vec![
        number(VitalCode::Pulse, dice.between(66, 88) + severity * dice.between(4, 13)),
        tenths(VitalCode::Temp, dice.between(364, 374) + severity * dice.between(0, 6)),
        number(VitalCode::Sbp, systolic),
        number(VitalCode::Dbp, systolic - dice.between(38, 52)),
        number(VitalCode::Resp, dice.between(14, 19) + severity * dice.between(0, 3)),
        number(VitalCode::Spo2, 98 - dice.between(0, 1) - severity * dice.between(0, 2)),
        VitalInput { text: oxygen.then(|| "3 L/ph".to_owned()), ..number(VitalCode::Oxygen, i64::from(oxygen)) },
        VitalInput {
            code: VitalCode::Acvpu,
            value: None,
            text: Some("A".into()),
            not_measured: None,
            out_of_range_reason: None,
        },
        number(VitalCode::Pain, dice.between(0, 2) + severity),
    ]
}

/// Small whole numbers only, where the conversion is exact.
fn to_f64(value: i64) -> f64 {
    f64::from(i32::try_from(value).unwrap_or(0))
}
