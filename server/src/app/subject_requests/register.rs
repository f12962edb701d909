//! What the authority asks to see: the register of requests, and what personal data is used for, each as a CSV.

use super::shown::{ENDED, OPEN, shapes};
use crate::app::accounts::Caller;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_personal::SubjectRequest;
use benhan_domain::access::{Place, ViewSubjectRequests, decide};
use benhan_domain::audit::Act;
use benhan_domain::time::Instant;
use benhan_store::subject_requests;
use serde_json::json;

/// More than a hospital gets in years; who has more takes the rest from the whole handover.
const MOST: i64 = 10_000;

/// Every request, the one that was received last first. A row of the trail: it names patients.
pub async fn register(app: &App, caller: &Caller) -> Result<String, AppError> {
    let (reader, app2, now) = (caller.clone(), app.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewSubjectRequests>(&reader.actor, Place::Facility)?;
        let states = [OPEN.as_slice(), ENDED.as_slice()].concat();
        let found = subject_requests::list(conn, &permit, &states, MOST)?;
        shapes(conn, &app2, &reader, found, now)
    });
    let found = read.await?;
    let detail = json!({ "rows": found.len() });
    app.db.note(trail::about(caller.user.id, Act::Export, "subject-request", "register".to_owned(), detail)).await?;
    let heads = [
        "Số",
        "Nhận lúc",
        "Mã người bệnh",
        "Người bệnh",
        "Người yêu cầu",
        "Loại yêu cầu",
        "Nội dung",
        "Đơn",
        "Hạn trả lời",
        "Trả lời lúc",
        "Người trả lời",
        "Nội dung trả lời",
        "Hạn thực hiện",
        "Gia hạn",
        "Trạng thái",
        "Kết thúc lúc",
        "Kết quả",
        "Quá hạn",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(found.into_iter().map(line));
    Ok(csv(&rows))
}

fn line(of: SubjectRequest) -> Vec<String> {
    let step = |one: Option<crate::view_personal::SubjectStep>| {
        one.map(|step| (local(&step.at), step.by.name, step.words)).unwrap_or_default()
    };
    let (decided, ended, extended) = (step(of.decided), step(of.ended), step(of.extended));
    vec![
        of.number,
        local(&of.received_at),
        of.patient_code,
        of.patient_name,
        of.asked_by,
        of.kind_text,
        of.details,
        of.paper,
        local(&of.answer_by),
        decided.0,
        decided.1,
        decided.2,
        local(&of.act_by),
        extended.2,
        of.state_text,
        ended.0,
        ended.2,
        if of.overdue { "có" } else { "không" }.to_owned(),
    ]
}

/// What personal data is used for, on which basis, which data and who gets it: for the annex of the impact assessment.
pub async fn activities(app: &App, caller: &Caller) -> Result<String, AppError> {
    decide::<ViewSubjectRequests>(&caller.actor, Place::Facility)?;
    let heads = ["Mã", "Mục đích", "Cơ sở pháp lý", "Căn cứ", "Dữ liệu", "Nhạy cảm", "Bên nhận", "Bản", "Áp dụng từ"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(app.renderer.purposes(app.db.now().day()).into_iter().map(|purpose| {
        vec![
            purpose.code.clone(),
            purpose.title.clone(),
            purpose.basis.vietnamese().to_owned(),
            purpose.reference.clone(),
            purpose.data.clone(),
            if purpose.sensitive { "có" } else { "không" }.to_owned(),
            purpose.recipients.clone(),
            purpose.version.to_string(),
            purpose.valid_from.to_string(),
        ]
    }));
    let detail = json!({ "rows": rows.len().saturating_sub(1) });
    let row = trail::about(caller.user.id, Act::Export, "subject-request", "activities".to_owned(), detail);
    app.db.note(row).await?;
    Ok(csv(&rows))
}

fn local(at: &str) -> String {
    let at = Instant::parse(at);
    at.map(|at| at.in_vietnam().strftime("%d/%m/%Y %H:%M").to_string()).unwrap_or_default()
}

/// RFC 4180, with the mark by which spreadsheets know UTF-8. A cell that a spreadsheet would take for a formula begins with
/// an apostrophe.
fn csv(rows: &[Vec<String>]) -> String {
    let cell = |text: &String| {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
    };
    let line = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(",");
    let lines: String = rows.iter().map(|row| line(row) + "\r\n").collect();
    format!("\u{feff}{lines}")
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn what_somebody_wrote_is_no_formula_in_a_spreadsheet() {
        let said = csv(&[vec!["=HYPERLINK(\"x\")".into(), "a\"b".into()], vec!["-1+1".into(), "Lê, Ẩn".into()]]);
        assert_eq!(said, "\u{feff}\"'=HYPERLINK(\"\"x\"\")\",\"a\"\"b\"\r\n\"'-1+1\",\"Lê, Ẩn\"\r\n");
    }
}
