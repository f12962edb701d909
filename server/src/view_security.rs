//! What the screens see of attacks and breaches that the law wants reported, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::PersonRef;
use benhan_domain::security_incident::{Concerns, Duty, Severity};

shapes! {
    /// A report that is owed: `first-notice`, `incident-report` or `breach-notice`. `late`: sent after it was due, or due
    /// and not sent.
    SecurityDuty {
        #[schema(value_type = String)] duty: Duty, due_at: String, sent_at: Option<String>, late: bool,
    }
    SecurityReport {
        #[schema(value_type = String)] duty: Duty, recipient: String, reference: String, sent_at: String,
        noted_by: PersonRef, noted_at: String,
    }
    SecurityClosing { at: String, by: PersonRef, words: String }
    /// As it is known now; earlier versions stay in the record. Without `affected`: not known yet.
    SecurityIncident {
        id: String, version: i64, #[schema(value_type = String)] concerns: Concerns,
        #[schema(value_type = String)] severity: Severity, discovered_at: String, what: String, affected: Option<i64>,
        categories: String, measures: String, entered_by: PersonRef, entered_at: String, written_by: PersonRef,
        written_at: String, duties: Vec<SecurityDuty>, reports: Vec<SecurityReport>, closed: Option<SecurityClosing>,
    }
    /// A report of an open incident that nobody has sent.
    SecurityWaiting { incident: String, what: String, duty: SecurityDuty }
}
