//! What the screens see of a token in the terminal, and of the agent that signs with it there.

use crate::shapes::shapes;

shapes! {
    /// Where the browser finds the agent on its own computer, and the code that tells this server's key from others.
    SignAgent { address: String, code: String }
    /// What an agent believes once it is paired: an Ed25519 key in hexadecimal, its code, and whose it is.
    SignAuthority { key: String, code: String, facility: String }
    /// For the agent, as it stands: a statement and the server's seal over it.
    SealedStatement { statement: String, seal: String }
}
