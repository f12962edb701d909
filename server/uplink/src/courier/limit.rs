//! How many parcels one request may carry: half as many after each that was too much, twice as many after each
//! that arrived, up to what the line was seen to bear.

/// So many requests must arrive before a line that was too slow is tried with more.
const TRIAL: u32 = 32;

#[derive(Debug)]
pub struct BatchLimit {
    now: usize,
    /// What a slow line bears.
    bearable: usize,
    most: usize,
    arrived: u32,
}

impl BatchLimit {
    pub fn new(most: usize) -> Self {
        Self { now: most, bearable: most, most, arrived: 0 }
    }

    pub fn get(&self) -> usize {
        self.now
    }

    pub fn arrived(&mut self) {
        self.arrived += 1;
        if self.arrived >= TRIAL {
            self.arrived = 0;
            self.bearable = self.bearable.saturating_mul(2).min(self.most);
        }
        self.now = self.now.saturating_mul(2).min(self.bearable);
    }

    /// One of so many parcels is the culprit.
    pub fn narrow(&mut self, parcels: usize) {
        self.now = (parcels / 2).max(1);
    }

    /// So many parcels did not get through in time.
    pub fn too_slow(&mut self, parcels: usize) {
        self.narrow(parcels);
        self.bearable = self.now;
        self.arrived = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_culprit_is_found_by_halves_and_then_requests_grow_again() {
        let mut limit = BatchLimit::new(500);
        limit.narrow(8);
        assert_eq!(limit.get(), 4);
        limit.narrow(4);
        limit.narrow(2);
        assert_eq!(limit.get(), 1);
        (0..9).for_each(|_| limit.arrived());
        assert_eq!(limit.get(), 500);
    }

    #[test]
    fn what_a_slow_line_bears_is_remembered_and_tried_again_only_later() {
        let mut limit = BatchLimit::new(500);
        limit.too_slow(500);
        (1..TRIAL).for_each(|_| limit.arrived());
        assert_eq!(limit.get(), 250);
        limit.arrived();
        assert_eq!(limit.get(), 500);
    }
}
