//! Forms as data: what ships, and what a hospital brings.

use benhan_render::{Attachment, FormError, RenderError, Renderer, forms};
use serde_json::json;

use crate::poppler::OnDisk;
use crate::sample::{HOUR, NOW, care, chart, kit, letterhead};

const OWN_FORM: &str = "code='phieu-rieng'\ntitle='Phiếu riêng'\ntitle_en='Own sheet'\nversion=1\nlegal_act='Quyết định 1/QĐ-BV'\n\
    valid_from='2026-01-01'\ntemplate='phieu-rieng.typ'\nkind='drawn'\n\
    [signing]\nunit='sheet'\nauthors=['nurse']\nslots=[]\n";
const OWN_TEMPLATE: &str = "#import \"sheet.typ\": *\n#show: sheet\nLời dặn: #values.advice";

fn own_values() -> serde_json::Value {
    let sheet = care(0);
    json!({
        "letterhead": sheet.letterhead, "patient": sheet.patient, "document": sheet.document,
        "advice": "Tái khám sau 7 ngày",
    })
}

fn assessed() -> serde_json::Value {
    let clause = |id: &str, state: &str, tests: &[&str]| json!({ "id": id, "demand": "Mỗi người bệnh một mã.", "state": state, "reason": "", "tests": tests });
    json!({
        "letterhead": { "authority": "Sở Y tế Hưng Yên", "facility": "Bệnh viện Đa khoa Phố Nối", "department": "" },
        "document": { "id": "TDG-33001", "version": 1 }, "composed": "08:00 29/11/2026",
        "facts": [{ "label": "Mã cơ sở", "value": "33001" }],
        "texts": [{ "title": "Thông tư 46/2018", "clauses": [
            clause("C46-1", "met", &["a_record_opens"]), clause("C46-2", "unmet", &[]),
        ] }],
    })
}

fn answered() -> serde_json::Value {
    json!({
        "letterhead": letterhead(), "document": { "id": "0193e7a0-0000-7000-8000-000000000000", "version": 1 },
        "patient": { "name": "Nguyễn Bé An", "code": "26.0001", "birth": "20/05/2021" }, "purpose": "Giảng dạy",
        "version": 1, "data": "hồ sơ bệnh án", "recipients": "học viên", "reference": "Luật 91/2025/QH15",
        "sensitive": true, "text": "Tôi được hỏi.", "textSha256": "a".repeat(64), "answer": "Đồng ý",
        "by": "Lê Thị Mẹ, mẹ", "channel": "Ký trên giấy: túi hồ sơ", "at": "08:00 22/11/2026",
        "takenBy": "ĐD Trần Thị Lan", "note": "", "sha256": "b".repeat(64), "sealed": true,
    })
}

/// The minutes of `count` records that are gone and one that was kept; the last one's patient is called `name`.
fn destroyed(count: usize, name: &str) -> serde_json::Value {
    let line = |n: usize, note: &str| {
        json!({
            "archiveNumber": format!("16-LT{n:06}"), "number": format!("16.{n:06}"), "patient": format!("BN-16-{n:06}"),
            "patientName": if n == count { name } else { "Nguyễn Thị Diễm Hường" }, "class": "Tai nạn lao động",
            "year": "2026", "at": "08:30 05/01/2027", "note": note,
        })
    };
    let step = |what: &str, by: &str| json!({ "what": what, "by": by, "at": "08:00 04/01/2027" });
    json!({
        "letterhead": letterhead(), "document": { "id": "27-TH000001", "version": 1 },
        "decision": "QĐ 15/QĐ-BV ngày 04/01/2027", "reason": "Hết thời hạn lưu trữ", "method": "Hủy khóa của hồ sơ.",
        "done": "08:31 05/01/2027", "sha256": "ab".repeat(32),
        "steps": [step("Lập danh mục", "Lý Thu Hòa"), step("Phê duyệt", "Phạm Văn Việt"), step("Cho tiến hành", "Lý Thu Hòa")],
        "destroyed": (1..=count).map(|n| line(n, "")).collect::<Vec<_>>(),
        "kept": [line(9_999, "Đang bị giữ: không đưa vào danh mục hủy")],
    })
}

/// Two signatures of one person on `title`, and one of somebody else.
fn confirmed(title: &str) -> serde_json::Value {
    let row = |title: &str, signer: &str, count: u32| json!({ "title": title, "signer": signer, "count": count, "first": "07:00 05/01/2027", "last": "08:30 05/01/2027" });
    json!({
        "letterhead": letterhead(), "patient": care(0).patient, "document": { "id": "0199aa00-0000-7000-8000-000000000001", "version": 2 },
        "by": "BS Nguyễn Tiến Dũng", "capacity": "Người được người đứng đầu cơ sở ủy quyền",
        "decision": "Giấy ủy quyền 15/GUQ-BV ngày 04/01/2027", "at": "08:31 05/01/2027", "certificate": "5eaa29e4d38dc324",
        "issuer": "CN=CA cấp chứng thư Bệnh viện Thử", "sha256": "ab".repeat(32), "total": 3,
        "rows": [row(title, "ĐD Lê Thu Hà", 2), row("Lượt đo chức năng sống", "ĐD Trần Thị Ễ", 1)],
    })
}

// Clauses: C46-13.2
#[test]
fn the_confirmation_says_who_confirms_by_which_paper_and_whose_signatures() {
    let inside =
        [Attachment::json("phieu-x-v2.json", b"{}".to_vec()), Attachment::signature("phieu-x-v2.json.p7s", vec![0x30])];
    let renderer = Renderer::new().unwrap();
    let pdf = renderer.render_sealed("xac-nhan-cua-co-so", confirmed("Phiếu chăm sóc"), &inside, NOW).unwrap();
    let sheet = OnDisk::new(&pdf);
    sheet.assert_sound();
    sheet.assert_in_order(&[
        "XÁC NHẬN CỦA NGƯỜI ĐỨNG ĐẦU CƠ SỞ",
        "Thông tư 46/2018/TT-BYT, Điều 13 khoản 2",
        "BS Nguyễn Tiến Dũng",
        "Giấy ủy quyền 15/GUQ-BV",
        "Chữ ký được xác nhận: 3",
        "Phiếu chăm sóc",
        "ĐD Lê Thu Hà",
        "ĐD Trần Thị Ễ",
        "Tôi xác nhận",
    ]);
    assert_eq!(sheet.attachment("phieu-x-v2.json"), b"{}");
    let longest = renderer.render_sealed("xac-nhan-cua-co-so", confirmed(&"Phiếu ".repeat(300)), &[], NOW).unwrap();
    OnDisk::new(&longest).assert_sound();
}

// Clauses: RET-x
#[test]
fn the_minutes_of_a_destruction_name_the_decision_the_people_and_each_record() {
    let seal =
        [Attachment::json("bien-ban.json", b"{}".to_vec()), Attachment::signature("bien-ban.json.p7s", vec![0x30])];
    let pdf = Renderer::new().unwrap().render_sealed("bien-ban-tieu-huy", destroyed(2, "Trần Văn Ễ"), &seal, NOW);
    let sheet = OnDisk::new(&pdf.unwrap());
    sheet.assert_sound();
    sheet.assert_in_order(&[
        "Số: 27-TH000001",
        "BIÊN BẢN TIÊU HỦY HỒ SƠ BỆNH ÁN",
        "QĐ 15/QĐ-BV ngày 04/01/2027",
        "Lập danh mục Lý Thu Hòa",
        "Phê duyệt Phạm Văn Việt",
        "Hồ sơ đã tiêu hủy: 2 hồ sơ",
        "16-LT000001",
        "2026",
        "Trần Văn Ễ",
        "được giữ lại: 1 hồ sơ",
        "Đang bị giữ",
        "Hội đồng tiêu hủy",
        "Chủ tịch hội đồng",
    ]);
    assert_eq!(sheet.attachment("bien-ban.json"), b"{}");
}

#[test]
fn minutes_of_the_longest_list_and_of_a_name_that_no_font_holds_are_printed_all_the_same() {
    let longest = "Nguyễn ".repeat(43) + "高😀";
    let pdf = Renderer::new().unwrap().render_sealed("bien-ban-tieu-huy", destroyed(500, &longest), &[], NOW).unwrap();
    assert!((10..60).contains(&pdf.pages), "{}", pdf.pages);
    let sheet = OnDisk::new(&pdf);
    sheet.assert_sound();
    sheet.assert_in_order(&["500 hồ sơ", "16-LT000001", "16-LT000500", "Chủ tịch hội đồng"]);
    let name = Renderer::new().unwrap().render_sealed("bien-ban-tieu-huy", destroyed(1, "Trần 高"), &[], NOW).unwrap();
    OnDisk::new(&name).assert_in_order(&["Trần \u{FFFD}"]);
}

#[test]
fn every_form_that_the_program_draws_itself_has_a_rendering_and_two_have_a_blank() {
    let renderer = Renderer::new().unwrap();
    assert_eq!(renderer.forms(), forms::builtin().unwrap());
    let drawn: Vec<&str> = renderer.forms().iter().filter(|f| !f.is_filled()).map(|f| f.code.as_str()).collect();
    let ours = [
        "bien-ban-dien-tap-phuc-hoi",
        "bien-ban-tieu-huy",
        "bo-du-phong",
        "ho-so-tu-danh-gia",
        "phieu-cham-soc",
        "quy-che-ho-so",
        "theo-doi-chuc-nang-song",
        "tra-loi-dong-y",
        "xac-nhan-cua-co-so",
    ];
    assert_eq!(drawn, ours);
    renderer.care_sheet(&care(1), &[], NOW).unwrap();
    renderer.vital_chart(&chart(1, 1.0), &[], NOW).unwrap();
    renderer.render("ho-so-tu-danh-gia", &assessed(), &[], NOW).unwrap();
    renderer.render("bien-ban-tieu-huy", &destroyed(1, ""), &[], NOW).unwrap();
    renderer.render("xac-nhan-cua-co-so", &confirmed("Phiếu chăm sóc"), &[], NOW).unwrap();
    let answer = renderer.render("tra-loi-dong-y", &answered(), &[], NOW).unwrap();
    OnDisk::new(&answer).assert_in_order(&[
        "Lời đã đưa cho người trả lời",
        "ĐỒNG Ý",
        "Lê Thị Mẹ",
        "SHA-256 của trả lời",
    ]);
    renderer.kit(&kit(&renderer, vec![], 0)).unwrap();
    let blank = |code: &str| renderer.blank(renderer.version_of(code, 1).unwrap(), letterhead(), NOW);
    for code in ["phieu-cham-soc", "theo-doi-chuc-nang-song"] {
        let pdf = blank(code).unwrap();
        assert_eq!(pdf.pages, 1, "{code}");
        OnDisk::new(&pdf).assert_in_order(&["Họ và tên:", "Mẫu trống"]);
    }
    for code in [
        "ho-so-tu-danh-gia",
        "bien-ban-dien-tap-phuc-hoi",
        "bien-ban-tieu-huy",
        "bo-du-phong",
        "tra-loi-dong-y",
        "xac-nhan-cua-co-so",
    ] {
        assert!(matches!(blank(code), Err(RenderError::NotPrintable(_))), "{code}");
    }
}

// Clauses: T32-53.2
#[test]
fn no_form_carries_the_number_or_the_act_of_a_template_that_is_dead() {
    const DEAD: [&str; 3] = ["4069", "1941/", "3730/"];
    for form in forms::builtin().unwrap() {
        assert!(!form.number.contains("/BV-"), "{}: {}", form.code, form.number);
        assert!(DEAD.iter().all(|act| !form.legal_act.contains(act)), "{}: {}", form.code, form.legal_act);
    }
}

#[test]
fn the_self_assessment_counts_its_clauses_and_shows_what_proves_each() {
    let pdf = Renderer::new().unwrap().render("ho-so-tu-danh-gia", &assessed(), &[], NOW).unwrap();
    let sheet = OnDisk::new(&pdf);
    sheet.assert_in_order(&[
        "HỒ SƠ TỰ ĐÁNH GIÁ",
        "Mã cơ sở",
        "33001",
        "Cộng",
        "C46-1",
        "đáp ứng",
        "a record opens",
        "C46-2",
    ]);
    assert!(sheet.flat().contains("Cộng 2 1 0 1 0 0"), "{}", sheet.flat());
}

#[test]
fn the_minutes_of_a_drill_say_what_held_and_what_did_not() {
    let minutes = |held: bool, findings: &[&str]| {
        json!({
            "letterhead": { "authority": "Sở Y tế Hưng Yên", "facility": "Bệnh viện Đa khoa Phố Nối", "department": "" },
            "document": { "id": "DTPH-33001", "version": 1 }, "begun": "08:00 29/11/2026", "held": held,
            "facts": [{ "label": "Bản sao được phục hồi", "value": "benhan-20261129T010000Z" }],
            "proved": [{ "label": "Chữ ký số rời", "value": "200" }],
            "findings": findings, "findingCount": findings.len(),
        })
    };
    let drawn = |values| Renderer::new().unwrap().render("bien-ban-dien-tap-phuc-hoi", &values, &[], NOW).unwrap();
    let fine = OnDisk::new(&drawn(minutes(true, &[])));
    fine.assert_in_order(&["BIÊN BẢN DIỄN TẬP PHỤC HỒI", "benhan-20261129T010000Z", "Chữ ký số rời", "ĐẠT"]);
    assert!(!fine.flat().contains("KHÔNG ĐẠT"));
    let broken = OnDisk::new(&drawn(minutes(false, &["blob 00ff: tệp không còn đúng mã băm"])));
    broken.assert_in_order(&["KHÔNG ĐẠT", "blob 00ff"]);
}

// Clauses: C46-3.2a
#[test]
fn a_hospital_adds_a_form_without_a_build() {
    let renderer = Renderer::with_files([("phieu-rieng.toml", OWN_FORM), ("phieu-rieng.typ", OWN_TEMPLATE)]).unwrap();
    let pdf = renderer.render("phieu-rieng", &own_values(), &[], NOW).unwrap();
    OnDisk::new(&pdf).assert_in_order(&["PHIẾU RIÊNG", "NGUYỄN THỊ DIỄM HƯỜNG", "Lời dặn: Tái khám sau 7 ngày"]);
}

// Clauses: C46-4.2
#[test]
fn a_form_is_not_used_before_its_day() {
    let renderer = Renderer::with_files([("phieu-rieng.toml", OWN_FORM), ("phieu-rieng.typ", OWN_TEMPLATE)]).unwrap();
    let early = renderer.render("phieu-rieng", &own_values(), &[], NOW - 365 * 24 * HOUR);
    assert!(matches!(early, Err(RenderError::UnknownForm { .. })), "{early:?}");
}

#[test]
fn a_broken_template_is_named_with_its_line_when_it_is_loaded() {
    let broken = Renderer::with_files([
        ("phieu-rieng.toml", OWN_FORM),
        ("phieu-rieng.typ", "#import \"sheet.typ\": *\n#let x = ("),
    ]);
    match broken.map(|_| ()) {
        Err(FormError::Syntax { file, line, .. }) => assert_eq!((file.as_str(), line), ("phieu-rieng.typ", 2)),
        other => panic!("{other:?}"),
    }
    let alone = Renderer::with_files([("phieu-rieng.toml", OWN_FORM)]);
    assert!(matches!(alone.map(|_| ()), Err(FormError::TemplateMissing { .. })));
}

#[test]
fn a_template_reaches_no_file_and_no_package_and_its_error_quotes_no_patient() {
    for line in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../etc/passwd\")",
        "#import \"@preview/cetz:0.3.0\"",
        "#image(\"logo.png\")",
        "#panic(values.patient.name)",
    ] {
        let template = format!("#import \"sheet.typ\": *\n#show: sheet\n{line}");
        let renderer =
            Renderer::with_files([("phieu-rieng.toml", OWN_FORM), ("phieu-rieng.typ", template.as_str())]).unwrap();
        let failure = renderer.render("phieu-rieng", &own_values(), &[], NOW).unwrap_err();
        let RenderError::Typeset { at, message, .. } = &failure else { panic!("{failure:?}") };
        assert_eq!(at, "phieu-rieng.typ:3", "{line}: {}", message.reveal());
        assert!(!format!("{failure} {failure:?}").contains("Hường"));
    }
}
