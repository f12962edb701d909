//! What the screens see of filled forms, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::{PersonRef, SignatureRef};
use crate::view_late::LateMark;
use benhan_domain::form::{FormDefinition, FormKind, Needed, Signatory};

shapes! {
    /// A form that can be opened, or one of the act's numbers whose definition is still to come.
    FormRef {
        code: String, number: String, title: String, #[schema(value_type = String)] kind: FormKind, version: u32,
        legal_act: String, ready: bool, once: bool, leaves: bool,
        /// The caller's role fills it.
        may_fill: bool,
    }
    SlotView {
        name: String, label: String, #[schema(value_type = String)] who: Signatory, #[schema(value_type = String)] needed: Needed,
        signature: Option<SignatureRef>,
        /// The caller may sign here now.
        may_sign: bool,
        /// Of the patient or a representative, in their slot.
        patient: Option<PatientSigned>,
        /// The patient may sign here now, before the caller.
        may_witness: bool,
        /// Whose seal the caller may put here, where it is a department's place.
        seals: Vec<SealOffer>,
    }
    /// A department's seal that the caller may put. `keyHolder`: whose PIN opens it: software (one's own), pkcs11, remote,
    /// terminal.
    SealOffer { id: String, code: String, name: String, key_holder: String }
    /// That the patient signed, or who stands for them, and before whom.
    PatientSigned {
        id: String, name: String,
        /// In words, empty for the patient in person.
        stands_as: String,
        method: String, signed_at: String, witness: SignatureRef,
        /// Of the paper, with where it is kept; where it was signed with ink.
        scan_url: Option<String>, kept_at: Option<String>,
    }
    /// A sheet as the list of a record shows it.
    FormEntry {
        id: String, encounter_id: String, form_code: String, form_version: i64, number: String, title: String,
        #[schema(value_type = String)] kind: FormKind, leaves: bool, version: i64, versions: i64,
        /// `draft`, `partly-signed`, `signed` or `withdrawn`.
        state: String,
        effective_at: String, recorded_at: String, author: PersonRef, mine: bool, slots: Vec<SlotView>, reason: Option<String>,
        pdf_url: Option<String>, late: Option<LateMark>,
    }
    /// What somebody must still write, and where.
    FaultView { place: String, sentence: String }
    /// An abbreviation that was written out.
    Expansion { short: String, long: String }
    FilledForm {
        entry: FormEntry,
        /// The definition with which it was opened, as in `server/forms`.
        #[schema(value_type = Object)] definition: FormDefinition,
        #[schema(value_type = Object)] values: benhan_domain::form::values::Values,
        missing: Vec<FaultView>, missing_at_close: Vec<FaultView>, expanded: Vec<Expansion>, may_edit: bool,
        /// The house can send a code to a patient's phone.
        phone_codes: bool,
    }
    /// A code that was sent to a phone of which the end is shown.
    CodeSent { id: String, phone: String, sent_at: String, until: String }
    /// A place that waits for the caller's signature, with whose sheet it is.
    FormToSign { entry: FormEntry, slot: String, slot_label: String, patient_name: String, patient_code: String, ward: String, bed: Option<String> }
    SignedForm { id: String, version: i64, state: String }
    FailedForm { id: String, code: String, detail: String }
    FormsSigned { signed: Vec<SignedForm>, failed: Vec<FailedForm> }
    FormVersion {
        version: i64, status: String, effective_at: String, recorded_at: String, author: PersonRef, reason: Option<String>,
        signatures: Vec<SignatureRef>, pdf_url: Option<String>,
    }
}

impl FormRef {
    /// Listed by number and title, so that nobody looks for it in vain.
    pub fn to_come(listed: &benhan_render::Listed) -> Self {
        Self {
            code: String::new(),
            number: listed.number.clone(),
            title: listed.title.clone(),
            kind: if listed.annex == "XXVIII" { FormKind::Record } else { FormKind::Sheet },
            version: 0,
            legal_act: format!("Thông tư 32/2023/TT-BYT, Phụ lục {}", listed.annex),
            ready: false,
            once: false,
            leaves: false,
            may_fill: false,
        }
    }

    pub fn of(form: &FormDefinition, may_fill: bool) -> Self {
        Self {
            code: form.code.clone(),
            number: form.number.clone(),
            title: form.title.clone(),
            kind: form.kind,
            version: form.version,
            legal_act: form.legal_act.clone(),
            ready: true,
            once: form.once,
            leaves: form.leaves,
            may_fill,
        }
    }
}
