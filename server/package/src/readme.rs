//! The README that travels with a record, in Vietnamese: what each file is, and how to check it with us and without.

use crate::manifest::Origin;

const TEXT: &str = include_str!("readme.md");

const SEALED: &str = "Gói đã được đóng dấu số của cơ sở (`manifest.json.p7s`).";
const UNSEALED: &str = "**Gói chưa được đóng dấu số**: máy lập gói không giữ khóa con dấu số của cơ sở. Các chữ ký của \
                        nhân viên y tế vẫn kiểm tra được, nhưng danh mục tệp chỉ tự khớp với chính nó.";

/// `uncovered` rows of the trail have no signed head over them yet.
pub fn readme(origin: &Origin, facility: &str, sealed: bool, uncovered: usize) -> String {
    let uncovered = match uncovered {
        0 => "Mọi dòng nhật ký trong gói đều có chứng minh.".to_owned(),
        n => format!("{n} dòng nhật ký mới hơn đầu chuỗi đã ký nên chưa có chứng minh (`\"proof\":null`)."),
    };
    TEXT.replace("{{record}}", &origin.record)
        .replace("{{facility}}", facility)
        .replace("{{code}}", &origin.facility)
        .replace("{{created}}", &origin.created_at)
        .replace("{{program}}", &origin.program)
        .replace("{{seal}}", if sealed { SEALED } else { UNSEALED })
        .replace("{{uncovered}}", &uncovered)
}
