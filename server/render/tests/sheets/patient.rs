//! What a patient drew on the screen, as the sheet shows it.

use benhan_render::{Attachment, FormSheet, PatientMark, RenderError, Renderer};
use serde_json::json;

use crate::poppler::OnDisk;
use crate::sample::{HOUR, NOW, filled, signature};

// Clauses: C13-3
#[test]
fn what_a_patient_drew_says_what_it_is_and_never_stands_without_its_evidence() {
    let renderer = Renderer::new().unwrap();
    let consent = renderer.version_of("cam-ket-phau-thuat", 1).expect("a consent");
    let kept = json!({ "method": "Cắt ruột thừa nội soi", "agreed": "yes" }).as_object().expect("values").clone();
    let wave: Vec<[f64; 2]> = (0..40_u32).map(|n| [f64::from(n), 7.0 + (f64::from(n) / 3.0).sin() * 6.0]).collect();
    let mark = PatientMark {
        name: "Nguyễn Thị Ẩn".into(),
        stands_as: "đại diện cho người bệnh: con".into(),
        method: "ký tay trên màn hình".into(),
        signed_at: NOW,
        witness: "BS Nguyễn Hữu Trác".into(),
        certificate: "0a:1b:2c".into(),
        evidence: "nguoi-benh-ky-1.json".into(),
        signature: "nguoi-benh-ky-1.json.p7s".into(),
        lines: vec![wave, vec![[20.0, 1.0]]],
        sides: [40.0, 14.0],
        paper: String::new(),
    };
    let doctor = ("author".to_owned(), signature(NOW - HOUR));
    let sheet =
        FormSheet { signatures: vec![doctor], patients: vec![("patient".to_owned(), mark)], ..filled(consent, &kept) };
    let files = [
        Attachment::evidence("nguoi-benh-ky-1.json", b"{}".to_vec()),
        Attachment::signature("nguoi-benh-ky-1.json.p7s", vec![1]),
    ];
    let read = OnDisk::new(&renderer.form_sheet(consent, &sheet, &files, NOW).expect("printed"));
    read.assert_sound();
    read.assert_in_order(&[
        "Nguyễn Thị Ẩn",
        "đại diện cho người bệnh: con",
        "ký tay trên màn hình",
        "BS Nguyễn Hữu Trác",
    ]);
    assert!(read.flat().contains("Nét ký in ở đây chỉ để xem"), "{}", read.flat());
    assert!(!read.flat().contains("(ký, ghi rõ họ tên)"));
    for left in 0..2 {
        let some: Vec<Attachment> = files.iter().skip(left).take(1).cloned().collect();
        let refused = renderer.form_sheet(consent, &sheet, &some, NOW);
        assert!(matches!(refused, Err(RenderError::NotAttached(_))), "{left}");
    }
}
