//! A stay to print: the same every time.

use benhan_domain::form::FormDefinition;
use benhan_domain::form::values::Values;
use benhan_render::{
    Attachment, CareEntry, CareSheet, DocumentRef, FormSheet, Kit, KitOrder, KitPatient, KitResult, KitScore,
    Letterhead, Patient, Readings, Renderer, SignatureMark, Source, VitalChart, VitalSet,
};

pub const HOUR: i64 = 3_600_000_000;
/// 06:00 on 16 November 2026 in Việt Nam.
pub const START: i64 = 1_794_783_600_000_000;
/// When the sheets are composed.
pub const NOW: i64 = START + 7 * 24 * HOUR;

pub fn letterhead() -> Letterhead {
    Letterhead {
        authority: "Sở Y tế Hưng Yên".into(),
        code: "33001".into(),
        facility: "Bệnh viện Đa khoa Phố Nối".into(),
        department: "Khoa Nội tổng hợp".into(),
    }
}

pub fn patient() -> Patient {
    Patient {
        code: "BN-26-004512".into(),
        admission: "26.011872".into(),
        name: "Nguyễn Thị Diễm Hường".into(),
        birth: "02/09/1959".into(),
        age: "67 tuổi".into(),
        sex: "Nữ".into(),
        room: "204".into(),
        bed: "12".into(),
        diagnosis: "Viêm phổi mắc phải cộng đồng (J18.9); tăng huyết áp (I10)".into(),
    }
}

pub fn document() -> DocumentRef {
    DocumentRef { id: "019a8c1e-7b2f-7d31-9c55-2f6de1a0b7c4".into(), version: 3 }
}

pub fn signature(at: i64) -> SignatureMark {
    SignatureMark {
        name: "Trần Thị Bích Ngọc".into(),
        title: "ĐD".into(),
        signed_at: at,
        certificate: "54:01:01:0B:7E:91:4C:22:A8:03:5D:EE:91:40:77:1F".into(),
        attachment: None,
        department: None,
    }
}

/// A sheet of the form with these values, signed by its author alone.
pub fn filled<'a>(form: &FormDefinition, values: &'a Values) -> FormSheet<'a> {
    let first = form.signing.slots.first().map(|slot| slot.name.clone());
    FormSheet {
        letterhead: letterhead(),
        patient: patient(),
        document: document(),
        effective_at: NOW - HOUR,
        author: "BS Nguyễn Hữu Trác".into(),
        values,
        signatures: first.map(|name| (name, signature(NOW - HOUR / 2))).into_iter().collect(),
        patients: Vec::new(),
        paper: None,
        amendments: Vec::new(),
    }
}

/// Set number `n`, hours after the start.
pub fn set(n: usize, hours: f64) -> VitalSet {
    #[expect(clippy::as_conversions, reason = "small test numbers")]
    let (wave, at) = ((n as f64 * 0.7).sin(), START + (hours * HOUR as f64) as i64);
    VitalSet {
        effective_at: at,
        version: 1,
        readings: Readings {
            pulse: Some((88.0 + 14.0 * wave).round()),
            temperature: Some(((37.4 + 0.8 * wave) * 10.0).round() / 10.0),
            systolic: Some((128.0 + 12.0 * wave).round()),
            diastolic: Some((80.0 - 6.0 * wave).round()),
            respiration: Some((19.0 + 2.0 * wave).round()),
            spo2: Some((95.0 - 2.0 * wave).round()),
            oxygen: Some(if n < 4 { "3 L/ph" } else { "khí trời" }.into()),
            consciousness: Some("A".into()),
            pain: Some(2.0),
            weight: n.is_multiple_of(4).then_some(52.5),
        },
        news2: (n % 5 != 4).then_some(3),
        note: String::new(),
        author: "Trần Thị Bích Ngọc".into(),
        source: Source::Entered,
        corrections: vec![],
        withdrawn: None,
        signature: Some(signature(at + HOUR / 5)),
    }
}

/// `count` sets, one every `hours`.
pub fn chart(count: usize, hours: f64) -> VitalChart {
    #[expect(clippy::as_conversions, reason = "small test numbers")]
    let sets = (0..count).map(|n| set(n, n as f64 * hours)).collect();
    VitalChart { letterhead: letterhead(), patient: patient(), document: document(), since: START, sets }
}

/// The signed data and the signature of every set, named in the chart.
pub fn attach(chart: &mut VitalChart) -> Vec<Attachment> {
    let mut files = Vec::new();
    for (n, set) in chart.sets.iter_mut().enumerate() {
        let name = format!("set-{n:04}.json");
        let data = format!(r#"{{"set":{n},"value":"mạch"}}"#).into_bytes();
        if let Some(signature) = &mut set.signature {
            signature.attachment = Some(format!("{name}.p7s"));
        }
        files.extend([
            Attachment::json(name.clone(), data),
            Attachment::signature(format!("{name}.p7s"), vec![0x30, 0x82, 0, 1]),
        ]);
    }
    files
}

pub fn entry(n: usize, hours: i64) -> CareEntry {
    CareEntry {
        at: START + hours * HOUR,
        version: 1,
        progress: format!("Lần {n}: người bệnh tỉnh, tiếp xúc tốt.\nĂn hết ½ suất, ngủ được."),
        care: "Truyền natri clorid 0,9 % 500 ml, 30 giọt/phút.\n☑ Vệ sinh răng miệng ☐ Thay băng".into(),
        author: "Lê Thị Hồng".into(),
        corrections: vec![],
        withdrawn: None,
        signature: Some(signature(START + hours * HOUR)),
    }
}

pub fn care(count: usize) -> CareSheet {
    let entries = (0..count).zip((0..).step_by(6)).map(|(n, hours)| entry(n, hours)).collect();
    CareSheet { letterhead: letterhead(), patient: patient(), document: document(), level: "Cấp II".into(), entries }
}

/// Somebody in a bed, as a downtime kit tells of them.
pub fn lying(bed: &str, name: &str, code: &str) -> KitPatient {
    KitPatient {
        who: Patient {
            code: code.into(),
            admission: format!("26-{code}"),
            name: name.into(),
            birth: "02/09/1959".into(),
            age: "67 tuổi".into(),
            sex: "Nam".into(),
            room: "301".into(),
            bed: bed.into(),
            diagnosis: "Viêm phổi cộng đồng, suy tim độ II".into(),
        },
        same_name: false,
        pregnant: false,
        days: 3,
        attending: "BS Phạm Văn Việt".into(),
        allergies: vec![],
        news2: KitScore { total: "7".into(), band: "emergency".into() },
        vitals: "M 104 · T° 38,2 · HA 134/82 · NT 22 · SpO₂ 91".into(),
        vitals_at: "08:00 17/11".into(),
        due: "08:30 17/11".into(),
        overdue: true,
        orders: vec![KitOrder {
            what: "Điện giải đồ (ống 26X000123)".into(),
            state: "chưa lấy mẫu".into(),
            at: "07:50 17/11".into(),
            by: "BS Phạm Văn Việt".into(),
        }],
        treatment: vec![KitOrder {
            what: "Ceftriaxon 2 g pha NaCl 0,9 % 100 ml, truyền tĩnh mạch trong 30 phút, ngày 1 lần (ngày 2).\nThở oxy gọng mũi 3 l/phút.".into(),
            state: "chưa ký: hỏi lại bác sĩ".into(),
            at: "07:45 17/11".into(),
            by: "BS Phạm Văn Việt".into(),
        }],
        results: vec![KitResult {
            name: "Kali".into(),
            value: "6,8 mmol/L".into(),
            range: "3.5 – 5.1".into(),
            flag: "↑".into(),
            critical: true,
            at: "06:40 17/11".into(),
        }],
    }
}

/// A ward's kit with four forms.
pub fn kit(renderer: &Renderer, patients: Vec<KitPatient>, copies: usize) -> Kit<'_> {
    let codes = ["theo-doi-chuc-nang-song", "phieu-cham-soc", "to-dieu-tri", "phieu-truyen-dich"];
    Kit {
        letterhead: letterhead(),
        ward: "NOI".into(),
        made: NOW,
        trusted_until: NOW + HOUR / 2,
        patients,
        sheets: codes.iter().filter_map(|code| renderer.version_of(code, 1)).collect(),
        named: true,
        copies,
    }
}
