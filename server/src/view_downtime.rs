//! What the screens see of downtime kits. Nothing here tells of a patient.

use crate::shapes::shapes;
use crate::view::{PersonRef, WardRef};

shapes! {
    /// `reason` is for whoever repairs it, in English.
    KitTrouble { since: String, reason: String }
    /// One folder's copy of a ward's kit. `made_at`: of the kit that lies there.
    KitCopy { folder: String, made_at: Option<String>, trouble: Option<KitTrouble> }
    /// Which password locks a ward's kits, never what it is. `own`: the ward's, not the one of the house.
    KitLock { own: bool, set_at: String, set_by: PersonRef }
    /// A ward's kit. `behind`: newer ones should have come. `copies` and `trouble` are for the administrator.
    WardKit {
        ward: WardRef, made_at: Option<String>, bytes: i64, trusted_until: Option<String>, behind: bool, lock: Option<KitLock>,
        trouble: Option<KitTrouble>, copies: Vec<KitCopy>,
        /// The caller may take it.
        takes: bool,
    }
    /// A computer that fetches one ward's kit.
    KitComputer {
        id: String, ward: WardRef, label: String, issued_at: String, issued_by: PersonRef, revoked_at: Option<String>,
        revoked_by: Option<PersonRef>, fetched_at: Option<String>, fetched_kit_at: Option<String>,
    }
    /// `manages`: the caller sets passwords and gives computers their tokens; only they see `computers`.
    Downtime {
        now: String, every_minutes: i64, manages: bool, house_lock: Option<KitLock>, wards: Vec<WardKit>,
        computers: Vec<KitComputer>,
    }
    /// The token is shown this once.
    KitTokenIssued { computer: KitComputer, token: String, file: String }
}
