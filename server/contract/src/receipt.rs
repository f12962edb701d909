//! The server's answer to each delivery.

use crate::{DeliveryId, DeviceDelivery};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deliveries {
    pub deliveries: Vec<DeviceDelivery>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    pub receipts: Vec<Receipt>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub id: DeliveryId,
    pub outcome: Outcome,
    /// For the operator, without patient data; empty unless refused.
    #[serde(default)]
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Committed by the server: the spool may let go.
    Accepted,
    /// Committed earlier: the spool may let go.
    Duplicate,
    /// Will never be accepted as it is: the spool keeps it as dead, for a person.
    Refused,
}
