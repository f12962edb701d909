//! Some bệnh án of the first ward, as a doctor has left them this morning: one signed by doctor and head of the ward, one
//! that waits for the head, one that is still a draft.

use super::STAFF;
use super::seed::{Admitted, House};
use anyhow::Context;
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_server::App;
use benhan_server::app::accounts::Caller;
use benhan_server::app::forms::{self, Saved};
use benhan_server::app::signing::{self, ToSign};
use benhan_server::view_forms::FilledForm;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};

const DOCTOR: &str = "viet";
const HEAD: &str = "thanh";
const RECORD: &str = "benh-an-noi-khoa";
const TREATMENT: &str = "to-dieu-tri";

pub async fn write(app: &App, house: &House, admitted: &[Admitted], now: i64, clock: &AtomicI64) -> anyhow::Result<()> {
    clock.store(now.saturating_sub(20 * MINUTE), Ordering::Relaxed);
    let (doctor, head) = (house.caller(DOCTOR)?, house.caller(HEAD)?);
    for a in admitted.iter().filter(|a| a.ward == 0 && a.n < 3) {
        let at = Instant(now.saturating_sub(2 * HOUR));
        let record = filled(app, &doctor, a, (RECORD, at), history()).await?;
        if a.n < 2 {
            signed(app, &doctor, &record, "author").await?;
        }
        if a.n == 0 {
            signed(app, &head, &record, "head").await?;
            let sheet = filled(app, &doctor, a, (TREATMENT, at), orders(at)).await?;
            signed(app, &doctor, &sheet, "author").await?;
        }
    }
    Ok(())
}

async fn filled(
    app: &App,
    doctor: &Caller,
    of: &Admitted,
    (form, at): (&str, Instant),
    words: Value,
) -> anyhow::Result<FilledForm> {
    let opened = forms::open(app, doctor, of.stay, (form.to_owned(), at), None).await?;
    let id = opened.entry.id.parse()?;
    let mut values = opened.values;
    values.extend(words.as_object().cloned().unwrap_or_default());
    let saved = Saved { seen: opened.entry.version, effective_at: None, values, reason: None };
    Ok(forms::save(app, doctor, id, saved).await?)
}

async fn signed(app: &App, who: &Caller, sheet: &FilledForm, slot: &str) -> anyhow::Result<()> {
    let pin = STAFF.iter().find(|s| s.username == who.user.username).map(|s| s.pin.to_owned());
    let place = ToSign { document: sheet.entry.id.parse()?, version: sheet.entry.version, slot: slot.to_owned() };
    signing::sign_form(app, who, place, pin.context("a PIN of the demo")?).await?;
    Ok(())
}

fn history() -> Value {
    json!({
        "reason": "Sốt, ho khạc đờm, khó thở khi gắng sức", "illness-day": 4,
        "course": "Khởi phát cách vào viện 4 ngày: sốt 38,5–39 °C, ho đờm vàng, đau ngực phải khi hít sâu. Đã uống kháng sinh 2 ngày ở nhà (không rõ loại), không đỡ.",
        "own-history": "Tăng huyết áp 5 năm, điều trị đều.", "family-history": "Chưa phát hiện bất thường.",
        "general": "Tỉnh, tiếp xúc tốt. Da, niêm mạc hồng. Không phù. Hạch ngoại vi không sờ thấy.",
        "circulatory": "Nhịp tim đều, T1 T2 rõ, không tiếng thổi.",
        "respiratory": "Lồng ngực cân đối, ran ẩm đáy phổi phải, rì rào phế nang giảm.",
        "digestive": "Bụng mềm, không chướng, gan lách không to.",
        "tests-to-do": "Công thức máu, CRP, khí máu, X-quang ngực thẳng, cấy đờm.",
        "case-summary": "Người bệnh vào viện vì sốt, ho đờm ngày thứ 4; có hội chứng nhiễm trùng và hội chứng đông đặc đáy phổi phải.",
        "prognosis": "Trung bình", "plan": "Kháng sinh, hạ sốt, long đờm, thở oxy khi SpO₂ < 94 %, theo dõi sinh hiệu.",
    })
}

fn orders(at: Instant) -> Value {
    json!({
        "care-level": "2",
        "entries": [{
            "at": at.rfc3339(), "progress": "Còn sốt, ho đờm vàng, thở 22 lần/phút. Ran ẩm đáy phổi phải.",
            "orders": "Ceftriaxon 1 g × 2 lọ, tiêm tĩnh mạch chậm 8 giờ, 20 giờ (ngày 1)\nParacetamol 500 mg uống khi sốt > 38,5 °C\nAmbroxol 30 mg × 3 viên\nChăm sóc cấp II, ăn cháo",
        }],
    })
}
