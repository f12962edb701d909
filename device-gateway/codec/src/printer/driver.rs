//! Keeps each text and acknowledges it when it is on disk.
//!
//! | state \ event | link up | ENQ | text whole | text damaged | 10 s inside a text | stored | not stored | stop | link down |
//! |---|---|---|---|---|---|---|---|---|---|
//! | Down | → Idle | – | – | – | – | – | – | close | – |
//! | Idle | – | ACK | keep → Storing | NAK | forget it, NAK | – | – | close | → Down |
//! | Storing | – | waits | waits | waits | – | ACK → Idle | NAK → Idle | close | → Down |
//!
//! ACK and NAK go only to instruments that listen. What comes while a text is being stored waits, within a bound.

use super::Instrument;
use super::frame::{ACK, Decoder, Found, NAK};
use crate::driver::{Action, Close, Driver, Event, Note};
use std::time::Duration;

const WITHIN_TEXT: Duration = Duration::from_secs(10);
/// Bytes that may wait for the disk: several whole texts.
const WAITING: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Idle,
    Storing,
}

#[derive(Debug)]
pub struct PrinterDriver {
    instrument: Instrument,
    state: State,
    decoder: Decoder,
    later: Vec<u8>,
    heard: Duration,
    /// Answers to texts of an earlier connection that are still to come.
    old: usize,
}

impl PrinterDriver {
    #[must_use]
    pub fn new(instrument: Instrument) -> Self {
        let decoder = Decoder::new(instrument);
        Self { instrument, state: State::Down, decoder, later: Vec::new(), heard: Duration::ZERO, old: 0 }
    }

    fn answer(&self, byte: u8, out: &mut Vec<Action>) {
        if self.instrument.listens() {
            out.push(Action::Send(vec![byte]));
        }
    }

    fn read(&mut self, out: &mut Vec<Action>) {
        let later = std::mem::take(&mut self.later);
        let mut input = later.as_slice();
        while self.state == State::Idle
            && let Some(found) = self.decoder.next(&mut input)
        {
            match found {
                Found::Enquiry => self.answer(ACK, out),
                Found::Damaged => {
                    out.push(Action::Note(Note::Damaged));
                    self.answer(NAK, out);
                }
                Found::Text(text) => {
                    self.state = State::Storing;
                    out.push(Action::Store(text));
                }
            }
        }
        self.later = input.to_vec();
    }

    fn reset(&mut self, state: State) {
        self.old += usize::from(self.state == State::Storing);
        self.state = state;
        self.decoder = Decoder::new(self.instrument);
        self.later.clear();
    }
}

impl Driver for PrinterDriver {
    fn handle(&mut self, event: Event<'_>, now: Duration, out: &mut Vec<Action>) {
        match event {
            Event::LinkUp => self.reset(State::Idle),
            Event::LinkDown => self.reset(State::Down),
            Event::Bytes(_) if self.state == State::Down => {}
            Event::Bytes(bytes) if self.later.len() + bytes.len() > WAITING => out.push(Action::Note(Note::Overrun)),
            Event::Bytes(bytes) => {
                self.heard = now;
                self.later.extend_from_slice(bytes);
                self.read(out);
            }
            Event::Stored { ok } => {
                if !ok {
                    out.push(Action::Note(Note::NotStored));
                }
                if let Some(old) = self.old.checked_sub(1) {
                    self.old = old;
                } else if self.state == State::Storing {
                    self.state = State::Idle;
                    self.answer(if ok { ACK } else { NAK }, out);
                    self.read(out);
                }
            }
            Event::Timer if self.decoder.in_text() && now >= self.heard + WITHIN_TEXT => {
                self.decoder = Decoder::new(self.instrument);
                out.push(Action::Note(Note::Damaged));
                self.answer(NAK, out);
            }
            Event::Timer => {}
            Event::Stop => {
                self.reset(State::Down);
                out.push(Action::Close(Close::Done));
            }
        }
        let due = self.decoder.in_text().then(|| (self.heard + WITHIN_TEXT).saturating_sub(now));
        out.push(Action::Timer(due));
    }

    fn held(&self) -> usize {
        self.decoder.held() + self.later.len()
    }
}
