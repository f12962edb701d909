//! What the audit trail calls an act. The words are stable: they are hashed, exported and read years later.

use serde::{Deserialize, Serialize};

/// Verbs of the trail; "who did VERB to WHAT".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    View,
    Create,
    Edit,
    Cancel,
    Restore,
    Print,
    Export,
    Sign,
    Share,
    Login,
    LoginFailed,
    /// Turned away although who they are is known: outside their hours.
    Denied,
    /// A wrong PIN of somebody who is logged in; the detail says whether it shut the PIN.
    PinFailed,
    Logout,
    Lock,
    Unlock,
    /// A device's message was put on a chart, by rule or by a person.
    Match,
    Dismiss,
    /// What a device or modality sent, and the server had not taken, is sent to it again.
    SendAgain,
    /// A record whose term is over: that it began, and that nothing is left.
    Destroy,
    Start,
    Stop,
}
