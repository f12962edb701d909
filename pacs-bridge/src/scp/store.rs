//! C-STORE (PS3.4 annex B): one instance, streamed to disk, durable before it is acknowledged.

use super::association::Association;
use super::ended::Ended;
use super::negotiate::Agreed;
use super::wire::Wire;
use crate::admission::Admitted;
use crate::bridge::Bridge;
use crate::library::{FileMeta, Keep, Kept, Part, PartError, PartWriter};
use crate::transfer_syntax::layout;
use benhan_dimse::{Response, Status, StoreRequest};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pieces are gathered to this size before they go to the disk's thread; a few wait in its queue.
const PIECE: usize = 256 * 1024;
const QUEUED: usize = 4;
/// The disk is asked again each time so much of an instance has come.
const ASK_EVERY: u64 = 64 << 20;

/// A C-STORE request and where it came in.
pub(crate) struct Incoming<'a> {
    pub(crate) context: u8,
    pub(crate) agreed: &'a Agreed,
    pub(crate) peer: &'a Admitted,
    pub(crate) request: &'a StoreRequest,
}

/// What the peer and the operator are told.
struct Verdict {
    status: Status,
    /// For the answer's comment, the log and the refusals: no patient data. Empty when all is well.
    reason: String,
}

/// Receives the dataset to its end and answers.
pub(crate) async fn receive(association: &Association, wire: &mut Wire, incoming: Incoming<'_>) -> Result<(), Ended> {
    let verdict = match take(association, wire, &incoming).await? {
        Ok(sink) => keep(association, &incoming, sink).await,
        Err(verdict) => verdict,
    };
    let outcome = match verdict.status {
        Status::Success => "stored",
        Status::CoercionOfDataElements => "set-apart",
        _ => "refused",
    };
    metrics::counter!("benhan_dicom_instances_total", "outcome" => outcome).increment(1);
    let mut response = Response::store(incoming.request, verdict.status);
    if !verdict.reason.is_empty() {
        response = response.with_comment(&verdict.reason);
        let reason = format!("C-STORE {:04X}: {}", verdict.status.code(), verdict.reason);
        association.note_refusal(incoming.peer.calling.as_str(), &association.bridge.config.ae_title, reason).await;
    }
    wire.answer(incoming.context, &response, None).await
}

/// The whole dataset, or why it was not taken. It has passed in either case.
async fn take(
    association: &Association,
    wire: &mut Wire,
    incoming: &Incoming<'_>,
) -> Result<Result<Sink, Verdict>, Ended> {
    let mut sink = match Sink::open(&association.bridge, incoming).await {
        Ok(sink) => sink,
        Err(verdict) => {
            super::discard::rest_of_dataset(wire).await?;
            return Ok(Err(verdict));
        }
    };
    loop {
        let (data, last) = wire.dataset().await?;
        if let Err(verdict) = sink.push(&data, &association.bridge).await {
            drop(sink);
            if !last {
                super::discard::rest_of_dataset(wire).await?;
            }
            return Ok(Err(verdict));
        }
        if last {
            return Ok(Ok(sink));
        }
    }
}

/// On its shelf and in the journal, while no study goes: its key must not end between the two.
async fn keep(association: &Association, incoming: &Incoming<'_>, sink: Sink) -> Verdict {
    let _none_goes = association.bridge.library.keys.keeping().await;
    match sink.finish().await {
        Ok(part) => record(association, incoming, part).await,
        Err(cause) => refusal_of(&cause),
    }
}

async fn record(association: &Association, incoming: &Incoming<'_>, part: Part) -> Verdict {
    let bridge = &association.bridge;
    let study = part.description.place.clone().map(|(study, _)| study);
    let keep = Keep::new(part, incoming.peer.calling.as_str(), bridge.surroundings.now());
    match bridge.journal.write(move |connection| keep.run(connection)).await {
        Ok(Kept::Stored) => {
            if let Some(study) = study {
                bridge.settler.touched(association.number, study.as_str());
            }
            Verdict { status: Status::Success, reason: String::new() }
        }
        Ok(Kept::Repeated) => Verdict { status: Status::Success, reason: String::new() },
        Ok(Kept::ContentDiffers) => {
            failure(Status::CoercionOfDataElements, "kept apart: this SOP instance is here with other content")
        }
        Ok(Kept::PatientDiffers) => {
            failure(Status::CoercionOfDataElements, "kept apart: this study is here under another patient ID")
        }
        Ok(Kept::SeriesDiffers) => {
            failure(Status::CoercionOfDataElements, "kept apart: this series is here in another study")
        }
        Ok(Kept::NoStudy) => failure(Status::CoercionOfDataElements, "kept apart: it names no study or series"),
        Err(cause) => {
            let cause = chain(&cause);
            tracing::error!(association = association.number, cause, "an instance could not be recorded");
            failure(Status::OutOfResources, "storing failed")
        }
    }
}

/// Hands pieces to a blocking thread that writes, hashes and walks them and puts the whole on its shelf.
struct Sink {
    gathered: Vec<u8>,
    taken: u64,
    queue: mpsc::Sender<Piece>,
    writing: JoinHandle<Result<Part, PartError>>,
}

enum Piece {
    Bytes(Vec<u8>),
    End,
}

impl Sink {
    async fn open(bridge: &Bridge, incoming: &Incoming<'_>) -> Result<Self, Verdict> {
        if incoming.request.sop_class.as_str() != incoming.agreed.abstract_syntax {
            return Err(failure(
                Status::SopClassNotSupported,
                "the SOP class is not the one of its presentation context",
            ));
        }
        if !bridge.disk.has_room() {
            return Err(failure(Status::OutOfResources, "the disk is nearly full"));
        }
        let transfer_syntax = incoming.agreed.transfer_syntax.clone();
        let Some(layout) = layout(&transfer_syntax) else {
            return Err(failure(Status::CannotUnderstand, "the transfer syntax is not known"));
        };
        let meta = FileMeta {
            sop_class: incoming.request.sop_class.clone(),
            sop_instance: incoming.request.sop_instance.clone(),
            transfer_syntax,
            source: incoming.peer.calling.clone(),
        };
        let library = Arc::clone(&bridge.library);
        let (name, at) = (bridge.surroundings.delivery_id().0, bridge.surroundings.now());
        let (queue, mut pieces) = mpsc::channel(QUEUED);
        let writing = tokio::task::spawn_blocking(move || {
            let mut writer = PartWriter::begin(&library, name, meta, layout)?;
            while let Some(piece) = pieces.blocking_recv() {
                match piece {
                    Piece::Bytes(bytes) => writer.write(&bytes)?,
                    Piece::End => return writer.finish(&library, at),
                }
            }
            Err(PartError::BrokenOff)
        });
        Ok(Self { gathered: Vec::with_capacity(PIECE), taken: 0, queue, writing })
    }

    /// An instance that outgrows the limit or the disk is not taken to its end.
    async fn push(&mut self, data: &[u8], bridge: &Bridge) -> Result<(), Verdict> {
        let before = self.taken;
        self.taken = before.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if self.taken > bridge.config.max_instance_mib.saturating_mul(1 << 20) {
            return Err(failure(Status::OutOfResources, "the instance is larger than max_instance_mib"));
        }
        if before / ASK_EVERY != self.taken / ASK_EVERY && !bridge.disk.has_room() {
            return Err(failure(Status::OutOfResources, "the disk is nearly full"));
        }
        if self.gathered.len().saturating_add(data.len()) > PIECE {
            self.flush().await;
        }
        self.gathered.extend_from_slice(data);
        Ok(())
    }

    async fn flush(&mut self) {
        let full = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE));
        // When the writer has given up, its reason comes with `finish`; the rest of the dataset passes by.
        drop(self.queue.send(Piece::Bytes(full)).await);
    }

    async fn finish(mut self) -> Result<Part, PartError> {
        self.flush().await;
        drop(self.queue.send(Piece::End).await);
        drop(self.queue);
        self.writing.await.unwrap_or(Err(PartError::BrokenOff))
    }
}

fn failure(status: Status, reason: &str) -> Verdict {
    Verdict { status, reason: reason.to_owned() }
}

fn refusal_of(cause: &PartError) -> Verdict {
    match cause {
        PartError::Disk(io) => {
            tracing::error!(cause = %io, "an instance could not be written");
            failure(Status::OutOfResources, "storing failed")
        }
        PartError::Key(cause) => {
            tracing::error!(%cause, "an instance could not be sealed");
            failure(Status::OutOfResources, "storing failed")
        }
        PartError::BrokenOff => failure(Status::ProcessingFailure, "storing failed"),
        PartError::OtherObject => failure(Status::DataSetDoesNotMatchSopClass, &cause.to_string()),
        PartError::Walk(_) | PartError::Inflate | PartError::Undescribed(_) => {
            failure(Status::CannotUnderstand, &cause.to_string())
        }
    }
}

/// An error and its causes in one line, for the operator.
fn chain(cause: &dyn std::error::Error) -> String {
    let mut line = cause.to_string();
    let mut next = cause.source();
    while let Some(inner) = next {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        next = inner.source();
    }
    line
}
