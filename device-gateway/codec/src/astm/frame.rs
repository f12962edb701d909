//! The receiving side of the ASTM link (E1381-95, LIS01-A2), without any IO: bytes, timers and the news that
//! a frame is stored go in; what to send, store and wait for comes out.
//!
//! | state \ event | ENQ | STX | EOT | other byte | frame ends well | frame ends badly | stored / not stored | time is up | closed |
//! |---|---|---|---|---|---|---|---|---|---|
//! | Neutral | ACK → Waiting | ignore, or → InFrame | ignore | ignore | – | – | – | – | – |
//! | Waiting (30 s) | park, ACK → Waiting | → InFrame | complete or park → Neutral | ignore | – | – | – | park → Neutral | park |
//! | InFrame (30 s) | park, ACK → Waiting | begin anew, to be refused | park → Neutral | collect | → Storing, or ACK if repeated | NAK → Waiting | – | park → Neutral | park |
//! | Storing | kept for later | kept for later | kept for later | kept for later | – | – | ACK / NAK → Waiting | – | park |
//!
//! An ETX among the other bytes of Waiting is a frame that lost its STX: the message is refused until it came again.
//!
//! A frame is `STX FN text ETB|ETX C1 C2 CR LF`. Seen in practice and taken: frames far beyond 240
//! characters, no frame number (Sysmex), ETB on the last frame (Roche), lower-case checksum, no LF at the
//! end; more where the profile has [`Tolerance`]. What was taken so is counted ([`Forgiven`]). The message is complete at EOT, unless the last frame was refused: then the sender gave up.

mod forgiven;
mod receiver;
mod sender;
mod text;
mod wire;

pub use forgiven::{Forgiven, Tolerance};
pub use receiver::Receiver;
pub use sender::{
    ANSWER_TIMEOUT, BUSY_PAUSE, CONTENTION_PAUSE, CONTENTION_TIMEOUT, Failure, Form, INTERRUPT_PAUSE, LONG_FRAME,
    Order, SHORT_FRAME, Sender, Side, frames,
};
pub use text::{Capture, read_capture, text};

use std::time::Duration;

pub const STX: u8 = 0x02;
pub const ETX: u8 = 0x03;
pub const EOT: u8 = 0x04;
pub const ENQ: u8 = 0x05;
pub const ACK: u8 = 0x06;
pub const NAK: u8 = 0x15;
pub const ETB: u8 = 0x17;

/// The receiver waits so long for a frame or EOT (LIS01-A2 6.5.2.5).
pub const RECEIVER_TIMEOUT: Duration = Duration::from_secs(30);
/// CR LF follow the checksum at once; a sender without them is not kept waiting longer.
pub const TRAILER_TIMEOUT: Duration = Duration::from_secs(1);
/// The largest frame of LIS01-A2.
pub const LARGEST_FRAME: usize = 64_000;

/// What the owner of the line must do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this byte.
    Send(u8),
    /// Keep this frame (its bytes as received) durably, then call [`Receiver::stored`].
    Store(Vec<u8>),
    /// Call [`Receiver::timer`] after so long, instead of any earlier request; `None`: no timer.
    Timer(Option<Duration>),
    /// The message is whole: all its frames as received.
    Complete(Vec<u8>),
    /// The message was begun and will not be finished.
    Park(Why),
    /// For the operator's count.
    Note(Note),
}

/// Why a message was not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A new ENQ.
    Restarted,
    /// EOT after a refused frame or inside one.
    GivenUp,
    TimeOut,
    Closed,
}

/// What was wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    BadChecksum,
    OutOfSequence,
    /// The same frame again: acknowledged and not taken twice.
    Repeated,
    FrameTooLong,
    MessageTooLong,
    NotStored,
}

#[cfg(test)]
mod deviation_tests;
#[cfg(test)]
mod sender_tests;
#[cfg(test)]
mod tests;
