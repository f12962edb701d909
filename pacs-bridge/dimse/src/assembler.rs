//! From PDV fragments to messages (PS3.7 §6.3, PS3.8 annex E): the command is gathered, the dataset flows through.

use crate::command::{CommandError, CommandSet};
use crate::pdu::Fragment;
use bytes::Bytes;

/// A command larger than this is no command: the longest real one stays under 600 bytes.
const MAX_COMMAND: usize = 16 * 1024;

/// What a fragment completed or carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A whole command. When [`CommandSet::has_dataset`], its dataset follows on the same context.
    Command { context: u8, set: CommandSet },
    /// A piece of the dataset of the last command; `last` ends the message.
    Dataset { data: Bytes, last: bool },
}

/// A peer that breaks the order of a message; the association cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssemblyError {
    #[error("a dataset fragment before its command")]
    DatasetBeforeCommand,
    #[error("a command fragment inside a dataset")]
    CommandInsideDataset,
    #[error("a message changes its presentation context from {expected} to {found}")]
    ContextChanged { expected: u8, found: u8 },
    #[error("a command of more than 16 KiB")]
    CommandTooLong,
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// One association's messages, in order.
#[derive(Debug, Default)]
pub struct Assembler {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Command {
        context: u8,
        bytes: Vec<u8>,
    },
    Dataset {
        context: u8,
    },
}

impl Assembler {
    /// Takes the next fragment; nothing while a command is still incomplete.
    pub fn accept(&mut self, fragment: Fragment) -> Result<Option<Part>, AssemblyError> {
        match std::mem::take(&mut self.state) {
            State::Idle if !fragment.command => Err(AssemblyError::DatasetBeforeCommand),
            State::Idle => self.command(fragment.context, Vec::new(), &fragment),
            State::Command { context, bytes } => {
                same_context(context, fragment.context)?;
                if !fragment.command {
                    return Err(AssemblyError::DatasetBeforeCommand);
                }
                self.command(context, bytes, &fragment)
            }
            State::Dataset { context } => {
                same_context(context, fragment.context)?;
                if fragment.command {
                    return Err(AssemblyError::CommandInsideDataset);
                }
                if !fragment.last {
                    self.state = State::Dataset { context };
                }
                Ok(Some(Part::Dataset { data: fragment.data, last: fragment.last }))
            }
        }
    }

    fn command(&mut self, context: u8, mut bytes: Vec<u8>, fragment: &Fragment) -> Result<Option<Part>, AssemblyError> {
        if bytes.len().saturating_add(fragment.data.len()) > MAX_COMMAND {
            return Err(AssemblyError::CommandTooLong);
        }
        bytes.extend_from_slice(&fragment.data);
        if !fragment.last {
            self.state = State::Command { context, bytes };
            return Ok(None);
        }
        let set = CommandSet::parse(&bytes)?;
        if set.has_dataset() {
            self.state = State::Dataset { context };
        }
        Ok(Some(Part::Command { context, set }))
    }
}

fn same_context(expected: u8, found: u8) -> Result<(), AssemblyError> {
    if expected == found { Ok(()) } else { Err(AssemblyError::ContextChanged { expected, found }) }
}
