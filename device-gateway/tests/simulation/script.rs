//! What is drawn before a run begins: who sends what, and which faults are about.

use super::dice::Dice;
use crate::port::Speaks;

/// How often each fault comes, per mille. Some seeds leave some faults out altogether: others come to light then.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    pub crashes: u64,
    pub cuts: u64,
    pub repeats: u64,
    pub answers: u64,
    pub outages: u64,
    pub clock: u64,
    pub disk: u64,
}

/// One device: what it says, and how it behaves.
#[derive(Clone, Debug)]
pub struct Device {
    pub speaks: Speaks,
    pub address: String,
    /// Its messages, by their place in the script.
    pub messages: Vec<usize>,
    /// It sends so many before it looks for an answer.
    pub at_once: usize,
    /// It says a new time of sending when it sends again.
    pub renews_time: bool,
    /// After so many tries it drops a message and goes on to the next.
    pub patience: Option<u32>,
}

/// What the server thinks of a message, until somebody mends the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liking {
    Takes,
    /// It answers with a receipt that says no.
    Refuses,
    /// It answers the whole request with 422.
    Rejects,
    /// It answers the whole request with 500.
    FailsOn,
}

/// One message: the patients that it speaks of, each with a value of their own.
#[derive(Clone, Debug)]
pub struct Message {
    pub device: usize,
    pub patients: Vec<u64>,
    pub liking: Liking,
}

#[derive(Clone, Debug)]
pub struct Script {
    pub devices: Vec<Device>,
    pub messages: Vec<Message>,
    pub faults: Faults,
    pub lives: usize,
    pub batch: usize,
    pub hold_after: u32,
}

impl Script {
    pub fn draw(dice: &mut Dice) -> Self {
        let mut some = |most: u64| if dice.per_mille(250) { 0 } else { dice.between(1, most) };
        let faults = Faults {
            crashes: some(1000),
            cuts: some(500),
            repeats: some(200),
            answers: some(600),
            outages: some(150),
            clock: some(400),
            disk: some(120),
        };
        let (mut devices, mut messages) = (Vec::new(), Vec::new());
        for device in 0..dice.size(2, 4) {
            let speaks = dice.pick(&[Speaks::Hl7, Speaks::Astm]);
            let own = (0..dice.size(2, 5)).map(|_| {
                let first = dice.between(1, 6);
                let patients = (0..dice.pick(&[1, 1, 1, 2, 3])).map(|further| first + further).collect();
                let liking = match dice.between(0, 39) {
                    0 => Liking::Refuses,
                    1 => Liking::Rejects,
                    2 => Liking::FailsOn,
                    _ => Liking::Takes,
                };
                messages.push(Message { device, patients, liking });
                messages.len() - 1
            });
            let own = own.collect();
            devices.push(Device {
                speaks,
                address: format!("10.0.9.{}", device + 1),
                messages: own,
                at_once: if speaks == Speaks::Hl7 && dice.per_mille(200) { dice.size(2, 3) } else { 1 },
                renews_time: dice.per_mille(300),
                patience: dice.per_mille(150).then(|| u32::try_from(dice.between(2, 5)).unwrap()),
            });
        }
        let lives = if faults.crashes == 0 { 1 } else { dice.size(2, 4) };
        let (batch, hold_after) = (dice.pick(&[1, 2, 3, 8, 500]), dice.pick(&[2, 4, 8]));
        Self { devices, messages, faults, lives, batch, hold_after }
    }

    /// The value that stands for one patient's part of one message, and for nothing else.
    pub fn value(message: usize, part: usize) -> usize {
        10_000 + message * 10 + part
    }

    /// The bytes without any frame, `tries` times sent before.
    pub fn text(&self, message: usize, tries: u32) -> String {
        let device = &self.devices[self.messages[message].device];
        let measured = format!("2026010110{:02}{:02}", message / 60, message % 60);
        let sent = if device.renews_time {
            format!("20260101{:02}{:02}00", 11 + tries / 60 % 12, tries % 60)
        } else {
            measured.clone()
        };
        let name = self.messages[message].device;
        let parts = self.messages[message].patients.iter().enumerate();
        match device.speaks {
            Speaks::Astm => {
                let parts = parts.map(|(part, patient)| {
                    let value = Self::value(message, part);
                    let (line, padding) = (part + 1, "x".repeat(message % 5 * 40));
                    format!(
                        "P|{line}||P{patient}\rO|1|S{value}||^^^K|R\rR|1|^^^K|{value}|mmol/L||||F||||{measured}\rC|1|I|{padding}|G\r"
                    )
                });
                let parts: String = parts.collect();
                format!("H|\\^&|||SIM{name}^1||||||||LIS2-A2|{sent}\r{parts}L|1|N\r")
            }
            _ => {
                let parts = parts.map(|(part, patient)| {
                    let value = Self::value(message, part);
                    format!(
                        "PID|||P{patient}^^^BV^PI\rOBR|1||S{value}|K|||{measured}\r\
                         OBX|1|NM|K||{value}|mmol/L|||||F|||{measured}\rNTE|1||{}\r",
                        "x".repeat(message % 5 * 200)
                    )
                });
                let parts: String = parts.collect();
                format!("MSH|^~\\&|SIM{name}|LAB|||{sent}||ORU^R01|M{message}|P|2.6\r{parts}")
            }
        }
    }
}
