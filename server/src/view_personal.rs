//! What the screens see of consents and of what people ask for as whose data it is, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::PersonRef;
use benhan_domain::patient_signature::Representative;

shapes! {
    /// One answer for one purpose. `answer`: `agreed`, `refused`, `withdrawn` or `deferred`. `givenBy`: `patient`,
    /// `representative`, `both` or `nobody`. `channel`: `desk` or `paper`.
    ConsentAnswer {
        id: String, purpose: String, title: String, version: u32, answer: String, answer_text: String, given_by: String,
        #[schema(value_type = Option<Object>)] representative: Option<Representative>, channel: String,
        /// Where the paper is kept.
        paper_place: String, note: String, answered_at: String, taken_by: PersonRef, sha256: String, sealed: bool,
    }
    /// `answer`: of the newest answer; none: nobody was asked. `askAgain`: `turned-seven`, `turned-eighteen`, `new-text` or
    /// `after-emergency`. `stands`: data may be used for it; what rests on law always stands.
    ConsentPurpose {
        code: String, title: String, text: String, version: u32, text_sha256: String, needs_consent: bool,
        sensitive: bool, reference: String, data: String, recipients: String, answer: Option<String>, answer_text: String,
        ask_again: Option<String>, ask_again_text: Option<String>, stands: bool, last: Option<ConsentAnswer>,
    }
    /// `answers`: who answers at this age: `representative`, `both`, `patient`, or `either` without a birth date.
    ConsentSheet {
        patient_id: String, patient_name: String, patient_code: String, birth_date: Option<String>, answers: String,
        purposes: Vec<ConsentPurpose>, history: Vec<ConsentAnswer>, may_ask: bool,
    }
    SubjectStep { by: PersonRef, at: String, words: String }
    /// What somebody asks for as whose data it is. `kind`: `view`, `correct`, `provide`, `withdraw-consent`, `limit`,
    /// `object`, `delete` or `protect`. `state`: `received`, `accepted`, `refused`, `done` or `taken-back`.
    SubjectRequest {
        id: String, number: String, patient_id: String, patient_name: String, patient_code: String, kind: String,
        kind_text: String, state: String, state_text: String, details: String, purpose: Option<String>,
        stay_number: Option<String>, asked_by: String, identity: String, paper: String, received_by: PersonRef,
        received_at: String, answer_by: String, act_by: String,
        /// Which of the two runs now; none at its end.
        due_at: Option<String>, overdue: bool, soon: bool, extended: Option<SubjectStep>, decided: Option<SubjectStep>,
        ended: Option<SubjectStep>, record_request: Option<String>,
        /// Of law, where the record must still be kept: why it is not deleted, to be said to who asked.
        must_keep: Option<String>,
        may_answer: bool, may_extend: bool, may_finish: bool, may_take_back: bool,
    }
    /// Under way: how many, and how many of them are late or due soon.
    SubjectCount { open: i64, urgent: i64 }
}
