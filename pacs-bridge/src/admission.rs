//! Who may open an association, and for what. Deny by default; each refusal has its reason.

use crate::config::{BridgeConfig, PeerConfig, Right, WorklistCharset};
use benhan_dimse::AeTitle;
use benhan_dimse::pdu::{AssociateRq, RejectReason};
use std::net::IpAddr;

/// Reasons that the operator can do something about.
pub(crate) const WRONG_CALLED: &str = "called by another AE title";
pub(crate) const UNKNOWN: &str = "the calling AE title is on no list";
pub(crate) const ELSEWHERE: &str = "the calling AE title is known, but not from this address";

/// The allow-list.
#[derive(Debug)]
pub(crate) struct Admission {
    own: AeTitle,
    peers: Vec<(AeTitle, PeerConfig)>,
}

/// A peer that was let in.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) calling: AeTitle,
    rights: Vec<Right>,
    pub(crate) charset: WorklistCharset,
}

impl Admitted {
    pub(crate) fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

/// Why a peer was not let in: what the peer is told and what the operator reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) answer: RejectReason,
    pub(crate) reason: &'static str,
}

/// A title in the configuration that is none.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an AE title: 1 to 16 printable ASCII characters without a backslash")]
pub struct BadTitle(String);

impl Admission {
    pub(crate) fn new(config: &BridgeConfig) -> Result<Self, BadTitle> {
        let title = |text: &str| AeTitle::parse(text).ok_or_else(|| BadTitle(text.to_owned()));
        let peers = config.peers.iter().map(|peer| Ok((title(&peer.ae_title)?, peer.clone())));
        Ok(Self { own: title(&config.ae_title)?, peers: peers.collect::<Result<_, BadTitle>>()? })
    }

    /// Whether any peer at all may call from `address`.
    pub(crate) fn may_call(&self, address: IpAddr) -> bool {
        self.peers.iter().any(|(_, peer)| peer.addresses.iter().any(|network| network.contains(address)))
    }

    /// Decides on an association request from `address`.
    pub(crate) fn decide(&self, request: &AssociateRq, address: IpAddr) -> Result<Admitted, Refusal> {
        let refuse = |answer, reason| Err(Refusal { answer, reason });
        if request.protocol_version & 1 == 0 {
            return refuse(RejectReason::ProtocolVersionNotSupported, "another protocol version than 1");
        }
        if !request.is_dicom() {
            return refuse(RejectReason::ApplicationContextNotSupported, "another application context than DICOM's");
        }
        if request.called != self.own {
            return refuse(RejectReason::CalledAeTitleNotRecognized, WRONG_CALLED);
        }
        let mut known = self.peers.iter().filter(|(title, _)| *title == request.calling).peekable();
        if known.peek().is_none() {
            return refuse(RejectReason::CallingAeTitleNotRecognized, UNKNOWN);
        }
        let listed = known.find(|(_, peer)| peer.addresses.iter().any(|network| network.contains(address)));
        match listed {
            Some((title, peer)) => {
                Ok(Admitted { calling: title.clone(), rights: peer.rights.clone(), charset: peer.charset })
            }
            None => refuse(RejectReason::CallingAeTitleNotRecognized, ELSEWHERE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Network;

    fn request(called: &str, calling: &str) -> AssociateRq {
        AssociateRq {
            protocol_version: 1,
            called: AeTitle::parse(called).unwrap(),
            calling: AeTitle::parse(calling).unwrap(),
            application_context: "1.2.840.10008.3.1.1.1".into(),
            contexts: Vec::new(),
            max_pdu: 0,
            implementation_uid: String::new(),
            implementation_version: String::new(),
        }
    }

    #[test]
    fn only_a_listed_title_from_a_listed_address_comes_in() {
        let peer = PeerConfig {
            ae_title: "CT1".into(),
            addresses: vec![Network::parse("10.0.0.0/24").unwrap()],
            rights: vec![Right::Store],
            charset: WorklistCharset::Utf8,
        };
        let config = BridgeConfig { peers: vec![peer], ..BridgeConfig::default() };
        let admission = Admission::new(&config).unwrap();
        let decide = |called, calling, ip: &str| admission.decide(&request(called, calling), ip.parse().unwrap());

        let admitted = decide("BENHAN", "CT1", "10.0.0.7").unwrap();
        assert!(admitted.may(Right::Store) && !admitted.may(Right::Echo));
        let answers = [
            decide("OTHER", "CT1", "10.0.0.7").unwrap_err().answer,
            decide("BENHAN", "MR9", "10.0.0.7").unwrap_err().answer,
            decide("BENHAN", "CT1", "10.0.1.7").unwrap_err().answer,
        ];
        assert_eq!(
            answers,
            [
                RejectReason::CalledAeTitleNotRecognized,
                RejectReason::CallingAeTitleNotRecognized,
                RejectReason::CallingAeTitleNotRecognized
            ]
        );
    }
}
