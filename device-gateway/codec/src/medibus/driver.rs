//! The PC's side of MEDIBUS: calls the device, answers it, asks round after round, and has each round kept.
//!
//! | state \ event | link up | command of the device | answer | damaged frame | nothing for 3 s | no answer for 10 s | stored | link down |
//! |---|---|---|---|---|---|---|---|---|
//! | Down | ICC → Calling | – | – | – | – | – | – | – |
//! | Calling | – | answer; ICC → Online | of ICC → Online | command: NAK | ICC again | – | – | → Down |
//! | Online, asking | – | answer; ICC: keep the round, begin anew | next request, or keep the round → Online, resting | command: NAK; answer: ask again (3 times) | keep the round, ICC → Calling | ask again (3 times), then ICC → Calling | – | keep the round → Down |
//! | Online, resting | – | answer | ignore | command: NAK | ICC → Calling | – | round may begin when its time has come | → Down |
//! | Leaving | – | answer | of STOP: close | – | close | – | – | → Down |
//!
//! A round asks for date and time, measured values (both code pages), alarms (both) and texts; its answers are
//! kept as one record. The next round waits until the earlier one is on disk. After two seconds without a byte
//! of ours a NOP goes out, for the device gives up after three. Between DC1 and DC3 our bytes wait.

use super::frame::{Decoder, Found, Frame, Kind, command, response};
use super::round::Round;
use super::{CONFIGURE_DATA, DATE_TIME, DEVICE_ID, ICC, MEASURED_PAGE_1, NAK, NOP, STOP};
use crate::driver::{Action, Close, Driver, Event, Note};
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(10);
/// A device digests our identification so long before it takes a configuration.
const DIGEST: Duration = Duration::from_millis(200);
/// A device that never asks who we are is configured after so long.
const UNASKED: Duration = Duration::from_secs(3);
const REPEATS: u8 = 3;
/// Number 0161 is what devices expect of a PC.
const IDENTITY: &[u8] = b"0161'Benhan'01.00:04.03";

#[derive(Clone, Debug)]
pub struct Settings {
    /// From the beginning of one round to the beginning of the next; at least a second.
    pub every: Duration,
    /// Codes of code page 1 to ask for; empty: all that the device has.
    pub codes: Vec<u8>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { every: Duration::from_secs(5), codes: Vec::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Calling,
    Online,
    Leaving,
}

/// A request without its answer yet.
#[derive(Clone, Copy, Debug)]
struct Asked {
    code: u8,
    at: Duration,
    repeats: u8,
}

#[derive(Debug)]
pub struct MedibusDriver {
    settings: Settings,
    state: State,
    decoder: Decoder,
    asked: Option<Asked>,
    round: Round,
    round_began: Option<Duration>,
    /// Records given to the disk and not answered.
    storing: usize,
    /// The configuration goes out from here on, once in each connection.
    configure_at: Option<Duration>,
    heard: Duration,
    sent: Duration,
    /// Held back between DC1 and DC3.
    held: Option<Vec<Vec<u8>>>,
}

impl MedibusDriver {
    #[must_use]
    pub fn new(mut settings: Settings) -> Self {
        settings.every = settings.every.max(Duration::from_secs(1));
        settings.codes.truncate(125);
        Self {
            settings,
            state: State::Down,
            decoder: Decoder::default(),
            asked: None,
            round: Round::default(),
            round_began: None,
            storing: 0,
            configure_at: None,
            heard: Duration::ZERO,
            sent: Duration::ZERO,
            held: None,
        }
    }

    fn send(&mut self, bytes: Vec<u8>, now: Duration, out: &mut Vec<Action>) {
        match &mut self.held {
            // What is not sent within three seconds is of no use: the connection begins anew then.
            Some(held) if held.len() < 16 => held.push(bytes),
            Some(_) => out.push(Action::Note(Note::Overrun)),
            None => {
                self.sent = now;
                out.push(Action::Send(bytes));
            }
        }
    }

    fn ask(&mut self, code: u8, repeats: u8, now: Duration, out: &mut Vec<Action>) {
        let argument = match code {
            CONFIGURE_DATA => configuration(&self.settings.codes),
            _ => Vec::new(),
        };
        self.asked = Some(Asked { code, at: now, repeats });
        self.send(command(code, &argument), now, out);
    }

    /// Calls the device. What the round has so far is kept.
    fn call(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.keep(out);
        self.state = State::Calling;
        self.round_began = None;
        self.configure_at = None;
        self.decoder = Decoder::default();
        self.held = None;
        self.heard = now;
        self.asked = None;
        self.send(command(ICC, &[]), now, out);
    }

    fn online(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.state == State::Online {
            self.keep(out);
        } else {
            out.push(Action::Note(Note::Connected));
        }
        self.state = State::Online;
        self.asked = None;
        self.round_began = None;
        self.configure_at = (!self.settings.codes.is_empty()).then_some(now + UNASKED);
        self.ask(DEVICE_ID, 0, now, out);
    }

    fn keep(&mut self, out: &mut Vec<Action>) {
        if let Some(record) = self.round.finish() {
            self.storing += 1;
            out.push(Action::Store(record));
        }
    }

    fn found(&mut self, found: Found, now: Duration, out: &mut Vec<Action>) {
        match found {
            Found::Frame(frame @ Frame { kind: Kind::Command, .. }) => self.answer(&frame, now, out),
            Found::Frame(frame) => self.answered(&frame, now, out),
            Found::Damaged(Kind::Command) => {
                out.push(Action::Note(Note::Damaged));
                self.send(response(NAK, &[]), now, out);
            }
            Found::Damaged(Kind::Response) | Found::Broken(_) => {
                out.push(Action::Note(Note::Damaged));
                if matches!(found, Found::Damaged(_)) {
                    self.ask_again(now, out);
                }
            }
            Found::Cancelled => self.ask_again(now, out),
            Found::Suspend => {
                self.held.get_or_insert_default();
            }
            Found::Resume => {
                for bytes in self.held.take().unwrap_or_default() {
                    self.send(bytes, now, out);
                }
            }
        }
    }

    /// Every command is answered, known or not: a device without an answer breaks the connection.
    fn answer(&mut self, frame: &Frame, now: Duration, out: &mut Vec<Action>) {
        let data = if frame.code == DEVICE_ID { IDENTITY } else { &[] };
        self.send(response(frame.code, data), now, out);
        match (frame.code, self.state) {
            (ICC, State::Calling | State::Online) => self.online(now, out),
            (DEVICE_ID, State::Online) => self.configure_at = self.configure_at.map(|_| now + DIGEST),
            (STOP, State::Calling | State::Online) => {
                self.keep(out);
                self.state = State::Calling;
                self.asked = None;
            }
            _ => {}
        }
    }

    fn answered(&mut self, frame: &Frame, now: Duration, out: &mut Vec<Action>) {
        match (self.state, frame.code) {
            (State::Calling, ICC) => return self.online(now, out),
            (State::Leaving, STOP) => return self.close(Close::Done, out),
            (State::Online, NAK) => {
                out.push(Action::Note(Note::Refused));
                return self.ask_again(now, out);
            }
            (State::Online, code) if self.asked.is_some_and(|asked| asked.code == code) => {}
            // An answer to what we no longer wait for.
            _ => return,
        }
        self.asked = None;
        self.round.add(frame);
        self.go_on(now, out);
    }

    /// What is next: the configuration, a request of the round, the end of it, a new round, or nothing. A round that
    /// takes longer than its time is finished first.
    fn go_on(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.state != State::Online || self.asked.is_some() {
            return;
        }
        if self.configure_at.is_some_and(|at| at <= now) {
            self.configure_at = None;
            return self.ask(CONFIGURE_DATA, 0, now, out);
        }
        if let Some(code) = self.round.next() {
            return self.ask(code, 0, now, out);
        }
        self.keep(out);
        let is_due = self.round_began.is_none_or(|began| now >= began + self.settings.every);
        if is_due && self.storing == 0 {
            self.round_began = Some(now);
            self.round.begin();
            self.ask(DATE_TIME, 0, now, out);
        }
    }

    fn ask_again(&mut self, now: Duration, out: &mut Vec<Action>) {
        match self.asked {
            Some(Asked { code, repeats, .. }) if repeats < REPEATS => self.ask(code, repeats + 1, now, out),
            Some(_) => self.call(now, out),
            None => {}
        }
    }

    fn time(&mut self, now: Duration, out: &mut Vec<Action>) {
        match self.state {
            State::Down => return,
            State::Leaving if now >= self.heard + SILENCE => return self.close(Close::Done, out),
            State::Calling | State::Online if now >= self.heard + SILENCE => {
                if self.state == State::Online {
                    out.push(Action::Note(Note::Silent));
                }
                return self.call(now, out);
            }
            _ => {}
        }
        if self.asked.is_some_and(|asked| now >= asked.at + ANSWER) {
            out.push(Action::Note(Note::NoAnswer));
            self.ask_again(now, out);
        }
        self.go_on(now, out);
        // A request on its way is answered or repeated; a NOP in between would break it off.
        if self.state == State::Online && self.asked.is_none() && now >= self.sent + IDLE {
            self.ask(NOP, 0, now, out);
        }
    }

    fn due(&self) -> Option<Duration> {
        let silence = self.heard + SILENCE;
        match self.state {
            State::Down => None,
            State::Calling | State::Leaving => Some(silence),
            State::Online => {
                let answer = self.asked.map(|asked| asked.at + ANSWER);
                let idle = self.asked.is_none().then_some(self.sent + IDLE);
                let round = self.round_began.map(|began| began + self.settings.every);
                let round = round.filter(|_| self.asked.is_none() && self.storing == 0);
                let configure = self.configure_at.filter(|_| self.asked.is_none());
                [answer, idle, round, configure].into_iter().flatten().chain([silence]).min()
            }
        }
    }

    fn close(&mut self, why: Close, out: &mut Vec<Action>) {
        self.state = State::Down;
        out.push(Action::Close(why));
    }
}

impl Driver for MedibusDriver {
    fn handle(&mut self, event: Event<'_>, now: Duration, out: &mut Vec<Action>) {
        match event {
            Event::LinkUp => self.call(now, out),
            Event::LinkDown => {
                self.keep(out);
                self.state = State::Down;
            }
            Event::Bytes(mut bytes) => {
                // Curve data alone do not keep a connection alive.
                if bytes.iter().any(|byte| *byte < 0x80) {
                    self.heard = now;
                }
                while self.state != State::Down
                    && let Some(found) = self.decoder.next(&mut bytes)
                {
                    self.found(found, now, out);
                }
            }
            Event::Stored { ok } => {
                self.storing = self.storing.saturating_sub(1);
                if !ok {
                    out.push(Action::Note(Note::NotStored));
                }
                self.go_on(now, out);
            }
            Event::Timer => self.time(now, out),
            Event::Stop if matches!(self.state, State::Calling | State::Online) => {
                self.keep(out);
                self.state = State::Leaving;
                self.heard = now;
                self.held = None;
                self.send(command(STOP, &[]), now, out);
            }
            Event::Stop if self.state == State::Leaving => {}
            Event::Stop => self.close(Close::Done, out),
        }
        out.push(Action::Timer(self.due().map(|due| due.saturating_sub(now))));
    }

    fn held(&self) -> usize {
        self.decoder.held()
    }
}

/// The argument of the configuration: which kind of data, then the codes.
fn configuration(codes: &[u8]) -> Vec<u8> {
    let digits = codes.iter().flat_map(|code| format!("{code:02X}").into_bytes());
    std::iter::once(MEASURED_PAGE_1).chain(digits).collect()
}
