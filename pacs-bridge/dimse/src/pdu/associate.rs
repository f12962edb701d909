//! A-ASSOCIATE-RQ and A-ASSOCIATE-AC with the items that the bridge uses (PS3.8 §9.3.2, §9.3.3, annex D).

use super::reader::PduError;
use super::{ASSOCIATE_AC, ASSOCIATE_RQ};
use crate::ae_title::AeTitle;
use crate::cursor::Cursor;

/// Context ids are the odd numbers of a byte.
pub const MAX_CONTEXTS: usize = 128;

const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
const ITEM_APPLICATION: u8 = 0x10;
const ITEM_PROPOSED: u8 = 0x20;
const ITEM_ACCEPTED: u8 = 0x21;
const ITEM_ABSTRACT: u8 = 0x30;
const ITEM_TRANSFER: u8 = 0x40;
const ITEM_USER: u8 = 0x50;
const ITEM_MAX_LENGTH: u8 = 0x51;
const ITEM_IMPLEMENTATION_UID: u8 = 0x52;
const ITEM_IMPLEMENTATION_VERSION: u8 = 0x55;

/// What a peer asks to speak about, and in which encodings. UIDs stay text until they are looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProposedContext {
    pub id: u8,
    pub abstract_syntax: String,
    pub transfer_syntaxes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextResult {
    Accepted,
    AbstractSyntaxNotSupported,
    TransferSyntaxesNotSupported,
    /// Any other answer of a peer.
    Refused,
}

/// The answer to one proposed context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedContext {
    pub id: u8,
    pub result: ContextResult,
    pub transfer_syntax: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociateRq {
    /// Bit 0 stands for version 1, the only one there is.
    pub protocol_version: u16,
    pub called: AeTitle,
    pub calling: AeTitle,
    pub application_context: String,
    pub contexts: Vec<ProposedContext>,
    /// Largest P-DATA-TF that the sender of this PDU takes; 0 for no limit.
    pub max_pdu: u32,
    pub implementation_uid: String,
    pub implementation_version: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociateAc {
    pub called: AeTitle,
    pub calling: AeTitle,
    pub contexts: Vec<AcceptedContext>,
    pub max_pdu: u32,
    pub implementation_uid: String,
    pub implementation_version: String,
}

#[derive(Default)]
struct UserInformation {
    max_pdu: u32,
    implementation_uid: String,
    implementation_version: String,
}

impl AssociateRq {
    pub(super) fn read(body: &[u8]) -> Result<Self, PduError> {
        let mut input = Cursor::new(body);
        let (protocol_version, called, calling) = titles(&mut input)?;
        let mut request = Self {
            protocol_version,
            called,
            calling,
            application_context: String::new(),
            contexts: Vec::new(),
            max_pdu: 0,
            implementation_uid: String::new(),
            implementation_version: String::new(),
        };
        while let Some((kind, value)) = item(&mut input)? {
            match kind {
                ITEM_APPLICATION => request.application_context = text(value),
                ITEM_PROPOSED if request.contexts.len() == MAX_CONTEXTS => {
                    return Err(PduError::TooManyContexts);
                }
                ITEM_PROPOSED => request.contexts.push(proposed(value)?),
                ITEM_USER => {
                    let user = user_information(value)?;
                    request.max_pdu = user.max_pdu;
                    request.implementation_uid = user.implementation_uid;
                    request.implementation_version = user.implementation_version;
                }
                _ => {}
            }
        }
        Ok(request)
    }

    /// Whether the application context is DICOM's own.
    pub fn is_dicom(&self) -> bool {
        self.application_context == APPLICATION_CONTEXT
    }

    /// The whole PDU.
    pub fn to_pdu(&self) -> Vec<u8> {
        let mut body = head(self.protocol_version, &self.called, &self.calling);
        put_item(&mut body, ITEM_APPLICATION, self.application_context.as_bytes());
        for context in &self.contexts {
            let mut value = vec![context.id, 0, 0, 0];
            put_item(&mut value, ITEM_ABSTRACT, context.abstract_syntax.as_bytes());
            for syntax in &context.transfer_syntaxes {
                put_item(&mut value, ITEM_TRANSFER, syntax.as_bytes());
            }
            put_item(&mut body, ITEM_PROPOSED, &value);
        }
        put_user(&mut body, self.max_pdu, &self.implementation_uid, &self.implementation_version);
        pdu(ASSOCIATE_RQ, body)
    }
}

impl AssociateAc {
    pub(super) fn read(body: &[u8]) -> Result<Self, PduError> {
        let mut input = Cursor::new(body);
        let (_, called, calling) = titles(&mut input)?;
        let mut contexts = Vec::new();
        let mut user = UserInformation::default();
        while let Some((kind, value)) = item(&mut input)? {
            match kind {
                ITEM_ACCEPTED if contexts.len() == MAX_CONTEXTS => {
                    return Err(PduError::TooManyContexts);
                }
                ITEM_ACCEPTED => contexts.push(accepted(value)?),
                ITEM_USER => user = user_information(value)?,
                _ => {}
            }
        }
        Ok(Self {
            called,
            calling,
            contexts,
            max_pdu: user.max_pdu,
            implementation_uid: user.implementation_uid,
            implementation_version: user.implementation_version,
        })
    }

    /// The whole PDU.
    pub fn to_pdu(&self) -> Vec<u8> {
        let mut body = head(1, &self.called, &self.calling);
        put_item(&mut body, ITEM_APPLICATION, APPLICATION_CONTEXT.as_bytes());
        for context in &self.contexts {
            let result = match context.result {
                ContextResult::Accepted => 0,
                ContextResult::Refused => 2,
                ContextResult::AbstractSyntaxNotSupported => 3,
                ContextResult::TransferSyntaxesNotSupported => 4,
            };
            let mut value = vec![context.id, 0, result, 0];
            put_item(&mut value, ITEM_TRANSFER, context.transfer_syntax.as_bytes());
            put_item(&mut body, ITEM_ACCEPTED, &value);
        }
        put_user(&mut body, self.max_pdu, &self.implementation_uid, &self.implementation_version);
        pdu(ASSOCIATE_AC, body)
    }
}

fn titles(input: &mut Cursor<'_>) -> Result<(u16, AeTitle, AeTitle), PduError> {
    let version = input.u16_be().ok_or(PduError::ItemLength)?;
    input.take(2).ok_or(PduError::ItemLength)?;
    let called = input.array::<16>().ok_or(PduError::ItemLength)?;
    let calling = input.array::<16>().ok_or(PduError::ItemLength)?;
    input.take(32).ok_or(PduError::ItemLength)?;
    Ok((version, AeTitle::from_wire(&called), AeTitle::from_wire(&calling)))
}

fn item<'a>(input: &mut Cursor<'a>) -> Result<Option<(u8, &'a [u8])>, PduError> {
    if input.is_empty() {
        return Ok(None);
    }
    let kind = input.u8().ok_or(PduError::ItemLength)?;
    input.u8().ok_or(PduError::ItemLength)?;
    let length = input.u16_be().ok_or(PduError::ItemLength)?;
    let value = input.take(usize::from(length)).ok_or(PduError::ItemLength)?;
    Ok(Some((kind, value)))
}

fn proposed(value: &[u8]) -> Result<ProposedContext, PduError> {
    let mut input = Cursor::new(value);
    let [id, _, _, _] = input.array().ok_or(PduError::ItemLength)?;
    let mut context = ProposedContext { id, ..ProposedContext::default() };
    while let Some((kind, value)) = item(&mut input)? {
        match kind {
            ITEM_ABSTRACT => context.abstract_syntax = text(value),
            ITEM_TRANSFER => context.transfer_syntaxes.push(text(value)),
            _ => {}
        }
    }
    Ok(context)
}

fn accepted(value: &[u8]) -> Result<AcceptedContext, PduError> {
    let mut input = Cursor::new(value);
    let [id, _, result, _] = input.array().ok_or(PduError::ItemLength)?;
    let mut context = AcceptedContext {
        id,
        result: match result {
            0 => ContextResult::Accepted,
            3 => ContextResult::AbstractSyntaxNotSupported,
            4 => ContextResult::TransferSyntaxesNotSupported,
            _ => ContextResult::Refused,
        },
        transfer_syntax: String::new(),
    };
    while let Some((kind, value)) = item(&mut input)? {
        if kind == ITEM_TRANSFER {
            context.transfer_syntax = text(value);
        }
    }
    Ok(context)
}

fn user_information(value: &[u8]) -> Result<UserInformation, PduError> {
    let mut input = Cursor::new(value);
    let mut user = UserInformation::default();
    while let Some((kind, value)) = item(&mut input)? {
        match kind {
            ITEM_MAX_LENGTH => {
                user.max_pdu = Cursor::new(value).u32_be().ok_or(PduError::ItemLength)?;
            }
            ITEM_IMPLEMENTATION_UID => user.implementation_uid = text(value),
            ITEM_IMPLEMENTATION_VERSION => user.implementation_version = text(value),
            _ => {}
        }
    }
    Ok(user)
}

/// UIDs and version names: ASCII, padded by some senders.
fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).trim_matches(['\0', ' ']).to_owned()
}

fn head(version: u16, called: &AeTitle, calling: &AeTitle) -> Vec<u8> {
    let mut body = Vec::with_capacity(512);
    body.extend_from_slice(&version.to_be_bytes());
    body.extend_from_slice(&[0, 0]);
    body.extend_from_slice(&called.to_wire());
    body.extend_from_slice(&calling.to_wire());
    body.extend_from_slice(&[0; 32]);
    body
}

fn put_user(out: &mut Vec<u8>, max_pdu: u32, uid: &str, version: &str) {
    let mut value = Vec::new();
    put_item(&mut value, ITEM_MAX_LENGTH, &max_pdu.to_be_bytes());
    put_item(&mut value, ITEM_IMPLEMENTATION_UID, uid.as_bytes());
    put_item(&mut value, ITEM_IMPLEMENTATION_VERSION, version.as_bytes());
    put_item(out, ITEM_USER, &value);
}

/// An item's length has two bytes; a longer value is cut, which only an own mistake could cause.
fn put_item(out: &mut Vec<u8>, kind: u8, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&[kind, 0]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend(value.iter().take(usize::from(length)));
}

fn pdu(kind: u8, body: Vec<u8>) -> Vec<u8> {
    let mut whole = Vec::with_capacity(body.len().saturating_add(6));
    whole.extend_from_slice(&[kind, 0]);
    whole.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    whole.extend_from_slice(&body);
    whole
}
