//! The side channel of the ward board: latest values at up to 1 Hz, held in memory and never stored.

use crate::{Micros, Sender, SenderLocation};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveBatch {
    pub samples: Vec<LiveSample>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveSample {
    pub sender: Sender,
    pub location: Option<SenderLocation>,
    pub patient_ids: Vec<String>,
    /// IEEE 11073 code as decimal text.
    pub code: String,
    pub value: f64,
    pub ucum: Option<String>,
    pub at: Micros,
}
