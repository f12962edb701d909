//! From stored values to grey: modality rescale, window (PS3.3 §C.11.2.1.2.1), inversion.

use super::protocol::Image;

/// Reads every sample of a frame as its stored value.
pub(super) fn stored_values<'a>(image: &Image, bytes: &'a [u8]) -> Box<dyn Iterator<Item = i64> + 'a> {
    let (bits, signed) = (image.bits_stored.clamp(1, 32), image.signed);
    let cut = move |raw: u32| -> i64 {
        let unused = 32u32.saturating_sub(u32::from(bits));
        let shifted = raw.checked_shl(unused).unwrap_or(raw);
        if signed {
            i64::from(shifted.cast_signed().checked_shr(unused).unwrap_or(0))
        } else {
            i64::from(shifted.checked_shr(unused).unwrap_or(0))
        }
    };
    match image.bits_allocated {
        1 => Box::new(bytes.iter().flat_map(|byte| (0..8).map(move |bit| i64::from((byte >> bit) & 1)))),
        8 => Box::new(bytes.iter().map(move |byte| cut(u32::from(*byte)))),
        16 => Box::new(bytes.as_chunks::<2>().0.iter().map(move |pair| cut(u32::from(u16::from_le_bytes(*pair))))),
        _ => Box::new(bytes.as_chunks::<4>().0.iter().map(move |four| cut(u32::from_le_bytes(*four)))),
    }
}

/// Grey levels 0–255 by the image's window, or by the frame's own darkest and brightest value.
pub(super) fn grey(image: &Image, bytes: &[u8]) -> Vec<u8> {
    let invert = image.photometric == "MONOCHROME1";
    let rescale = |stored: i64| to_f64(stored) * image.slope + image.intercept;
    let (centre, width) = image.window.filter(|(_, width)| *width >= 1.0).unwrap_or_else(|| {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in stored_values(image, bytes).map(rescale) {
            low = low.min(value);
            high = high.max(value);
        }
        // The standard's linear function maps this window's ends exactly to black and white.
        let width = (high - low + 1.0).max(2.0);
        (low + (width - 1.0) / 2.0 + 0.5, width)
    });
    let level = |value: f64| {
        let position = ((value - (centre - 0.5)) / (width - 1.0).max(0.5) + 0.5).clamp(0.0, 1.0);
        let level = to_u8(position * 255.0);
        if invert { 255 - level } else { level }
    };
    // 8 and 16 bits repeat few values: a table spares the arithmetic per pixel.
    if image.bits_stored <= 16 {
        let mut table: Vec<Option<u8>> = vec![None; 1 << 16];
        let values = stored_values(image, bytes);
        return values
            .map(|stored| {
                let slot = usize::try_from(stored.rem_euclid(1 << 16)).unwrap_or(0);
                match table.get_mut(slot) {
                    Some(entry) => *entry.get_or_insert_with(|| level(rescale(stored))),
                    None => 0,
                }
            })
            .collect();
    }
    stored_values(image, bytes).map(|stored| level(rescale(stored))).collect()
}

/// 32-bit stored values are exact in a double.
pub(super) fn to_f64(value: i64) -> f64 {
    i32::try_from(value).map_or_else(|_| u32::try_from(value).map_or(0.0, f64::from), f64::from)
}

/// Rounds a value that lies between 0 and 255.
#[expect(clippy::as_conversions, reason = "float to integer has no other conversion; `as` saturates and maps NaN to 0")]
pub(super) fn to_u8(value: f64) -> u8 {
    value.round() as u8
}
