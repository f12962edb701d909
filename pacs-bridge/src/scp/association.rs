//! One association from its first byte to its last, one message at a time.

use super::ended::Ended;
use super::negotiate::{Agreed, Contexts, Service, negotiate};
use super::wire::{Incoming, Wire};
use super::{discard, find, store};
use crate::admission::{Admitted, Refusal};
use crate::bridge::Bridge;
use crate::library::RefusalRow;
use benhan_dimse::pdu::{AssociateRq, Pdu, RejectReason};
use benhan_dimse::{CommandSet, Request, Response, Status};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

pub(crate) struct Association {
    pub(crate) bridge: Arc<Bridge>,
    address: SocketAddr,
    shutdown: CancellationToken,
    /// Its number in the log and with the study settler.
    pub(crate) number: u64,
}

impl Association {
    pub(crate) fn new(bridge: Arc<Bridge>, address: SocketAddr, shutdown: CancellationToken) -> Self {
        let number = bridge.next_association();
        Self { bridge, address, shutdown, number }
    }

    pub(crate) async fn run(self, stream: TcpStream) {
        let config = &self.bridge.config;
        let mut wire = match Wire::new(stream, config.max_pdu, config.idle()) {
            Ok(wire) => wire,
            Err(cause) => {
                tracing::debug!(peer = %self.address.ip(), %cause, "a connection ended before it began");
                return;
            }
        };
        let ended = self.converse(&mut wire).await;
        self.bridge.settler.released(self.number);
        match ended {
            Ok(()) => wire.release().await,
            Err(Stopped::Refused) => wire.linger().await,
            Err(Stopped::Ended(ended)) => {
                tracing::warn!(association = self.number, peer = %self.address.ip(), %ended, "an association ended early");
                if let Some(abort) = ended.abort() {
                    wire.abort(abort).await;
                }
            }
        }
    }

    async fn converse(&self, wire: &mut Wire) -> Result<(), Stopped> {
        let request = match wire.first_pdu(self.bridge.config.artim()).await? {
            Pdu::AssociateRq(request) => request,
            Pdu::Abort(_) => return Err(Ended::Aborted.into()),
            _ => return Err(Ended::Order("no association request came first").into()),
        };
        let peer = match self.bridge.admission.decide(&request, self.address.ip()) {
            Ok(peer) => peer,
            Err(refusal) => return self.refuse(wire, &request, refusal).await,
        };
        let Ok(_turn) = self.bridge.associations.try_acquire() else {
            let refusal = Refusal {
                answer: RejectReason::TemporaryCongestion,
                reason: "as many associations as allowed are open",
            };
            return self.refuse(wire, &request, refusal).await;
        };
        wire.peer_max_pdu = request.max_pdu;
        let (accept, contexts) = negotiate(&request, &peer, self.bridge.config.max_pdu);
        wire.send(&accept.to_pdu()).await?;
        metrics::counter!("benhan_dicom_associations_total").increment(1);
        tracing::info!(
            association = self.number, calling = %peer.calling, peer = %self.address.ip(),
            proposed = request.contexts.len(), agreed = contexts.len(), "association accepted"
        );
        loop {
            match wire.command(&self.shutdown).await? {
                Incoming::Release => return Ok(()),
                Incoming::Command { context, set } => {
                    self.serve(wire, &peer, &contexts, context, &set).await?;
                }
            }
        }
    }

    async fn serve(
        &self,
        wire: &mut Wire,
        peer: &Admitted,
        contexts: &Contexts,
        context: u8,
        set: &CommandSet,
    ) -> Result<(), Ended> {
        let agreed = contexts.get(&context).ok_or(Ended::Order("a presentation context that was not agreed on"))?;
        let request = match Request::read(set) {
            Ok(request) => request,
            Err(cause) => return self.mistyped(wire, context, set, &cause.to_string()).await,
        };
        match request {
            Request::Echo { message_id } if agreed.service == Service::Verification => {
                if set.has_dataset() {
                    return Err(Ended::Order("a C-ECHO with a dataset"));
                }
                wire.answer(context, &Response::echo(message_id, Status::Success), None).await
            }
            Request::Store(store) if agreed.service == Service::Storage && set.has_dataset() => {
                let instance = store::Incoming { context, agreed, peer, request: &store };
                store::receive(self, wire, instance).await
            }
            Request::Find(find) if agreed.service == Service::Worklist && set.has_dataset() => {
                find::answer(&self.bridge, wire, find::Query { context, agreed, peer, request: &find }).await
            }
            // The answer that it would stop has been sent already.
            Request::Cancel { .. } => Ok(()),
            other => self.unsupported(wire, context, agreed, set, &other).await,
        }
    }

    async fn unsupported(
        &self,
        wire: &mut Wire,
        context: u8,
        agreed: &Agreed,
        set: &CommandSet,
        request: &Request,
    ) -> Result<(), Ended> {
        discard::dataset(wire, set).await?;
        let response = match request {
            Request::Echo { message_id } => Response::echo(*message_id, Status::SopClassNotSupported),
            Request::Store(store) => Response::store(store, Status::SopClassNotSupported),
            Request::Find(find) => Response::find(find, Status::SopClassNotSupported),
            Request::Unsupported { field, message_id } => {
                Response::refusal(*field, *message_id, Status::UnrecognizedOperation)
            }
            Request::Cancel { message_id } => Response::refusal(0, *message_id, Status::UnrecognizedOperation),
        };
        tracing::warn!(
            association = self.number,
            abstract_syntax = agreed.abstract_syntax,
            status = response.status().code(),
            "a command that its context does not have"
        );
        wire.answer(context, &response, None).await
    }

    /// A command with its field and message id but without something else that it needs.
    async fn mistyped(&self, wire: &mut Wire, context: u8, set: &CommandSet, cause: &str) -> Result<(), Ended> {
        let (Ok(field), Ok(message_id)) = (set.field(), set.u16(0x0110)) else {
            return Err(Ended::Order("a command without its field or message id"));
        };
        discard::dataset(wire, set).await?;
        tracing::warn!(association = self.number, cause, "a command was refused");
        let response = Response::refusal(field.code(), message_id, Status::MistypedArgument).with_comment(cause);
        wire.answer(context, &response, None).await
    }

    async fn refuse(&self, wire: &mut Wire, request: &AssociateRq, refusal: Refusal) -> Result<(), Stopped> {
        self.note_refusal(&request.calling.to_string(), &request.called.to_string(), refusal.reason.to_owned()).await;
        wire.send(&refusal.answer.to_pdu()).await?;
        Err(Stopped::Refused)
    }

    /// One line for the log and one row for the operator's page.
    pub(crate) async fn note_refusal(&self, calling: &str, called: &str, reason: String) {
        let address = self.address.ip().to_canonical().to_string();
        tracing::warn!(association = self.number, calling, called, address, reason, "refused");
        let (calling, called) = (calling.to_owned(), called.to_owned());
        let row = RefusalRow { at: self.bridge.surroundings.now(), calling, called, address, reason };
        if let Err(cause) = self.bridge.journal.write(move |connection| row.insert(connection)).await {
            tracing::error!(%cause, "a refusal could not be written down");
        }
    }
}

/// Why a conversation stopped before its release.
enum Stopped {
    /// With an A-ASSOCIATE-RJ, which is the last word.
    Refused,
    Ended(Ended),
}

impl From<Ended> for Stopped {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}
