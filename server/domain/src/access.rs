//! Who may do what: one table, one decision, and a permit that only the decision can make.
//!
//! A store function that touches a patient takes a [`Permit`] and filters by its scope, so that a
//! forgotten check does not compile and another patient's id does not get through.

mod place;
mod reach;
mod subject;

pub use place::{Actor, Place, Scope};
pub use reach::{DoctorsReach, Reach};
pub use subject::{Subject, Verb};

use crate::id::{EncounterId, UserId, WardId};
use crate::record::{NotInThisState, RecordState};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Nurse,
    HeadNurse,
    Doctor,
    LabTechnician,
    Radiologist,
    RecordRoom,
    /// Head of the hospital, or whom they authorised (người đứng đầu cơ sở hoặc người được ủy quyền).
    Director,
    Administrator,
    Auditor,
    /// Of another house (người ngoài được cho đọc): reads what the head of the hospital granted them, and nothing else.
    Outsider,
}

impl Role {
    pub const ALL: [Self; 10] = [
        Self::Nurse,
        Self::HeadNurse,
        Self::Doctor,
        Self::LabTechnician,
        Self::Radiologist,
        Self::RecordRoom,
        Self::Director,
        Self::Administrator,
        Self::Auditor,
        Self::Outsider,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nurse => "nurse",
            Self::HeadNurse => "head-nurse",
            Self::Doctor => "doctor",
            Self::LabTechnician => "lab-technician",
            Self::Radiologist => "radiologist",
            Self::RecordRoom => "record-room",
            Self::Director => "director",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::Outsider => "outsider",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }

    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Nurse => "Điều dưỡng",
            Self::HeadNurse => "Điều dưỡng trưởng",
            Self::Doctor => "Bác sĩ",
            Self::LabTechnician => "Kỹ thuật viên xét nghiệm",
            Self::Radiologist => "Bác sĩ chẩn đoán hình ảnh",
            Self::RecordRoom => "Phòng hồ sơ",
            Self::Director => "Lãnh đạo bệnh viện",
            Self::Administrator => "Quản trị viên",
            Self::Auditor => "Kiểm soát viên",
            Self::Outsider => "Người ngoài được cho đọc",
        }
    }

    /// The title before a name: ĐD Lê Thu Hà.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nurse | Self::HeadNurse => "ĐD",
            Self::Doctor | Self::Radiologist | Self::Director => "BS",
            Self::LabTechnician => "KTV",
            Self::RecordRoom => "NV",
            Self::Administrator => "QT",
            Self::Auditor => "KS",
            Self::Outsider => "Ông/Bà",
        }
    }
}

/// What an act does to the record of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRecord {
    Nothing,
    /// Writes into it: only while it is active.
    Writes,
    /// Adds what came late: also when it is closed or archived, as a signed supplement.
    Supplements,
}

/// A kind of act, as a type, so that a permit to view is never taken for one to write.
pub trait Action {
    const NAME: &'static str;
    const ON_RECORD: OnRecord;
    /// What of the record it is about.
    const ABOUT: Subject;
    const VERBS: &'static [Verb];
    /// Holds also for a chart that was opened in an emergency.
    const IN_EMERGENCY: bool;
    /// In a record that only assigned staff read, theirs alone.
    const OF_READERS: bool;
    /// Of doctors, for those alone who treat the patient, where the hospital says so ([`DoctorsReach`]).
    const OF_TREATMENT: bool;
    fn reach(role: Role) -> Reach;
}

/// One line of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    pub action: &'static str,
    pub about: Subject,
    pub verbs: &'static [Verb],
    pub in_emergency: bool,
    pub of_readers: bool,
    pub of_treatment: bool,
    /// In the order of [`Role::ALL`].
    pub reach: Vec<Reach>,
}

macro_rules! actions {
    (@emergency) => { false };
    (@emergency in_emergency $($more:ident)*) => { true };
    (@emergency $other:ident $($more:ident)*) => { actions!(@emergency $($more)*) };
    (@readers) => { false };
    (@readers of_readers $($more:ident)*) => { true };
    (@readers $other:ident $($more:ident)*) => { actions!(@readers $($more)*) };
    (@treatment) => { false };
    (@treatment of_treatment $($more:ident)*) => { true };
    (@treatment $other:ident $($more:ident)*) => { actions!(@treatment $($more)*) };
    (@on) => { OnRecord::Nothing };
    (@on $on:ident) => { OnRecord::$on };
    ($($(#[$doc:meta])* $name:ident: $about:ident [$($verb:ident),+] $(+ $mark:ident)*
        own [$($own:ident),*] all [$($all:ident),*] $(granted [$($granted:ident),*])? $(, $on:ident)?;)+) => {
        $($(#[$doc])* #[derive(Clone, Copy, Debug)] pub struct $name;
        impl Action for $name {
            const NAME: &'static str = stringify!($name);
            const ON_RECORD: OnRecord = actions!(@on $($on)?);
            const ABOUT: Subject = Subject::$about;
            const VERBS: &'static [Verb] = &[$(Verb::$verb),+];
            const IN_EMERGENCY: bool = actions!(@emergency $($mark)*);
            const OF_READERS: bool = actions!(@readers $($mark)*);
            const OF_TREATMENT: bool = actions!(@treatment $($mark)*);
            fn reach(role: Role) -> Reach {
                match role {
                    $($(Role::$granted => Reach::Granted,)*)?
                    $(Role::$own => Reach::OwnWards,)*
                    $(Role::$all => Reach::Facility,)*
                    _ => Reach::Nowhere,
                }
            }
        })+
        /// Every action with its rights: the table a security officer reads.
        pub fn policy() -> Vec<Right> {
            vec![$(Right {
                action: <$name as Action>::NAME,
                about: <$name as Action>::ABOUT,
                verbs: <$name as Action>::VERBS,
                in_emergency: <$name as Action>::IN_EMERGENCY,
                of_readers: <$name as Action>::OF_READERS,
                of_treatment: <$name as Action>::OF_TREATMENT,
                reach: Role::ALL.iter().map(|r| $name::reach(*r)).collect(),
            }),+]
        }
    };
}

actions! {
    ViewWard: Ward [View] + in_emergency + of_treatment own [Nurse, HeadNurse] all [Doctor, LabTechnician, Radiologist, RecordRoom, Director, Auditor];
    ViewChart: Chart [View] + in_emergency + of_readers + of_treatment own [Nurse, HeadNurse] all [Doctor, LabTechnician, Radiologist, RecordRoom, Director, Auditor];
    /// Reads a record on a request that the head of the hospital granted.
    ReadGranted: Chart [View] own [] all [] granted [Outsider];
    /// Vital signs by hand, and a device's proposal accepted.
    ChartVitals: Vitals [Create] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    CorrectVitals: Vitals [Edit] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    /// Also a device's proposal refused.
    WithdrawVitals: Vitals [Cancel] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    RestoreVitals: Vitals [Restore] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    WriteNote: Note [Create] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    CorrectNote: Note [Edit] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    WithdrawNote: Note [Cancel] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    RestoreNote: Note [Restore] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    /// Forms of the record; which role fills which form stands in the form itself.
    FillForm: Form [Create, Edit, Cancel] + of_readers + of_treatment own [Nurse, HeadNurse] all [Doctor, LabTechnician, Radiologist], Writes;
    SignRecord: Signature [Create] + of_treatment own [Nurse, HeadNurse] all [Doctor, LabTechnician, Radiologist, Director], Writes;
    /// Sees the patient or a representative sign, and answers for it with a signature of their own. A form may say of
    /// which roles.
    WitnessPatient: PatientSignature [Create] + of_readers + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    /// Hands in scans of sheets that were signed with ink, whosever they are.
    HandInScans: PaperScan [Create] own [] all [Nurse, HeadNurse, Doctor, RecordRoom];
    /// Scans that wait for somebody. Whose ward nobody knows are their uploader's and the record room's.
    ViewScans: PaperScan [View] own [Nurse, HeadNurse, Doctor] all [RecordRoom];
    /// Sets a scan aside that belongs to no sheet, and brings it back. To link one is [`WitnessPatient`]'s.
    SortScans: PaperScan [Cancel, Restore] own [Nurse, HeadNurse, Doctor] all [RecordRoom];
    SearchPatients: Patient [View] own [] all [Nurse, HeadNurse, Doctor, LabTechnician, Radiologist, RecordRoom, Director, Auditor];
    RegisterPatient: Patient [Create] own [] all [Nurse, HeadNurse, Doctor, RecordRoom];
    /// Into the house, into a bed, out of the house.
    Admit: Stay [Create, Edit] own [Nurse, HeadNurse] all [Doctor], Writes;
    PlaceOrder: Order [Create, Cancel] + of_readers + of_treatment own [] all [Doctor], Writes;
    CollectSpecimen: Specimen [Edit] own [Nurse, HeadNurse] all [LabTechnician], Writes;
    ReleaseResult: Result [Edit] own [] all [LabTechnician], Supplements;
    /// The treating team has looked at results.
    SeeResults: Result [View] + of_readers + of_treatment own [Nurse, HeadNurse] all [Doctor];
    /// Decide whose a device's waiting message is.
    MatchVitals: WaitingVitals [View, Edit, Cancel] + of_treatment own [Nurse, HeadNurse] all [Doctor], Writes;
    MatchLab: WaitingResult [View, Edit, Cancel] own [] all [LabTechnician], Supplements;
    LinkStudy: Study [View, Edit] + of_treatment own [] all [Doctor, Radiologist], Supplements;
    /// Takes a study off a chart again.
    UnlinkStudy: Study [Cancel] + of_treatment own [] all [Doctor, Radiologist], Writes;
    /// The head of the hospital, or whom they authorised, confirms what staff signed (Circular 46/2018, Art. 13.2).
    ConfirmSignatures: Confirmation [Create] own [] all [Director], Supplements;
    ViewConfirmations: Confirmation [View] own [] all [Director, RecordRoom, Auditor];
    /// Enters what the hospital has decided about its electronic record, and takes it back.
    EnterDecision: HouseDecision [Create, Cancel] own [] all [Director, Administrator];
    ViewDecisions: HouseDecision [View] own [] all [RecordRoom, Director, Auditor, Administrator];
    /// Gives a department a certificate, and takes it back.
    KeepDepartmentCertificates: DepartmentSeal [Create, Cancel] own [] all [Administrator];
    /// Names who puts a department's seal: the head of the hospital, or whom they authorised.
    NameSealKeeper: DepartmentSeal [Edit] own [] all [Director];
    ViewDepartmentSeals: DepartmentSeal [View] own [] all [Director, Administrator, Auditor];
    /// Says that a record is complete.
    CloseRecord: Record [Edit] + of_readers + of_treatment own [] all [Doctor];
    /// Opens a closed record again, archives it, holds it, lengthens its term.
    KeepRecords: Record [Create, Edit, Cancel, Restore] own [] all [RecordRoom];
    ViewArchive: Record [View] own [] all [RecordRoom, Director, Auditor];
    /// Lists records whose term is over for destruction, and carries out what somebody else approved.
    PrepareDestruction: Destruction [Create, Cancel] own [] all [RecordRoom];
    /// The second person: the head of the hospital, who decides on a destruction.
    ApproveDestruction: Destruction [Edit, Cancel] own [] all [Director];
    ViewDestruction: Destruction [View] own [] all [RecordRoom, Director, Auditor];
    /// Takes in a request for a record, and gives out what was granted.
    ServeRequest: RecordRequest [Create, Cancel] own [] all [RecordRoom];
    /// Whether somebody gets what they ask for, and how much of it: the head of the hospital's to say.
    DecideRequest: RecordRequest [Edit] own [] all [Director];
    ViewRequests: RecordRequest [View] own [] all [RecordRoom, Director, Auditor];
    /// Asks people what they agree to, and takes an answer back for them.
    AskConsent: Consent [Create, Cancel] own [] all [Nurse, HeadNurse, Doctor, RecordRoom];
    ViewConsents: Consent [View] own [] all [Nurse, HeadNurse, Doctor, RecordRoom, Director, Auditor];
    /// Takes in what people ask for as whose data it is, and carries it out.
    ServeSubject: SubjectRequest [Create, Cancel] own [] all [RecordRoom];
    /// Says yes or no to it: the head of the hospital, or whom they authorised.
    AnswerSubject: SubjectRequest [Edit] own [] all [Director];
    ViewSubjectRequests: SubjectRequest [View] own [] all [RecordRoom, Director, Auditor];
    ManageUsers: Account [View, Create, Edit, Cancel, Restore] own [] all [Administrator];
    /// Whose certificates this hospital believes, since when and why.
    ViewAuthorities: Authority [View] own [] all [Administrator, Auditor];
    ViewPolicy: Policy [View] own [] all [Administrator, Auditor];
    ViewDevices: Device [View] own [] all [Nurse, HeadNurse, LabTechnician, Radiologist, Administrator];
    ViewAudit: Trail [View] own [] all [Auditor, Administrator];
    /// What gateways and bridges hold for a person: no patient in it.
    ViewAttention: Attention [View] own [] all [LabTechnician, Radiologist, Administrator];
    DecideAttention: Attention [Edit] own [] all [Administrator];
    /// Times in which the record could not be written: no patient in them.
    ViewIncidents: Incident [View] own [Nurse, HeadNurse] all [Doctor, RecordRoom, Director, Administrator, Auditor];
    DeclareIncident: Incident [Create, Edit, Cancel] own [HeadNurse] all [Administrator];
    /// Takes the downtime kit of a ward: who lies there and what is open for them, locked.
    TakeKit: Kit [View] + of_treatment own [Nurse, HeadNurse] all [Doctor];
    /// Sets what locks the kits and which computers fetch them; sees when each was made, and nothing of what is in it.
    ManageKits: Kit [Create, Edit, Cancel] own [] all [Administrator];
    /// Attacks and breaches that the law wants reported: no patient is named in them.
    ViewSecurityIncidents: SecurityIncident [View] own [] all [Director, Administrator, Auditor];
    KeepSecurityIncidents: SecurityIncident [Create, Edit] own [] all [Director, Administrator];
    /// Entries that came late into the record, with whose they are.
    ViewLateEntries: LateEntry [View] + of_treatment own [Nurse, HeadNurse] all [Doctor, RecordRoom, Director, Auditor];
    /// Says that from now on only assigned staff read this record; whoever says so is the first of them.
    RestrictRecord: Restriction [Create, Edit, Cancel] + of_readers + of_treatment own [] all [Doctor];
    /// Sets who reads such a record, without reading it: when those who may are away or have left.
    ReassignReaders: Restriction [View, Edit] own [] all [Director];
    /// Gives out what the head of the hospital granted, a copy of the whole record among it, also of one that only assigned
    /// staff read.
    ExportRecord: RecordCopy [Create] own [] all [RecordRoom];
    /// Names doctors who treat a patient of another ward, or are asked to consult.
    NameDoctors: Treatment [Create, Cancel] + of_treatment own [Nurse, HeadNurse] all [Doctor];
    /// Who covers a ward that is not theirs, and for how long.
    ViewDuty: Duty [View] + of_treatment own [Nurse, HeadNurse] all [Doctor, Director, Administrator];
    SetDuty: Duty [Create, Cancel] + of_treatment own [HeadNurse] all [Doctor, Director, Administrator];
    /// A chart outside one's own wards, or one that only assigned staff read, for a short time.
    OpenInEmergency: Emergency [Create] own [] all [Nurse, HeadNurse, Doctor];
    /// Who opened what and why; the patient is shown to those who see patients.
    ViewEmergencies: Emergency [View] own [] all [Auditor, Administrator];
    ReviewEmergency: Emergency [Edit] own [] all [Auditor];
}

/// An act that leaves a person's signature in the record.
pub trait Signs: Action {}
impl Signs for SignRecord {}
impl Signs for ConfirmSignatures {}

/// An act that says who reads a restricted record.
pub trait AssignsReaders: Action {}
impl AssignsReaders for RestrictRecord {}
impl AssignsReaders for ReassignReaders {}

/// Proof that the policy was asked. Not cloneable on purpose: one decision, one act.
#[derive(Debug)]
pub struct Permit<A: Action> {
    holder: Option<UserId>,
    scope: Scope,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    /// The person who holds it; `None` when the system itself acts (a rule, a job).
    pub fn holder(&self) -> Option<UserId> {
        self.holder
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// True when `encounter` in `ward` lies inside the permit.
    pub fn covers(&self, encounter: EncounterId, ward: WardId) -> bool {
        match &self.scope {
            Scope::Encounter(id) => *id == encounter,
            Scope::Ward(id) => *id == ward,
            Scope::Wards(ids) => ids.contains(&ward),
            Scope::Facility => true,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("{0}: not permitted")]
    NotPermitted(&'static str),
    /// It would be permitted, but only assigned staff read this record.
    #[error("{0}: not assigned to this record")]
    Restricted(&'static str),
    /// Permitted, but the record takes no entries any more.
    #[error(transparent)]
    Record(#[from] NotInThisState),
}

/// The one way to a permit for a person, and the one place that keeps writers out of a record that is closed.
pub fn decide<A: Action>(actor: &Actor, place: Place) -> Result<Permit<A>, Denied> {
    let permit = permitted(actor, place)?;
    match place {
        Place::Encounter { record, .. } | Place::Restricted { record, .. } | Place::OwnEntry { record, .. } => {
            taken_by::<A>(record)?;
        }
        Place::Facility | Place::Ward(_) => {}
    }
    Ok(permit)
}

fn taken_by<A: Action>(record: RecordState) -> Result<(), NotInThisState> {
    match A::ON_RECORD {
        OnRecord::Writes => record.takes_entries(),
        OnRecord::Nothing | OnRecord::Supplements => record.is_there(),
    }
}

fn permitted<A: Action>(actor: &Actor, place: Place) -> Result<Permit<A>, Denied> {
    let denied = || Err(Denied::NotPermitted(A::NAME));
    let permit = |scope| Ok(Permit { holder: Some(actor.user), scope, action: PhantomData });
    match (actor.doctors.narrowed::<A>(actor.role), place) {
        (Reach::Nowhere, _) => denied(),
        // The head of the hospital granted it, whoever else may read it.
        (Reach::Granted, Place::Encounter { encounter, .. } | Place::Restricted { encounter, .. })
            if actor.granted.contains(&encounter) =>
        {
            permit(Scope::Encounter(encounter))
        }
        (Reach::Granted, _) => denied(),
        // Who is assigned reads it wherever they work.
        (_, Place::Restricted { encounter, .. }) if A::OF_READERS && actor.assigned.contains(&encounter) => {
            permit(Scope::Encounter(encounter))
        }
        (_, Place::Restricted { encounter, ward, record }) => {
            let ordinary = permitted::<A>(actor, Place::Encounter { encounter, ward, record })?;
            let opened = A::IN_EMERGENCY && actor.emergencies.contains(&encounter);
            if A::OF_READERS && !opened { Err(Denied::Restricted(A::NAME)) } else { Ok(ordinary) }
        }
        (Reach::Facility, Place::Facility) => permit(Scope::Facility),
        (Reach::OwnWards, Place::Facility) => permit(Scope::Wards(actor.wards.clone())),
        (Reach::Facility, Place::Ward(ward)) => permit(Scope::Ward(ward)),
        (Reach::Facility, Place::Encounter { encounter, .. }) => permit(Scope::Encounter(encounter)),
        (Reach::Facility | Reach::OwnWards, Place::OwnEntry { encounter, .. }) => permit(Scope::Encounter(encounter)),
        (Reach::OwnWards, Place::Ward(ward)) if actor.wards.contains(&ward) => permit(Scope::Ward(ward)),
        (Reach::OwnWards, Place::Encounter { encounter, ward, .. })
            if actor.wards.contains(&ward)
                || actor.treats.contains(&encounter)
                || (A::IN_EMERGENCY && actor.emergencies.contains(&encounter)) =>
        {
            permit(Scope::Encounter(encounter))
        }
        (Reach::OwnWards, _) => denied(),
    }
}

/// What an act is answered with: whoever has just written into a record sees that stay's heading and what they wrote,
/// also where they read nothing else of it.
pub fn shown_after<A: Action>(act: &Permit<A>) -> Permit<ViewChart> {
    const { assert!(!matches!(A::VERBS, [Verb::View]), "to look is no act") };
    Permit { holder: act.holder, scope: act.scope.clone(), action: PhantomData }
}

/// What somebody reads on a grant, as far as it goes.
pub fn shown_on_grant(granted: &Permit<ReadGranted>) -> Permit<ViewChart> {
    Permit { holder: granted.holder, scope: granted.scope.clone(), action: PhantomData }
}

/// For rules and jobs that act without a person: limited to one encounter, and audited as the system's.
pub fn system<A: Action>(encounter: EncounterId) -> Permit<A> {
    const { assert!(!matches!(A::ON_RECORD, OnRecord::Writes), "what writes into a record asks for its state") };
    of_system(encounter)
}

/// The same for a rule that writes into the record.
pub fn system_writes<A: Action>(encounter: EncounterId, record: RecordState) -> Result<Permit<A>, NotInThisState> {
    taken_by::<A>(record)?;
    Ok(of_system(encounter))
}

fn of_system<A: Action>(encounter: EncounterId) -> Permit<A> {
    Permit { holder: None, scope: Scope::Encounter(encounter), action: PhantomData }
}

/// For the downtime kit of one ward, which nobody asks for; what is read leaves only under the ward's password.
pub fn system_kit(ward: WardId) -> Permit<ViewWard> {
    Permit { holder: None, scope: Scope::Ward(ward), action: PhantomData }
}

/// For rules that read the whole house to find whose a datum is; they write only under [`system`].
pub fn system_search() -> Permit<SearchPatients> {
    Permit { holder: None, scope: Scope::Facility, action: PhantomData }
}

#[cfg(test)]
mod tests;
