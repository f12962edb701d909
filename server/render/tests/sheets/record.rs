//! The forms of the law as they ship: which there are, what they ask, and how they print.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use benhan_domain::form::values::{self, Values};
use benhan_domain::form::{FieldKind, FormDefinition, FormKind, Needed, Signatory};
use benhan_render::{Amendment, FormSheet, Renderer};
use serde_json::json;

use crate::nurse::Nurse;
use crate::poppler::OnDisk;
use crate::sample::{HOUR, NOW, filled, letterhead, patient, signature};

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());

fn form(code: &str) -> &'static FormDefinition {
    RENDERER.version_of(code, 1).unwrap_or_else(|| panic!("no form {code}"))
}

fn forms() -> impl Iterator<Item = &'static FormDefinition> {
    RENDERER.forms().iter().filter(|form| form.is_filled())
}

fn given(of: serde_json::Value) -> Values {
    of.as_object().unwrap().clone()
}

fn printed(form: &FormDefinition, sheet: &FormSheet<'_>) -> OnDisk {
    let read = OnDisk::new(&RENDERER.form_sheet(form, sheet, &[], NOW).unwrap());
    read.assert_sound();
    read
}

// Clauses: T32-51, C46-4.1, C13-1.2
#[test]
fn the_ministry_has_82_forms_and_those_still_to_come_are_named() {
    let all = RENDERER.catalogue();
    let of = |annex: &str| all.iter().filter(|form| form.annex == annex).count();
    assert_eq!((all.len(), of("XXVIII"), of("XXIX")), (82, 29, 53));
    for (n, (annex, kind)) in (1..=29).map(|n| (n, ("XXVIII", "BV1"))).chain((1..=53).map(|n| (n, ("XXIX", "BV2")))) {
        let number = format!("{n:02}/{kind}");
        assert_eq!(all.iter().filter(|form| form.number == number && form.annex == annex).count(), 1, "{number}");
    }
    let numbered: BTreeSet<&str> =
        forms().map(|form| form.number.as_str()).filter(|number| number.contains("/BV")).collect();
    let found: BTreeSet<&str> =
        all.iter().filter(|form| form.code.is_some()).map(|form| form.number.as_str()).collect();
    assert_eq!(numbered, found, "a definition has a number that the list does not know");
    assert_eq!(found.len(), 34);
    let replaced: Vec<&str> =
        all.iter().filter(|form| form.replaced_by.is_some()).map(|form| form.number.as_str()).collect();
    assert_eq!(replaced, ["52/BV2", "53/BV2"]);
    assert_eq!(RENDERER.to_come().count(), 82 - 34 - 2);
}

// Clauses: TT25/2025
#[test]
fn the_summary_its_request_and_the_death_notice_are_those_of_2025() {
    for (code, number) in
        [("tom-tat-ho-so-benh-an", "Mẫu 03"), ("don-de-nghi-tom-tat", "Mẫu 04"), ("giay-bao-tu", "Mẫu 05")]
    {
        let form = form(code);
        assert_eq!(form.number, number);
        assert!(form.legal_act.starts_with("Thông tư 25/2025/TT-BYT"), "{}", form.legal_act);
        assert!(!form.is_valid_on(jiff::civil::date(2025, 6, 30)) && form.is_valid_on(jiff::civil::date(2025, 7, 1)));
    }
    assert!(forms().all(|form| !["52/BV2", "53/BV2"].contains(&form.number.as_str())));
}

// Clauses: T32-51, C46-4.2
#[test]
fn every_record_prints_blank_and_filled_as_it_was_read_and_found_good() {
    print_all(|form| form.kind == FormKind::Record);
}

// Clauses: T32-51, C46-4.2
#[test]
fn every_sheet_prints_blank_and_filled_as_it_was_read_and_found_good() {
    print_all(|form| form.number.ends_with("/BV2") && !is_result(form));
}

// Clauses: T32-51
#[test]
fn every_result_prints_blank_and_filled_as_it_was_read_and_found_good() {
    print_all(is_result);
}

// Clauses: C46-4.2
#[test]
fn every_other_paper_prints_blank_and_filled_as_it_was_read_and_found_good() {
    print_all(|form| !form.number.contains("/BV"));
}

/// 08/BV2 to 24/BV2.
fn is_result(form: &FormDefinition) -> bool {
    ("08/BV2"..="24/BV2").contains(&form.number.as_str()) && form.number.ends_with("/BV2")
}

/// Pages and words of each. `BENHAN_GOLDEN=write` puts down what is printed now, to be read before it is kept.
fn print_all(which: impl Fn(&FormDefinition) -> bool) {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sheets/golden");
    let mut changed = Vec::new();
    for form in forms().filter(|form| which(form)) {
        let blank = RENDERER.blank(form, letterhead(), NOW).unwrap();
        OnDisk::new(&blank).assert_in_order(&["(ký, ghi rõ họ tên)", "Mẫu trống", &form.code]);
        let values = Nurse::new(7, 3).fill(form);
        let pdf = RENDERER.form_sheet(form, &filled(form, &values), &[], NOW).unwrap();
        let read = OnDisk::new(&pdf);
        read.assert_sound();
        let now = format!("blank: {} pages; filled: {} pages\n\n{}", blank.pages, pdf.pages, read.text());
        let file = golden.join(format!("{}.txt", form.code));
        if std::env::var_os("BENHAN_GOLDEN").is_some() {
            std::fs::write(&file, &now).unwrap();
        }
        if std::fs::read_to_string(&file).unwrap_or_default() != now {
            changed.push(form.code.as_str());
        }
    }
    assert!(changed.is_empty(), "print otherwise than in {}: {changed:?}", golden.display());
}

// Clauses: T32-52.1b, C46-3.2a
#[test]
fn the_internal_record_asks_for_every_item_of_the_paper_in_its_order() {
    let pdf = RENDERER.blank(form("benh-an-noi-khoa"), letterhead(), NOW).unwrap();
    OnDisk::new(&pdf).assert_in_order(&[
        "MS: 01/BV1",
        "Buồng",
        "Giường",
        "Số vào viện",
        "Mã người bệnh",
        "BỆNH ÁN NỘI KHOA",
        "Số lưu trữ",
        "Mã y tế",
        "I. HÀNH CHÍNH",
        "1. Họ và tên (in hoa)",
        "2. Sinh ngày",
        "Tuổi",
        "3. Giới",
        "Nam",
        "Nữ",
        "4. Nghề nghiệp",
        "5. Dân tộc",
        "6. Quốc tịch",
        "7. Địa chỉ",
        "8. Nơi làm việc",
        "9. Đối tượng",
        "1. BHYT",
        "2. Thu phí",
        "3. Miễn",
        "4. Khác",
        "10. BHYT giá trị đến",
        "Số thẻ BHYT",
        "11. Họ tên, địa chỉ người nhà",
        "Điện thoại",
        "II. QUẢN LÝ NGƯỜI BỆNH",
        "12. Vào viện",
        "13. Trực tiếp vào",
        "1. Cấp cứu",
        "2. KKB",
        "3. Khoa điều trị",
        "14. Nơi giới thiệu",
        "1. Cơ quan y tế",
        "2. Tự đến",
        "3. Khác",
        "lần thứ",
        "15. Vào khoa",
        "Số ngày điều trị",
        "16. Chuyển khoa",
        "17. Chuyển viện",
        "1. Tuyến trên",
        "2. Tuyến dưới",
        "3. Chuyên khoa",
        "Chuyển đến",
        "18. Ra viện",
        "1. Ra viện",
        "2. Xin về",
        "3. Bỏ về",
        "4. Đưa về",
        "19. Tổng số ngày điều trị",
        "III. CHẨN ĐOÁN",
        "20. Nơi chuyển đến",
        "21. KKB, cấp cứu",
        "22. Khi vào khoa điều trị",
        "Thủ thuật",
        "Phẫu thuật",
        "23. Ra viện – Bệnh chính",
        "Bệnh kèm theo",
        "Tai biến",
        "Biến chứng",
        "IV. TÌNH TRẠNG RA VIỆN",
        "24. Kết quả điều trị",
        "1. Khỏi",
        "2. Đỡ, giảm",
        "3. Không thay đổi",
        "4. Nặng hơn",
        "5. Tử vong",
        "25. Giải phẫu bệnh",
        "1. Lành tính",
        "2. Nghi ngờ",
        "3. Ác tính",
        "26. Tình hình tử vong",
        "1. Trong 24 giờ",
        "2. Sau 24 giờ",
        "1. Do bệnh",
        "2. Do tai biến điều trị",
        "3. Khác",
        "27. Nguyên nhân chính tử vong",
        "28. Khám nghiệm tử thi",
        "29. Chẩn đoán giải phẫu tử thi",
        "A. BỆNH ÁN",
        "I. Lý do vào viện",
        "Vào ngày thứ",
        "II. Hỏi bệnh",
        "1. Quá trình bệnh lý",
        "2. Tiền sử bệnh – Bản thân",
        "01. Dị ứng",
        "02. Ma túy",
        "03. Rượu, bia",
        "04. Thuốc lá",
        "05. Thuốc lào",
        "06. Khác",
        "Gia đình",
        "III. Khám bệnh",
        "1. Toàn thân",
        "Mạch",
        "Nhiệt độ",
        "Huyết áp",
        "Nhịp thở",
        "Cân nặng",
        "Chiều cao",
        "BMI",
        "2. Các cơ quan",
        "Tuần hoàn",
        "Hô hấp",
        "Tiêu hóa",
        "Thận – Tiết niệu – Sinh dục",
        "Thần kinh",
        "Cơ – Xương – Khớp",
        "Tai – Mũi – Họng",
        "Răng – Hàm – Mặt",
        "Mắt",
        "Nội tiết, dinh dưỡng",
        "3. Các xét nghiệm",
        "4. Tóm tắt bệnh án",
        "IV. Chẩn đoán khi vào khoa",
        "Bệnh chính",
        "Bệnh kèm theo",
        "Phân biệt",
        "V. Tiên lượng",
        "VI. Hướng điều trị",
        "B. TỔNG KẾT BỆNH ÁN",
        "1. Quá trình bệnh lý và diễn biến lâm sàng",
        "2. Tóm tắt kết quả xét nghiệm",
        "3. Phương pháp điều trị",
        "4. Tình trạng người bệnh ra viện",
        "5. Hướng điều trị và các chế độ tiếp theo",
        "Hồ sơ, phim, ảnh",
        "X-quang",
        "CT scanner",
        "Siêu âm",
        "Xét nghiệm",
        "Khác",
        "Toàn bộ hồ sơ",
        "Người giao hồ sơ",
        "Người nhận hồ sơ",
        "Bác sĩ làm bệnh án",
        "Bác sĩ điều trị",
        "Trưởng khoa",
        "Giám đốc bệnh viện",
    ]);
}

// Clauses: T32-52.1b
#[test]
fn the_records_share_their_cover_and_none_is_closed_without_its_summary() {
    let records: Vec<&FormDefinition> = forms().filter(|form| form.kind == FormKind::Record).collect();
    assert_eq!(
        records.iter().map(|form| form.number.as_str()).collect::<Vec<_>>(),
        ["10/BV1", "15/BV1", "02/BV1", "01/BV1", "05/BV1"]
    );
    let model = form("benh-an-noi-khoa");
    for record in records {
        assert!(record.once, "{}", record.code);
        let outpatient: &[&str] = &["stay", "diagnoses", "outcome-section"];
        for name in ["archive", "administrative", "stay", "diagnoses", "outcome-section", "closing-summary", "papers"] {
            if record.number == "15/BV1" && outpatient.contains(&name) {
                continue;
            }
            let section = |form: &FormDefinition| form.sections.iter().find(|s| s.name == name).cloned();
            assert_eq!(section(record), section(model), "{}: {name}", record.code);
        }
        let open: Vec<String> =
            values::missing(record, &Values::new(), Needed::Close).into_iter().map(|fault| fault.place).collect();
        for name in [
            "diagnosis-discharge",
            "outcome",
            "discharged-at",
            "closing-course",
            "closing-results",
            "closing-treatment",
            "closing-state",
            "closing-plan",
        ] {
            assert!(open.iter().any(|place| place == name), "{}: closed without {name}", record.code);
        }
    }
}

/// What somebody outside the hospital reads is written out: the list in the program knows the words.
// Clauses: T32-52.2c
#[test]
fn a_paper_that_is_handed_out_prints_words_where_the_list_has_them() {
    let leaves: Vec<&str> = forms().filter(|form| form.leaves).map(|form| form.code.as_str()).collect();
    for code in [
        "giay-ra-vien",
        "giay-chuyen-co-so",
        "giay-hen-kham-lai",
        "tom-tat-ho-so-benh-an",
        "ban-giao-chuyen-khoa-bac-si",
        "phieu-x-quang",
    ] {
        assert!(leaves.contains(&code), "{code}");
    }
    let letter = form("giay-ra-vien");
    let mut kept = given(
        json!({ "diagnosis-discharge": { "text": "THA độ 2, ĐTĐ típ 2", "code": "I10" }, "treatment": "HA kiểm soát, NMCT cũ" }),
    );
    values::map_texts(letter, &mut kept, &mut |text| RENDERER.abbreviations().expand(text).text);
    let read = printed(letter, &filled(letter, &kept));
    read.assert_in_order(&["tăng huyết áp độ 2, đái tháo đường típ 2", "huyết áp kiểm soát, nhồi máu cơ tim cũ"]);
    assert!(!read.text().contains("NMCT"));
    assert!(RENDERER.abbreviations().iter().count() >= 50);
}

// Clauses: T32-52.2d
#[test]
fn who_and_when_signatures_and_reasons_stand_at_the_foot_and_a_draft_says_so() {
    let consent = form("cam-ket-phau-thuat");
    let kept = given(json!({ "method": "Cắt ruột thừa nội soi", "agreed": "yes" }));
    let draft = FormSheet { signatures: vec![], ..filled(consent, &kept) };
    printed(consent, &draft).assert_in_order(&[
        "BẢN NHÁP",
        "☑ Đồng ý",
        "☐ Không đồng ý",
        "BS Nguyễn Hữu Trác",
        "Bác sĩ giải thích",
        "chưa ký số",
    ]);
    let doctor = ("author".to_owned(), signature(NOW - HOUR));
    let amended =
        Amendment {
            version: 2, by: "BS Trần Lan".into(), at: NOW - 2 * HOUR, reason: "ghi nhầm bên trái".into()
        };
    let sheet = FormSheet { signatures: vec![doctor], amendments: vec![amended], ..filled(consent, &kept) };
    let read = printed(consent, &sheet);
    read.assert_in_order(&[
        "Cắt ruột thừa nội soi",
        "Phiên bản 2",
        "BS Trần Lan",
        "ghi nhầm bên trái",
        "Ghi lúc",
        "BS Nguyễn Hữu Trác",
        "Bác sĩ giải thích",
        "đã ký số",
        "Trần Thị Bích Ngọc",
    ]);
    assert!(!read.text().contains("BẢN NHÁP"));
    assert!(read.flat().contains("(ký, ghi rõ họ tên)"), "the patient signs the print");
    assert_eq!(consent.signing.slots.iter().filter(|slot| slot.who == Signatory::Patient).count(), 1);
}

#[test]
fn a_diagnosis_has_its_code_in_boxes_and_a_pressure_its_stroke() {
    let record = form("benh-an-noi-khoa");
    let kept = given(json!({
        "diagnosis-discharge": { "text": "Viêm phổi", "code": "J18.9" }, "blood-pressure": { "systolic": 120.0, "diastolic": 80.0 },
        "bmi": 21.0, "name": "Nguyễn Ẩn", "autopsy": true,
    }));
    let read = printed(record, &filled(record, &kept));
    read.assert_in_order(&[
        "1. Họ và tên (in hoa): NGUYỄN ẨN",
        "Viêm phổi",
        "J 1 8 . 9",
        "☑ 28. Khám nghiệm tử thi",
        "120/80 mmHg",
        "21 kg/m²",
    ]);
}

#[test]
fn hundreds_of_rows_run_over_the_pages_with_their_head_and_the_patient_on_each() {
    let sheet = form("to-dieu-tri");
    let row = |n: usize| json!({ "at": "2026-11-28T07:05:00+07:00", "progress": format!("Lần {n}: ≥ 38 °C ≤ 39 °C ☑ đã báo.\n{}", "Ộ".repeat(200)), "orders": "mwMW".repeat(60) });
    let kept = given(json!({ "entries": (0..150).map(row).collect::<Vec<_>>() }));
    let kept = values::read(sheet, &kept).unwrap();
    let pdf = RENDERER.form_sheet(sheet, &filled(sheet, &kept), &[], NOW).unwrap();
    assert!((15..60).contains(&pdf.pages), "{} pages", pdf.pages);
    let read = OnDisk::new(&pdf);
    read.assert_sound();
    let text = read.text();
    assert_eq!(text.matches('Ộ').count(), 150 * 200);
    assert_eq!(text.matches("Diễn biến bệnh").count(), pdf.pages, "the head of the table on every page");
    let name = patient().name.to_uppercase();
    let named = text.split('\u{c}').filter(|page| page.contains(&name)).count();
    assert_eq!(named, pdf.pages, "whose sheet it is on every page");
}

#[test]
fn words_without_a_space_stay_in_every_narrow_column() {
    for code in ["phieu-cong-khai-thuoc", "phieu-truyen-dich", "benh-an-san-khoa"] {
        let form = form(code);
        let mut kept = Nurse::new(3, 12).fill(form);
        values::map_texts(form, &mut kept, &mut |text| "W".repeat(text.chars().count().min(300)));
        let sheet = FormSheet { author: "W".repeat(300), ..filled(form, &kept) };
        let letters = kept_letters(form, &kept);
        let read = printed(form, &sheet);
        assert!(read.text().matches('W').count() >= letters, "{code}");
    }
}

fn kept_letters(form: &FormDefinition, kept: &Values) -> usize {
    let mut letters = 0;
    values::map_texts(form, &mut kept.clone(), &mut |text| {
        letters += text.chars().count();
        text.to_owned()
    });
    letters
}

#[test]
fn what_ships_is_signed_by_staff_and_asks_in_full_words() {
    for form in forms() {
        let first = form.signing.slots.first().unwrap();
        assert_eq!((first.who, first.needed), (Signatory::Staff, Needed::Sign), "{}", form.code);
        assert_eq!(first.roles, form.signing.authors, "{}: the first slot is the author's", form.code);
        let asked = form.fields().any(|field| field.needed == Needed::Sign);
        assert!(asked, "{}: an empty sheet could be signed", form.code);
        for field in form.fields().filter(|field| field.kind == FieldKind::Diagnosis) {
            assert_eq!(field.unit, None, "{}/{}", form.code, field.name);
        }
    }
}
