//! A scripted peer: says exactly the bytes it is told to, and reads what comes back.

use benhan_dimse::dataset::{DatasetWriter, Encoding, Tag, Vr};
use benhan_dimse::pdu::{AssociateRq, Event, Limits, Pdu, ProposedContext, Reader, write_message};
use benhan_dimse::{AeTitle, Assembler, CommandSet, Part, Request, Response, StoreRequest, Uid};
use bytes::BytesMut;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const CT_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";

pub struct Peer {
    pub stream: TcpStream,
    input: BytesMut,
    reader: Reader,
    assembler: Assembler,
}

/// How the bridge answered a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Status(u16),
    Aborted,
    Closed,
}

/// A small CT dataset in explicit little endian.
pub fn dataset(sop: &str, study: &str, patient: &str, pixels: &[u8]) -> Vec<u8> {
    let mut writer = DatasetWriter::new(Encoding::ExplicitLittle);
    writer
        .text(Tag(0x0008, 0x0016), Vr::UI, CT_IMAGE)
        .text(Tag(0x0008, 0x0018), Vr::UI, sop)
        .text(Tag(0x0008, 0x0060), Vr::CS, "CT")
        .text(Tag(0x0010, 0x0020), Vr::LO, patient)
        .text(Tag(0x0020, 0x000D), Vr::UI, study)
        .text(Tag(0x0020, 0x000E), Vr::UI, &format!("{study}.1"))
        .bytes(Tag::PIXEL_DATA, Vr::OW, pixels);
    writer.finish()
}

impl Peer {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let limits = Limits { associate: 1 << 20, data: 1 << 20 };
        Self { stream, input: BytesMut::new(), reader: Reader::new(limits), assembler: Assembler::default() }
    }

    pub fn association_request(calling: &str) -> AssociateRq {
        AssociateRq {
            protocol_version: 1,
            called: AeTitle::parse("BENHAN").unwrap(),
            calling: AeTitle::parse(calling).unwrap(),
            application_context: "1.2.840.10008.3.1.1.1".into(),
            contexts: vec![ProposedContext {
                id: 1,
                abstract_syntax: CT_IMAGE.into(),
                transfer_syntaxes: vec![EXPLICIT.into()],
            }],
            max_pdu: 16_384,
            implementation_uid: "2.25.1".into(),
            implementation_version: "SCRIPT".into(),
        }
    }

    /// Connects and asks; answers the PDU that came.
    pub async fn associate(address: SocketAddr, calling: &str) -> (Self, Option<Pdu>) {
        let mut peer = Self::connect(address).await;
        peer.say(&Self::association_request(calling).to_pdu()).await;
        let pdu = peer.pdu().await;
        (peer, pdu)
    }

    /// Writes bytes; a bridge that has hung up is not an error here.
    pub async fn say(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes).await);
    }

    /// The message of a C-STORE as it goes over the wire.
    pub fn store_message(sop: &str, dataset: &[u8]) -> Vec<u8> {
        let request = Request::Store(StoreRequest {
            message_id: 1,
            sop_class: Uid::parse(CT_IMAGE).unwrap(),
            sop_instance: Uid::parse(sop).unwrap(),
        });
        let mut wire = Vec::new();
        write_message(&mut wire, 1, &request.to_set().encode(), Some(dataset), 16_384);
        wire
    }

    pub async fn store(&mut self, sop: &str, dataset: &[u8]) -> Answer {
        self.say(&Self::store_message(sop, dataset)).await;
        self.answer().await
    }

    pub async fn answer(&mut self) -> Answer {
        loop {
            match self.event().await {
                Some(Event::Fragment(fragment)) => {
                    if let Some(Part::Command { set, .. }) = self.assembler.accept(fragment).unwrap() {
                        return Answer::Status(status(&set));
                    }
                }
                Some(Event::Pdu(Pdu::Abort(_))) => return Answer::Aborted,
                Some(Event::Pdu(other)) => panic!("an answer was expected, not {other:?}"),
                None => return Answer::Closed,
            }
        }
    }

    /// The next control PDU; nothing when the bridge hung up.
    pub async fn pdu(&mut self) -> Option<Pdu> {
        match self.event().await? {
            Event::Pdu(pdu) => Some(pdu),
            Event::Fragment(_) => panic!("a control PDU was expected"),
        }
    }

    async fn event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.reader.next(&mut self.input).unwrap() {
                return Some(event);
            }
            match self.stream.read_buf(&mut self.input).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

fn status(set: &CommandSet) -> u16 {
    Response::status_of(set).unwrap()
}
