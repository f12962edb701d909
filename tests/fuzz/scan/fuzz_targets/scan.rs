//! What a scanner or somebody who plays one hands in: any bytes, and honest files altered. Reading ends in bounds, what is
//! shown is a picture, and no code is read but one that reads back.
#![no_main]

#[path = "../../record/fuzz_targets/edited.rs"]
mod edited;

use benhan_domain::patient_signature::{PageMark, PaperCode, ScanKind};
use edited::edited;
use image::{GrayImage, ImageFormat, Luma};
use libfuzzer_sys::fuzz_target;
use qrcode::{Color, QrCode};
use std::io::Cursor;
use std::sync::LazyLock;

/// Pixels of a module of the code, and white modules around it.
const MODULE: u32 = 5;
const QUIET: u32 = 4;

struct Honest {
    png: Vec<u8>,
    jpeg: Vec<u8>,
    /// One that holds the pixels as they are, and one that holds the JPEG.
    pdfs: [Vec<u8>; 2],
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    // What a decoder breaks on is caught where it is called: only what gets past that is a finding.
    std::panic::set_hook(Box::new(|_| {}));
    let mark = PageMark { code: PaperCode::of(&[7; 32]), page: 1 };
    let page = drawn(&mark);
    let [png, jpeg] = [ImageFormat::Png, ImageFormat::Jpeg].map(|format| {
        let mut bytes = Cursor::new(Vec::new());
        page.write_to(&mut bytes, format).expect("written");
        bytes.into_inner()
    });
    let pdfs = [pdf(&page, "", page.as_raw()), pdf(&page, "/Filter /DCTDecode", &jpeg)];
    for (file, kind) in
        [(&png, ScanKind::Png), (&jpeg, ScanKind::Jpeg), (&pdfs[0], ScanKind::Pdf), (&pdfs[1], ScanKind::Pdf)]
    {
        assert_eq!(benhan_scan::read(file, kind), [mark], "{kind:?} as it was made");
    }
    Honest { png, jpeg, pdfs }
});

fn drawn(mark: &PageMark) -> GrayImage {
    let code = QrCode::new(mark.to_string()).expect("a code");
    let modules = u32::try_from(code.width()).expect("few");
    let side = (modules + 2 * QUIET) * MODULE;
    GrayImage::from_fn(side, side, |x, y| {
        let [column, row] = [x, y].map(|at| (at / MODULE).checked_sub(QUIET).filter(|at| *at < modules));
        let dark = column.zip(row).is_some_and(|at| code[(at.0 as usize, at.1 as usize)] == Color::Dark);
        Luma([if dark { 30 } else { 235 }])
    })
}

fn pdf(page: &GrayImage, filter: &str, data: &[u8]) -> Vec<u8> {
    let (width, height, length) = (page.width(), page.height(), data.len());
    let head = format!("/Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 /Length {length} {filter}");
    let mut file = format!("%PDF-1.4\n1 0 obj\n<< /Type /XObject {head} >>\nstream\n").into_bytes();
    file.extend(data);
    file.extend(b"\nendstream\nendobj\n%%EOF\n");
    file
}

fuzz_target!(|input: &[u8]| {
    let honest = &*HONEST;
    let Some((which, edits)) = input.split_first() else { return };
    let file = match which % 5 {
        0 => edits.to_vec(),
        1 => edited(&honest.png, edits),
        2 => edited(&honest.jpeg, edits),
        3 => edited(&honest.pdfs[0], edits),
        _ => edited(&honest.pdfs[1], edits),
    };
    let Some(kind) = ScanKind::of(&file) else { return };
    for mark in benhan_scan::read(&file, kind) {
        assert_eq!(PageMark::parse(&mark.to_string()), Some(mark));
    }
    let pictures = benhan_scan::pictures(&file, kind);
    assert!(benhan_scan::shown(&file, kind, pictures).is_none(), "no more than are counted");
    if let Some(picture) = benhan_scan::shown(&file, kind, 0) {
        assert!(image::load_from_memory_with_format(&picture, ImageFormat::Jpeg).is_ok(), "for every browser");
    }
});
