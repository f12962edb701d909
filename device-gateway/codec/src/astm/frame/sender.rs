//! The sending side of the ASTM link (E1381-95, LIS01-A2), without any IO: bytes and timers go in, what to send and
//! wait for comes out. Time is the caller's.
//!
//! | state \ event | ACK | NAK | ENQ | EOT | time is up | given back | closed |
//! |---|---|---|---|---|---|---|---|
//! | Idle | – | – | – | – | – | – | – |
//! | Enquired (15 s) | frame 1 → Sending | → Resting 10 s | host: → Yielding; device: → Resting 1 s | – | EOT → Resting 10 s | – | given up |
//! | Resting | – | – | give way → Away | – | ENQ → Enquired | – | given up |
//! | Yielding (20 s) | – | – | give way → Away | – | ENQ → Enquired | – | given up |
//! | Away | – | – | – | – | – | ENQ → Enquired | given up |
//! | Sending (15 s) | next frame; after the last EOT, done → Idle | the same frame again | – | as ACK; before the last frame EOT → Resting 15 s, from frame 1 | EOT, given up → Idle | – | given up |
//!
//! Both sides that enquire at once: the instrument wins, the host waits 20 s for its ENQ. A frame is sent again six
//! times, an enquiry is made six times, an interrupted message begins anew three times, and way is given 32 times; then it is given up, and
//! the owner decides. Other bytes are noise: to take them for NAK, as the standard would, sends a frame twice whose
//! ACK is on its way, and from then on every ACK is taken for the next frame's.

use super::wire::checksum;
use super::{ACK, ENQ, EOT, ETB, ETX, NAK, STX};
use std::time::Duration;

/// The sender waits so long for an answer.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// After a NAK to ENQ: the receiver is busy.
pub const BUSY_PAUSE: Duration = Duration::from_secs(10);
/// The host that gave way waits so long for the instrument's ENQ.
pub const CONTENTION_TIMEOUT: Duration = Duration::from_secs(20);
/// The instrument that won asks again after this.
pub const CONTENTION_PAUSE: Duration = Duration::from_secs(1);
/// After the receiver asked for the line.
pub const INTERRUPT_PAUSE: Duration = Duration::from_secs(15);

/// Text of a frame in E1381, and in LIS01-A2.
pub const SHORT_FRAME: usize = 240;
pub const LONG_FRAME: usize = 63_993;

const MOST_RETRANSMISSIONS: u8 = 6;
const MOST_ENQUIRIES: u8 = 6;
const MOST_INTERRUPTS: u8 = 3;
/// A device that talks all day has to be asked by somebody with more patience.
const MOST_WAYS_GIVEN: u8 = 32;

/// Who wins when both enquire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    #[default]
    Host,
    Instrument,
}

/// What the owner of the line must do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Send(Vec<u8>),
    /// Call [`Sender::timer`] after so long, instead of any earlier request; `None`: no timer.
    Timer(Option<Duration>),
    /// The other side has the line: feed ENQ to the receiver, and the bytes after it, and call [`Sender::given_back`]
    /// when it is neutral again.
    GiveWay,
    /// Every frame was acknowledged.
    Done,
    GivenUp(Failure),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody answered.
    Silent,
    /// The receiver was busy each time.
    Busy,
    /// A frame was refused each time.
    Refused,
    /// The receiver interrupted each time.
    Interrupted,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Enquired,
    Resting,
    Yielding,
    Away,
    Sending { frame: usize, again: u8 },
}

/// The sending end of one line. One message at a time.
#[derive(Clone, Debug)]
pub struct Sender {
    state: State,
    role: Side,
    frames: Vec<Vec<u8>>,
    enquiries: u8,
    interrupts: u8,
    ways_given: u8,
}

impl Sender {
    #[must_use]
    pub fn new(role: Side) -> Self {
        Self { state: State::Idle, role, frames: Vec::new(), enquiries: 0, interrupts: 0, ways_given: 0 }
    }

    /// True from [`Sender::begin`] until it is done or given up.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.state != State::Idle
    }

    /// True while bytes from the line belong to the receiver.
    #[must_use]
    pub fn gave_way(&self) -> bool {
        self.state == State::Away
    }

    /// Begins to send frames ([`frames`]); the receiver must be neutral. False where a message is under way or there
    /// is nothing to send.
    #[must_use]
    pub fn begin(&mut self, frames: Vec<Vec<u8>>, out: &mut Vec<Order>) -> bool {
        if self.is_busy() || frames.is_empty() {
            return false;
        }
        *self = Self { frames, ..Self::new(self.role) };
        self.enquire(out);
        true
    }

    /// Takes bytes up to the ENQ that gives the line away; the rest is the receiver's.
    pub fn feed<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<Order>) -> &'b [u8] {
        for (at, byte) in bytes.iter().enumerate() {
            self.byte(*byte, out);
            if self.gave_way() {
                return bytes.get(at + 1..).unwrap_or_default();
            }
        }
        &[]
    }

    /// The time asked for by [`Order::Timer`] is up.
    pub fn timer(&mut self, out: &mut Vec<Order>) {
        match self.state {
            State::Idle | State::Away => {}
            State::Enquired => {
                out.push(Order::Send(vec![EOT]));
                self.rest(BUSY_PAUSE, Failure::Silent, out);
            }
            State::Resting | State::Yielding => self.enquire(out),
            State::Sending { .. } => self.give_up(Failure::Silent, out),
        }
    }

    /// The receiver is neutral again.
    pub fn given_back(&mut self, out: &mut Vec<Order>) {
        if self.state != State::Away {
            return;
        }
        if self.ways_given >= MOST_WAYS_GIVEN {
            return self.end(Order::GivenUp(Failure::Busy), out);
        }
        self.enquire(out);
    }

    /// The line is gone.
    pub fn closed(&mut self, out: &mut Vec<Order>) {
        if self.is_busy() {
            self.end(Order::GivenUp(Failure::Closed), out);
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<Order>) {
        match (self.state, byte) {
            (State::Enquired, ACK) => self.send(0, 0, out),
            (State::Enquired, NAK) => self.rest(BUSY_PAUSE, Failure::Busy, out),
            (State::Enquired, ENQ) => match self.role {
                Side::Instrument => self.rest(CONTENTION_PAUSE, Failure::Busy, out),
                Side::Host => {
                    self.state = State::Yielding;
                    out.push(Order::Timer(Some(CONTENTION_TIMEOUT)));
                }
            },
            (State::Resting | State::Yielding, ENQ) => {
                self.state = State::Away;
                // The other side talked: whoever held us up is not silent, and the count begins anew.
                self.enquiries = 0;
                self.ways_given += 1;
                out.extend([Order::Timer(None), Order::GiveWay]);
            }
            (State::Sending { frame, .. }, ACK) => self.acknowledged(frame, out),
            (State::Sending { frame, .. }, EOT) => self.interrupted(frame, out),
            (State::Sending { frame, again }, NAK) => {
                if again < MOST_RETRANSMISSIONS {
                    self.send(frame, again + 1, out);
                } else {
                    self.give_up(Failure::Refused, out);
                }
            }
            _ => {}
        }
    }

    fn acknowledged(&mut self, frame: usize, out: &mut Vec<Order>) {
        if frame + 1 < self.frames.len() {
            return self.send(frame + 1, 0, out);
        }
        out.push(Order::Send(vec![EOT]));
        self.end(Order::Done, out);
    }

    fn interrupted(&mut self, frame: usize, out: &mut Vec<Order>) {
        if frame + 1 == self.frames.len() {
            return self.acknowledged(frame, out);
        }
        self.interrupts += 1;
        if self.interrupts > MOST_INTERRUPTS {
            return self.give_up(Failure::Interrupted, out);
        }
        self.enquiries = 0;
        out.push(Order::Send(vec![EOT]));
        self.rest(INTERRUPT_PAUSE, Failure::Interrupted, out);
    }

    fn enquire(&mut self, out: &mut Vec<Order>) {
        self.enquiries += 1;
        self.state = State::Enquired;
        out.extend([Order::Send(vec![ENQ]), Order::Timer(Some(ANSWER_TIMEOUT))]);
    }

    fn rest(&mut self, pause: Duration, why: Failure, out: &mut Vec<Order>) {
        if self.enquiries >= MOST_ENQUIRIES {
            return self.end(Order::GivenUp(why), out);
        }
        self.state = State::Resting;
        out.push(Order::Timer(Some(pause)));
    }

    fn send(&mut self, frame: usize, again: u8, out: &mut Vec<Order>) {
        self.state = State::Sending { frame, again };
        out.push(Order::Send(self.frames.get(frame).cloned().unwrap_or_default()));
        out.push(Order::Timer(Some(ANSWER_TIMEOUT)));
    }

    fn give_up(&mut self, why: Failure, out: &mut Vec<Order>) {
        out.push(Order::Send(vec![EOT]));
        self.end(Order::GivenUp(why), out);
    }

    fn end(&mut self, how: Order, out: &mut Vec<Order>) {
        self.state = State::Idle;
        self.frames = Vec::new();
        out.extend([Order::Timer(None), how]);
    }
}

/// How records are put into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The most text of a frame: [`SHORT_FRAME`] or [`LONG_FRAME`].
    pub text: usize,
    /// A record begins a frame, as E1394 wants it; else frames are filled and only the last ends with ETX.
    pub record_a_frame: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self { text: SHORT_FRAME, record_a_frame: true }
    }
}

/// The frames of a message; its records end with CR. Control characters, which would be taken for the link's own, go.
#[must_use]
pub fn frames(text: &[u8], form: Form) -> Vec<Vec<u8>> {
    let most = form.text.clamp(1, LONG_FRAME);
    let clean: Vec<u8> =
        text.iter().copied().filter(|byte| !byte.is_ascii_control() || matches!(byte, b'\r' | b'\t')).collect();
    let records: Vec<&[u8]> = if form.record_a_frame {
        clean.split_inclusive(|byte| *byte == b'\r').collect()
    } else {
        vec![clean.as_slice()]
    };
    let mut frames = Vec::new();
    let mut number = 1u8;
    for record in records {
        let mut pieces = record.chunks(most).peekable();
        while let Some(piece) = pieces.next() {
            let end = if pieces.peek().is_some() { ETB } else { ETX };
            let mut frame = vec![STX, b'0' + number];
            frame.extend_from_slice(piece);
            frame.push(end);
            let sum = checksum(frame.get(1..).unwrap_or_default());
            frame.extend_from_slice(format!("{sum:02X}\r\n").as_bytes());
            frames.push(frame);
            number = (number + 1) % 8;
        }
    }
    frames
}
