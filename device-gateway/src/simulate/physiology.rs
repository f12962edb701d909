//! Numbers of a living patient: smooth, and the same for the same seed and second.

use std::f64::consts::TAU;

/// A deterministic stream of numbers (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        let thousandths = u32::try_from(self.roll() % 100_001).unwrap_or(0);
        f64::from(thousandths) / 100_000.0
    }

    pub fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit()
    }
}

/// One patient's vital signs at one moment.
pub struct Vitals {
    pub heart_rate: f64,
    pub saturation: f64,
    pub respiration: f64,
    pub temperature: f64,
    pub systolic: f64,
    pub diastolic: f64,
}

/// Slow waves around a patient's own level; `second` is any clock in seconds.
pub fn vitals(seed: u64, second: f64) -> Vitals {
    let mut dice = Dice::new(seed);
    let mut wave = |least: f64, most: f64, swing: f64| {
        let level = dice.between(least, most);
        let (slow, quick) = (dice.between(900.0, 2400.0), dice.between(60.0, 240.0));
        let (a, b) = (dice.between(0.0, TAU), dice.between(0.0, TAU));
        level + swing * (0.7 * (second * TAU / slow + a).sin() + 0.3 * (second * TAU / quick + b).sin())
    };
    let heart_rate = wave(62.0, 96.0, 7.0);
    let saturation = wave(95.5, 98.5, 1.2).min(100.0);
    let respiration = wave(13.0, 19.0, 2.0);
    let temperature = wave(36.4, 37.4, 0.3);
    let systolic = wave(108.0, 142.0, 9.0);
    let diastolic = wave(64.0, 86.0, 6.0).min(systolic - 20.0);
    Vitals { heart_rate, saturation, respiration, temperature, systolic, diastolic }
}
