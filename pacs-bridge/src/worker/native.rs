//! Native pixel bytes: their amount, their byte order, their planes.

use super::protocol::Image;

/// Bytes of one native frame; a last partial byte of 1-bit pixels counts.
pub(crate) fn frame_length(image: &Image) -> u64 {
    frame_bits(image).div_ceil(8)
}

/// Bits of one native frame. Native 4:2:2 has two samples a pixel (PS3.3 §C.7.6.3.1.2).
pub(crate) fn frame_bits(image: &Image) -> u64 {
    let samples = match image.photometric.as_str() {
        "YBR_FULL_422" if image.samples == 3 => 2,
        _ => u64::from(image.samples),
    };
    let pixels = u64::from(image.rows).saturating_mul(u64::from(image.columns));
    pixels.saturating_mul(samples).saturating_mul(u64::from(image.bits_allocated))
}

/// Little endian, and with a 1-bit frame beginning at bit 0.
pub(super) fn straighten(mut frame: Vec<u8>, swap: u8, bit_shift: u8) -> Vec<u8> {
    if swap > 1 {
        for word in frame.chunks_exact_mut(usize::from(swap)) {
            word.reverse();
        }
    }
    if (1..8).contains(&bit_shift) {
        let next = frame.iter().skip(1).copied().chain(std::iter::once(0)).collect::<Vec<u8>>();
        for (byte, after) in frame.iter_mut().zip(next) {
            *byte = (*byte >> bit_shift) | (after << (8 - bit_shift));
        }
    }
    frame
}

/// RRR…GGG…BBB… to RGBRGB….
pub(super) fn interleaved(planes: &[u8], image: &Image) -> Vec<u8> {
    let width = usize::from((image.bits_allocated / 8).max(1));
    let plane = planes.len() / 3;
    let mut out = Vec::with_capacity(planes.len());
    let (red, rest) = planes.split_at_checked(plane).unwrap_or((planes, &[]));
    let (green, blue) = rest.split_at_checked(plane).unwrap_or((rest, &[]));
    for ((r, g), b) in red.chunks(width).zip(green.chunks(width)).zip(blue.chunks(width)) {
        out.extend_from_slice(r);
        out.extend_from_slice(g);
        out.extend_from_slice(b);
    }
    out
}
