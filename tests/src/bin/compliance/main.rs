//! The compliance matrix: every clause of the law, where it is met, and the test that proves it.
//!
//! `docs/compliance/*.toml` has a row a clause; a test carries the clauses that it proves in a comment above it
//! (`// Clauses: C46-8.2, SEC-1`). This program joins the two, refuses what does not fit (a row that names no running
//! test, a test that names no row), and writes `docs/compliance.md` for people and
//! `docs/compliance/matrix.json` for the dossier.
//!
//! Usage: `cargo nextest list --workspace --message-format json | compliance [--check]`; `make compliance` does it.
#![expect(clippy::print_stdout, reason = "it tells the person who typed `make compliance`")]

mod clause;
mod known;
mod page;
mod proof;
mod running;

use anyhow::{Context, bail, ensure};
use std::path::Path;

const PAGE: &str = "docs/compliance.md";
const MATRIX: &str = "docs/compliance/matrix.json";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => false,
        ["--check"] => true,
        _ => bail!("usage: cargo nextest list --workspace --message-format json | compliance [--check]"),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("tests/ lies in the repository")?;
    let texts = clause::read_all(&root.join("docs/compliance"))?;
    let proofs = proof::find(root)?;
    let running = running::read(std::io::stdin().lock()).context("the list of tests, on stdin")?;

    let mut complaints = clause::complaints(root, &texts, &proofs);
    complaints.extend(running.complaints(&proofs));
    complaints.extend(known::complaints(root, &texts)?);
    ensure!(complaints.is_empty(), "the compliance matrix does not hold:\n  {}", complaints.join("\n  "));

    for (name, text) in [(PAGE, page::write(&texts, &proofs)), (MATRIX, page::matrix(&texts, &proofs)?)] {
        let file = root.join(name);
        if check {
            let written = std::fs::read_to_string(&file).unwrap_or_default();
            ensure!(written == text, "{name} is not what the rows and the tests say: run make compliance, look at it");
        } else {
            std::fs::write(&file, text).with_context(|| file.display().to_string())?;
        }
    }
    let rows: usize = texts.iter().map(|text| text.clauses.len()).sum();
    println!(
        "compliance: {rows} clauses, {} proofs in {} tests",
        proofs.iter().map(|p| p.clauses.len()).sum::<usize>(),
        proofs.len()
    );
    Ok(())
}
