//! Asks the monitor once and keeps what comes; asks again when nothing comes.
//!
//! | state \ event | link up | good record | damaged frame | nothing for 3 intervals (15 s at least) | stored | stop | link down |
//! |---|---|---|---|---|---|---|---|
//! | Down | ask → Asking | – | – | – | – | close | – |
//! | Asking | ask | keep it → Flowing | count | ask again | – | ask for no more, close → Down | → Down |
//! | Flowing | ask → Asking | values, alarms: keep; curves: skip; 16 records wait for the disk: drop and count | count | ask again → Asking | one fewer waits | ask for no more, close → Down | → Down |
//!
//! A monitor that was switched off forgets what it was asked; that is why silence is answered with the request.
//! Each record is kept as its frame.

use super::frame::{Decoder, Found, frame};
use super::record::{ALARM, PHYSIOLOGICAL, Record, WAVEFORM};
use super::request;
use crate::driver::{Action, Close, Driver, Event, Note};
use std::time::Duration;

/// Records that may wait for the disk.
const WAITING: usize = 16;
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often the monitor sends, in seconds: 5 to 3600.
    pub every_seconds: u16,
    /// Whether alarms are asked for (Carescape monitors, interface level 10 and later).
    pub alarms: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { every_seconds: 10, alarms: true }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Down,
    Asking,
    Flowing,
}

#[derive(Debug)]
pub struct DriDriver {
    settings: Settings,
    state: State,
    decoder: Decoder,
    /// When something good came, or was asked for.
    heard: Duration,
    waiting: usize,
}

impl DriDriver {
    #[must_use]
    pub fn new(mut settings: Settings) -> Self {
        settings.every_seconds = settings.every_seconds.clamp(5, 3600);
        Self { settings, state: State::Down, decoder: Decoder::default(), heard: Duration::ZERO, waiting: 0 }
    }

    fn ask(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.state = State::Asking;
        self.heard = now;
        out.push(Action::Send(request::displayed_values(self.settings.every_seconds)));
        if self.settings.alarms {
            out.push(Action::Send(request::alarms(true)));
        }
    }

    fn patience(&self) -> Duration {
        PATIENCE.max(Duration::from_secs(u64::from(self.settings.every_seconds) * 3))
    }

    fn found(&mut self, found: Found, now: Duration, out: &mut Vec<Action>) {
        let Found::Record(bytes) = found else {
            return out.push(Action::Note(Note::Damaged));
        };
        let Ok(record) = Record::parse(&bytes) else {
            return out.push(Action::Note(Note::Damaged));
        };
        match record.main_type {
            PHYSIOLOGICAL | ALARM => {}
            WAVEFORM => return,
            _ => return out.push(Action::Note(Note::Ignored)),
        }
        if self.state == State::Asking {
            self.state = State::Flowing;
            out.push(Action::Note(Note::Connected));
        }
        // An alarm does not say that the values still come.
        if record.main_type == PHYSIOLOGICAL {
            self.heard = now;
        }
        if self.waiting < WAITING {
            self.waiting += 1;
            out.push(Action::Store(frame(&bytes)));
        } else {
            out.push(Action::Note(Note::Overrun));
        }
    }
}

impl Driver for DriDriver {
    fn handle(&mut self, event: Event<'_>, now: Duration, out: &mut Vec<Action>) {
        match event {
            Event::LinkUp => {
                self.decoder = Decoder::default();
                self.ask(now, out);
            }
            Event::LinkDown => self.state = State::Down,
            Event::Bytes(mut bytes) if self.state != State::Down => {
                while let Some(found) = self.decoder.next(&mut bytes) {
                    self.found(found, now, out);
                }
            }
            Event::Bytes(_) => {}
            Event::Stored { ok } => {
                self.waiting = self.waiting.saturating_sub(1);
                if !ok {
                    out.push(Action::Note(Note::NotStored));
                }
            }
            Event::Timer if self.state != State::Down && now >= self.heard + self.patience() => {
                out.push(Action::Note(Note::Silent));
                self.ask(now, out);
            }
            Event::Timer => {}
            Event::Stop => {
                if self.state != State::Down {
                    out.push(Action::Send(request::displayed_values(0)));
                    if self.settings.alarms {
                        out.push(Action::Send(request::alarms(false)));
                    }
                }
                self.state = State::Down;
                out.push(Action::Close(Close::Done));
            }
        }
        let due = (self.state != State::Down).then(|| (self.heard + self.patience()).saturating_sub(now));
        out.push(Action::Timer(due));
    }

    fn held(&self) -> usize {
        self.decoder.held()
    }
}
