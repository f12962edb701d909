//! The answer to a poll: stamps, then the objects of each context with their attributes.

use super::attribute::{Attributes, list};
use super::clock::absolute;
use super::operation::Answer;
use crate::device_clock::DeviceTime;
use crate::octets::Octets;

#[derive(Debug)]
pub(super) struct Polled<'a> {
    /// The counter when the answer was made.
    pub counter: u32,
    pub civil: Option<DeviceTime>,
    /// The class that was asked for.
    pub class: u16,
    /// Context, handle and attributes of each object.
    pub objects: Vec<Object<'a>>,
}

#[derive(Debug)]
pub(super) struct Object<'a> {
    pub context: u16,
    pub handle: u16,
    pub attributes: Attributes<'a>,
}

impl<'a> Polled<'a> {
    /// Reads an answer whole, or not at all.
    pub fn parse(answer: &Answer<'a>) -> Option<Self> {
        let mut octets = answer.body;
        let _number = octets.u16_be()?;
        if answer.extended {
            let _sequence = octets.u16_be()?;
        }
        let (counter, civil) = (octets.u32_be()?, absolute(&mut octets)?);
        let (_partition, class, _group) = (octets.u16_be()?, octets.u16_be()?, octets.u16_be()?);
        let (contexts, mut rest) = list(&mut octets)?;
        let mut objects = Vec::new();
        for _ in 0..contexts {
            let context = rest.u16_be()?;
            let (count, mut polls) = list(&mut rest)?;
            for _ in 0..count {
                objects.push(object(context, &mut polls)?);
            }
        }
        Some(Self { counter, civil, class, objects })
    }
}

fn object<'a>(context: u16, polls: &mut Octets<'a>) -> Option<Object<'a>> {
    let handle = polls.u16_be()?;
    Some(Object { context, handle, attributes: Attributes::parse(polls)? })
}
