//! What runs: nextest's own list of the Rust tests. The web app's runners take every file of theirs.

use crate::proof::Proof;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct List {
    rust_suites: BTreeMap<String, Suite>,
}

#[derive(Debug, Deserialize)]
struct Suite {
    testcases: BTreeMap<String, Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    ignored: bool,
}

/// Words of the paths of every test that runs: modules and functions.
#[derive(Debug)]
pub struct Running(BTreeSet<String>);

pub fn read(list: impl Read) -> anyhow::Result<Running> {
    let list: List = serde_json::from_reader(list)?;
    let cases = list.rust_suites.into_values().flat_map(|suite| suite.testcases);
    let running = cases.filter(|(_, case)| !case.ignored);
    Ok(Running(running.flat_map(|(name, _)| name.split("::").map(str::to_owned).collect::<Vec<_>>()).collect()))
}

impl Running {
    /// Proofs whose test does not run.
    pub fn complaints(&self, proofs: &[Proof]) -> Vec<String> {
        let idle = proofs.iter().filter(|proof| proof.file.ends_with(".rs") && !self.0.contains(&proof.test));
        idle.map(|proof| format!("{}: {} does not run, so it proves nothing", proof.file, proof.test)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_ignored_or_gone_proves_nothing() {
        let list = r#"{"rust-suites": {"benhan::it": {"testcases": {
            "roles::opens::on_sqlite": {"ignored": false}, "roles::later": {"ignored": true}}}}}"#;
        let running = read(list.as_bytes()).unwrap();
        let proof = |test: &str| Proof { file: "a.rs".to_owned(), test: test.to_owned(), clauses: Vec::new() };
        assert!(running.complaints(&[proof("opens")]).is_empty());
        assert_eq!(running.complaints(&[proof("later"), proof("gone")]).len(), 2);
    }
}
