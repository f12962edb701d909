//! The clauses that the law has, by the team's own reading of it, where that lies beside the checkout.

use crate::clause::Text;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Sections whose rows are clauses to be met.
const SECTIONS: [&str; 6] = ["## 1.", "## 2.", "### 4.1", "### 4.2", "### 5.2", "## 6."];

/// Clauses without a row. The reading is not part of the project: `BENHAN_SHARED`, or `../shared`.
pub fn complaints(root: &Path, texts: &[Text]) -> anyhow::Result<Vec<String>> {
    let shared = std::env::var_os("BENHAN_SHARED").map(PathBuf::from);
    let beside = Some(root.join("../shared"));
    let found =
        [shared, beside].into_iter().flatten().map(|dir| dir.join("domain/regulation.md")).find(|f| f.is_file());
    let Some(file) = found else {
        println!("compliance: whether a clause was forgotten is not checked (set BENHAN_SHARED, or put shared beside)");
        return Ok(Vec::new());
    };
    let rows: BTreeSet<&str> = texts.iter().flat_map(|text| &text.clauses).map(|clause| clause.id.as_str()).collect();
    let reading = std::fs::read_to_string(file)?;
    let known = clauses(&reading);
    anyhow::ensure!(known.len() > 100, "only {} clauses found in the reading: has its form changed?", known.len());
    Ok(known.into_iter().filter(|id| !rows.contains(id)).map(|id| format!("{id} has no row")).collect())
}

/// The first cells of the tables in [`SECTIONS`].
fn clauses(reading: &str) -> BTreeSet<&str> {
    let mut wanted = false;
    let mut ids = BTreeSet::new();
    for line in reading.lines() {
        if line.starts_with("## ") {
            wanted = SECTIONS.iter().any(|section| line.starts_with(section));
        } else if line.starts_with("### ") && SECTIONS.iter().any(|s| s.starts_with("### ") && in_chapter(line, s)) {
            wanted = SECTIONS.iter().any(|section| line.starts_with(section));
        }
        let cell = line.strip_prefix("| ").and_then(|rest| rest.split(" |").next());
        ids.extend(cell.filter(|id| wanted && is_id(id)));
    }
    ids
}

/// A section of the same chapter as one of which only some sections count.
fn in_chapter(line: &str, section: &str) -> bool {
    let chapter = |text: &str| text.trim_start_matches('#').trim().split('.').next().map(str::to_owned);
    chapter(line) == chapter(section)
}

fn is_id(cell: &str) -> bool {
    const KINDS: [&str; 10] = ["C46-", "C13-", "CV-", "KCB-", "T32-", "TT25/", "RET-", "SIG-", "PDP-", "SEC-"];
    KINDS.iter().any(|kind| cell.starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_the_first_cells_of_the_sections_that_count() {
        let reading = "## 1. Law\n### 1.1 a\n| ID | x |\n|---|---|\n| C46-1 | SIG-9 |\n## 4. Forms\n| KCB-0 | no |\n\
                       ### 4.1 b\n| KCB-2.17 | x |\n### 4.3 c\n| RET-1 | no |\n## 5. Signatures\n### 5.1 d\n| SIG-1 | no |\n\
                       ### 5.2 e\n| SIG-7 | x |\n## 7. f\n| SEC-1 | no |\n";
        assert_eq!(clauses(reading), BTreeSet::from(["C46-1", "KCB-2.17", "SIG-7"]));
    }
}
