//! Conversations of the simulated modality.

use super::objects::SyntheticImage;
use super::{Examination, Modality};
use dicom_core::{DataElement, PrimitiveValue, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_encoding::TransferSyntax;
use dicom_object::{InMemDicomObject, StandardDataDictionary};
use dicom_transfer_syntax_registry::entries;
use dicom_ul::ClientAssociationOptions;
use dicom_ul::association::client::AsyncClientAssociation;
use dicom_ul::pdu::{PDataValue, PDataValueType, Pdu};
use std::collections::VecDeque;
use tokio::net::TcpStream;

pub(super) type Dataset = InMemDicomObject<StandardDataDictionary>;

/// Larger pieces than most modalities send, smaller than the bridge takes.
const PIECE: usize = 32 * 1024;

impl From<dicom_object::WriteError> for SimulateError {
    fn from(error: dicom_object::WriteError) -> Self {
        Self::Write(Box::new(error))
    }
}

impl From<dicom_object::ReadError> for SimulateError {
    fn from(error: dicom_object::ReadError) -> Self {
        Self::Read(Box::new(error))
    }
}

/// Why the modality could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error("the association failed")]
    Association(#[from] dicom_ul::association::Error),
    #[error("the connection failed")]
    Connection(#[from] std::io::Error),
    #[error("a dataset could not be written")]
    Write(#[source] Box<dicom_object::WriteError>),
    #[error("a dataset could not be read")]
    Read(#[source] Box<dicom_object::ReadError>),
    #[error("the peer answered {status:04X} to {to}")]
    Status { to: &'static str, status: u16 },
    #[error("the peer broke the protocol: {0}")]
    Protocol(&'static str),
}

/// One association of the modality.
pub(super) struct Speaker {
    association: AsyncClientAssociation<TcpStream>,
    context: u8,
    sop_class: &'static str,
    /// Values that came together in one PDU and were not asked for yet.
    arrived: VecDeque<PDataValue>,
}

impl Speaker {
    pub(super) async fn for_worklist(modality: &Modality) -> Result<Self, SimulateError> {
        let class = uids::MODALITY_WORKLIST_INFORMATION_MODEL_FIND;
        Self::open(modality, class, uids::IMPLICIT_VR_LITTLE_ENDIAN).await
    }

    pub(super) async fn for_storage(modality: &Modality) -> Result<Self, SimulateError> {
        let class = match modality.examination {
            Examination::Ct { .. } => uids::CT_IMAGE_STORAGE,
            Examination::Cr { .. } => uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
        };
        Self::open(modality, class, uids::EXPLICIT_VR_LITTLE_ENDIAN).await
    }

    async fn open(modality: &Modality, class: &'static str, syntax: &'static str) -> Result<Self, SimulateError> {
        let mut association = ClientAssociationOptions::new()
            .calling_ae_title(modality.calling.clone())
            .called_ae_title(modality.called.clone())
            .with_presentation_context(class, vec![syntax])
            .establish_async(modality.address)
            .await?;
        // dicom-ul leaves Nagle's algorithm on, which costs 40 ms a message.
        association.inner_stream().set_nodelay(true)?;
        let context = association.presentation_contexts().first().map(|context| context.id);
        let context = context.ok_or(SimulateError::Protocol("no presentation context was accepted"))?;
        Ok(Self { association, context, sop_class: class, arrived: VecDeque::new() })
    }

    pub(super) async fn store(&mut self, message_id: u16, image: &SyntheticImage) -> Result<(), SimulateError> {
        let mut command = command(self.sop_class, 0x0001, message_id, true);
        command.put(DataElement::new(tags::AFFECTED_SOP_INSTANCE_UID, VR::UI, image.sop_instance.as_str()));
        let dataset = encoded(&image.dataset, &entries::EXPLICIT_VR_LITTLE_ENDIAN.erased())?;
        self.say(&command, &dataset).await?;
        let (answer, _) = self.hear().await?;
        match status(&answer)? {
            0x0000 => Ok(()),
            status => Err(SimulateError::Status { to: "C-STORE", status }),
        }
    }

    /// Asks, and gathers the pending answers.
    pub(super) async fn find(&mut self, identifier: &Dataset) -> Result<Vec<Dataset>, SimulateError> {
        let implicit = entries::IMPLICIT_VR_LITTLE_ENDIAN.erased();
        self.say(&command(self.sop_class, 0x0020, 1, true), &encoded(identifier, &implicit)?).await?;
        let mut found = Vec::new();
        loop {
            let (answer, dataset) = self.hear().await?;
            match (status(&answer)?, dataset) {
                (0xFF00 | 0xFF01, Some(bytes)) => {
                    found.push(Dataset::read_dataset_with_ts(bytes.as_slice(), &implicit)?);
                }
                (0x0000, _) => return Ok(found),
                (status, _) => return Err(SimulateError::Status { to: "C-FIND", status }),
            }
        }
    }

    pub(super) async fn release(self) -> Result<(), SimulateError> {
        Ok(self.association.release().await?)
    }

    async fn say(&mut self, command: &Dataset, dataset: &[u8]) -> Result<(), SimulateError> {
        let command = encoded(command, &entries::IMPLICIT_VR_LITTLE_ENDIAN.erased())?;
        self.send(PDataValueType::Command, &command, true).await?;
        let mut pieces = dataset.chunks(PIECE).peekable();
        while let Some(piece) = pieces.next() {
            self.send(PDataValueType::Data, piece, pieces.peek().is_none()).await?;
        }
        Ok(())
    }

    async fn send(&mut self, value_type: PDataValueType, data: &[u8], is_last: bool) -> Result<(), SimulateError> {
        let value = PDataValue { presentation_context_id: self.context, value_type, is_last, data: data.to_vec() };
        Ok(self.association.send(&Pdu::PData { data: vec![value] }).await?)
    }

    /// The next message: its command and, where one follows, its dataset.
    async fn hear(&mut self) -> Result<(Dataset, Option<Vec<u8>>), SimulateError> {
        let bytes = self.value(&PDataValueType::Command).await?;
        let implicit = entries::IMPLICIT_VR_LITTLE_ENDIAN.erased();
        let command = Dataset::read_dataset_with_ts(bytes.as_slice(), &implicit)?;
        let none = command.get(tags::COMMAND_DATA_SET_TYPE).and_then(|element| element.to_int::<u16>().ok());
        let dataset = match none {
            Some(0x0101) | None => None,
            Some(_) => Some(self.value(&PDataValueType::Data).await?),
        };
        Ok((command, dataset))
    }

    async fn value(&mut self, expected: &PDataValueType) -> Result<Vec<u8>, SimulateError> {
        let mut bytes = Vec::new();
        loop {
            let Some(value) = self.arrived.pop_front() else {
                match self.association.receive().await? {
                    Pdu::PData { data } => self.arrived.extend(data),
                    _ => return Err(SimulateError::Protocol("an answer was expected")),
                }
                continue;
            };
            if value.value_type != *expected {
                return Err(SimulateError::Protocol("command and dataset out of order"));
            }
            bytes.extend_from_slice(&value.data);
            if value.is_last {
                return Ok(bytes);
            }
        }
    }
}

fn command(sop_class: &str, field: u16, message_id: u16, dataset: bool) -> Dataset {
    let short = |value: u16| PrimitiveValue::from(value);
    InMemDicomObject::command_from_element_iter([
        DataElement::new(tags::AFFECTED_SOP_CLASS_UID, VR::UI, dicom_value!(Str, sop_class)),
        DataElement::new(tags::COMMAND_FIELD, VR::US, short(field)),
        DataElement::new(tags::MESSAGE_ID, VR::US, short(message_id)),
        DataElement::new(tags::PRIORITY, VR::US, short(0)),
        DataElement::new(tags::COMMAND_DATA_SET_TYPE, VR::US, short(if dataset { 0x0000 } else { 0x0101 })),
    ])
}

fn status(command: &Dataset) -> Result<u16, SimulateError> {
    let status = command.get(tags::STATUS).and_then(|element| element.to_int::<u16>().ok());
    status.ok_or(SimulateError::Protocol("an answer without a status"))
}

fn encoded(dataset: &Dataset, syntax: &TransferSyntax) -> Result<Vec<u8>, SimulateError> {
    let mut bytes = Vec::new();
    dataset.write_dataset_with_ts(&mut bytes, syntax)?;
    Ok(bytes)
}
