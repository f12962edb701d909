//! What a driver of a bedside device is to the gateway: events in, actions out, no IO and no clock.
//!
//! Bedside monitors, ventilators and bench readers speak by their own rules: they want to be called, asked,
//! kept awake and acknowledged. Each protocol has one state machine that implements [`Driver`]; its table is in
//! its module head. Whoever owns the line does with it always the same:
//!
//! * `LinkUp` when the port is open or the peer connected, `LinkDown` when it is gone;
//! * `Bytes` as they are read (for UDP: one datagram, whole);
//! * every [`Action::Store`] is answered by exactly one `Stored`, in order. What a device wants to hear after
//!   its data is sent only then;
//! * `Timer` when the time of the last [`Action::Timer`] is up;
//! * `Stop` before the gateway closes the line by itself; the driver says good-bye and asks for `Close`.
//!
//! [`crate::bedside::Protocol`] has them by name, and reads what they had stored.
//!
//! `now` is a time since any fixed moment, never going back: `Instant` minus the gateway's start.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    LinkUp,
    LinkDown,
    Bytes(&'a [u8]),
    /// The oldest [`Action::Store`] without an answer is on disk, or could not be kept.
    Stored {
        ok: bool,
    },
    Timer,
    /// The gateway wants to leave.
    Stop,
}

/// What the owner of the line must do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send these bytes (for UDP: as one datagram).
    Send(Vec<u8>),
    /// Keep these bytes durably, then say `Stored`. They can be read later without any other context.
    Store(Vec<u8>),
    /// Say `Timer` after so long, instead of any earlier request; `None`: no timer.
    Timer(Option<Duration>),
    /// Close the line; after a while it may be opened anew.
    Close(Close),
    /// For the operator's count.
    Note(Note),
}

/// Why the driver ends the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// Good-byes are said.
    Done,
    /// The device went silent or gave up.
    Lost,
    /// The device does not want to talk to us.
    Refused,
    /// The device breaks the protocol's order in a way that only a new start mends.
    OutOfStep,
}

/// What happened on the line that somebody may want to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The device answered the first call.
    Connected,
    /// A frame was damaged and not taken.
    Damaged,
    /// Bytes that belong to no frame.
    Garbage,
    /// A frame that this driver has no use for.
    Ignored,
    /// The device did not answer a request in time.
    NoAnswer,
    /// Nothing came for too long; the device is called anew.
    Silent,
    /// The device refused a request, or told of an error of its own.
    Refused,
    /// What was to be kept is lost: the disk did not take it.
    NotStored,
    /// The disk is slower than the device; a record was dropped.
    Overrun,
}

/// A protocol's state machine, one for each connection.
pub trait Driver {
    fn handle(&mut self, event: Event<'_>, now: Duration, out: &mut Vec<Action>);

    /// Bytes held of what has begun and not ended. How much and how long, the owner of the line may bound.
    fn held(&self) -> usize;
}

#[cfg(test)]
pub(crate) mod bed;
