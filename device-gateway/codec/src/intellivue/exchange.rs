//! One poll and the parts of its answer, until the last has come.

use std::time::Duration;

/// Parts and bytes that an answer may have; a full monitor has four parts.
const PARTS: usize = 32;
const BYTES: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Numerics,
    /// The monitor's own attributes: its clocks, and a sign of life.
    Monitor,
}

#[derive(Debug)]
pub(super) struct Exchange {
    pub invoke: u16,
    pub asked: Asked,
    pub heard: Duration,
    parts: Vec<Vec<u8>>,
}

impl Exchange {
    pub fn new(invoke: u16, asked: Asked, now: Duration) -> Self {
        Self { invoke, asked, heard: now, parts: Vec::new() }
    }

    /// False when the answer grows beyond all bounds.
    pub fn add(&mut self, message: &[u8], now: Duration) -> bool {
        self.heard = now;
        let bytes: usize = self.parts.iter().map(Vec::len).sum();
        let fits = self.parts.len() < PARTS && bytes + message.len() <= BYTES;
        if fits {
            self.parts.push(message.to_vec());
        }
        fits
    }

    pub fn parts(self) -> Vec<Vec<u8>> {
        self.parts
    }
}
