//! A native frame to a picture for a screen, and the picture to JPEG or PNG.

use super::main_loop::Refusal;
use super::protocol::{Format, Image};
use super::voi::{grey, stored_values, to_u8};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, GrayImage, RgbImage};

pub(super) fn paint(image: &Image, bytes: &[u8]) -> Result<DynamicImage, Refusal> {
    let (width, height) = (u32::from(image.columns), u32::from(image.rows));
    let short = || "the pixel data is shorter than the image it stands for".to_owned();
    let pixels = usize::from(image.columns).saturating_mul(usize::from(image.rows));
    match (image.samples, image.photometric.as_str()) {
        (1, "PALETTE COLOR") => {
            let rgb = palette(image, bytes)?;
            RgbImage::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8).ok_or_else(short)
        }
        (1, _) => {
            let mut grey = grey(image, bytes);
            // The last byte of a 1-bit frame may hold bits of no pixel.
            grey.truncate(pixels);
            GrayImage::from_raw(width, height, grey).map(DynamicImage::ImageLuma8).ok_or_else(short)
        }
        (3, photometric) => {
            let rgb = match photometric {
                "YBR_FULL_422" => from_ybr(&full_from_422(&eight_bits(image, bytes))),
                "YBR_FULL" => from_ybr(&eight_bits(image, bytes)),
                "RGB" => eight_bits(image, bytes),
                other => return Err(format!("photometric interpretation {other} is not rendered")),
            };
            RgbImage::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8).ok_or_else(short)
        }
        (samples, other) => Err(format!("{samples} samples a pixel as {other} are not rendered")),
    }
}

pub(super) fn encode(
    picture: DynamicImage,
    format: Format,
    longest: Option<u32>,
    quality: u8,
) -> Result<Vec<u8>, Refusal> {
    let picture = match longest {
        Some(side) if side > 0 && side < picture.width().max(picture.height()) => picture.thumbnail(side, side),
        _ => picture,
    };
    let mut out = Vec::new();
    let written = match format {
        Format::Jpeg => picture.write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality.clamp(1, 100))),
        Format::Png => picture.write_with_encoder(PngEncoder::new(&mut out)),
    };
    written.map_err(|_| "the picture cannot be written".to_owned())?;
    Ok(out)
}

fn eight_bits(image: &Image, bytes: &[u8]) -> Vec<u8> {
    if image.bits_allocated == 8 {
        return bytes.to_vec();
    }
    let shift = u32::from(image.bits_stored.saturating_sub(8));
    let high = |value: i64| u8::try_from(value.checked_shr(shift).unwrap_or(0).clamp(0, 255)).unwrap_or(u8::MAX);
    stored_values(image, bytes).map(high).collect()
}

fn palette(image: &Image, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let palette = image.palette.as_ref().ok_or("the palette is missing")?;
    let last = palette.red.len().saturating_sub(1);
    let mut rgb = Vec::with_capacity(bytes.len().saturating_mul(3));
    for stored in stored_values(image, bytes) {
        let entry = stored.saturating_sub(i64::from(palette.first));
        // Values outside the table take its ends (PS3.3 §C.7.6.3.1.5).
        let entry = usize::try_from(entry.max(0)).unwrap_or(last).min(last);
        for table in [&palette.red, &palette.green, &palette.blue] {
            rgb.push(table.get(entry).copied().unwrap_or(0));
        }
    }
    Ok(rgb)
}

/// Y1 Y2 Cb Cr, two pixels in four bytes, to Y Cb Cr for each pixel.
fn full_from_422(bytes: &[u8]) -> Vec<u8> {
    bytes.as_chunks::<4>().0.iter().flat_map(|[y1, y2, cb, cr]| [*y1, *cb, *cr, *y2, *cb, *cr]).collect()
}

/// ITU-R BT.601 full range, as PS3.3 §C.7.6.3.1.2 writes it.
fn from_ybr(bytes: &[u8]) -> Vec<u8> {
    let pixel = |[y, cb, cr]: &[u8; 3]| {
        let (y, cb, cr) = (f64::from(*y), f64::from(*cb) - 128.0, f64::from(*cr) - 128.0);
        [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
            .map(|value| to_u8(value.clamp(0.0, 255.0)))
    };
    bytes.as_chunks::<3>().0.iter().flat_map(pixel).collect()
}
