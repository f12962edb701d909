//! The downtime kit: one document, read back by poppler; locked, and opened by qpdf with its password alone.

use benhan_render::{Renderer, lock};
use std::process::Command;

use crate::poppler::OnDisk;
use crate::sample::{kit, lying as patient};

// Clauses: C46-5.c
#[test]
fn a_kit_says_what_to_do_who_lies_there_and_has_sheets_with_their_names() {
    let renderer = Renderer::new().unwrap();
    let mut first = patient("G01", "Nguyễn Văn An", "26.000001");
    first.allergies = vec!["Penicillin (sốc phản vệ 2019)".into()];
    let mut second = patient("G02", "Lê Thị Bình", "26.000002");
    (second.orders, second.treatment, second.results) = (vec![], vec![], vec![]);
    second.who.diagnosis = "Theo dõi 高😀".into();
    let pdf = renderer.kit(&kit(&renderer, vec![first, second], 1)).unwrap();
    let sheet = OnDisk::new(&pdf);
    sheet.assert_sound();
    sheet.assert_in_order(&[
        "BỘ HỒ SƠ DỰ PHÒNG KHI MẤT HỆ THỐNG",
        "Dữ liệu lúc",
        "2 người bệnh",
        "Sự cố",
        "Danh sách người bệnh",
        "NGUYỄN VĂN AN",
        "Penicillin",
        "LÊ THỊ BÌNH",
        "Chưa ghi nhận tiền sử dị ứng",
        "Từng người bệnh",
        "Điện giải đồ",
        "Ceftriaxon",
        "Kali",
        "Không có chỉ định nào đang chờ",
        "Hết phần dữ liệu",
        "THEO DÕI CHỨC NĂNG SỐNG",
        "NGUYỄN VĂN AN",
        "TRUYỀN DỊCH",
        "LÊ THỊ BÌNH",
    ]);
    let text = sheet.flat();
    assert!(!text.contains("Không dị ứng"), "what nobody charted is not said to be none");
    assert!(text.contains("Theo dõi \u{FFFD}"), "a character that no font holds leaves no ward without its kit");
    assert!(text.contains(&format!("{}/{}", pdf.pages, pdf.pages)), "the pages are counted through");
    // Three sheets each of four forms, and what comes before.
    assert!(pdf.pages >= 12 + 3, "{}", pdf.pages);
    assert!(!sheet.metadata().contains("pdfaid"), "it is locked afterwards, so it claims no PDF/A");
}

#[test]
fn an_empty_ward_has_a_kit_too() {
    let renderer = Renderer::new().unwrap();
    let pdf = renderer.kit(&kit(&renderer, vec![], 1)).unwrap();
    let sheet = OnDisk::new(&pdf);
    sheet.assert_in_order(&["0 người bệnh", "không có người bệnh nào nằm khoa", "Hết phần dữ liệu", "Họ và tên:"]);
}

// Clauses: C46-5.c, SEC-5
#[test]
fn a_locked_kit_opens_with_its_password_and_with_no_other() {
    let renderer = Renderer::new().unwrap();
    let mut small = kit(&renderer, vec![patient("G01", "Nguyễn Văn An", "26.000001")], 0);
    small.sheets.truncate(1);
    let pdf = renderer.kit(&small).unwrap();
    let locked = lock(&pdf.bytes, "khoa noi 2026!", &[7; 64]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("kit.pdf"), &locked).unwrap();
    std::fs::write(dir.path().join("right"), "khoa noi 2026!").unwrap();
    std::fs::write(dir.path().join("wrong"), "khoa noi 2027!").unwrap();
    let run = |tool: &str, arguments: &[&str]| {
        let ended = Command::new(tool).current_dir(dir.path()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
        (ended.status.success(), said)
    };
    let (opened, said) = run("qpdf", &["--password-file=right", "--show-encryption", "kit.pdf"]);
    assert!(opened && said.contains("R = 6") && said.contains("AESv3"), "{said}");
    let (sound, said) = run("qpdf", &["--password-file=right", "--check", "kit.pdf"]);
    assert!(sound && said.contains("No syntax or stream encoding errors found"), "{said}");
    let (_, text) = run("pdftotext", &["-raw", "-upw", "khoa noi 2026!", "kit.pdf", "-"]);
    assert!(text.contains("NGUYỄN VĂN AN"), "{text}");
    for refused in [
        run("qpdf", &["--password-file=wrong", "--decrypt", "kit.pdf", "out.pdf"]),
        run("qpdf", &["--decrypt", "kit.pdf", "out.pdf"]),
        run("pdfinfo", &["-upw", "khoa noi 2027!", "kit.pdf"]),
        run("pdftotext", &["kit.pdf", "-"]),
    ] {
        assert!(!refused.0, "{}", refused.1);
        assert!(!refused.1.contains("NGUYỄN"));
    }
    // Neither names nor the title lie about in the clear.
    for word in ["Nguyễn", "26.000001", "dự phòng", "Benhan"] {
        assert!(!locked.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
    }
}
