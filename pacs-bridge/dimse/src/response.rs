//! Answers of the bridge: command sets with a status.

use crate::command::{
    AFFECTED_SOP_CLASS, AFFECTED_SOP_INSTANCE, COMMAND_FIELD, CommandError, CommandField, CommandSet, ERROR_COMMENT,
    MESSAGE_ID_RESPONDED_TO, STATUS,
};
use crate::request::{FindRequest, StoreRequest};
use crate::status::Status;
use crate::uid::Uid;

/// One answer. `comment` is (0000,0902): ASCII, at most 64 characters, no patient data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    field: CommandField,
    message_id: u16,
    sop_class: Option<Uid>,
    sop_instance: Option<Uid>,
    status: Status,
    comment: Option<String>,
}

impl Response {
    pub fn echo(message_id: u16, status: Status) -> Self {
        let verification = Uid::parse("1.2.840.10008.1.1").ok();
        Self::new(CommandField::EchoRsp, message_id, verification, None, status)
    }

    pub fn store(request: &StoreRequest, status: Status) -> Self {
        Self::new(
            CommandField::StoreRsp,
            request.message_id,
            Some(request.sop_class.clone()),
            Some(request.sop_instance.clone()),
            status,
        )
    }

    pub fn find(request: &FindRequest, status: Status) -> Self {
        Self::new(CommandField::FindRsp, request.message_id, Some(request.sop_class.clone()), None, status)
    }

    /// The answer to a command that could not be taken further: its field with the response bit.
    pub fn refusal(field: u16, message_id: u16, status: Status) -> Self {
        let field = CommandField::from_code(field | 0x8000);
        Self::new(field, message_id, None, None, status)
    }

    #[must_use]
    pub fn with_comment(mut self, comment: &str) -> Self {
        let printable = comment.chars().filter(|c| matches!(c, ' '..='~') && *c != '\\');
        self.comment = Some(printable.take(64).collect());
        self
    }

    pub fn status(&self) -> Status {
        self.status
    }

    pub fn to_set(&self) -> CommandSet {
        let mut set = CommandSet::default()
            .with_u16(COMMAND_FIELD, self.field.code())
            .with_u16(MESSAGE_ID_RESPONDED_TO, self.message_id)
            .with_u16(STATUS, self.status.code())
            .with_dataset(self.has_dataset());
        if let Some(uid) = &self.sop_class {
            set = set.with_uid(AFFECTED_SOP_CLASS, uid);
        }
        if let Some(uid) = &self.sop_instance {
            set = set.with_uid(AFFECTED_SOP_INSTANCE, uid);
        }
        match &self.comment {
            Some(comment) => set.with_text(ERROR_COMMENT, comment),
            None => set,
        }
    }

    /// The status of an answer read from a peer.
    pub fn status_of(set: &CommandSet) -> Result<u16, CommandError> {
        set.u16(STATUS)
    }

    fn has_dataset(&self) -> bool {
        matches!(self.status, Status::Pending | Status::PendingUnsupportedKeys)
    }

    fn new(
        field: CommandField,
        message_id: u16,
        sop_class: Option<Uid>,
        sop_instance: Option<Uid>,
        status: Status,
    ) -> Self {
        Self { field, message_id, sop_class, sop_instance, status, comment: None }
    }
}
