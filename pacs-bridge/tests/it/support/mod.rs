//! What the stories below need: a bridge, a server that receives, a peer that does as it is told.

mod bridge;
mod http;
mod peer;
mod process;
mod server;

pub use bridge::{TestBridge, eventually};
pub use http::get;
pub use peer::{Answer, CT_IMAGE, Peer, dataset};
pub use process::BridgeProcess;
pub use server::TestServer;

use benhan_pacs_bridge::simulate::{Examination, Modality, Scheduled};
use std::net::SocketAddr;

/// A CT of a few small slices.
pub fn small_ct(address: SocketAddr, seed: u64) -> Modality {
    Modality {
        address,
        calling: "CT1".into(),
        called: "BENHAN".into(),
        seed,
        examination: Examination::Ct { slices: 3, side: 64 },
    }
}

/// An order as a worklist would give it.
pub fn order(accession: &str) -> Scheduled {
    Scheduled {
        accession: accession.into(),
        study_uid: format!("2.25.{}", 1000 + accession.bytes().map(u32::from).sum::<u32>()),
        patient_name: "Nguyễn^Văn Đức".into(),
        patient_id: "BN000123".into(),
        birth_date: "19700101".into(),
        sex: "M".into(),
        procedure_id: "RP1".into(),
        description: "Chụp CT ngực".into(),
        referring_physician: "Trần^Thị Ánh".into(),
        date: "20261122".into(),
        time: "080000".into(),
    }
}
