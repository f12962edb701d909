//! The text of a message out of its frames: the same state machine, run over bytes that are already there.

use super::{Action, ENQ, EOT, ETX, Note, Receiver, STX};

/// What a captured line held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// Whole messages, as frames.
    pub messages: Vec<Vec<u8>>,
    pub notes: Vec<Note>,
    /// Messages begun and never finished.
    pub parked: usize,
}

/// Reads a capture of the sender's side. ENQ and EOT may be missing, as captures often begin and end late.
#[must_use]
pub fn read_capture(bytes: &[u8]) -> Capture {
    let mut receiver = Receiver::new(usize::MAX);
    let mut capture = Capture::default();
    let control = bytes.iter().find(|byte| matches!(**byte, ENQ | STX));
    let enquiry: &[u8] = if control == Some(&ENQ) { &[] } else { &[ENQ] };
    for piece in [enquiry, bytes, &[EOT]] {
        let mut actions = Vec::new();
        receiver.feed(piece, &mut actions);
        loop {
            let mut stores = 0;
            for action in std::mem::take(&mut actions) {
                match action {
                    Action::Store(_) => stores += 1,
                    Action::Complete(message) => capture.messages.push(message),
                    Action::Park(_) => capture.parked += 1,
                    Action::Note(note) => capture.notes.push(note),
                    Action::Send(_) | Action::Timer(_) => {}
                }
            }
            if stores == 0 {
                break;
            }
            receiver.stored(true, &mut actions);
        }
    }
    capture
}

/// The records of accepted frames, joined. A frame that ends with ETX ends a record, even where the device
/// left out the CR; one that ends with ETB goes on in the next frame.
#[must_use]
pub fn text(frames: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(frames.len());
    let mut numbered = None;
    for frame in frames.split(|byte| *byte == STX).skip(1) {
        let Some(end) = frame.iter().rposition(|byte| matches!(*byte, ETX | super::ETB)) else {
            continue;
        };
        let body = frame.get(..end).unwrap_or_default();
        let has_number = *numbered.get_or_insert(body.first().is_some_and(u8::is_ascii_digit));
        text.extend_from_slice(if has_number { body.get(1..).unwrap_or_default() } else { body });
        if frame.get(end) == Some(&ETX) && !matches!(text.last(), Some(b'\r' | b'\n') | None) {
            text.push(b'\r');
        }
    }
    text
}
