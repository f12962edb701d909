//! How a serial line is set: speed, `8N1`, flow control.

use crate::config::SerialLine;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parity {
    #[default]
    None,
    Odd,
    Even,
}

/// Who tells the other to wait, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    #[default]
    None,
    /// By the wires RTS and CTS.
    RtsCts,
    /// By the bytes XON and XOFF.
    XonXoff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineSettings {
    pub baud: u32,
    /// True: 7 data bits, else 8.
    pub seven_bits: bool,
    pub parity: Parity,
    /// True: 2 stop bits, else 1.
    pub two_stop_bits: bool,
    pub flow: Flow,
}

impl Default for LineSettings {
    fn default() -> Self {
        Self { baud: 9600, seven_bits: false, parity: Parity::None, two_stop_bits: false, flow: Flow::None }
    }
}

impl LineSettings {
    pub fn of(line: &SerialLine) -> Result<Self, &'static str> {
        let settings = Self {
            baud: speed(line.baud).ok_or("baud is from 50 to 4000000")?,
            seven_bits: one_of(line.data_bits, 8, 7).ok_or("data_bits is 7 or 8")?,
            parity: line.parity,
            two_stop_bits: one_of(line.stop_bits, 1, 2).ok_or("stop_bits is 1 or 2")?,
            flow: line.flow,
        };
        Ok(settings)
    }

    /// `7E1`, `8N2`: data bits, parity, stop bits.
    pub fn with_mode(self, mode: &str) -> Option<Self> {
        let &[data, parity, stop] = mode.as_bytes() else {
            return None;
        };
        Some(Self {
            seven_bits: one_of(data, b'8', b'7')?,
            parity: match parity.to_ascii_uppercase() {
                b'N' => Parity::None,
                b'O' => Parity::Odd,
                b'E' => Parity::Even,
                _ => return None,
            },
            two_stop_bits: one_of(stop, b'1', b'2')?,
            ..self
        })
    }

    pub fn with_baud(self, baud: &str) -> Option<Self> {
        Some(Self { baud: speed(baud.parse().ok()?)?, ..self })
    }

    pub fn with_flow(self, flow: &str) -> Option<Self> {
        let flow = match flow {
            "none" => Flow::None,
            "rtscts" => Flow::RtsCts,
            "xonxoff" => Flow::XonXoff,
            _ => return None,
        };
        Some(Self { flow, ..self })
    }
}

fn speed(baud: u32) -> Option<u32> {
    (50..=4_000_000).contains(&baud).then_some(baud)
}

/// Is it the second? Nothing when it is neither.
fn one_of(value: u8, first: u8, second: u8) -> Option<bool> {
    (value == first || value == second).then_some(value == second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_from_7e1_to_8n2_is_read_and_nothing_else() {
        let mode = |text| LineSettings::default().with_mode(text);
        let line = mode("7E1").unwrap();
        assert!(line.seven_bits && line.parity == Parity::Even && !line.two_stop_bits);
        let line = mode("8n2").unwrap();
        assert!(!line.seven_bits && line.parity == Parity::None && line.two_stop_bits);
        assert_eq!(mode("7O2").unwrap().parity, Parity::Odd);
        for wrong in ["", "8N", "8N11", "9N1", "8X1", "8N3", "8–1"] {
            assert_eq!(mode(wrong), None, "{wrong}");
        }
    }
}
