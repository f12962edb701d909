//! What a client and a terminal server agree on (RFC 2217): binary both ways, then each setting of the line, each
//! confirmed with the value that was asked for. Pure: commands in, bytes to send out.
//!
//! | state \ heard | DO of ours | DONT of ours | WILL / DO of something else | setting confirmed | setting otherwise |
//! |---|---|---|---|---|---|
//! | Greeting | note; all there: send settings → Setting | refused | DONT / WONT | – | – |
//! | Setting | – | refused | DONT / WONT | note; last one → Ready | refused |
//! | Ready | – | refused | DONT / WONT | – | refused: somebody else changed the line |

use super::telnet::{DO, DONT, Heard, WILL, WONT, ask, sub};

const BINARY: u8 = 0;
const SUPPRESS_GO_AHEAD: u8 = 3;
const COM_PORT: u8 = 44;
/// A terminal server answers a command under its number plus this.
const ANSWER: u8 = 100;

/// A setting of the line: its command and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub name: &'static str,
    pub command: u8,
    pub value: Vec<u8>,
}

/// The terminal server will not: the line is given up, and asked for again later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has no COM-PORT-OPTION: it is a raw port, or no terminal server.
    ComPort,
    /// It would change bytes under way.
    Binary,
    /// It set this otherwise than asked.
    Setting(&'static str),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ComPort => f.write_str("the terminal server speaks no RFC 2217 on this port"),
            Self::Binary => f.write_str("the terminal server refuses binary data"),
            Self::Setting(name) => write!(f, "the terminal server has set {name} otherwise than asked"),
        }
    }
}

impl std::error::Error for Refused {}

#[derive(Clone, Debug)]
pub struct Session {
    /// We send binary, they send binary, we may set the line.
    agreed: [bool; 3],
    /// Each with: confirmed?
    settings: Vec<(Setting, bool)>,
    asked: bool,
}

impl Session {
    /// Puts the greeting into `out`.
    pub fn begin(settings: Vec<Setting>, out: &mut Vec<u8>) -> Self {
        for (verb, option) in
            [(WILL, BINARY), (DO, BINARY), (WILL, SUPPRESS_GO_AHEAD), (DO, SUPPRESS_GO_AHEAD), (WILL, COM_PORT)]
        {
            ask(verb, option, out);
        }
        let settings = settings.into_iter().map(|setting| (setting, false)).collect();
        Self { agreed: [false; 3], settings, asked: false }
    }

    /// Binary, and the line set as asked: data may flow.
    pub fn is_ready(&self) -> bool {
        self.asked && self.settings.iter().all(|(_, confirmed)| *confirmed)
    }

    /// # Errors
    /// What the terminal server will not do.
    pub fn hear(&mut self, heard: &Heard, out: &mut Vec<u8>) -> Result<(), Refused> {
        let [sends, receives, sets] = &mut self.agreed;
        match heard {
            Heard::Asked(DO, BINARY) => *sends = true,
            Heard::Asked(WILL, BINARY) => *receives = true,
            Heard::Asked(DO, COM_PORT) => *sets = true,
            Heard::Asked(DONT | WONT, BINARY) => return Err(Refused::Binary),
            Heard::Asked(DONT, COM_PORT) => return Err(Refused::ComPort),
            // Asked for in the greeting: this is the answer, and none is owed.
            Heard::Asked(_, SUPPRESS_GO_AHEAD) => {}
            Heard::Asked(DO, other) => ask(WONT, *other, out),
            Heard::Asked(WILL, other) => ask(DONT, *other, out),
            Heard::Asked(..) => {}
            Heard::Sub(content) => self.answered(content)?,
        }
        if !self.asked && self.agreed == [true; 3] {
            self.asked = true;
            for (setting, _) in &self.settings {
                sub(&[&[COM_PORT, setting.command], setting.value.as_slice()].concat(), out);
            }
        }
        Ok(())
    }

    fn answered(&mut self, content: &[u8]) -> Result<(), Refused> {
        let [COM_PORT, answer, value @ ..] = content else {
            return Ok(());
        };
        // News of the modem's wires, of flow and what a server says of itself are no setting of ours.
        let of = |setting: &Setting| setting.command.checked_add(ANSWER) == Some(*answer);
        let Some((setting, confirmed)) = self.settings.iter_mut().find(|(setting, _)| of(setting)) else {
            return Ok(());
        };
        // Some tell what a line was set to before they are asked.
        if !self.asked {
            return Ok(());
        }
        if setting.value != value {
            return Err(Refused::Setting(setting.name));
        }
        *confirmed = true;
        Ok(())
    }
}
