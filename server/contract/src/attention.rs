//! What waits for a person at a gateway or a bridge, told to the server; and what a person chose to do about it.
//!
//! Patient-free on purpose: who sent it, what happened, and numbers by which it is found again where it is kept.

use crate::Micros;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Before the Study Instance UID in the key of a study, and in what a bridge is asked to erase.
pub const STUDY_KEY: &str = "study:";

/// At most this many items travel in one report, the newest; `total` counts them all.
pub const MOST_ATTENTION: usize = 200;

/// The whole list of one program as it stands now; it replaces the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionReport {
    pub edge: Edge,
    pub total: i64,
    pub items: Vec<AttentionItem>,
    /// Acts that were performed here, or whose item is no longer here: the server may forget them.
    pub done: Vec<Uuid>,
}

/// The program that reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub kind: EdgeKind,
    /// By which people know it: the name of its machine, or what the configuration says.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeKind {
    Gateway,
    Pacs,
}

/// One thing that waits. Times are the program's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionItem {
    /// Names it in the whole hospital, so that an act never meets another program's item.
    pub key: String,
    /// A slug such as `message-refused`. A server that does not know it shows the reason alone.
    pub kind: String,
    /// When it came.
    pub at: Micros,
    /// Since when it waits, or when it last happened.
    pub since: Micros,
    /// How often the same happened.
    pub times: i64,
    /// The channel of a device or the AE title of a modality.
    pub sender: String,
    /// The sender's address; empty where the line has none.
    pub address: String,
    /// A UID, a number of the spool, a file's name: for whoever looks for it.
    pub about: String,
    /// For whoever repairs it, in English.
    pub reason: String,
    /// It can be sent again.
    pub again: bool,
}

/// The server's answer to a report: what people chose since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionAnswer {
    pub acts: Vec<AttentionAct>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionAct {
    pub id: Uuid,
    pub key: String,
    pub choice: AttentionChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttentionChoice {
    /// Send it to the server again.
    Again,
    /// Somebody has seen it: it leaves the list, and its bytes stay.
    Seen,
    /// The record was destroyed: what is kept of this study is done away with. Only the server's own rule asks so.
    Erase,
}
