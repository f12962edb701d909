//! What the screen sees of gateways and bridges that hold something for a person, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::PersonRef;

shapes! {
    Attention { now: String, edges: Vec<AttentionEdge>, items: Vec<AttentionEntry> }
    /// A gateway or a bridge. `total` counts also what is beyond the list; `silent`: it should have reported long ago.
    AttentionEdge { edge: String, kind: String, name: String, reported_at: String, silent: bool, total: i64, listed: i64 }
    /// `kind` is a slug that the screen has words for; `reason` is for whoever repairs it.
    AttentionEntry {
        edge: String, key: String, kind: String, at: String, since: String, times: i64, sender: String, address: String,
        about: String, reason: String, again: bool, doing: Option<AttentionDoing>,
    }
    /// What somebody chose and its program has not reported as done. It may be taken back until `undo_until`.
    AttentionDoing { choice: String, by: PersonRef, at: String, undo_until: Option<String> }
    AttentionCount { open: i64 }
}
