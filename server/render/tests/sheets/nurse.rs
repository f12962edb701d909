//! Somebody who fills any form, the same way every time: long names, signs, lists, and at times nothing.

use benhan_domain::form::values::{self, Values};
use benhan_domain::form::{Field, FieldKind, FormDefinition};
use serde_json::{Map, Value, json};

const SENTENCES: [&str; 6] = [
    "Người bệnh tỉnh, tiếp xúc tốt; da niêm mạc hồng, không phù, không xuất huyết dưới da.",
    "Phổi rì rào phế nang rõ, ran nổ đáy phổi phải; SpO₂ ≥ 94 % với oxy kính 3 L/ph.",
    "☑ Đã giải thích cho người nhà ☐ Chưa thay băng; nhiệt độ ≤ 37,5 °C, đường huyết 7,8 mmol/L ± 0,2.",
    "Nguyễn Thị Diễm Hường ở số 12, thôn Đông Khoái, xã Việt Ưng, kể bệnh rành rẽ.",
    "Bụng mềm, gan lách không to; nước tiểu 1 500 ml/24 giờ, phân vàng khuôn.",
    "Ẩm ướt, ngửi thấy mùi; vết mổ khô – chân chỉ không nề đỏ (ngày thứ 3 → 5).",
];

pub struct Nurse {
    seed: u64,
    /// Rows in each table.
    pub rows: usize,
}

impl Nurse {
    pub fn new(seed: u64, rows: usize) -> Self {
        Self { seed, rows }
    }

    /// What the program keeps of what she filled in.
    pub fn fill(&mut self, form: &FormDefinition) -> Values {
        let mut raw = Values::new();
        for field in form.fields().filter(|field| field.calculation.is_none()) {
            if self.roll(8) > 0 {
                raw.insert(field.name.clone(), self.one(field));
            }
        }
        values::read(form, &raw).unwrap_or_else(|faults| panic!("{}: {faults:?}", form.code))
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.seed >> 40).unwrap() % sides
    }

    fn one(&mut self, field: &Field) -> Value {
        let option = |at: usize| json!(field.options[at].code);
        match field.kind {
            // Every eighth line is as long as a line may be, without a space to break at.
            FieldKind::Line if self.roll(8) == 0 => json!("Ộ".repeat(300)),
            FieldKind::Line => json!(SENTENCES[self.roll(6)]),
            FieldKind::Text => {
                let count = 1 + self.roll(6);
                json!((0..count).map(|_| SENTENCES[self.roll(6)]).collect::<Vec<_>>().join("\n"))
            }
            FieldKind::Quantity | FieldKind::Score => {
                let (low, high) = (field.low.unwrap_or(0.0), field.high.unwrap_or(9_999.0));
                let share = f64::from(u32::try_from(self.roll(1_000)).unwrap()) / 1_000.0;
                let number = low + (high - low) * share;
                json!(if field.kind == FieldKind::Score { number.floor().max(low.ceil()) } else { number })
            }
            FieldKind::BloodPressure => json!({ "systolic": 90 + self.roll(120), "diastolic": 40 + self.roll(50) }),
            FieldKind::Choice => option(self.roll(field.options.len())),
            FieldKind::Choices => {
                let some: Vec<Value> = (0..field.options.len()).filter(|_| self.roll(2) == 0).map(option).collect();
                json!(some)
            }
            FieldKind::Check => json!(self.roll(2) == 0),
            FieldKind::Date => json!(format!("2026-11-{:02}", 1 + self.roll(30))),
            FieldKind::Instant => json!(format!("2026-11-{:02}T{:02}:45:00+07:00", 1 + self.roll(30), self.roll(24))),
            FieldKind::Diagnosis => {
                let code = ["J18.9", "I10", "S72.001A"][self.roll(3)];
                json!({ "text": SENTENCES[self.roll(6)], "code": code })
            }
            FieldKind::Table => {
                let written: Vec<&Field> = field.columns.iter().filter(|column| column.calculation.is_none()).collect();
                let rows = self.rows;
                let mut row = || written.iter().map(|c| (c.name.clone(), self.one(c))).collect::<Map<_, _>>();
                (0..rows).map(|_| Value::Object(row())).collect()
            }
        }
    }
}
