//! How long each answer took, and what is said about all of them.

use serde::Serialize;
use std::io::Write;
use std::time::Duration;

/// The answers of one connection; several are joined at the end.
#[derive(Debug, Default)]
pub struct Latencies {
    micros: Vec<u64>,
}

/// What a run says of itself.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub connections: usize,
    pub answers: usize,
    pub seconds: f64,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

impl Latencies {
    pub fn add(&mut self, took: Duration) {
        self.micros.push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub fn join(&mut self, other: Self) {
        self.micros.extend(other.micros);
    }

    /// Over the time in which all of them came.
    #[must_use]
    pub fn figures(mut self, connections: usize, within: Duration) -> Figures {
        self.micros.sort_unstable();
        let seconds = within.as_secs_f64();
        let count = u32::try_from(self.micros.len()).unwrap_or(u32::MAX);
        Figures {
            connections,
            answers: self.micros.len(),
            seconds,
            per_second: if seconds > 0.0 { f64::from(count) / seconds } else { 0.0 },
            p50_ms: self.at(50),
            p99_ms: self.at(99),
            max_ms: self.at(100),
        }
    }

    /// The value that so many hundredths of all do not exceed (nearest rank).
    fn at(&self, percent: usize) -> f64 {
        let rank = self.micros.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
        let micros = self.micros.get(rank).copied().unwrap_or_default();
        Duration::from_micros(micros).as_secs_f64() * 1000.0
    }
}

impl Figures {
    /// One line of JSON on the standard output.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn print(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, self)?;
        Ok(writeln!(out)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut all = Latencies::default();
        (1..=200).for_each(|millis| all.add(Duration::from_millis(millis)));
        let figures = all.figures(1, Duration::from_secs(2));
        assert_eq!((figures.p50_ms, figures.p99_ms, figures.max_ms), (100.0, 198.0, 200.0));
        assert_eq!(figures.per_second, 100.0);
    }

    #[test]
    fn no_answer_is_no_division_by_zero() {
        let figures = Latencies::default().figures(1, Duration::ZERO);
        assert_eq!((figures.answers, figures.per_second, figures.p99_ms), (0, 0.0, 0.0));
    }
}
