//! One type for each kind of id, all UUIDv7 made outside this crate, so that a bed never passes for a ward.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                // Only the form that we print: one id has one spelling in URLs, audit rows and signed bytes.
                let id = Uuid::try_parse(text).map_err(|_| NotAnId)?;
                if id.hyphenated().to_string() == text { Ok(Self(id)) } else { Err(NotAnId) }
            }
        }
    )+};
}

/// The text is not a lower-case hyphenated UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a lower-case hyphenated UUID")]
pub struct NotAnId;

ids! {
    FacilityId, DepartmentId, WardId, BedId,
    UserId, SessionId,
    /// A security key that somebody logs in with beside the password.
    SecurityKeyId,
    PatientId, EncounterId,
    /// A set of vital signs measured together; its content is in versions.
    ObservationSetId,
    /// A sheet or note of the record; its content is in versions.
    DocumentId,
    SignatureId, CertificateId, TrustChangeId,
    /// What a patient or their representative gave on one version of a sheet.
    PatientSignatureId,
    /// One print of a sheet that is to be signed with ink.
    PaperPrintId,
    /// A scanned file that somebody handed in.
    PaperScanId,
    PaperScanEventId,
    /// A scan of the paper that an entry was written from.
    EntryScanId,
    OrderId, SpecimenId, ResultId,
    /// One message from a device, as it came in.
    InboxId,
    DeviceId, StudyId, JobId,
    /// What a person chose about something that a gateway or bridge holds.
    AttentionActId,
    /// A time in which the record could not be written.
    ItIncidentId,
    /// An attack or a breach that the law wants reported.
    SecurityIncidentId,
    SecurityReportId,
    /// The mark that an entry came late into the record.
    LateEntryId,
    /// One step of a record's life.
    RecordEventId,
    LegalHoldId,
    /// Records listed for destruction.
    DestructionListId,
    /// Somebody's request for a record.
    RecordRequestId,
    /// What was given out on a request, once.
    RecordUseId,
    /// What somebody agreed to or refused, once.
    ConsentAnswerId,
    /// What somebody asks for as whose data it is.
    SubjectRequestId,
    /// The paper by which somebody may confirm for the hospital.
    ConfirmingAuthorityId,
    /// A decision of the hospital about its electronic record.
    HouseDecisionId,
    /// A chart that was opened in an emergency.
    EmergencyAccessId,
    /// A record that only assigned staff read.
    RecordRestrictionId,
    /// Hours in which somebody covers a ward that is not theirs.
    WardDutyId,
    /// A computer that fetches a ward's downtime kit.
    KitTokenId,
    /// One writer's chain of audit rows.
    ChainId,
}
