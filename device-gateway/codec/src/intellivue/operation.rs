//! Remote operations: the head of every data message.

use crate::octets::Octets;

/// A data message, opened as far as the driver must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation<'a> {
    /// The monitor tells that it exists, with its attributes.
    Created(Created<'a>),
    /// Another event, or anything else that the monitor invokes.
    OtherInvoke,
    /// (A part of) the answer to a poll.
    Answer(Answer<'a>),
    /// Our request cannot be served.
    Error { invoke: u16 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Created<'a> {
    pub invoke: u16,
    /// Class and handle of the monitor's own object, six bytes as they came.
    pub object: &'a [u8],
    /// The counter at the event.
    pub counter: u32,
    pub attributes: Octets<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    pub invoke: u16,
    /// False for a linked result: more is to come.
    pub last: bool,
    pub extended: bool,
    pub body: Octets<'a>,
}

pub(super) const SESSION: [u8; 4] = [0xE1, 0x00, 0x00, 0x02];
pub(super) const INVOKE: u16 = 1;
pub(super) const RESULT: u16 = 2;
const ERROR: u16 = 3;
const LINKED: u16 = 5;
pub(super) const CONFIRMED_EVENT: u16 = 1;
pub(super) const CONFIRMED_ACTION: u16 = 7;
pub(super) const MDS_CREATED: u16 = 0x0D06;
pub(super) const POLL: u16 = 0x0C16;
pub(super) const POLL_EXTENDED: u16 = 0xF13B;

impl<'a> Operation<'a> {
    /// Opens a message; `None` where its lengths do not fit or it is none that we know.
    pub fn parse(message: &'a [u8]) -> Option<Self> {
        let (session, rest) = message.split_first_chunk::<4>()?;
        let mut outer = Octets(rest);
        let (kind, length) = (outer.u16_be()?, outer.u16_be()?);
        let mut body = Octets(outer.take(usize::from(length))?);
        // What the presentation context is called is agreed in the association; the first byte says data.
        if session.first() != SESSION.first() {
            return None;
        }
        match kind {
            INVOKE => invoked(&mut body),
            RESULT => answer(&mut body, true),
            LINKED => {
                let (_place, _count) = (body.u8()?, body.u8()?);
                answer(&mut body, false)
            }
            ERROR => Some(Self::Error { invoke: body.u16_be()? }),
            _ => None,
        }
    }
}

/// Invoke id, command, and the command's own bytes.
fn command<'a>(body: &mut Octets<'a>) -> Option<(u16, u16, Octets<'a>)> {
    let (invoke, command, length) = (body.u16_be()?, body.u16_be()?, body.u16_be()?);
    Some((invoke, command, Octets(body.take(usize::from(length))?)))
}

fn invoked<'a>(body: &mut Octets<'a>) -> Option<Operation<'a>> {
    let (invoke, command, mut event) = command(body)?;
    if command != CONFIRMED_EVENT {
        return Some(Operation::OtherInvoke);
    }
    let (object, counter) = (event.take(6)?, event.u32_be()?);
    let (kind, length) = (event.u16_be()?, event.u16_be()?);
    let mut info = Octets(event.take(usize::from(length))?);
    if kind != MDS_CREATED {
        return Some(Operation::OtherInvoke);
    }
    // The object once more, then its attributes.
    info.take(6)?;
    Some(Operation::Created(Created { invoke, object, counter, attributes: info }))
}

fn answer<'a>(body: &mut Octets<'a>, last: bool) -> Option<Operation<'a>> {
    let (invoke, command, mut result) = command(body)?;
    if command != CONFIRMED_ACTION {
        return None;
    }
    result.take(6)?;
    let (action, length) = (result.u16_be()?, result.u16_be()?);
    let body = Octets(result.take(usize::from(length))?);
    match action {
        POLL => Some(Operation::Answer(Answer { invoke, last, extended: false, body })),
        POLL_EXTENDED => Some(Operation::Answer(Answer { invoke, last, extended: true, body })),
        _ => None,
    }
}
