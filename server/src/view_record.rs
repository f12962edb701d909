//! What the screens see of a record's life, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::{PersonRef, WardRef};

shapes! {
    /// What keeps a record open. `part`: where on the chart it is mended.
    RecordBlock { what: String, count: i64, text: String, part: String, people: Vec<PersonRef> }
    /// What one person signed of one kind.
    RecordSignatures { title: String, signer: PersonRef, count: i64, first_at: String, last_at: String }
    /// A ground for a term of keeping.
    RecordClass { code: String, name: String }
    /// `sha256`: of the manifest that was sealed then.
    RecordLifeEvent {
        id: String, kind: String, text: String, at: String, by: Option<PersonRef>, reason: Option<String>,
        sha256: Option<String>,
    }
    HoldEnd { at: String, by: PersonRef, reason: String }
    LegalHold {
        id: String, ground: String, ground_text: String, reason: String, placed_by: PersonRef, placed_at: String,
        lifted: Option<HoldEnd>,
    }
    RecordLife {
        encounter_id: String, number: String,
        /// `active`, `closed` or `archived`.
        state: String,
        /// `electronic`, or `mixed`: begun before the hospital decided to do without paper.
        medium: String,
        class: RecordClass, grounds: Vec<RecordClass>, closed_at: Option<String>, archived_at: Option<String>,
        archive_number: Option<String>,
        /// Its last day; none before it is closed, and none when it is kept for ever.
        kept_until: Option<String>, kept_forever: bool,
        blocks: Vec<RecordBlock>, signatures: Vec<RecordSignatures>, events: Vec<RecordLifeEvent>, holds: Vec<LegalHold>,
        may_close: bool, may_keep: bool,
    }
    /// A line of the record room's lists. `disposal`: `forever`, `held`, `too-early`, `due` or `over`. `mustStay`, in the
    /// list `due`: why it may not be listed for destruction yet; null where it may.
    KeptRecord {
        encounter_id: String, number: String, patient_name: String, patient_code: String, ward: WardRef,
        discharged_at: Option<String>, closed_at: Option<String>, archived_at: Option<String>, archive_number: Option<String>,
        class: RecordClass, kept_until: Option<String>, kept_forever: bool, holds: i64, disposal: Option<String>,
        disposal_text: Option<String>, must_stay: Option<String>,
    }
    /// `kind`: `read`, `summary` or `copy`; `sha256`: of what left the house.
    RecordUse { kind: String, kind_text: String, by: PersonRef, at: String, note: String, sha256: Option<String> }
    /// `granted`: with what, until when. `extent`: `summary` or `record`. `onConsent`: on a consent of the patient that must
    /// still stand when something is given out; `patientPaper`: on the patient's own written request.
    RequestDecision {
        granted: bool, by: PersonRef, at: String, words: String, extent: Option<String>, copy: bool, until: Option<String>,
        on_consent: bool, patient_paper: Option<String>,
    }
    RequestEnd { by: PersonRef, at: String, reason: String }
    /// Somebody asks for a record. `state`: `received`, `granted`, `refused`, `withdrawn` or `done`.
    RecordRequest {
        id: String, number: String, encounter_id: String, stay_number: String, patient_name: String, patient_code: String,
        state: String, state_text: String, requester: String, requester_text: String, name: String, organisation: String,
        identity: String, paper: String, ground: String, purpose: String, extent: String, copy: bool,
        received_by: PersonRef, received_at: String, answer_by: String, provide_by: Option<String>,
        /// The answer, or what was promised, is late.
        overdue: bool,
        decision: Option<RequestDecision>, ended: Option<RequestEnd>,
        /// Not in the list.
        uses: Vec<RecordUse>,
        may_decide: bool, may_serve: bool,
        /// Who reads it on the screen, or did last. Not in the list.
        reader: Option<RequestReader>,
        may_give_reader: bool,
    }
    /// An outsider who reads a record on a request. `ended_at`: they read no more.
    RequestReader {
        user: PersonRef, username: String, given_by: PersonRef, given_at: String, ended_at: Option<String>,
        last_read_at: Option<String>,
    }
    /// An outsider's account that is open.
    ReaderAccount { id: String, username: String, name: String }
    /// What an outsider may read now. `extent`: `summary` or `record`.
    ReadingGrant {
        request_id: String, number: String, patient_name: String, stay_number: String, extent: String, purpose: String,
        until: String,
    }
    ReadingSheet { document_id: String, title: String, written_at: String, signed_by: Vec<String> }
    /// By which paper somebody confirms for the hospital. `capacity`: `head` or `delegate`.
    ConfirmingAuthority {
        id: String, capacity: String, capacity_text: String, decision: String, from: String, until: Option<String>, holds: bool,
    }
    /// `record`: the state of the record. `overdue`: its oldest signature has waited longer than it should.
    WaitingConfirmation {
        encounter_id: String, number: String, patient_name: String, patient_code: String, ward: WardRef, record: String,
        signatures: i64, oldest_at: String, overdue: bool,
    }
    /// `ownCertificate`: the caller's certificate is the hospital's own, of no public authority.
    ConfirmationQueue {
        waiting: Vec<WaitingConfirmation>, late_after_hours: i64, may_confirm: bool, authority: Option<ConfirmingAuthority>,
        own_certificate: bool,
    }
    /// `stands`: one of this kind is in force.
    HouseDecisionKind { kind: String, text: String, stands: bool }
    HouseDecisionEnd { by: PersonRef, at: String, reason: String }
    /// What the hospital decided about its electronic record. `kind`: `paperless`, `signing-rules` or `record-rules`.
    HouseDecision {
        id: String, kind: String, kind_text: String, decision: String, from: String, stands: bool, entered_by: PersonRef,
        entered_at: String, withdrawn: Option<HouseDecisionEnd>,
    }
    HouseDecisions { kinds: Vec<HouseDecisionKind>, decisions: Vec<HouseDecision>, may_enter: bool }
    DepartmentRef { id: String, code: String, name: String }
    /// By which a department's seal is put. `keyHolder`: software, pkcs11, remote, terminal.
    DepartmentCertificate {
        subject: String, issuer: String, serial: String, not_after: String, revoked_at: Option<String>, key_holder: String,
        key_reference: Option<String>,
    }
    /// Who may put it, or might.
    SealKeeper { user: PersonRef, given_by: PersonRef, given_at: String, ended: Option<HouseDecisionEnd> }
    /// `candidates`: who may be named, for whom that is to say.
    DepartmentSeal {
        department: DepartmentRef, certificate: Option<DepartmentCertificate>, keepers: Vec<SealKeeper>,
        candidates: Vec<PersonRef>,
    }
    DepartmentSeals { departments: Vec<DepartmentSeal>, may_name: bool, may_issue: bool }
    /// What waits for the head of the hospital: records with something to confirm, and requests to decide on.
    HeadsWork { confirmations: i64, requests: i64 }
    ConfirmedRecord { encounter_id: String, document_id: String, version: i64, signatures: i64 }
    UnconfirmedRecord { encounter_id: String, code: String, detail: String }
    Confirmed { confirmed: Vec<ConfirmedRecord>, failed: Vec<UnconfirmedRecord> }
    DestructionStep { by: PersonRef, at: String }
    /// `state`: `listed`, `kept` (`note` says why), `destroying` (`note` says what it waits for) or `destroyed`.
    DestructionItem {
        encounter_id: String, number: String, archive_number: Option<String>, patient_name: String, patient_code: String,
        class_name: String, kept_until: Option<String>, state: String, note: String, settled_at: Option<String>,
    }
    /// Records to be destroyed. `state`: `proposed`, `approved`, `begun`, `done` or `cancelled`.
    DestructionList {
        id: String, number: String, state: String, state_text: String, decision: String, reason: String,
        proposed: DestructionStep, approved: Option<DestructionStep>, cancelled: Option<DestructionStep>,
        cancel_reason: Option<String>, begun: Option<DestructionStep>, done_at: Option<String>,
        may_approve: bool, may_cancel: bool, may_begin: bool,
        /// As they were sealed, once it is done.
        #[schema(value_type = Option<Object>)]
        minutes: Option<serde_json::Value>,
        minutes_sha256: Option<String>,
        /// How many records are on it.
        size: i64,
        /// Not in the list of lists.
        records: Vec<DestructionItem>,
    }
}
