//! Commands that a peer may give the bridge, each with what it must carry.

use crate::command::{
    AFFECTED_SOP_CLASS, AFFECTED_SOP_INSTANCE, CommandError, CommandField, CommandSet, MESSAGE_ID,
    MESSAGE_ID_RESPONDED_TO,
};
use crate::uid::Uid;

/// PS3.7 §9.3.1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreRequest {
    pub message_id: u16,
    pub sop_class: Uid,
    pub sop_instance: Uid,
}

/// PS3.7 §9.3.2.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindRequest {
    pub message_id: u16,
    pub sop_class: Uid,
}

/// One command to the bridge, typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Echo {
        message_id: u16,
    },
    Store(StoreRequest),
    Find(FindRequest),
    Cancel {
        message_id: u16,
    },
    /// A service that the bridge does not have; it is answered 0211 where it carries a message id.
    Unsupported {
        field: u16,
        message_id: u16,
    },
}

impl Request {
    /// Reads the elements that the command's field asks for.
    pub fn read(set: &CommandSet) -> Result<Self, CommandError> {
        match set.field()? {
            CommandField::EchoRq => Ok(Self::Echo { message_id: set.u16(MESSAGE_ID)? }),
            CommandField::StoreRq => Ok(Self::Store(StoreRequest {
                message_id: set.u16(MESSAGE_ID)?,
                sop_class: set.uid(AFFECTED_SOP_CLASS)?,
                sop_instance: set.uid(AFFECTED_SOP_INSTANCE)?,
            })),
            CommandField::FindRq => Ok(Self::Find(FindRequest {
                message_id: set.u16(MESSAGE_ID)?,
                sop_class: set.uid(AFFECTED_SOP_CLASS)?,
            })),
            CommandField::CancelRq => Ok(Self::Cancel { message_id: set.u16(MESSAGE_ID_RESPONDED_TO)? }),
            other => Ok(Self::Unsupported { field: other.code(), message_id: set.u16(MESSAGE_ID)? }),
        }
    }

    /// The same command as a set, for a peer that speaks and for tests.
    pub fn to_set(&self) -> CommandSet {
        let set = CommandSet::default();
        let field = |set: CommandSet, field: CommandField| set.with_u16(crate::command::COMMAND_FIELD, field.code());
        match self {
            Self::Echo { message_id } => {
                field(set, CommandField::EchoRq).with_u16(MESSAGE_ID, *message_id).with_dataset(false)
            }
            Self::Store(store) => field(set, CommandField::StoreRq)
                .with_u16(MESSAGE_ID, store.message_id)
                .with_uid(AFFECTED_SOP_CLASS, &store.sop_class)
                .with_uid(AFFECTED_SOP_INSTANCE, &store.sop_instance)
                .with_dataset(true),
            Self::Find(find) => field(set, CommandField::FindRq)
                .with_u16(MESSAGE_ID, find.message_id)
                .with_uid(AFFECTED_SOP_CLASS, &find.sop_class)
                .with_dataset(true),
            Self::Cancel { message_id } => {
                field(set, CommandField::CancelRq).with_u16(MESSAGE_ID_RESPONDED_TO, *message_id).with_dataset(false)
            }
            Self::Unsupported { field: code, message_id } => {
                field(set, CommandField::from_code(*code)).with_u16(MESSAGE_ID, *message_id).with_dataset(false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn uid() -> impl Strategy<Value = Uid> {
        "[1-9]{1,9}(\\.[1-9][0-9]{0,8}){0,5}".prop_map(|text| Uid::parse(&text).expect("a UID"))
    }

    proptest! {
        #[test]
        fn a_store_request_survives_the_wire(message_id: u16, sop_class in uid(), sop_instance in uid()) {
            let request = Request::Store(StoreRequest { message_id, sop_class, sop_instance });
            let set = CommandSet::parse(&request.to_set().encode()).expect("own encoding");
            prop_assert!(set.has_dataset());
            prop_assert_eq!(Request::read(&set), Ok(request));
        }
    }

    #[test]
    fn a_store_without_an_instance_is_named() {
        let set = Request::Find(FindRequest { message_id: 1, sop_class: Uid::parse("1.2").expect("a UID") })
            .to_set()
            .with_u16(crate::command::COMMAND_FIELD, CommandField::StoreRq.code());
        assert_eq!(Request::read(&set), Err(CommandError::Missing(0x1000)));
    }
}
