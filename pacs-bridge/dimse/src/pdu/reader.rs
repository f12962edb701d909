//! Bytes to PDUs, without holding a P-DATA-TF whole.
//!
//! Control PDUs are gathered up to a limit; of P-DATA-TF each piece is handed on as it arrives, so that
//! a peer which announces 4 GB costs six bytes.

use super::associate::{AssociateAc, AssociateRq};
use super::end::{Abort, AbortSource, Reject};
use super::{ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, P_DATA_TF, RELEASE_RP, RELEASE_RQ};
use crate::cursor::Cursor;
use bytes::{Buf, Bytes, BytesMut};

/// What a reader accepts, in bytes of a PDU's length field.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A-ASSOCIATE-RQ and -AC. 128 contexts with every known transfer syntax take about 300 kB.
    pub associate: u32,
    /// P-DATA-TF: what the own side announced as its maximum.
    pub data: u32,
}

/// A control PDU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pdu {
    AssociateRq(AssociateRq),
    AssociateAc(AssociateAc),
    AssociateRj(Reject),
    ReleaseRq,
    ReleaseRp,
    Abort(Abort),
}

/// A piece of a presentation data value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    pub context: u8,
    /// Of a command, else of a dataset.
    pub command: bool,
    /// The last piece of the last PDV of its command or dataset.
    pub last: bool,
    pub data: Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Pdu(Pdu),
    Fragment(Fragment),
}

/// Bytes that are no PDU of this protocol, or larger than agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PduError {
    #[error("PDU type {0:02X}H is not one of PS3.8")]
    UnknownType(u8),
    #[error("a PDU of type {kind:02X}H declares {length} bytes, {limit} are allowed")]
    TooLong { kind: u8, length: u32, limit: u32 },
    #[error("a PDU of type {kind:02X}H of {length} bytes is too short")]
    TooShort { kind: u8, length: u32 },
    #[error("a PDV of {length} bytes does not fit its PDU, {remaining} are left")]
    PdvLength { length: u32, remaining: u32 },
    #[error("presentation context {0} is not an odd number")]
    EvenContext(u8),
    #[error("an item of the association PDU runs beyond its end")]
    ItemLength,
    #[error("more than 128 presentation contexts")]
    TooManyContexts,
}

/// One direction of one association.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header,
    Control {
        kind: u8,
        length: u32,
    },
    /// Between two PDVs of a P-DATA-TF.
    Items {
        remaining: u32,
    },
    Value {
        pdu: u32,
        pdv: u32,
        context: u8,
        control: u8,
    },
}

const PDV_COMMAND: u8 = 0b01;
const PDV_LAST: u8 = 0b10;

impl Reader {
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: State::Header }
    }

    /// Takes the next event off the front of `input`; nothing when it needs more bytes.
    pub fn next(&mut self, input: &mut BytesMut) -> Result<Option<Event>, PduError> {
        loop {
            match self.state {
                State::Header => {
                    let mut head = Cursor::new(input);
                    let (Some(kind), Some(_), Some(length)) = (head.u8(), head.u8(), head.u32_be()) else {
                        return Ok(None);
                    };
                    self.state = self.begin(kind, length)?;
                    input.advance(6);
                }
                State::Control { kind, length } => {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    if input.len() < length {
                        return Ok(None);
                    }
                    self.state = State::Header;
                    let body = input.split_to(length);
                    return control(kind, &body).map(|pdu| Some(Event::Pdu(pdu)));
                }
                State::Items { remaining: 0 } => self.state = State::Header,
                State::Items { remaining } => {
                    let mut head = Cursor::new(input);
                    let (Some(length), Some(context), Some(control)) = (head.u32_be(), head.u8(), head.u8()) else {
                        return Ok(None);
                    };
                    let misfit = PduError::PdvLength { length, remaining };
                    let pdu = remaining.checked_sub(4).and_then(|left| left.checked_sub(length)).ok_or(misfit)?;
                    let pdv = length.checked_sub(2).ok_or(misfit)?;
                    if context % 2 == 0 {
                        return Err(PduError::EvenContext(context));
                    }
                    input.advance(6);
                    self.state = State::Value { pdu, pdv, context, control };
                }
                State::Value { pdu, pdv, context, control } => {
                    let arrived = usize::try_from(pdv).unwrap_or(usize::MAX).min(input.len());
                    if arrived == 0 && pdv > 0 {
                        return Ok(None);
                    }
                    let data = input.split_to(arrived).freeze();
                    let left = pdv.saturating_sub(u32::try_from(arrived).unwrap_or(u32::MAX));
                    self.state = if left == 0 {
                        State::Items { remaining: pdu }
                    } else {
                        State::Value { pdu, pdv: left, context, control }
                    };
                    return Ok(Some(Event::Fragment(Fragment {
                        context,
                        command: control & PDV_COMMAND != 0,
                        last: control & PDV_LAST != 0 && left == 0,
                        data,
                    })));
                }
            }
        }
    }

    fn begin(&self, kind: u8, length: u32) -> Result<State, PduError> {
        let (shortest, limit) = match kind {
            ASSOCIATE_RQ | ASSOCIATE_AC => (68, self.limits.associate),
            ASSOCIATE_RJ | RELEASE_RQ | RELEASE_RP | ABORT => (4, 4),
            P_DATA_TF => (6, self.limits.data),
            _ => return Err(PduError::UnknownType(kind)),
        };
        if length < shortest {
            return Err(PduError::TooShort { kind, length });
        }
        if length > limit {
            return Err(PduError::TooLong { kind, length, limit });
        }
        Ok(match kind {
            P_DATA_TF => State::Items { remaining: length },
            _ => State::Control { kind, length },
        })
    }
}

fn control(kind: u8, body: &[u8]) -> Result<Pdu, PduError> {
    let four = || {
        let short = PduError::TooShort { kind, length: 0 };
        Cursor::new(body).array::<4>().ok_or(short)
    };
    Ok(match kind {
        ASSOCIATE_RQ => Pdu::AssociateRq(AssociateRq::read(body)?),
        ASSOCIATE_AC => Pdu::AssociateAc(AssociateAc::read(body)?),
        ASSOCIATE_RJ => {
            let [_, result, source, reason] = four()?;
            Pdu::AssociateRj(Reject { result, source, reason })
        }
        RELEASE_RQ => Pdu::ReleaseRq,
        RELEASE_RP => Pdu::ReleaseRp,
        _ => {
            let [_, _, source, reason] = four()?;
            let source = match source {
                0 => AbortSource::User,
                _ => AbortSource::Provider { reason },
            };
            Pdu::Abort(Abort { source })
        }
    })
}
