use super::*;
use benhan_domain::patient_signature::PaperCode;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, Luma};
use proptest::prelude::*;
use qrcode::{Color, EcLevel, QrCode};
use std::io::{Cursor, Write};

fn mark(of: u8, page: u16) -> PageMark {
    PageMark { code: PaperCode::of(&[of; 32]), page }
}

/// A scanner, and how a page lay on its glass.
#[derive(Clone, Copy, Debug)]
struct Glass {
    dpi: u32,
    degrees: f64,
    /// Of 255, to either side.
    noise: u8,
    paper: u8,
    /// The lid half open: the far side gets so many hundredths of the light.
    far: u8,
}

const GOOD: Glass = Glass { dpi: 200, degrees: 0.0, noise: 12, paper: 238, far: 100 };
const INK: f64 = 45.0;
/// The mark as it is printed (`sheet.typ`): 18 mm with three white modules around it, ending 7 mm above the paper's edge.
const MODULE: f64 = 18.0 / 27.0;
const WIDTH: f64 = 210.0;
const HEIGHT: f64 = 297.0;

struct Printed {
    marks: Vec<(QrCode, f64)>,
}

impl Printed {
    fn of(marks: &[PageMark]) -> Self {
        let lefts = [WIDTH - 14.0 - 24.0 * MODULE, 30.0];
        let drawn =
            |mark: &PageMark| QrCode::with_error_correction_level(mark.to_string(), EcLevel::Q).expect("a code");
        Self { marks: marks.iter().map(drawn).zip(lefts).collect() }
    }

    /// How it is in millimetres of the paper: the marks, rules, and words as far as a reader of codes can tell.
    fn is_ink(&self, x: f64, y: f64) -> bool {
        for (qr, left) in &self.marks {
            let (column, row) = ((x - left) / MODULE, (y - HEIGHT + 7.0 + 24.0 * MODULE) / MODULE);
            if (0.0..21.0).contains(&column) && (0.0..21.0).contains(&row) {
                return qr[(whole(column), whole(row))] == Color::Dark;
            }
        }
        let (line, word) = (y / 5.0, x / 1.7);
        let letter = (whole(line) * 31 + whole(word) * 17) % 7;
        let text = (20.0..260.0).contains(&y) && (18.0..190.0).contains(&x) && line.fract() < 0.45;
        text && letter > 1 && (word.fract() < 0.3 || line.fract() < 0.1 || (letter > 4 && line.fract() > 0.35))
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place on a page"
)]
fn whole(n: f64) -> usize {
    n as usize
}

fn byte(n: f64) -> u8 {
    u8::try_from(whole(n.clamp(0.0, 255.0))).expect("clamped")
}

/// A page with marks at its foot as a scanner sees it: each pixel is the light of nine places under it, and grain.
fn page(marks: &[PageMark], glass: Glass) -> GrayImage {
    let (printed, dots) = (Printed::of(marks), f64::from(glass.dpi) / 25.4);
    let lies = glass.degrees.rem_euclid(180.0);
    let (wide, high) = if (45.0..135.0).contains(&lies) { (HEIGHT, WIDTH) } else { (WIDTH, HEIGHT) };
    let pixels = |mm: f64| u32::try_from(whole(mm * dots)).expect("a page");
    let (sin, cos) = glass.degrees.to_radians().sin_cos();
    let mut seed = glass.dpi;
    GrayImage::from_fn(pixels(wide), pixels(high), |x, y| {
        let mut dark = 0.0;
        for part in 0..9 {
            let within = |n: u32| (f64::from(n) + 0.5) / 3.0;
            let (dx, dy) = (
                (f64::from(x) + within(part % 3)) / dots - wide / 2.0,
                (f64::from(y) + within(part / 3)) / dots - high / 2.0,
            );
            let (px, py) = (dx * cos + dy * sin + WIDTH / 2.0 + 0.07, dy * cos - dx * sin + HEIGHT / 2.0 + 0.04);
            dark += f64::from(u8::from(px > 0.0 && py > 0.0 && printed.is_ink(px, py))) / 9.0;
        }
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (f64::from(seed >> 8) / f64::from(1_u32 << 24) * 2.0 - 1.0) * f64::from(glass.noise);
        let light = 1.0 - f64::from(x) / dots / wide * (1.0 - f64::from(glass.far) / 100.0);
        Luma([byte((f64::from(glass.paper) - (f64::from(glass.paper) - INK) * dark) * light + grain)])
    })
}

fn written(page: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    page.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

/// As it is, in a PDF: nothing is to be unpacked first.
fn raw(page: &GrayImage) -> Vec<u8> {
    let head = format!("/Width {} /Height {} /BitsPerComponent 8", page.width(), page.height());
    pdf(&[(head, page.as_raw().clone())])
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

fn jpeg(page: &GrayImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(page).expect("written");
    bytes
}

/// Ink and paper alone, as a scanner set to black and white tells them.
fn two_tone(page: &GrayImage) -> GrayImage {
    GrayImage::from_fn(page.width(), page.height(), |x, y| {
        Luma([if page.get_pixel(x, y).0[0] > 140 { 255 } else { 0 }])
    })
}

// Clauses: C46-13.3b
#[test]
fn a_page_is_read_as_it_was_laid_on_the_glass() {
    for dpi in [150, 200, 300] {
        for degrees in [0.0_f64, 0.7, 1.5, -3.0, 5.0, -5.0, 90.0, 91.2, 180.0, 187.0, 268.5] {
            // At the finer ones a few angles do.
            if dpi > 150 && !matches!(whole(degrees.abs()), 1 | 5 | 90) {
                continue;
            }
            let glass = Glass { dpi, degrees, noise: 30, ..GOOD };
            assert_eq!(read(&raw(&page(&[mark(1, 2)], glass)), ScanKind::Pdf), [mark(1, 2)], "{glass:?}");
        }
    }
}

// Clauses: C46-13.3b
#[test]
fn a_page_is_read_from_what_poor_scanners_make_of_it() {
    for (dpi, degrees) in [(150, 2.0), (200, -4.0), (200, 90.8), (300, 181.0)] {
        let glass = Glass { dpi, degrees, ..GOOD };
        let clean = page(&[mark(1, 1)], glass);
        for (what, seen) in [
            ("black and white", two_tone(&clean)),
            ("grain", page(&[mark(1, 1)], Glass { noise: 60, ..glass })),
            ("grey paper", page(&[mark(1, 1)], Glass { paper: 165, ..glass })),
            ("an open lid", page(&[mark(1, 1)], Glass { far: 45, ..glass })),
        ] {
            assert_eq!(read(&raw(&seen), ScanKind::Pdf), [mark(1, 1)], "{what}: {glass:?}");
        }
        if dpi <= 200 {
            assert_eq!(read(&jpeg(&clean, 25), ScanKind::Jpeg), [mark(1, 1)], "a coarse JPEG: {glass:?}");
        }
    }
    // Coarser than anybody should scan; read where the page lies straight.
    let coarse = page(&[mark(1, 1)], Glass { dpi: 100, ..GOOD });
    assert_eq!(read(&jpeg(&coarse, 75), ScanKind::Jpeg), [mark(1, 1)]);
}

/// The fourth corner of a code has no mark of its own: guessed from short edges, it lies amiss for some codes. Each pixel is
/// one place under it, which shows the fault; the mean of nine, as in `page`, hides it.
#[test]
fn a_coarse_scan_askew_is_read_whatever_its_code_is() {
    let (sin, cos) = 1.3_f64.to_radians().sin_cos();
    let mut grain = 7_u32;
    for of in 0..120 {
        let mark = mark(of, 1);
        let qr = QrCode::with_error_correction_level(mark.to_string(), EcLevel::Q).expect("a code");
        let module = MODULE * 150.0 / 25.4;
        let glass = GrayImage::from_fn(160, 160, |x, y| {
            let (dx, dy) = (f64::from(x) - 80.0, f64::from(y) - 80.0);
            let column = (dx * cos + dy * sin) / module + 10.5;
            let row = (dy * cos - dx * sin) / module + 10.5;
            let within = (0.0..21.0).contains(&column) && (0.0..21.0).contains(&row);
            let ink = within && qr[(whole(column), whole(row))] == Color::Dark;
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Luma([byte(if ink { 0.0 } else { 255.0 } - f64::from((grain >> 24) % 40))])
        });
        assert_eq!(read(&written(&glass, ImageFormat::Png), ScanKind::Png), [mark], "the code of {of}");
    }
}

#[test]
fn two_sheets_under_one_glass_are_both_seen_and_a_page_without_a_mark_has_none() {
    let glass = Glass { degrees: 1.0, ..GOOD };
    let two = read(&written(&page(&[mark(1, 1), mark(2, 1)], glass), ImageFormat::Png), ScanKind::Png);
    let mut both = vec![mark(1, 1), mark(2, 1)];
    both.sort_unstable();
    assert_eq!(two, both);
    // Side by side, where a module has fewer pixels than on a page alone.
    for n in 0..4 {
        let glass = Glass { dpi: 150, ..GOOD };
        let (left, right) = (page(&[mark(n, 1)], glass), page(&[mark(n + 100, 1)], glass));
        let (w, h) = left.dimensions();
        let wide =
            GrayImage::from_fn(w * 2, h, |x, y| *if x < w { left.get_pixel(x, y) } else { right.get_pixel(x - w, y) });
        let mut both = [mark(n, 1), mark(n + 100, 1)];
        both.sort_unstable();
        assert_eq!(read(&raw(&wide), ScanKind::Pdf), both, "{n}");
    }
    assert_eq!(read(&raw(&page(&[], Glass { noise: 50, ..GOOD })), ScanKind::Pdf), []);
}

#[test]
fn a_pdf_is_read_page_by_page_in_what_scanners_write() {
    let glass = |degrees: f64| Glass { dpi: 150, degrees, noise: 20, ..GOOD };
    let (one, two) = (page(&[mark(1, 1)], glass(1.0)), page(&[mark(1, 2)], glass(-1.0)));
    let (w, h) = one.dimensions();
    let sides = format!("/Width {w} /Height {h} /BitsPerComponent 8");
    let jpeg = jpeg(&two, 75);
    let colours: Vec<u8> = one.as_raw().iter().flat_map(|grey| [*grey; 3]).collect();
    let width = usize::try_from(w).expect("small");
    let row = width.div_ceil(8);
    let mut bits = vec![0_u8; row * usize::try_from(h).expect("small")];
    for (x, y, grey) in page(&[mark(1, 3)], glass(0.5)).enumerate_pixels() {
        let (x, y) = (usize::try_from(x).expect("small"), usize::try_from(y).expect("small"));
        bits[y * row + x / 8] |= u8::from(grey.0[0] > 128) << (7 - x % 8);
    }
    let predicted: Vec<u8> = one.as_raw().chunks(width).flat_map(|line| [&[0][..], line].concat()).collect();
    let pages = [
        (format!("/ColorSpace /DeviceGray {sides} /Filter /FlateDecode"), deflated(one.as_raw())),
        (format!("/ColorSpace /DeviceGray {sides} /Filter [/DCTDecode] /Length {}", jpeg.len()), jpeg),
        (format!("/ColorSpace 9 0 R {sides} /Filter /FlateDecode /Length 8 0 R"), deflated(&colours)),
        (format!("{sides} /Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns {w} >>"), deflated(&predicted)),
        (format!("/Width {w} /Height {h} /BitsPerComponent 1 /Filter/FlateDecode"), deflated(&bits)),
        (format!("/Width {w} /Height {h} /ImageMask true /Filter/FlateDecode"), {
            let inverted: Vec<u8> = bits.iter().map(|byte| !byte).collect();
            deflated(&inverted)
        }),
    ];
    assert_eq!(read(&pdf(&pages), ScanKind::Pdf), [1, 2, 1, 1, 3, 3].map(|page| mark(1, page)));
    let whole = pdf(&pages);
    assert_eq!(read(&whole[..whole.len() / 9], ScanKind::Pdf), [], "cut off within the first page");
}

/// Each of these would keep an unbounded reader busy for hours, and the runner of the tests ends what hangs.
#[test]
fn what_is_made_to_hurt_is_answered_and_has_no_code() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\0\0\0\0".to_vec();
    png.extend([0x2c, 0x5b, 0x6c, 0x11]);
    assert_eq!(read(&png, ScanKind::Png), [], "30,000 × 30,000");
    let jpeg = jpeg(&page(&[mark(1, 1)], GOOD), 75);
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
