//! Phiếu chăm sóc.

use std::sync::LazyLock;

use benhan_render::{CareColumn, CareCorrection, Renderer};

use crate::poppler::OnDisk;
use crate::sample::{HOUR, NOW, START, care};

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());

// Clauses: T32-52.2d
#[test]
fn entries_stand_by_time_with_who_signed_them() {
    let mut sheet = care(3);
    sheet.entries.reverse();
    let pdf = RENDERER.care_sheet(&sheet, &[], NOW).unwrap();
    let read = OnDisk::new(&pdf);
    read.assert_sound();
    read.assert_in_order(&[
        "PHIẾU CHĂM SÓC",
        "Phân cấp chăm sóc: Cấp II",
        "Theo dõi diễn biến",
        "Thực hiện y lệnh, chăm sóc",
    ]);
    read.assert_in_order(&["06:00", "Lần 0:", "đã ký số 06:00 16/11/2026", "12:00", "Lần 1:", "18:00", "Lần 2:"]);
    read.assert_in_order(&["☑ Vệ sinh răng miệng ☐ Thay băng"]);
    assert!(read.metadata().contains("<pdfaid:part>3</pdfaid:part>"));
}

#[test]
fn a_corrected_entry_shows_both_texts_and_why() {
    let mut sheet = care(1);
    sheet.entries[0].corrections = vec![CareCorrection {
        column: CareColumn::Progress,
        before: "Sốt 36,8 °C".into(),
        reason: "gõ nhầm nhiệt độ".into(),
        by: "Lê Thị Hồng".into(),
        at: START + HOUR,
        version: 2,
    }];
    OnDisk::new(&RENDERER.care_sheet(&sheet, &[], NOW).unwrap()).assert_in_order(&[
        "Lần 0:",
        "Sốt 36,8 °C",
        "Sửa lúc 07:00 16/11/2026, Lê Thị Hồng, phiên bản 2; lý do: gõ nhầm nhiệt độ",
    ]);
}

#[test]
fn a_withdrawn_entry_stays_with_its_reason() {
    let mut sheet = care(1);
    sheet.entries[0].withdrawn = Some("ghi nhầm người bệnh".into());
    sheet.entries[0].signature = None;
    OnDisk::new(&RENDERER.care_sheet(&sheet, &[], NOW).unwrap())
        .assert_in_order(&["Lần 0:", "Đã hủy; lý do: ghi nhầm người bệnh"]);
}

#[test]
fn an_empty_sheet_says_that_it_is_empty() {
    let pdf = RENDERER.care_sheet(&care(0), &[], NOW).unwrap();
    assert_eq!(pdf.pages, 1);
    assert!(OnDisk::new(&pdf).flat().contains("Chưa có nội dung nào được ghi."));
}

#[test]
fn the_heading_stands_on_every_page_of_a_long_sheet() {
    let pdf = RENDERER.care_sheet(&care(40), &[], NOW).unwrap();
    assert!(pdf.pages >= 3, "{pdf:?}");
    assert_eq!(OnDisk::new(&pdf).flat().matches("Theo dõi diễn biến").count(), pdf.pages);
}
