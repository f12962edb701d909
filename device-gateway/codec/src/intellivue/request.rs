//! What we send inside an association: polls, and the confirmation that the monitor's creation was heard.

use super::operation::{
    CONFIRMED_ACTION, CONFIRMED_EVENT, Created, INVOKE, MDS_CREATED, POLL, POLL_EXTENDED, RESULT, SESSION,
};

/// Class of a monitor's own object, and of its numerics.
pub(super) const MDS: u16 = 0x0021;
pub(super) const NUMERIC: u16 = 0x0006;
/// The partition of object classes.
const OBJECTS: u16 = 1;

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn with_length(head: &[u16], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
    [words(head), length.to_be_bytes().to_vec(), body.to_vec()].concat()
}

/// Asks once for all attributes of all objects of a class.
pub(super) fn poll(invoke: u16, number: u16, class: u16, extended: bool) -> Vec<u8> {
    let mut argument = words(&[number, OBJECTS, class, 0]);
    let action = if extended { POLL_EXTENDED } else { POLL };
    if extended {
        // No further attributes: one reply, not a stream of them.
        argument.extend(words(&[0, 0]));
    }
    // The monitor itself, scope 0.
    let body = with_length(&[MDS, 0, 0, 0, 0, action], &argument);
    operation(INVOKE, invoke, CONFIRMED_ACTION, &body)
}

pub(super) fn created_confirmation(created: &Created<'_>) -> Vec<u8> {
    let body = [created.object, &created.counter.to_be_bytes(), &words(&[MDS_CREATED, 0])].concat();
    operation(RESULT, created.invoke, CONFIRMED_EVENT, &body)
}

fn operation(kind: u16, invoke: u16, command: u16, body: &[u8]) -> Vec<u8> {
    [SESSION.to_vec(), with_length(&[kind], &with_length(&[invoke, command], body))].concat()
}
