//! Phiếu theo dõi chức năng sống.

use std::sync::LazyLock;

use benhan_render::{RenderError, Renderer, Source, VitalCorrection, VitalItem};

use crate::poppler::OnDisk;
use crate::sample::{HOUR, NOW, START, attach, chart};

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());

// Clauses: C46-1, C46-3.2a, C46-8.4, CV-III.1.1e, T32-52.2d
#[test]
fn a_week_reads_as_the_form_does() {
    let pdf = RENDERER.vital_chart(&chart(14, 11.9), &[], NOW).unwrap();
    let sheet = OnDisk::new(&pdf);
    sheet.assert_sound();
    sheet.assert_in_order(&[
        "Sở Y tế Hưng Yên",
        "BỆNH VIỆN ĐA KHOA PHỐ NỐI",
        "Khoa Nội tổng hợp",
        "Số vào viện: 26.011872",
        "Mã người bệnh: BN-26-004512",
        "PHIẾU THEO DÕI CHỨC NĂNG SỐNG",
        "Từ ngày 16/11/2026 đến ngày 22/11/2026",
        "NGUYỄN THỊ DIỄM HƯỜNG",
        "02/09/1959 (67 tuổi)",
        "Chẩn đoán: Viêm phổi",
        "Ngày, tháng",
        "16/11",
        "22/11",
        "Sáng",
        "06:00",
        "Huyết áp (mmHg)",
        "128/80",
        "Chi tiết từng lần theo dõi",
        "ĐD Trần Thị Bích Ngọc",
        "đã ký số 06:12 16/11/2026",
    ]);
    let text = sheet.flat();
    assert!(text.contains("Bệnh viện Đa khoa Phố Nối · Mã cơ sở 33001"), "{text}");
    assert!(text.contains("Mã tài liệu 019a8c1e-7b2f-7d31-9c55-2f6de1a0b7c4 · phiên bản 3"), "{text}");
    assert!(text.contains("Trang 1/2") && text.contains("Trang 2/2"), "{text}");
    assert_eq!(text.matches("đã ký số").count(), 14 * 2, "each signature stands in its column and in the table");
    assert_eq!(text.matches("CTS 54:01:01:0B:7E:91:4C").count(), 14);
}

// Clauses: C13-2.3, CV-III.1.1a, CV-III.1.3c
#[test]
fn the_file_says_that_it_is_pdf_a_3b_in_vietnamese() {
    let sheet = OnDisk::new(&RENDERER.vital_chart(&chart(1, 1.0), &[], NOW).unwrap());
    let metadata = sheet.metadata();
    assert!(metadata.contains("<pdfaid:part>3</pdfaid:part>"), "{metadata}");
    assert!(metadata.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "{metadata}");
    assert!(metadata.contains("Phiếu theo dõi chức năng sống"), "{metadata}");
    assert!(metadata.contains("<rdf:li>vi-VN</rdf:li>"), "{metadata}");
    let info = sheet.info();
    for line in ["Tagged:          yes", "JavaScript:      no", "Encrypted:       no", "(A4)", "2026-11-23T06:00:00+07"]
    {
        assert!(info.contains(line), "{line} in {info}");
    }
    let fonts = sheet.fonts();
    for line in fonts.lines().skip(2) {
        assert!(line.contains("Noto") && line.contains(" yes yes yes "), "embedded, subset, with text: {line}");
    }
}

// Clauses: SIG-14
#[test]
fn signed_data_and_signatures_travel_inside() {
    let mut chart = chart(3, 11.9);
    let files = attach(&mut chart);
    let sheet = OnDisk::new(&RENDERER.vital_chart(&chart, &files, NOW).unwrap());
    sheet.assert_sound();
    let list = sheet.attachment_list();
    assert!(list.starts_with("6 embedded files"), "{list}");
    assert!(list.contains("set-0002.json.p7s"), "{list}");
    assert_eq!(sheet.attachment("set-0001.json"), r#"{"set":1,"value":"mạch"}"#.as_bytes());
    assert_eq!(sheet.attachment("set-0001.json.p7s"), [0x30, 0x82, 0, 1]);
    assert!(sheet.flat().contains("đính kèm trong chính tệp PDF này (6 tệp)"));
}

#[test]
fn a_sheet_never_names_a_signature_that_it_lacks() {
    let mut chart = chart(2, 11.9);
    let files = attach(&mut chart);
    let short = RENDERER.vital_chart(&chart, &files[..3], NOW);
    assert!(matches!(&short, Err(RenderError::NotAttached(name)) if name == "set-0001.json.p7s"), "{short:?}");
}

#[test]
fn attachments_are_associated_files_with_type_and_relationship() {
    let mut chart = chart(1, 1.0);
    let files = attach(&mut chart);
    let pdf = RENDERER.vital_chart(&chart, &files, NOW).unwrap();
    let raw = String::from_utf8_lossy(&pdf.bytes);
    for mark in [
        "/AF",
        "/AFRelationship/Data",
        "/AFRelationship/Supplement",
        "application#2Fpkcs7-signature",
        "application#2Fjson",
    ] {
        assert!(raw.replace("/AFRelationship /", "/AFRelationship/").contains(mark), "{mark}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_and_another_instant_does_not() {
    let mut chart = chart(5, 5.0);
    let files = attach(&mut chart);
    let first = RENDERER.vital_chart(&chart, &files, NOW).unwrap();
    assert_eq!(first, RENDERER.vital_chart(&chart, &files, NOW).unwrap());
    assert_eq!(first, Renderer::new().unwrap().vital_chart(&chart, &files, NOW).unwrap());
    assert_ne!(first.bytes, RENDERER.vital_chart(&chart, &files, NOW + 60_000_000).unwrap().bytes);
}

// Clauses: KCB-7.10
#[test]
fn a_correction_keeps_the_old_value_in_sight() {
    let mut chart = chart(4, 11.9);
    chart.sets[2].version = 2;
    chart.sets[2].corrections = vec![VitalCorrection {
        item: VitalItem::Pulse,
        before: "48".into(),
        after: "102".into(),
        reason: "gõ nhầm số".into(),
        by: "Trần Thị Bích Ngọc".into(),
        at: START + 30 * HOUR,
        version: 2,
    }];
    let sheet = OnDisk::new(&RENDERER.vital_chart(&chart, &[], NOW).unwrap());
    sheet.assert_in_order(&[
        "102*",
        "* giá trị đã sửa",
        "Sửa mạch: 48 → 102; lý do: gõ nhầm số (Trần Thị Bích Ngọc, 12:00 17/11/2026, phiên bản 2)",
    ]);
}

#[test]
fn a_withdrawn_set_leaves_the_curve_and_stays_in_the_table() {
    let mut chart = chart(3, 11.9);
    chart.sets[1].withdrawn = Some("ghi nhầm người bệnh".into());
    chart.sets[1].readings.pulse = Some(147.0);
    let text = OnDisk::new(&RENDERER.vital_chart(&chart, &[], NOW).unwrap()).flat();
    assert_eq!(text.matches("147").count(), 1, "only in the table: {text}");
    assert!(text.contains("Đã hủy; lý do: ghi nhầm người bệnh"), "{text}");
}

#[test]
fn what_is_not_signed_says_so_and_a_device_is_named() {
    let mut chart = chart(2, 11.9);
    chart.sets[0].signature = None;
    chart.sets[1].source = Source::Device("Monitor M-12".into());
    let text = OnDisk::new(&RENDERER.vital_chart(&chart, &[], NOW).unwrap()).flat();
    assert_eq!(text.matches("chưa ký số").count(), 2);
    assert_eq!(text.matches("đã ký số").count(), 2);
    assert!(text.contains("Máy đo: Monitor M-12, Trần Thị Bích Ngọc xác nhận."), "{text}");
}

#[test]
fn values_beyond_the_scale_stand_at_its_edge_with_their_number() {
    let mut chart = chart(2, 11.9);
    chart.sets[0].readings.pulse = Some(212.0);
    chart.sets[1].readings.temperature = Some(33.4);
    let text = OnDisk::new(&RENDERER.vital_chart(&chart, &[], NOW).unwrap()).flat();
    assert!(text.contains("212↑") && text.contains("33,4↓"), "{text}");
}

#[test]
fn sets_in_any_order_are_shown_by_time() {
    let sorted = chart(6, 5.0);
    let mut turned = sorted.clone();
    turned.sets.reverse();
    assert_eq!(RENDERER.vital_chart(&sorted, &[], NOW).unwrap(), RENDERER.vital_chart(&turned, &[], NOW).unwrap());
}

#[test]
fn pages_follow_the_number_of_sets() {
    for (count, hours, pages) in [(0, 1.0, 1), (1, 1.0, 1), (14, 11.9, 2), (60, 3.0, 8)] {
        let pdf = RENDERER.vital_chart(&chart(count, hours), &[], NOW).unwrap();
        assert_eq!(pdf.pages, pages, "{count} sets");
        assert!(OnDisk::new(&pdf).info().contains(&format!("Pages:           {pages}")));
    }
    assert!(
        OnDisk::new(&RENDERER.vital_chart(&chart(0, 1.0), &[], NOW).unwrap())
            .flat()
            .contains("Chưa có lần theo dõi nào")
    );
}

#[test]
fn three_hundred_sets_name_the_patient_on_every_page() {
    let pdf = RENDERER.vital_chart(&chart(300, 1.0), &[], NOW).unwrap();
    let sheet = OnDisk::new(&pdf);
    sheet.assert_sound();
    for page in sheet.text().split('\u{c}').filter(|page| !page.trim().is_empty()) {
        assert!(page.contains("NGUYỄN THỊ DIỄM HƯỜNG") && page.contains("BN-26-004512"), "{page}");
    }
    assert_eq!(sheet.flat().matches("CTS 54:").count(), 300);
}
