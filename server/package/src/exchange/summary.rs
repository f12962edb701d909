//! Tóm tắt hồ sơ bệnh án: table 8 of QĐ 130/QĐ-BYT as amended, every field present, in its order.
//!
//! Course, treatment and advice are a doctor's sentences, and no form here holds them yet: they stay empty.

use super::node::Node;
use super::reading::Bodies;
use super::words::{compact_day, minute};
use crate::facts::Facts;

/// Mã loại hình KBCB: điều trị nội trú. Every stay here is one on a ward.
const INPATIENT: &str = "03";
/// Kết quả điều trị: tử vong. The record knows how a stay ended, and only this one says what came of the treatment.
const DIED: &str = "5";

pub fn summary(facts: &Facts, bodies: &Bodies) -> Node {
    let stay = &facts.stay;
    let died = stay.outcome.as_deref() == Some("died");
    let results: Vec<String> =
        bodies.results.iter().map(|r| format!("{}: {} {}", r.name, r.value, r.unit).trim_end().to_owned()).collect();
    Node::Group(vec![
        ("MA_LK", Node::text(&stay.number)),
        ("MA_LOAI_KCB", Node::text(INPATIENT)),
        ("HO_TEN_CHA", Node::empty()),
        ("HO_TEN_ME", Node::empty()),
        ("NGUOI_GIAM_HO", Node::empty()),
        ("DON_VI", Node::empty()),
        ("NGAY_VAO", Node::text(minute(&stay.admitted_at))),
        ("NGAY_RA", Node::maybe(stay.discharged_at.as_deref().map(minute))),
        ("CHAN_DOAN_VAO", Node::text(&stay.diagnosis)),
        ("CHAN_DOAN_RV", Node::empty()),
        ("QT_BENHLY", Node::empty()),
        ("TOMTAT_KQ", Node::text(results.join("; "))),
        ("PP_DIEUTRI", Node::empty()),
        ("NGAY_SINHCON", Node::empty()),
        ("NGAY_CONCHET", Node::empty()),
        ("SO_CONCHET", Node::empty()),
        ("KET_QUA_DTRI", Node::text(if died { DIED } else { "" })),
        ("GHI_CHU", Node::empty()),
        ("MA_TTDV", Node::empty()),
        ("NGAY_CT", Node::text(compact_day(&facts.exported_at))),
        ("MA_THE_TAM", Node::empty()),
        ("DU_PHONG", Node::empty()),
    ])
}
