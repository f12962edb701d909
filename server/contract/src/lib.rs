//! What crosses between Benhan's programs, and nothing else: serde shapes, no behaviour.
//!
//! Events flow up: the gateway pushes [`DeviceDelivery`], the bridge pushes [`StudyDelivery`], and each
//! is answered by a [`Receipt`]. Reads flow down: the bridge pulls [`WorklistItem`]s, the gateway a [`LabWorklist`], the server reads
//! pixels from the bridge over plain DICOMweb paths. What waits for a person at either goes up as an
//! [`AttentionReport`], whose answer carries what people chose. All instants are microseconds since the epoch, UTC.

mod attention;
mod delivery;
mod lab_worklist;
mod live;
mod reading;
mod receipt;
mod study;
mod worklist;

pub use attention::{
    AttentionAct, AttentionAnswer, AttentionChoice, AttentionItem, AttentionReport, Edge, EdgeKind, MOST_ATTENTION,
    STUDY_KEY,
};
pub use delivery::{
    DeliveryId, DeviceDelivery, Processing, Protocol, ResultGroup, Sender, SenderLocation, SenderPatient, SetAside,
};
pub use lab_worklist::{LabItem, LabPatient, LabSpecimen, LabTest, LabWorklist, MOST_SPECIMENS};
pub use live::{LiveBatch, LiveSample};
pub use reading::{Comparator, Reading, ReadingStatus, ReadingValue};
pub use receipt::{Deliveries, Outcome, Receipt, Receipts};
pub use study::{InstanceSummary, SeriesSummary, StudyDelivery};
pub use worklist::{Worklist, WorklistItem};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// At most this many deliveries travel in one request.
pub const MAX_BATCH: usize = 500;
