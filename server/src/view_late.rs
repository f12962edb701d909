//! What the screens see of IT incidents and of entries that came late, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::{PersonRef, WardRef};

shapes! {
    /// Stands beside an entry. `late`: after the limit that holds as far as is known now.
    LateMark { minutes: i64, limit_hours: i64, late: bool }

    /// A scan of the paper that an entry was written from afterwards. `kind`: `vitals` or `note`.
    EntryScan {
        id: String, kind: String, entry_id: String, attached_by: PersonRef, attached_at: String, media_type: String, size: i64,
    }

    Annulled { at: String, by: PersonRef, reason: String }
    /// A time in which the record could not be written. Without a ward: in the whole hospital.
    Incident {
        id: String, ward: Option<WardRef>, started_at: String, ended_at: Option<String>, system: String, reason: String,
        declared_by: PersonRef, declared_at: String, ended_by: Option<PersonRef>, annulled: Option<Annulled>,
    }
    /// `covered`: entries written before that have 24 hours by it now.
    IncidentDeclared { incident: Incident, covered: i64 }

    LateCause { id: String, system: String, started_at: String, ended_at: Option<String> }
    /// A line of the report: an entry that came more than 12 hours after the act.
    LateEntry {
        id: String,
        /// `vitals`, `note` or `form`.
        kind: String,
        encounter_id: String, patient_name: String, patient_code: String, ward: String, by: PersonRef,
        happened_at: String, recorded_at: String, minutes: i64, limit_hours: i64, late: bool,
        /// It was late when it was recorded, by what was known then.
        late_then: bool,
        /// What gives it 24 hours.
        incident: Option<LateCause>,
    }
}
