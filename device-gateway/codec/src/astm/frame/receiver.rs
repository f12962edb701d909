//! The state machine of the table in the module head.

use super::forgiven::{Forgiven, Tolerance};
use super::wire::{Checked, Frame, Partial, Progress};
use super::{ACK, Action, ENQ, EOT, ETB, ETX, LARGEST_FRAME, NAK, Note, RECEIVER_TIMEOUT, STX, TRAILER_TIMEOUT, Why};
use std::collections::VecDeque;

#[derive(Clone, Debug)]
enum State {
    Neutral,
    Waiting,
    InFrame(Partial),
    /// The frame's bytes and number, until it is known to be on disk.
    Storing {
        bytes: Vec<u8>,
        number: Option<u8>,
    },
}

/// The receiving end of one line. One message at a time; frames of it are kept until EOT.
#[derive(Clone, Debug)]
pub struct Receiver {
    state: State,
    /// Frames accepted so far, as received.
    message: Vec<u8>,
    frames: usize,
    last: Option<u8>,
    numbered: bool,
    /// The last frame was refused and has not come again.
    refused: bool,
    /// A frame came without its beginning, and no number shows that it has come again since.
    lost: bool,
    /// What came while a frame was being stored.
    later: VecDeque<u8>,
    limit: usize,
    tolerance: Tolerance,
    forgiven: Forgiven,
    /// A frame with a checksum has come: this device sends them.
    checksums: bool,
}

impl Receiver {
    /// `limit` is the largest message in bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            state: State::Neutral,
            message: Vec::new(),
            frames: 0,
            last: None,
            numbered: true,
            refused: false,
            lost: false,
            later: VecDeque::new(),
            limit,
            tolerance: Tolerance::default(),
            forgiven: Forgiven::default(),
            checksums: false,
        }
    }

    /// Takes what the device's profile knows of it.
    #[must_use]
    pub fn tolerating(self, tolerance: Tolerance) -> Self {
        Self { tolerance, ..self }
    }

    /// What was taken otherwise than the standard has it.
    #[must_use]
    pub fn forgiven(&self) -> Forgiven {
        self.forgiven
    }

    /// True while a sender holds the line.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !matches!(self.state, State::Neutral)
    }

    /// Takes bytes as they come, in any pieces. Bytes beyond a frame that is being stored wait here.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Action>) {
        self.later.extend(bytes);
        self.drain(out);
    }

    /// The answer to [`Action::Store`].
    pub fn stored(&mut self, ok: bool, out: &mut Vec<Action>) {
        let State::Storing { bytes, number } = std::mem::replace(&mut self.state, State::Waiting) else {
            return;
        };
        if ok {
            self.message.extend_from_slice(&bytes);
            self.frames += 1;
            self.last = number;
            self.refused = false;
            self.lost &= number.is_none();
            out.push(Action::Send(ACK));
        } else {
            out.push(Action::Note(Note::NotStored));
            self.refuse(out);
        }
        out.push(Action::Timer(Some(RECEIVER_TIMEOUT)));
        self.drain(out);
    }

    /// The time asked for by [`Action::Timer`] is up.
    pub fn timer(&mut self, out: &mut Vec<Action>) {
        match std::mem::replace(&mut self.state, State::Neutral) {
            State::InFrame(partial) if partial.in_trailer() => {
                self.judge(partial, out);
                self.drain(out);
            }
            State::Waiting | State::InFrame(_) => self.park(Why::TimeOut, out),
            other => self.state = other,
        }
    }

    /// The line is gone.
    pub fn closed(&mut self, out: &mut Vec<Action>) {
        self.later.clear();
        if !matches!(std::mem::replace(&mut self.state, State::Neutral), State::Neutral) {
            self.park(Why::Closed, out);
        }
    }

    fn drain(&mut self, out: &mut Vec<Action>) {
        while !matches!(self.state, State::Storing { .. }) {
            let Some(byte) = self.later.pop_front() else {
                return;
            };
            self.step(byte, out);
        }
    }

    fn step(&mut self, byte: u8, out: &mut Vec<Action>) {
        match std::mem::replace(&mut self.state, State::Neutral) {
            State::Neutral => {
                if byte == ENQ {
                    self.begin(out);
                } else if byte == STX && self.tolerance.no_enquiry {
                    self.forgiven.no_enquiry += 1;
                    self.state = State::InFrame(Partial::begin(LARGEST_FRAME));
                    out.push(Action::Timer(Some(RECEIVER_TIMEOUT)));
                }
            }
            State::Waiting => match byte {
                ENQ => self.restart(out),
                EOT => self.end(out),
                STX => {
                    self.state = State::InFrame(Partial::begin(LARGEST_FRAME));
                    out.push(Action::Timer(Some(RECEIVER_TIMEOUT)));
                }
                _ => {
                    // A frame whose STX was lost: the message is not whole without it.
                    self.lost |= matches!(byte, ETX | ETB);
                    self.state = State::Waiting;
                }
            },
            State::InFrame(partial) => self.in_frame(partial, byte, out),
            storing @ State::Storing { .. } => self.state = storing,
        }
    }

    fn in_frame(&mut self, mut partial: Partial, byte: u8, out: &mut Vec<Action>) {
        if !partial.in_trailer() {
            match byte {
                ENQ => return self.restart(out),
                EOT => return self.park(Why::GivenUp, out),
                STX => {
                    self.state = State::InFrame(partial.begin_anew());
                    return;
                }
                _ => {}
            }
        }
        match partial.push(byte) {
            Progress::Text => self.state = State::InFrame(partial),
            Progress::Trailer => {
                out.push(Action::Timer(Some(TRAILER_TIMEOUT)));
                self.state = State::InFrame(partial);
            }
            Progress::Ended => self.judge(partial, out),
            Progress::EndedBefore => {
                self.later.push_front(byte);
                self.judge(partial, out);
            }
        }
    }

    /// The frame has ended: is it good, and is it the next one?
    fn judge(&mut self, partial: Partial, out: &mut Vec<Action>) {
        self.state = State::Waiting;
        let note = match partial.check() {
            Checked::BadChecksum => Note::BadChecksum,
            Checked::NoChecksum(_) if self.checksums || !self.tolerance.no_checksum => Note::BadChecksum,
            Checked::TooLong => Note::FrameTooLong,
            Checked::NoChecksum(frame) => match self.take(frame, out) {
                Ok(()) => {
                    self.forgiven.no_checksum += 1;
                    return;
                }
                Err(note) => note,
            },
            Checked::Good(frame) => match self.take(frame, out) {
                Ok(()) => {
                    self.checksums = true;
                    return;
                }
                Err(note) => note,
            },
        };
        out.push(Action::Note(note));
        self.refuse(out);
        out.push(Action::Timer(Some(RECEIVER_TIMEOUT)));
    }

    fn take(&mut self, frame: Frame, out: &mut Vec<Action>) -> Result<(), Note> {
        let Frame { number, bytes, ended_with_lf } = frame;
        if self.message.len() + bytes.len() > self.limit {
            return Err(Note::MessageTooLong);
        }
        match self.place(number, &bytes) {
            Place::Next(number) => {
                out.push(Action::Timer(None));
                out.push(Action::Store(bytes.clone()));
                self.forgiven.no_line_feed += u64::from(!ended_with_lf);
                self.forgiven.no_number += u64::from(number.is_none());
                self.state = State::Storing { bytes, number };
                Ok(())
            }
            Place::Again => {
                self.refused = false;
                out.extend([Action::Note(Note::Repeated), Action::Send(ACK), Action::Timer(Some(RECEIVER_TIMEOUT))]);
                Ok(())
            }
            Place::Wrong => Err(Note::OutOfSequence),
        }
    }

    fn place(&mut self, number: Option<u8>, bytes: &[u8]) -> Place {
        if self.frames == 0 {
            self.numbered = number.is_some();
        }
        match (self.numbered, number, self.last) {
            // Without numbers a text may begin with any character, digits too. The last frame byte for byte is a
            // sender that did not hear its <ACK>.
            (false, ..) if self.frames > 0 && self.message.ends_with(bytes) => Place::Again,
            (false, ..) => Place::Next(None),
            (true, None, _) => Place::Wrong,
            (true, Some(1), None) => Place::Next(Some(1)),
            (true, Some(number), Some(last)) if number == (last + 1) % 8 => Place::Next(Some(number)),
            (true, Some(number), _) if self.tolerance.any_number => {
                if self.frames > 0 && self.message.ends_with(bytes) {
                    return Place::Again;
                }
                self.forgiven.wrong_number += 1;
                Place::Next(Some(number))
            }
            (true, Some(number), Some(last)) if number == last => Place::Again,
            (true, Some(_), _) => Place::Wrong,
        }
    }

    fn refuse(&mut self, out: &mut Vec<Action>) {
        self.refused = true;
        out.push(Action::Send(NAK));
    }

    fn begin(&mut self, out: &mut Vec<Action>) {
        self.state = State::Waiting;
        out.extend([Action::Send(ACK), Action::Timer(Some(RECEIVER_TIMEOUT))]);
    }

    fn restart(&mut self, out: &mut Vec<Action>) {
        self.park(Why::Restarted, out);
        self.begin(out);
    }

    fn end(&mut self, out: &mut Vec<Action>) {
        if self.refused || self.lost {
            return self.park(Why::GivenUp, out);
        }
        out.push(Action::Timer(None));
        let message = self.reset();
        if !message.is_empty() {
            self.forgiven.look_at(&message);
            out.push(Action::Complete(message));
        }
    }

    fn park(&mut self, why: Why, out: &mut Vec<Action>) {
        out.push(Action::Timer(None));
        if !self.reset().is_empty() {
            out.push(Action::Park(why));
        }
    }

    fn reset(&mut self) -> Vec<u8> {
        self.state = State::Neutral;
        self.frames = 0;
        self.last = None;
        self.numbered = true;
        self.refused = false;
        self.lost = false;
        std::mem::take(&mut self.message)
    }
}

enum Place {
    Next(Option<u8>),
    Again,
    Wrong,
}
