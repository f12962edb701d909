//! The client's side: associates, confirms, polls, and has each answer kept with the clocks that date it.
//!
//! | state \ event | link up | accept | refuse | monitor created | answer's part | answer's end | time | abort by the monitor | release asked by the monitor | stop | link down |
//! |---|---|---|---|---|---|---|---|---|---|---|---|
//! | Down | ask → Calling | – | – | – | – | – | – | – | – | close | – |
//! | Calling | ask | → Greeting | close | – | – | – | 5 s: ask again | wait 5 s | confirm, close | close | → Down |
//! | Greeting | ask → Calling | – | – | confirm, poll → Online | – | – | 10 s: abort → Calling | → Calling | confirm, close | abort, close | → Down |
//! | Online | ask → Calling | – | – | confirm | collect | keep (numerics) or learn the clocks | poll when due; 3 s without an answer: keep what came, poll again; three times: abort → Calling | → Calling | confirm, close | release → Leaving | keep what came → Down |
//! | Leaving | – | – | – | – | – | – | 3 s: close | close | confirm, close | – | → Down |
//!
//! The monitor's clocks are asked for once a minute, so that no record's time hangs on an old pair. While the
//! disk has not taken the last answer no numerics are polled; the clocks are, which keeps the association.

use super::exchange::{Asked, Exchange};
use super::frame::{Decoder, Found, frame};
use super::operation::{Answer, Operation};
use super::read::tells_both_clocks;
use super::request::{MDS, NUMERIC, created_confirmation, poll};
use super::session::{self, Kind, kind};
use crate::driver::{Action, Close, Driver, Event, Note};
use std::time::Duration;

const CALL_AGAIN: Duration = Duration::from_secs(5);
const GREETING: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(3);
const CLOCKS: Duration = Duration::from_secs(60);
const MISSES: u8 = 3;
/// The association dies after ten seconds without a poll.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// What stands in front of every record; a monitor says less than a tenth of it of itself.
const LONGEST_CLOCKS: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Each message is a datagram.
    Udp,
    /// Messages are framed on a byte stream.
    Serial,
}

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub transport: Transport,
    /// How often numerics are polled; a second at least. The association is kept in between.
    pub every: Duration,
    /// Whether the extended poll is used.
    pub extended: bool,
}

impl Settings {
    #[must_use]
    pub const fn new(transport: Transport) -> Self {
        Self { transport, every: Duration::from_secs(5), extended: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Calling,
    Greeting,
    Online,
    Leaving,
}

#[derive(Debug)]
pub struct IntellivueDriver {
    settings: Settings,
    state: State,
    decoder: Decoder,
    /// When the state, or the last attempt in it, began.
    since: Duration,
    exchange: Option<Exchange>,
    misses: u8,
    numerics_at: Duration,
    clocks_at: Duration,
    /// The last message that told both clocks, framed.
    clocks: Vec<u8>,
    storing: usize,
    next_invoke: u16,
}

impl IntellivueDriver {
    #[must_use]
    pub fn new(mut settings: Settings) -> Self {
        settings.every = settings.every.max(Duration::from_secs(1));
        Self {
            settings,
            state: State::Down,
            decoder: Decoder::default(),
            since: Duration::ZERO,
            exchange: None,
            misses: 0,
            numerics_at: Duration::ZERO,
            clocks_at: Duration::ZERO,
            clocks: Vec::new(),
            storing: 0,
            next_invoke: 0,
        }
    }

    fn send(&self, message: Vec<u8>, out: &mut Vec<Action>) {
        out.push(Action::Send(match self.settings.transport {
            Transport::Udp => message,
            Transport::Serial => frame(&message),
        }));
    }

    fn call(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.enter(State::Calling, now);
        self.decoder = Decoder::default();
        let millis = u32::try_from(self.settings.every.as_millis()).unwrap_or(1000).min(1000);
        self.send(session::request(millis), out);
    }

    fn enter(&mut self, state: State, now: Duration) {
        self.state = state;
        self.since = now;
        self.exchange = None;
        self.misses = 0;
    }

    fn close(&mut self, why: Close, now: Duration, out: &mut Vec<Action>) {
        self.enter(State::Down, now);
        out.push(Action::Close(why));
    }

    fn message(&mut self, message: &[u8], now: Duration, out: &mut Vec<Action>) {
        match (kind(message), self.state) {
            (_, State::Down) => {}
            (Kind::Accept, State::Calling) => self.enter(State::Greeting, now),
            (Kind::Refuse, State::Calling) => {
                out.push(Action::Note(Note::Refused));
                self.close(Close::Refused, now, out);
            }
            (Kind::Finish, _) => {
                self.keep(out);
                self.send(session::release_confirmation(), out);
                self.close(Close::Lost, now, out);
            }
            (Kind::Disconnect | Kind::Abort, State::Leaving) => self.close(Close::Done, now, out),
            (Kind::Abort, _) => {
                out.push(Action::Note(Note::Refused));
                self.keep(out);
                self.enter(State::Calling, now);
            }
            (Kind::Data, State::Greeting | State::Online) => match Operation::parse(message) {
                Some(operation) => self.operation(&operation, message, now, out),
                None => out.push(Action::Note(Note::Damaged)),
            },
            _ => out.push(Action::Note(Note::Ignored)),
        }
    }

    fn operation(&mut self, operation: &Operation<'_>, message: &[u8], now: Duration, out: &mut Vec<Action>) {
        match operation {
            Operation::Created(created) => {
                self.clocks = Some(frame(message)).filter(|clocks| clocks.len() <= LONGEST_CLOCKS).unwrap_or_default();
                self.send(created_confirmation(created), out);
                // Said again until it was confirmed.
                if self.state == State::Greeting {
                    self.enter(State::Online, now);
                    out.push(Action::Note(Note::Connected));
                    self.numerics_at = now;
                    self.clocks_at = now + self.clocks_every();
                    self.go_on(now, out);
                }
            }
            Operation::Answer(answer) => self.answer(answer, message, now, out),
            Operation::Error { invoke } => {
                out.push(Action::Note(Note::Refused));
                if self.exchange.as_ref().is_some_and(|exchange| exchange.invoke == *invoke) {
                    self.exchange = None;
                    self.go_on(now, out);
                }
            }
            Operation::OtherInvoke => out.push(Action::Note(Note::Ignored)),
        }
    }

    fn answer(&mut self, answer: &Answer<'_>, message: &[u8], now: Duration, out: &mut Vec<Action>) {
        let Some(exchange) = self.exchange.as_mut().filter(|exchange| exchange.invoke == answer.invoke) else {
            return out.push(Action::Note(Note::Ignored));
        };
        if !exchange.add(message, now) {
            out.push(Action::Note(Note::Overrun));
        }
        if answer.last {
            self.misses = 0;
            self.keep(out);
            self.go_on(now, out);
        }
    }

    /// Ends the exchange: numerics are kept behind the clocks, the clocks are learned.
    fn keep(&mut self, out: &mut Vec<Action>) {
        let Some(exchange) = self.exchange.take() else { return };
        let asked = exchange.asked;
        let frames: Vec<u8> = exchange.parts().iter().flat_map(|part| frame(part)).collect();
        match asked {
            Asked::Monitor if frames.len() <= LONGEST_CLOCKS && tells_both_clocks(&frames) => self.clocks = frames,
            Asked::Numerics if !frames.is_empty() => {
                self.storing += 1;
                out.push(Action::Store([self.clocks.as_slice(), &frames].concat()));
            }
            _ => {}
        }
    }

    fn go_on(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.state != State::Online || self.exchange.is_some() {
            return;
        }
        let asked = if now >= self.clocks_at {
            Asked::Monitor
        } else if now >= self.numerics_at {
            if self.storing > 0 { Asked::Monitor } else { Asked::Numerics }
        } else {
            return;
        };
        let class = match asked {
            Asked::Monitor => {
                self.clocks_at = now + self.clocks_every();
                MDS
            }
            Asked::Numerics => NUMERIC,
        };
        if now >= self.numerics_at && (asked == Asked::Numerics || self.storing > 0) {
            self.numerics_at = now + self.settings.every;
        }
        self.next_invoke = self.next_invoke.wrapping_add(1);
        self.exchange = Some(Exchange::new(self.next_invoke, asked, now));
        // The clocks are asked for by the plain poll, which every monitor knows.
        let extended = self.settings.extended && asked == Asked::Numerics;
        self.send(poll(self.next_invoke, self.next_invoke, class, extended), out);
    }

    fn time(&mut self, now: Duration, out: &mut Vec<Action>) {
        match self.state {
            State::Down => {}
            State::Calling if now >= self.since + CALL_AGAIN => self.call(now, out),
            State::Greeting if now >= self.since + GREETING => self.begin_anew(now, out),
            State::Leaving if now >= self.since + ANSWER => self.close(Close::Done, now, out),
            State::Online => {
                if self.exchange.as_ref().is_some_and(|exchange| now >= exchange.heard + ANSWER) {
                    out.push(Action::Note(Note::NoAnswer));
                    self.keep(out);
                    self.misses += 1;
                    self.numerics_at = self.numerics_at.min(now);
                }
                if self.misses >= MISSES { self.begin_anew(now, out) } else { self.go_on(now, out) }
            }
            State::Calling | State::Greeting | State::Leaving => {}
        }
    }

    /// The monitor may still think that it is associated.
    fn begin_anew(&mut self, now: Duration, out: &mut Vec<Action>) {
        out.push(Action::Note(Note::Silent));
        self.send(session::abort(), out);
        self.call(now, out);
    }

    /// Where numerics are wanted more seldom than the monitor's patience lasts, its clocks are asked for in between.
    fn clocks_every(&self) -> Duration {
        if self.settings.every > LONGEST_PAUSE { LONGEST_PAUSE } else { CLOCKS }
    }

    fn due(&self) -> Option<Duration> {
        match self.state {
            State::Down => None,
            State::Calling => Some(self.since + CALL_AGAIN),
            State::Greeting => Some(self.since + GREETING),
            State::Leaving => Some(self.since + ANSWER),
            State::Online => match &self.exchange {
                Some(exchange) => Some(exchange.heard + ANSWER),
                None => Some(self.numerics_at.min(self.clocks_at)),
            },
        }
    }
}

impl Driver for IntellivueDriver {
    fn handle(&mut self, event: Event<'_>, now: Duration, out: &mut Vec<Action>) {
        match event {
            Event::LinkUp => self.call(now, out),
            Event::LinkDown => {
                self.keep(out);
                self.enter(State::Down, now);
            }
            Event::Bytes(bytes) if self.settings.transport == Transport::Udp => self.message(bytes, now, out),
            Event::Bytes(mut bytes) => {
                while self.state != State::Down
                    && let Some(found) = self.decoder.next(&mut bytes)
                {
                    match found {
                        Found::Message(message) => self.message(&message, now, out),
                        Found::Damaged => out.push(Action::Note(Note::Damaged)),
                    }
                }
            }
            Event::Stored { ok } => {
                self.storing = self.storing.saturating_sub(1);
                if !ok {
                    out.push(Action::Note(Note::NotStored));
                }
            }
            Event::Timer => self.time(now, out),
            Event::Stop => match self.state {
                State::Online => {
                    self.keep(out);
                    self.enter(State::Leaving, now);
                    self.send(session::release_request(), out);
                }
                State::Greeting => {
                    self.send(session::abort(), out);
                    self.close(Close::Done, now, out);
                }
                State::Leaving => {}
                State::Down | State::Calling => self.close(Close::Done, now, out),
            },
        }
        out.push(Action::Timer(self.due().map(|due| due.saturating_sub(now))));
    }

    fn held(&self) -> usize {
        self.decoder.held()
    }
}
