//! A chest made of ellipses: body, lungs, heart, spine, ribs. Units: −1 to 1 over the field, Hounsfield units.

/// Twelve bits a pixel; the slice at `height` (0 feet side to 1 head side) with a little noise.
pub(super) fn ct_slice(side: u16, height: f64, seed: u64) -> Vec<u16> {
    let mut noise = Noise(seed);
    // Lungs are widest in the middle of the chest.
    let lung = (1.0 - (height - 0.5).abs() * 1.2).clamp(0.15, 1.0);
    let heart = (0.55 - (height - 0.35).abs()).clamp(0.0, 0.32);
    draw(side, |x, y| {
        let hounsfield = if !inside(x, y, (0.0, 0.0), (0.92, 0.68)) {
            if inside(x, y, (0.0, 0.86), (1.2, 0.05)) { 120.0 } else { -1000.0 }
        } else if !inside(x, y, (0.0, 0.0), (0.86, 0.62)) {
            -95.0
        } else if inside(x, y, (0.0, 0.34), (0.055, 0.05)) {
            15.0
        } else if inside(x, y, (0.0, 0.30), (0.13, 0.12)) {
            420.0
        } else if inside(x, y, (0.12, -0.18), (heart, heart * 0.8)) {
            45.0
        } else if [-0.42, 0.42].iter().any(|side| inside(x, y, (*side, -0.02), (0.34 * lung, 0.46 * lung))) {
            // Vessels: a fixed pattern that moves slowly from slice to slice.
            if ((x * 31.0).sin() * (y * 27.0 + height * 9.0).cos()) > 0.93 { 20.0 } else { -860.0 }
        } else if ring(x, y, 0.80, 0.56) && ((x * 9.0 + height * 22.0).sin() > 0.45) {
            600.0
        } else {
            50.0
        };
        hounsfield + 1024.0 + noise.next(12.0)
    })
}

/// A radiograph from the front: bright where much is in the way.
pub(super) fn radiograph(side: u16, seed: u64) -> Vec<u16> {
    let mut noise = Noise(seed);
    draw(side, |x, y| {
        let body = depth(x, y * 0.6, (0.0, 0.0), (0.9, 0.75));
        let lungs: f64 = [-0.4, 0.4].iter().map(|side| depth(x, y, (*side, -0.05), (0.3, 0.62))).sum();
        let heart = depth(x, y, (0.12, 0.25), (0.3, 0.32));
        let spine = depth(x, y * 0.2, (0.0, 0.0), (0.08, 0.9));
        let ribs = if body > 0.2 && ((y * 17.0 + x * x * 9.0).sin() > 0.72) { 0.12 } else { 0.0 };
        let shadow = 0.55 * body - 0.62 * lungs + 0.5 * heart + 0.35 * spine + ribs;
        350.0 + shadow.clamp(0.0, 1.0) * 3300.0 + noise.next(30.0)
    })
}

fn draw(side: u16, mut value: impl FnMut(f64, f64) -> f64) -> Vec<u16> {
    let scale = 2.0 / f64::from(side.max(1));
    let mut pixels = Vec::with_capacity(usize::from(side) * usize::from(side));
    for row in 0..side {
        for column in 0..side {
            let (x, y) = (f64::from(column) * scale - 1.0, f64::from(row) * scale - 1.0);
            pixels.push(twelve_bits(value(x, y)));
        }
    }
    pixels
}

fn inside(x: f64, y: f64, centre: (f64, f64), radii: (f64, f64)) -> bool {
    radius(x, y, centre, radii) <= 1.0
}

fn ring(x: f64, y: f64, a: f64, b: f64) -> bool {
    (0.93..=1.0).contains(&radius(x, y, (0.0, 0.0), (a, b)))
}

/// How much of an ellipsoid lies in the way, 1 at its middle.
fn depth(x: f64, y: f64, centre: (f64, f64), radii: (f64, f64)) -> f64 {
    (1.0 - radius(x, y, centre, radii)).max(0.0).sqrt()
}

fn radius(x: f64, y: f64, (cx, cy): (f64, f64), (a, b): (f64, f64)) -> f64 {
    let (dx, dy) = ((x - cx) / a.max(1e-6), (y - cy) / b.max(1e-6));
    dx * dx + dy * dy
}

#[expect(clippy::as_conversions, reason = "float to integer has no other conversion; the value is clamped first")]
fn twelve_bits(value: f64) -> u16 {
    value.clamp(0.0, 4095.0).round() as u16
}

/// Repeatable noise (SplitMix64).
struct Noise(u64);

impl Noise {
    /// Evenly between −`width` and `width`.
    fn next(&mut self, width: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let top = u32::try_from(mixed >> 32).unwrap_or(0);
        (f64::from(top) / f64::from(u32::MAX) * 2.0 - 1.0) * width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_has_air_lung_and_bone_and_is_repeatable() {
        let slice = ct_slice(128, 0.5, 7);
        assert_eq!(slice, ct_slice(128, 0.5, 7));
        assert_ne!(slice, ct_slice(128, 0.5, 8));
        let has = |low: u16, high: u16| slice.iter().any(|value| (low..high).contains(value));
        assert!(has(0, 60) && has(140, 200) && has(1040, 1100) && has(1400, 1700));
    }
}
