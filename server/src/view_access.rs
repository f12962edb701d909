//! What the screens see of who is logged in, when they may be, and what was opened in an emergency.

use crate::shapes::shapes;
use crate::view::{PersonRef, WardRef};
use benhan_domain::access::{Role, Verb};
use benhan_domain::access_hours::Hours;
use benhan_domain::emergency::{Verdict, Why};
use benhan_domain::restriction::Sensitivity;
use benhan_domain::treatment::Part;

shapes! {
    /// A terminal at which somebody is logged in. `here`: the one that asks.
    OpenSession {
        id: String, user: PersonRef, since: String, last_seen_at: String, ends_at: String, opened_from: Option<String>,
        seen_from: Option<String>, locked: bool, here: bool,
    }
    UsedFrom { address: String, from: String, until: String }
    /// One account at two addresses, and from when until when both went on.
    SharedLogin { user: PersonRef, one: UsedFrom, other: UsedFrom, from: String, until: String }
    RoleHours { #[schema(value_type = String)] role: Role, #[schema(value_type = Option<Object>)] hours: Option<Hours> }
    UserHours { user: PersonRef, #[schema(value_type = Object)] hours: Hours }
    /// When people may use the program: what is set for each role, and for accounts in their role's place.
    AccessHours { roles: Vec<RoleHours>, users: Vec<UserHours> }

    EmergencyOpened { id: String, encounter_id: String, ends_at: String }
    /// How many nobody has looked at.
    EmergencyCount { open: i64 }
    /// Of the patient: for those alone who may see patients.
    EmergencyOf { encounter_id: String, patient_name: String, patient_code: String, reason: String }
    EmergencyReview { #[schema(value_type = String)] verdict: Verdict, note: String, by: PersonRef, at: String }
    /// A chart that somebody opened outside their own wards. `open`: it still is.
    EmergencyRow {
        id: String, by: PersonRef, ward: String, #[schema(value_type = String)] why: Why, opened_at: String, ends_at: String,
        opened_from: Option<String>, open: bool, review_due_at: String, overdue: bool, review: Option<EmergencyReview>,
        of: Option<EmergencyOf>,
    }

    /// A doctor who is named in a stay beside the ward's own.
    TreatingDoctor { user: PersonRef, #[schema(value_type = String)] part: Part, since: String, assigned_by: PersonRef }
    Treating { doctors: Vec<TreatingDoctor>, may_assign: bool }
    /// A stay outside the caller's wards in which they are named.
    AskedStay {
        encounter_id: String, patient_name: String, patient_code: String, ward: WardRef, bed: Option<String>,
        #[schema(value_type = String)] part: Part, since: String,
    }
    /// Hours in which somebody covers a ward that is not theirs.
    DutyCover { id: String, user: PersonRef, starts_at: String, ends_at: String, assigned_by: PersonRef }
    /// Running and to come, soonest first.
    Duty { covers: Vec<DutyCover>, may_assign: bool }

    /// Somebody who reads a restricted record.
    RecordReader { user: PersonRef, assigned_by: PersonRef, assigned_at: String }
    /// A record that only assigned staff read. Kind and reason are for those who read it.
    Restriction {
        id: String, #[schema(value_type = Option<String>)] kind: Option<Sensitivity>, reason: Option<String>,
        restricted_by: PersonRef, restricted_at: String, readers: Vec<RecordReader>,
    }
    /// `may_assign`: also to dismiss.
    RestrictionState { restriction: Option<Restriction>, may_restrict: bool, may_lift: bool, may_assign: bool }

    /// A certificate that this hospital began or ceased to believe. `change`: `found`, `added` or `removed`; `kind`: `anchor`,
    /// `issuing` or `time-stamps`. `trusted`: it is its last change, and it is believed now.
    TrustedAuthority {
        fingerprint: String, subject: String, kind: String, kind_text: String, not_after: String, change: String, at: String,
        by: Option<PersonRef>, reason: String, trusted: bool,
    }

    /// How far one role's right reaches: `none`, `granted`, `ward` or `facility`.
    PolicyReach { #[schema(value_type = String)] role: Role, reach: String }
    /// Who may do this to that. `in_emergency`: also on a chart opened in an emergency; `of_readers`: in a restricted record
    /// only who is assigned to it.
    PolicyLine {
        subject: String, subject_name: String, #[schema(value_type = String)] verb: Verb, rights: Vec<String>,
        reach: Vec<PolicyReach>, in_emergency: bool, of_readers: bool,
    }
}
