//! A stored message and the states of its life.

use benhan_contract::{DeliveryId, Micros, Protocol};

/// received → normalised → pending → delivered, or held or dead for a person; replay leads back to received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiptState {
    /// On disk and acknowledged to the device; not read yet.
    Received,
    /// Read; its delivery is in the outbox and has not been tried.
    Normalised,
    /// Tried at least once, and waiting for the server.
    Pending,
    /// The server has committed it.
    Delivered,
    /// The server fails on it while it takes others.
    Held,
    /// The server refused it for good.
    Dead,
}

impl ReceiptState {
    pub const ALL: [Self; 6] =
        [Self::Received, Self::Normalised, Self::Pending, Self::Delivered, Self::Held, Self::Dead];

    /// The message was read and its delivery put into the outbox.
    #[must_use]
    pub fn normalised(self) -> Option<Self> {
        matches!(self, Self::Received).then_some(Self::Normalised)
    }

    /// A try to deliver it did not succeed.
    #[must_use]
    pub fn queued(self) -> Option<Self> {
        matches!(self, Self::Normalised | Self::Pending).then_some(Self::Pending)
    }

    /// The server has it.
    #[must_use]
    pub fn delivered(self) -> Option<Self> {
        matches!(self, Self::Normalised | Self::Pending).then_some(Self::Delivered)
    }

    /// The server fails on it and not on others.
    #[must_use]
    pub fn held(self) -> Option<Self> {
        matches!(self, Self::Normalised | Self::Pending).then_some(Self::Held)
    }

    /// The server will never take it as it is.
    #[must_use]
    pub fn refused(self) -> Option<Self> {
        matches!(self, Self::Normalised | Self::Pending).then_some(Self::Dead)
    }

    /// A person asked for another reading and delivery.
    #[must_use]
    pub fn replayed(self) -> Option<Self> {
        matches!(self, Self::Held | Self::Dead).then_some(Self::Received)
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Normalised => "normalised",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Held => "held",
            Self::Dead => "dead",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.text() == text)
    }
}

/// A message as the normaliser gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    /// Given at commit; the server applies it once.
    pub id: DeliveryId,
    /// Place in the spool.
    pub sequence: i64,
    pub channel: String,
    pub address: String,
    pub lane: String,
    pub protocol: Protocol,
    pub received_at: Micros,
    /// False when the device broke off in the middle: kept, never read as a result.
    pub complete: bool,
    pub raw: Vec<u8>,
    pub raw_sha256: String,
}

/// Without the bytes, which are a patient's.
impl std::fmt::Debug for StoredReceipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredReceipt({} {}, {} bytes)", self.sequence, self.channel, self.raw.len())
    }
}
