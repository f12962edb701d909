//! Presentation contexts: what the bridge will speak about with an admitted peer.

use crate::admission::Admitted;
use crate::config::Right;
use crate::transfer_syntax::{IMPLICIT_LITTLE, choose, choose_plain};
use benhan_dimse::pdu::{AcceptedContext, AssociateAc, AssociateRq, ContextResult, ProposedContext};
use std::collections::BTreeMap;

pub(crate) const VERIFICATION: &str = "1.2.840.10008.1.1";
pub(crate) const WORKLIST_FIND: &str = "1.2.840.10008.5.1.4.31";
/// Composite instances of the standard. Private classes have roots of their own and are images too.
const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";
const STANDARD: &str = "1.2.840.10008.";

/// A context that both sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    pub(crate) service: Service,
    pub(crate) abstract_syntax: String,
    pub(crate) transfer_syntax: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Verification,
    Worklist,
    Storage,
}

impl Service {
    fn of(abstract_syntax: &str) -> Option<Self> {
        match abstract_syntax {
            VERIFICATION => Some(Self::Verification),
            WORKLIST_FIND => Some(Self::Worklist),
            other if other.starts_with(STORAGE) => Some(Self::Storage),
            other if other.starts_with(STANDARD) || other.is_empty() => None,
            _ => Some(Self::Storage),
        }
    }

    fn right(self) -> Right {
        match self {
            Self::Verification => Right::Echo,
            Self::Worklist => Right::Worklist,
            Self::Storage => Right::Store,
        }
    }
}

/// The contexts in force, by id.
pub(crate) type Contexts = BTreeMap<u8, Agreed>;

/// Answers every proposed context, and says which ones are in force.
pub(crate) fn negotiate(request: &AssociateRq, peer: &Admitted, max_pdu: u32) -> (AssociateAc, Contexts) {
    let mut contexts = Contexts::new();
    let mut answers = Vec::with_capacity(request.contexts.len());
    for proposed in &request.contexts {
        let (result, transfer_syntax) = match agree(proposed, peer) {
            Ok(agreed) => {
                let transfer_syntax = agreed.transfer_syntax.clone();
                contexts.insert(proposed.id, agreed);
                (ContextResult::Accepted, transfer_syntax)
            }
            // The transfer syntax of a refusal is not significant (PS3.8 §9.3.3.2).
            Err(refused) => (refused, IMPLICIT_LITTLE.to_owned()),
        };
        answers.push(AcceptedContext { id: proposed.id, result, transfer_syntax });
    }
    let accept = AssociateAc {
        called: request.called.clone(),
        calling: request.calling.clone(),
        contexts: answers,
        max_pdu,
        implementation_uid: crate::IMPLEMENTATION_UID.to_owned(),
        implementation_version: crate::IMPLEMENTATION_VERSION.to_owned(),
    };
    (accept, contexts)
}

fn agree(proposed: &ProposedContext, peer: &Admitted) -> Result<Agreed, ContextResult> {
    let service = Service::of(&proposed.abstract_syntax)
        .filter(|service| peer.may(service.right()))
        .ok_or(ContextResult::AbstractSyntaxNotSupported)?;
    let chosen = match service {
        Service::Storage => choose(&proposed.transfer_syntaxes),
        Service::Verification | Service::Worklist => choose_plain(&proposed.transfer_syntaxes),
    };
    Ok(Agreed {
        service,
        abstract_syntax: proposed.abstract_syntax.clone(),
        transfer_syntax: chosen.ok_or(ContextResult::TransferSyntaxesNotSupported)?.to_owned(),
    })
}
