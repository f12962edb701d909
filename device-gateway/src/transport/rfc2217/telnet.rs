//! Telnet's bytes (RFC 854, 855): data with IAC doubled, commands, and subnegotiations up to a bound. Pure; what a
//! stream says does not depend on how it was cut.

pub const SE: u8 = 240;
pub const SB: u8 = 250;
pub const WILL: u8 = 251;
pub const WONT: u8 = 252;
pub const DO: u8 = 253;
pub const DONT: u8 = 254;
pub const IAC: u8 = 255;

/// No subnegotiation that anybody needs is longer; of a longer one nothing is kept.
pub const LARGEST_SUB: usize = 256;

/// A command that was heard between the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// WILL, WONT, DO or DONT, and about which option.
    Asked(u8, u8),
    /// What stood between SB and SE, IAC undoubled; the option is its first byte.
    Sub(Vec<u8>),
}

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Data,
    Iac,
    Asked(u8),
    Sub,
    SubIac,
}

/// Takes data and commands apart.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    state: State,
    sub: Vec<u8>,
    /// The subnegotiation grew beyond the bound.
    over: bool,
}

impl Decoder {
    /// Data is put behind what `data` holds, commands behind what `heard` holds.
    pub fn feed(&mut self, bytes: &[u8], data: &mut Vec<u8>, heard: &mut Vec<Heard>) {
        for byte in bytes {
            self.step(*byte, data, heard);
        }
    }

    fn step(&mut self, byte: u8, data: &mut Vec<u8>, heard: &mut Vec<Heard>) {
        self.state = match (std::mem::take(&mut self.state), byte) {
            (State::Data, IAC) => State::Iac,
            (State::Data, _) => {
                data.push(byte);
                State::Data
            }
            (State::Iac, IAC) => {
                data.push(IAC);
                State::Data
            }
            (State::Iac, _) => self.command(byte),
            (State::Asked(verb), option) => {
                heard.push(Heard::Asked(verb, option));
                State::Data
            }
            (State::Sub, IAC) => State::SubIac,
            (State::Sub, _) => self.collect(byte),
            (State::SubIac, IAC) => self.collect(IAC),
            (State::SubIac, SE) => {
                let sub = std::mem::take(&mut self.sub);
                if !std::mem::take(&mut self.over) {
                    heard.push(Heard::Sub(sub));
                }
                State::Data
            }
            // Another command inside: the subnegotiation was never ended, and is not believed.
            (State::SubIac, _) => self.command(byte),
        };
    }

    /// The byte after IAC. Those without an option (NOP, go ahead, …) say nothing to us.
    fn command(&mut self, byte: u8) -> State {
        match byte {
            WILL | WONT | DO | DONT => State::Asked(byte),
            SB => {
                self.sub.clear();
                self.over = false;
                State::Sub
            }
            _ => State::Data,
        }
    }

    fn collect(&mut self, byte: u8) -> State {
        if self.sub.len() < LARGEST_SUB {
            self.sub.push(byte);
        } else {
            self.over = true;
        }
        State::Sub
    }
}

/// Data as it travels: each IAC twice.
pub fn double(data: &[u8], out: &mut Vec<u8>) {
    for byte in data {
        out.push(*byte);
        if *byte == IAC {
            out.push(IAC);
        }
    }
}

/// `IAC verb option`
pub fn ask(verb: u8, option: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[IAC, verb, option]);
}

/// `IAC SB … IAC SE`
pub fn sub(content: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[IAC, SB]);
    double(content, out);
    out.extend_from_slice(&[IAC, SE]);
}
