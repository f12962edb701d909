//! What the screens see: the JSON shapes of the API, named as in its OpenAPI document.

use crate::config::RegulationProfile;
use crate::shapes::shapes;
use crate::view_late::LateMark;
use crate::view_record::ConfirmingAuthority;
use benhan_domain::access::Role;
use benhan_domain::encounter::EncounterState;
use benhan_domain::news2::News2;
use benhan_domain::observation::Status;
use benhan_domain::person::Sex;
use benhan_domain::record::RecordState;
use benhan_domain::vitals::{NotMeasured, Provenance, VitalCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

shapes! {
    WardRef { id: String, code: String, name: String }
    PersonRef { id: String, name: String, #[schema(value_type = String)] role: Role }
    SessionUser { id: String, username: String, name: String, #[schema(value_type = String)] role: Role, title: String }
    FacilityRef { code: String, name: String }
    /// Who is logged in at this terminal, and what the terminal must know to behave.
    Session {
        user: SessionUser, wards: Vec<WardRef>, facility: FacilityRef, csrf: String, locked: bool,
        /// Doctors see the charts of their own patients alone.
        treatment_scope: bool,
        lock_after_seconds: i64, #[schema(value_type = String)] regulation_profile: RegulationProfile,
        has_pin: bool, has_certificate: bool,
        /// Whose PIN signs: software (one's own), pkcs11, remote, terminal; none without a certificate.
        key_holder: Option<String>, must_change_password: bool,
        /// Number and date of the signing rules that are in force, which a signature will name.
        signing_rules: Option<String>,
        /// They must set up a second factor before anything else.
        must_enrol_second_factor: bool,
        /// Recovery codes that nobody used yet; none without a second factor.
        recovery_codes_left: Option<i64>, now: String,
    }
    LastVitals {
        pulse: Option<f64>, spo2: Option<f64>, sbp: Option<f64>, dbp: Option<f64>, temp: Option<f64>, resp: Option<f64>,
    }
    Critical { name: String, text: String }
    /// One patient's card on the ward board.
    Occupant {
        encounter_id: String, patient_id: String, patient_code: String, name: String, #[schema(value_type = String)] sex: Sex,
        age_years: u16, age_text: String, diagnosis: String,
        /// Only assigned staff read the record; for others diagnosis and results are blank.
        restricted: bool,
        /// Another inpatient has the same name without marks.
        same_name: bool,
        allergies: Vec<String>, pregnant: bool, #[schema(value_type = Option<Object>)] news2: Option<News2>,
        vitals_at: Option<String>, vitals_due_at: Option<String>, last_vitals: LastVitals,
        live: Vec<crate::hub::LiveValue>, new_results: i64, critical: Option<Critical>, unsigned: i64, proposed: i64,
    }
    BoardBed { bed_id: String, label: String, position: i64, occupants: Vec<Occupant> }
    WaitingCounts { inbox: i64, studies: i64 }
    WardBoard { ward: WardRef, now: String, cursor: String, beds: Vec<BoardBed>, waiting: WaitingCounts }
    WardBed { id: String, label: String, room: String, free: bool }

    SignatureRef {
        id: String, signer: PersonRef, signed_at: String, subject: String, issuer: String, serial: String, algorithm: String, state: String,
        /// Number and date of the signing rules of the house that it names; none where none were in force.
        rules: Option<String>,
        /// The department whose seal it is; `signer` put it.
        seal_of: Option<String>,
    }
    VitalValueView {
        #[schema(value_type = String)] code: VitalCode, value: Option<f64>, text: Option<String>, unit: String,
        #[schema(value_type = Option<String>)] not_measured: Option<NotMeasured>, #[schema(value_type = String)] provenance: Provenance,
        flag: Option<String>, out_of_range_reason: Option<String>,
    }
    VitalSet {
        id: String, encounter_id: String, version: i64, #[schema(value_type = String)] status: Status, source: String,
        device: Option<String>, effective_at: String, recorded_at: String, author: Option<PersonRef>, values: Vec<VitalValueView>,
        #[schema(value_type = Object)] news2: News2, reason: Option<String>, signature: Option<SignatureRef>, mine: bool, versions: i64,
        /// It came into the record more than 12 hours after it was measured.
        late: Option<LateMark>,
    }
    /// A set that its author has still to sign, with whose it is: the patient may have left the ward.
    UnsignedSet { set: VitalSet, patient_name: String, patient_code: String, ward: String, bed: Option<String> }
    RoundRow {
        bed_id: String, bed: String, encounter_id: String, name: String, age_text: String, age_years: u16,
        #[schema(value_type = String)] sex: Sex, same_name: bool, pregnant: bool, previous: Option<VitalSet>,
        proposed: Option<VitalSet>, unsigned: Vec<VitalSet>, due_at: Option<String>,
    }
    Round { ward: WardRef, now: String, rows: Vec<RoundRow> }
    Range {
        #[schema(value_type = String)] code: VitalCode, name: String, unit: String, decimals: usize,
        hard_low: f64, hard_high: f64, soft_low: f64, soft_high: f64,
    }
    SignedSet { set_id: String, version: i64 }
    SignedChart { encounter_id: String, document_id: String, version: i64 }
    FailedSet { set_id: String, code: String, detail: String }
    RoundSigned { signed: Vec<SignedSet>, charts: Vec<SignedChart>, failed: Vec<FailedSet> }

    CareNote {
        id: String, encounter_id: String, version: i64, versions: i64, effective_at: String, recorded_at: String, author: PersonRef,
        course: String, care: String, status: String, reason: Option<String>, signature: Option<SignatureRef>, mine: bool,
        late: Option<LateMark>,
    }
    DocumentRef {
        id: String, encounter_id: String, form_code: String, title: String, version: i64, versions: i64, created_at: String,
        author: PersonRef, state: String, signatures: Vec<SignatureRef>, pdf_url: Option<String>,
    }

    PatientHit {
        id: String, code: String, name: String, birth_date: Option<String>, #[schema(value_type = String)] sex: Sex, age_text: String,
        address: String, national_id_tail: Option<String>, insurance_tail: Option<String>, encounter_id: Option<String>,
        ward: Option<String>, bed: Option<String>, same_name: bool,
    }
    Stay {
        id: String, number: String, #[schema(value_type = String)] state: EncounterState, admitted_at: String,
        discharged_at: Option<String>, diagnosis: String, ward: String,
        /// Only assigned staff read its record; for others its diagnosis is blank.
        restricted: bool,
    }
    PatientView {
        id: String, code: String, name: String, birth_date: Option<String>, #[schema(value_type = String)] sex: Sex, age_text: String,
        national_id: Option<String>, insurance_card: Option<String>, phone: String, address: String, allergies: Vec<String>,
        encounters: Vec<Stay>,
    }
    EncounterPatient {
        id: String, code: String, name: String, #[schema(value_type = String)] sex: Sex, birth_date: Option<String>, age_text: String,
        age_years: u16, insurance_card: Option<String>, allergies: Vec<String>,
    }
    BedRef { id: String, label: String, room: String }
    EncounterView {
        id: String, number: String, #[schema(value_type = String)] state: EncounterState,
        #[schema(value_type = String)] record: RecordState, admitted_at: String,
        discharged_at: Option<String>, day_of_stay: i64, patient: EncounterPatient, ward: WardRef, bed: Option<BedRef>,
        diagnosis: String, icd10: Option<String>, pregnant: bool, same_name: bool,
        /// Only assigned staff read its record.
        restricted: bool,
        #[schema(value_type = Option<Object>)] news2: Option<News2>, new_results: i64,
    }
    TimelineItem { at: String, kind: String, title: String, text: String, by: Option<String>, signed: bool, r#ref: String }

    SenderPatientView { ids: Vec<String>, name: String, birth_date: String, sex: String }
    WaitingReading { code: String, name: String, value: String, unit: String }
    Proposal {
        encounter_id: String, order_id: Option<String>, patient_code: String, name: String, #[schema(value_type = String)] sex: Sex,
        birth_date: Option<String>, ward: String, bed: Option<String>, score: i64, why: Vec<String>,
    }
    /// `times`: how many messages of this device say the same of the same; `seq` continues the list.
    WaitingItem {
        id: String, seq: i64, times: i64, device_id: String, kind: String, reason: String, reason_text: String, device: String, received_at: String, effective_at: Option<String>,
        skew_seconds: Option<i64>, sender_patient: Option<SenderPatientView>, specimen: Option<String>, location: Option<String>,
        readings: Vec<WaitingReading>, proposals: Vec<Proposal>,
    }

    UserRow {
        id: String, username: String, name: String, #[schema(value_type = String)] role: Role, wards: Vec<WardRef>, disabled: bool,
        locked: bool, has_second_factor: bool, last_login_at: Option<String>, active_sessions: i64, certificate: Option<CertificateRef>,
        /// By which this person confirms for the hospital, or will.
        confirming: Option<ConfirmingAuthority>,
    }
    CertificateRef {
        subject: String, issuer: String, not_after: String, revoked_at: Option<String>,
        /// Who holds its key: software (the server, under the owner's PIN), pkcs11, remote or terminal.
        key_holder: String,
        /// What the holder calls it: token serial and key, or credential.
        key_reference: Option<String>,
    }
    /// A certificate as it was brought, with the names of its path to a trusted authority. `proof`: how far its key has shown
    /// itself to be the certificate's: signed, shown or not-yet.
    CertificateFound {
        subject: String, name: String, issuer: String, serial: String, algorithm: String, not_before: String, not_after: String,
        path: Vec<String>, proof: String,
    }
    TokenKeyRow { key: String, label: String, subject: Option<String>, issuer: Option<String>, not_after: Option<String>, pem: Option<String> }
    /// A token or security module that is plugged into the server, with the keys it shows before any PIN.
    TokenRow { serial: String, label: String, made: String, locked: bool, keys: Vec<TokenKeyRow> }
    DeviceRow {
        id: String, name: String, kind: String, channel: String, sender: String, bed: Option<String>, last_seen_at: Option<String>,
        skew_seconds: Option<i64>, waiting: i64,
    }
    /// Work after a commit that failed; `dead` is tried no more.
    JobRow {
        id: String, kind: String, subject: String, attempts: i64, dead: bool, last_error: String, next_at: Option<String>, created_at: String,
    }
    Jobs { ready: i64, troubled: Vec<JobRow> }
    AuditPatient { id: String, code: String, name: String }
    AuditRow {
        seq: i64, chain: String, at: String,
        /// None: the program itself.
        actor: Option<PersonRef>,
        action: String,
        subject_kind: String, subject_id: String,
        /// Only for those who may see patients.
        patient: Option<AuditPatient>,
        /// The hashed body, canonical JSON.
        detail: String,
        /// The address that asked; none where the program itself acted.
        source: Option<String>,
    }
}

/// One cell as a form sends it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VitalInput {
    #[schema(value_type = String)]
    pub code: VitalCode,
    pub value: Option<f64>,
    pub text: Option<String>,
    #[schema(value_type = Option<String>)]
    pub not_measured: Option<NotMeasured>,
    pub out_of_range_reason: Option<String>,
}
