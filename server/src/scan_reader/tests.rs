use super::*;
use benhan_domain::patient_signature::PaperCode;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{GrayImage, Luma};
use proptest::prelude::*;
use qrcode::{Color, EcLevel, QrCode};
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

fn mark(of: u8, page: u16) -> PageMark {
    PageMark { code: PaperCode::of(&[of; 32]), page }
}

/// A page of A4 at 100 dpi with marks of 16 mm near its foot, turned by so many degrees, with the noise of a bad glass.
fn page(marks: &[PageMark], degrees: f64, noise: u8) -> GrayImage {
    let (w, h, module) = (827_u32, 1_169_u32, 3_u32);
    let mut flat = GrayImage::from_pixel(w, h, Luma([244]));
    for (n, mark) in marks.iter().enumerate() {
        let qr = QrCode::with_error_correction_level(mark.to_string(), EcLevel::Q).expect("a code");
        let (left, top) = (90 + u32::try_from(n).expect("few") * 200, 1_000);
        for (at, colour) in qr.to_colors().iter().enumerate() {
            let (x, y) =
                (u32::try_from(at % qr.width()).expect("small"), u32::try_from(at / qr.width()).expect("small"));
            for (dx, dy) in (0..module).flat_map(|dx| (0..module).map(move |dy| (dx, dy))) {
                let ink = if *colour == Color::Dark { 40 } else { 244 };
                flat.put_pixel(left + x * module + dx, top + y * module + dy, Luma([ink]));
            }
        }
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut seed = 7_u32;
    GrayImage::from_fn(w, h, |x, y| {
        let (dx, dy) = (f64::from(x) - f64::from(w) / 2.0, f64::from(y) - f64::from(h) / 2.0);
        let (sx, sy) = (dx * cos + dy * sin + f64::from(w) / 2.0, dy * cos - dx * sin + f64::from(h) / 2.0);
        let inside = sx >= 0.0 && sy >= 0.0 && sx < f64::from(w) && sy < f64::from(h);
        #[expect(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside")]
        let grey = if inside { flat.get_pixel(sx as u32, sy as u32).0[0] } else { 250 };
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = u8::try_from(seed >> 24).expect("a byte") % noise.max(1);
        Luma([grey.saturating_sub(grain)])
    })
}

fn written(page: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    page.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut to = ZlibEncoder::new(Vec::new(), Compression::default());
    to.write_all(bytes).expect("deflated");
    to.finish().expect("deflated")
}

/// A PDF as far as its pictures go.
fn pdf(pictures: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    for (n, (head, data)) in pictures.iter().enumerate() {
        write!(bytes, "{} 0 obj\n<< /Type /XObject /Subtype /Image {head} >>\nstream\n", n + 1).expect("written");
        bytes.extend(data);
        bytes.extend(b"\nendstream\nendobj\n");
    }
    bytes.extend(b"%%EOF");
    bytes
}

// Clauses: C46-13.3b
#[test]
fn a_page_is_read_as_it_was_laid_on_the_glass() {
    for (degrees, noise) in [(0.0, 0), (1.5, 30), (-3.0, 50), (90.0, 20), (180.0, 20), (187.0, 40)] {
        let found = read(&written(&page(&[mark(1, 2)], degrees, noise), ImageFormat::Png), ScanKind::Png);
        assert_eq!(found, [mark(1, 2)], "{degrees} degrees, noise {noise}");
    }
    let jpeg = written(&page(&[mark(1, 1)], 2.0, 30), ImageFormat::Jpeg);
    assert_eq!(read(&jpeg, ScanKind::Jpeg), [mark(1, 1)]);
    let mut two = read(&written(&page(&[mark(1, 1), mark(2, 1)], 1.0, 20), ImageFormat::Png), ScanKind::Png);
    two.sort_unstable();
    let mut both = vec![mark(1, 1), mark(2, 1)];
    both.sort_unstable();
    assert_eq!(two, both, "two sheets under one glass");
    assert_eq!(read(&written(&page(&[], 0.0, 50), ImageFormat::Png), ScanKind::Png), []);
}

#[test]
fn a_pdf_is_read_page_by_page_in_what_scanners_write() {
    let sides = "/Width 827 /Height 1169 /BitsPerComponent 8";
    let (one, two) = (page(&[mark(1, 1)], 1.0, 20), page(&[mark(1, 2)], -1.0, 20));
    let jpeg = written(&two, ImageFormat::Jpeg);
    let colours: Vec<u8> = one.as_raw().iter().flat_map(|grey| [*grey; 3]).collect();
    let row = 827_usize.div_ceil(8);
    let mut bits = vec![0_u8; row * 1_169];
    for (x, y, grey) in page(&[mark(1, 3)], 0.0, 0).enumerate_pixels() {
        let (x, y) = (usize::try_from(x).expect("small"), usize::try_from(y).expect("small"));
        bits[y * row + x / 8] |= u8::from(grey.0[0] > 128) << (7 - x % 8);
    }
    let predicted: Vec<u8> = one.as_raw().chunks(827).flat_map(|line| [&[0][..], line].concat()).collect();
    let pages = [
        (format!("/ColorSpace /DeviceGray {sides} /Filter /FlateDecode"), deflated(one.as_raw())),
        (format!("/ColorSpace /DeviceGray {sides} /Filter [/DCTDecode] /Length {}", jpeg.len()), jpeg),
        (format!("/ColorSpace 9 0 R {sides} /Filter /FlateDecode /Length 8 0 R"), deflated(&colours)),
        (format!("{sides} /Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 827 >>"), deflated(&predicted)),
        ("/Width 827 /Height 1169 /BitsPerComponent 1 /Filter/FlateDecode".to_owned(), deflated(&bits)),
        ("/Width 827 /Height 1169 /ImageMask true /Filter/FlateDecode".to_owned(), {
            let inverted: Vec<u8> = bits.iter().map(|byte| !byte).collect();
            deflated(&inverted)
        }),
    ];
    assert_eq!(read(&pdf(&pages), ScanKind::Pdf), [1, 2, 1, 1, 3, 3].map(|page| mark(1, page)));
    let whole = pdf(&pages);
    assert_eq!(read(&whole[..whole.len() / 9], ScanKind::Pdf), [], "cut off within the first page");
}

/// Of this machine, unoptimised and with others on it.
const QUICK: Duration = Duration::from_secs(60);

#[test]
fn what_is_made_to_hurt_is_answered_soon_and_has_no_code() {
    let began = Instant::now();
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\0\0\0\0".to_vec();
    png.extend([0x2c, 0x5b, 0x6c, 0x11]);
    assert_eq!(read(&png, ScanKind::Png), [], "30,000 × 30,000");
    let jpeg = written(&page(&[mark(1, 1)], 0.0, 0), ImageFormat::Jpeg);
    assert_eq!(read(&jpeg[..jpeg.len() / 2], ScanKind::Jpeg).len(), 0, "cut off above its code");
    let scans = [jpeg[..jpeg.len() - 2].to_vec(), b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\0".repeat(20_000)].concat();
    assert_eq!(read(&scans, ScanKind::Jpeg), [], "many scans over the same pixels");
    let empty = deflated(&[0; 64]);
    let head = "/Width 8000 /Height 4000 /BitsPerComponent 8 /Filter /FlateDecode";
    let pages: Vec<_> = (0..10_000).map(|_| (head.to_owned(), empty.clone())).collect();
    assert_eq!(read(&pdf(&pages), ScanKind::Pdf), [], "10,000 pages");
    let bomb = deflated(&vec![0; 64 << 20]);
    let head = "/Width 200 /Height 200 /BitsPerComponent 8 /Filter /FlateDecode";
    let bombs: Vec<_> = (0..40).map(|_| (head.to_owned(), bomb.clone())).collect();
    assert_eq!(read(&pdf(&bombs), ScanKind::Pdf), [], "forty bombs");
    // Corners of codes all over the page: 1:1:3:1:1 in both directions.
    let corner = |x: u32, y: u32| {
        let (x, y) = (x % 9, y % 9);
        let ring = x < 7 && y < 7 && (x == 0 || y == 0 || x == 6 || y == 6);
        ring || ((2..5).contains(&x) && (2..5).contains(&y))
    };
    let busy = GrayImage::from_fn(1_200, 1_200, |x, y| Luma([if corner(x, y) { 0 } else { 255 }]));
    assert_eq!(read(&written(&busy, ImageFormat::Png), ScanKind::Png), [], "18,000 corners");
    assert!(began.elapsed() < QUICK, "{:?}", began.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_are_too_odd(kind in 0..3, bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let (magic, kind): (&[u8], _) = match kind {
            0 => (b"\xff\xd8\xff", ScanKind::Jpeg),
            1 => (b"\x89PNG\r\n\x1a\n", ScanKind::Png),
            _ => (b"%PDF-1 0 obj<</Subtype/Image/Width 300/Height 300>>stream\n", ScanKind::Pdf),
        };
        prop_assert_eq!(read(&[magic, &bytes].concat(), kind), []);
    }
}
