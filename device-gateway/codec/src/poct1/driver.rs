//! The data manager's side of a conversation.
//!
//! | state \ event | HEL | DST | OBS | EOT | KPA, events, other | ACK | END | nothing for the time-out | stored / not stored | stop | link down |
//! |---|---|---|---|---|---|---|---|---|---|---|---|
//! | Down | – | – | – | – | – | – | – | – | – | close | – |
//! | Expecting (30 s) | ACK → Greeted | ACK, as Greeted | keep | ACK | ACK | ignore | ACK, close | close | ACK AA / AE | close | → Down |
//! | Greeted | ACK | ACK; results wait: ask → Collecting, else go on | keep | ACK | ACK | ignore | ACK, close | close | ACK AA / AE | END → Ending | → Down |
//! | Collecting | ACK → Greeted | ACK | keep | ACK, go on | ACK | AE: go on | ACK, close | close | ACK AA / AE | END → Ending | → Down |
//! | Staying | ACK → Greeted | ACK; results wait: ask → Collecting | keep | ACK | ACK | ignore | ACK, close | half of it: KPA; whole: close | ACK AA / AE | END → Ending | → Down |
//! | Ending (5 s) | – | – | keep | ACK | ACK | close | close | close | ACK AA / AE | – | → Down |
//!
//! "Keep" stores the results behind the device's HEL and acknowledges them when they are on disk, not before.
//! "Go on": a device that can stay is told to (continuous mode); the others are told END. What cannot be read
//! at all is kept and not acknowledged, for it names nothing to acknowledge.

use super::message::{Kind, Message};
use super::reply::Replies;
use super::splitter::{Found, Splitter};
use crate::driver::{Action, Close, Driver, Event, Note};
use std::collections::VecDeque;
use std::time::Duration;

const GREETING: Duration = Duration::from_secs(30);
const ENDING: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(60);
const TIMEOUTS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(600));
/// Results that wait for the disk; a device sends the next after our answer, so more is no conversation.
const WAITING: usize = 16;

/// A longer HEL does not stand in front of every result.
const LONGEST_HELLO: usize = 16 * 1024;

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Keep the connection of a device that can stay, so that results come at once.
    pub continuous: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { continuous: true }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Expecting,
    Greeted,
    Collecting,
    Staying,
    Ending,
}

#[derive(Debug)]
pub struct Poct1Driver {
    settings: Settings,
    state: State,
    splitter: Splitter,
    replies: Replies,
    /// The device's HEL, as it came.
    hello: Vec<u8>,
    can_stay: bool,
    timeout: Duration,
    heard: Duration,
    kept_alive: bool,
    /// What is on its way to the disk: the control id to acknowledge, where there is one.
    storing: VecDeque<Option<String>>,
}

impl Poct1Driver {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            state: State::Down,
            splitter: Splitter::default(),
            replies: Replies::default(),
            hello: Vec::new(),
            can_stay: false,
            timeout: TIMEOUT,
            heard: Duration::ZERO,
            kept_alive: false,
            storing: VecDeque::new(),
        }
    }

    fn close(&mut self, why: Close, out: &mut Vec<Action>) {
        self.state = State::Down;
        out.push(Action::Close(why));
    }

    fn end(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.state = State::Ending;
        self.heard = now;
        out.push(Action::Send(self.replies.end()));
    }

    fn found(&mut self, found: Found, now: Duration, out: &mut Vec<Action>) {
        match found {
            Found::Garbage => out.push(Action::Note(Note::Garbage)),
            Found::Refused => out.push(Action::Note(Note::Damaged)),
            Found::Document(bytes) => match Message::parse(&bytes) {
                Some(message) => self.message(&message, &bytes, now, out),
                None => {
                    out.push(Action::Note(Note::Damaged));
                    self.store(bytes, None, out);
                }
            },
        }
    }

    fn message(&mut self, message: &Message, bytes: &[u8], now: Duration, out: &mut Vec<Action>) {
        if !message.created.is_empty() {
            self.replies.created.clone_from(&message.created);
        }
        match (message.kind, self.state) {
            (Kind::Observations, _) => {
                let record = [self.hello.as_slice(), bytes].concat();
                return self.store(record, Some(message.control_id.clone()), out);
            }
            (Kind::Acknowledgement { .. }, State::Ending) => return self.close(Close::Done, out),
            (Kind::Acknowledgement { accepted: false }, state) => {
                out.push(Action::Note(Note::Refused));
                if state == State::Collecting {
                    self.go_on(now, out);
                }
                return;
            }
            (Kind::Acknowledgement { .. }, _) => return,
            _ => out.push(Action::Send(self.replies.acknowledge(&message.control_id, true))),
        }
        match (message.kind, self.state) {
            (Kind::End, _) => self.close(Close::Done, out),
            (_, State::Ending) => {}
            (Kind::Hello, _) => self.greeted(message, bytes, out),
            (Kind::Status, State::Expecting | State::Greeted | State::Staying) => {
                if message.has_results() {
                    self.state = State::Collecting;
                    out.push(Action::Send(self.replies.request_observations()));
                } else if self.state != State::Staying {
                    self.go_on(now, out);
                }
            }
            (Kind::EndOfTopic, State::Collecting) => self.go_on(now, out),
            _ => {}
        }
    }

    fn greeted(&mut self, message: &Message, hello: &[u8], out: &mut Vec<Action>) {
        self.state = State::Greeted;
        self.hello = if hello.len() <= LONGEST_HELLO { hello.to_vec() } else { Vec::new() };
        self.can_stay = message.can_stay();
        let (shortest, longest) = TIMEOUTS;
        self.timeout = message.timeout().unwrap_or(TIMEOUT).clamp(shortest, longest);
        out.push(Action::Note(Note::Connected));
    }

    fn go_on(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.settings.continuous && self.can_stay {
            self.state = State::Staying;
            out.push(Action::Send(self.replies.start_continuous()));
        } else {
            self.end(now, out);
        }
    }

    fn store(&mut self, record: Vec<u8>, control_id: Option<String>, out: &mut Vec<Action>) {
        if self.storing.len() == WAITING {
            out.push(Action::Note(Note::Overrun));
            return self.close(Close::OutOfStep, out);
        }
        self.storing.push_back(control_id);
        out.push(Action::Store(record));
    }

    fn time(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.due().is_none_or(|due| now < due) {
            return;
        }
        match self.state {
            State::Staying if !self.kept_alive => {
                self.kept_alive = true;
                out.push(Action::Send(self.replies.keep_alive()));
            }
            State::Ending => self.close(Close::Done, out),
            State::Down => {}
            _ => {
                out.push(Action::Note(Note::Silent));
                self.close(Close::Lost, out);
            }
        }
    }

    fn due(&self) -> Option<Duration> {
        let patience = match self.state {
            State::Down => return None,
            State::Expecting => GREETING,
            State::Ending => ENDING,
            State::Staying if !self.kept_alive => self.timeout / 2,
            State::Greeted | State::Collecting | State::Staying => self.timeout,
        };
        Some(self.heard + patience)
    }
}

impl Driver for Poct1Driver {
    fn handle(&mut self, event: Event<'_>, now: Duration, out: &mut Vec<Action>) {
        match event {
            Event::LinkUp => {
                let storing = std::mem::take(&mut self.storing);
                *self = Self::new(self.settings);
                // Answers to what an earlier connection stored come still; nobody waits for their ACK.
                self.storing = storing.into_iter().map(|_| None).collect();
                self.state = State::Expecting;
                self.heard = now;
            }
            Event::LinkDown => self.state = State::Down,
            Event::Bytes(mut bytes) => {
                if self.state != State::Ending {
                    self.heard = now;
                    self.kept_alive = false;
                }
                while self.state != State::Down
                    && let Some(found) = self.splitter.next(&mut bytes)
                {
                    self.found(found, now, out);
                }
            }
            Event::Stored { ok } => {
                if !ok {
                    out.push(Action::Note(Note::NotStored));
                }
                let control_id = self.storing.pop_front().flatten().filter(|_| self.state != State::Down);
                if let Some(control_id) = control_id {
                    out.push(Action::Send(self.replies.acknowledge(&control_id, ok)));
                }
            }
            Event::Timer => self.time(now, out),
            Event::Stop => match self.state {
                State::Greeted | State::Collecting | State::Staying => self.end(now, out),
                State::Ending => {}
                State::Down | State::Expecting => self.close(Close::Done, out),
            },
        }
        out.push(Action::Timer(self.due().map(|due| due.saturating_sub(now))));
    }

    fn held(&self) -> usize {
        self.splitter.held()
    }
}
