//! The same "random" hospital everywhere: SplitMix64, stable for ever, unlike a crate's default generator.

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.next() % span).unwrap_or(0))
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let last = i64::try_from(of.len()).unwrap_or(1).saturating_sub(1);
        usize::try_from(self.between(0, last)).ok().and_then(|i| of.get(i)).copied().unwrap_or("")
    }
}
