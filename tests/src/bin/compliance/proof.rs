//! The other side: tests that say which clauses they prove.

use anyhow::{Context, bail};
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

const MARK: &str = "// Clauses: ";
const FOLDERS: [&str; 6] = ["server", "device-gateway", "pacs-bridge", "tests", "frontend/e2e", "frontend/src"];
const SOURCES: [&str; 5] = [".rs", ".spec.mjs", ".test.ts", ".test.tsx", ".test.mjs"];

/// A test, and what it proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// From the repository's root.
    pub file: String,
    /// Of a Rust test: the package that runs it.
    pub package: Option<String>,
    /// Of the function, or what `test("…")` says.
    pub test: String,
    pub clauses: Vec<String>,
}

/// Every mark in the tree, by file and line.
pub fn find(root: &Path) -> anyhow::Result<Vec<Proof>> {
    let mut proofs = Vec::new();
    for folder in FOLDERS {
        for entry in WalkDir::new(root.join(folder)).sort_by_file_name() {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy();
            if !SOURCES.iter().any(|ending| name.ends_with(ending)) || is_this_program(entry.path()) {
                continue;
            }
            let file = entry.path().strip_prefix(root)?.to_string_lossy().into_owned();
            let source = fs::read_to_string(entry.path()).with_context(|| file.clone())?;
            let marked = read(&file, &source)?;
            if marked.is_empty() {
                continue;
            }
            let package = if name.ends_with(".rs") { Some(package_of(entry.path())?) } else { None };
            proofs.extend(marked.into_iter().map(|proof| Proof { package: package.clone(), ..proof }));
        }
    }
    Ok(proofs)
}

fn is_this_program(path: &Path) -> bool {
    path.ancestors().any(|folder| folder.ends_with("src/bin/compliance"))
}

/// The name in the manifest that is nearest above.
fn package_of(source: &Path) -> anyhow::Result<String> {
    let manifest = source.ancestors().map(|folder| folder.join("Cargo.toml")).find(|file| file.is_file());
    let manifest = manifest.with_context(|| format!("no package holds {}", source.display()))?;
    let table: toml::Table = toml::from_str(&fs::read_to_string(&manifest)?)?;
    let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    name.map(str::to_owned).with_context(|| format!("{} names no package", manifest.display()))
}

fn read(file: &str, source: &str) -> anyhow::Result<Vec<Proof>> {
    let mut proofs = Vec::new();
    let mut lines = source.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(ids) = line.strip_prefix(MARK) else { continue };
        let clauses: Vec<String> = ids.split(", ").map(|id| id.trim().to_owned()).collect();
        // Attributes and doc comments may stand between; anything else is no test.
        let test = lines.by_ref().find(|next| !(next.starts_with("#[") || next.starts_with("//")));
        match test.and_then(name_of) {
            Some(test) => proofs.push(Proof { file: file.to_owned(), package: None, test: test.to_owned(), clauses }),
            None => bail!("{file}: `{MARK}{ids}` stands above no test"),
        }
    }
    Ok(proofs)
}

/// `async fn name(…)`, `test("name", …)`, `it(`name`, …)`.
fn name_of(line: &str) -> Option<&str> {
    if let Some((_, rest)) = line.split_once("fn ") {
        return rest.split_once('(').map(|(name, _)| name);
    }
    let quoted = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '`' | '\''))?;
    quoted.split(quote).nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_belongs_to_the_test_below_it() {
        let rust = "// Clauses: C46-1, C13-1.1\n#[tokio::test]\nasync fn a_record_opens() {\n";
        let story = "    // Clauses: SEC-2\n    async fn on_each(hospital: TestHospital) {\n";
        let script = "// Clauses: CV-IV\ntest(`it exports (${theme})`, async () => {\n";
        let found = |source| read("a", source).map(|proofs| (proofs[0].test.clone(), proofs[0].clauses.len())).ok();
        assert_eq!(found(rust), Some(("a_record_opens".to_owned(), 2)));
        assert_eq!(found(story), Some(("on_each".to_owned(), 1)));
        assert_eq!(found(script), Some(("it exports (${theme})".to_owned(), 1)));
        assert_eq!(found("// Clauses: SEC-2\nlet nothing = 1;\n"), None);
    }
}
