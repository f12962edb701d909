//! The shape of the source tree, held by tests: who may depend on whom, and what each crate must not know.
//!
//! ARCHITECTURE.md gives the reasons. A failing test here says what to do; a rule that no longer fits is changed
//! in the table and in ARCHITECTURE.md together, never worked around.

mod crates;
mod layout;
mod manifest;
mod names;
mod source;
mod tokens;

use std::path::{Path, PathBuf};

/// The repository's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_path_buf()
}

/// Fails with every complaint at once, one a line.
fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}
