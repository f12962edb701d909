//! A bed for a driver in tests: virtual time, a disk, and a scripted device at the other end of the line.

use super::{Action, Driver, Event};
use std::collections::VecDeque;
use std::time::Duration;

/// What a device sends back when it gets these bytes.
pub(crate) type Device = Box<dyn FnMut(&[u8]) -> Vec<Vec<u8>>>;

pub(crate) struct Bed<D> {
    pub driver: D,
    pub device: Device,
    pub now: Duration,
    /// When the driver wants to be woken.
    due: Option<Duration>,
    pub sent: Vec<Vec<u8>>,
    pub stored: Vec<Vec<u8>>,
    /// Everything else that the driver wanted.
    pub others: Vec<Action>,
    /// Whether a record is on disk at once.
    pub disk: bool,
}

enum Next {
    Bytes(Vec<u8>),
    Stored,
}

impl<D: Driver> Bed<D> {
    pub fn new(driver: D, device: impl FnMut(&[u8]) -> Vec<Vec<u8>> + 'static) -> Self {
        let now = Duration::from_secs(1000);
        let device = Box::new(device);
        Self { driver, device, now, due: None, sent: vec![], stored: vec![], others: vec![], disk: true }
    }

    /// Gives the driver an event, and the device what comes of it, until both are quiet.
    pub fn happens(&mut self, event: Event<'_>) {
        let mut next = VecDeque::new();
        self.one(event, &mut next);
        for _ in 0..1000 {
            match next.pop_front() {
                Some(Next::Bytes(bytes)) => self.one(Event::Bytes(&bytes), &mut next),
                Some(Next::Stored) => self.one(Event::Stored { ok: true }, &mut next),
                None => return,
            }
        }
        panic!("driver and device talk without end");
    }

    fn one(&mut self, event: Event<'_>, next: &mut VecDeque<Next>) {
        let mut out = Vec::new();
        self.driver.handle(event, self.now, &mut out);
        for action in out {
            match action {
                Action::Send(bytes) => {
                    next.extend((self.device)(&bytes).into_iter().map(Next::Bytes));
                    self.sent.push(bytes);
                }
                Action::Store(record) => {
                    self.stored.push(record);
                    next.extend(self.disk.then_some(Next::Stored));
                }
                Action::Timer(after) => self.due = after.map(|after| self.now + after),
                other => self.others.push(other),
            }
        }
    }

    /// Lets time pass, waking the driver whenever it wants.
    pub fn passes(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..10_000 {
            match self.due.take_if(|due| *due <= end) {
                Some(due) => {
                    self.now = self.now.max(due);
                    self.happens(Event::Timer);
                }
                None => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the driver wants to be woken for ever");
    }
}

/// What a driver does when these bytes come in these pieces, all at one moment; without its timers.
pub(crate) fn does(mut driver: impl Driver, pieces: &[&[u8]]) -> Vec<Action> {
    let mut out = Vec::new();
    driver.handle(Event::LinkUp, Duration::ZERO, &mut out);
    for piece in pieces {
        driver.handle(Event::Bytes(piece), Duration::ZERO, &mut out);
    }
    out.retain(|action| !matches!(action, Action::Timer(_)));
    out
}
