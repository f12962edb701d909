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
#[serde(rename_all = "kebab-case")]
struct Suite {
    package_name: String,
    testcases: BTreeMap<String, Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    ignored: bool,
}

/// Packages, each with the words of the paths of its tests that run: modules and functions.
#[derive(Debug)]
pub struct Running(BTreeSet<(String, String)>);

pub fn read(list: impl Read) -> anyhow::Result<Running> {
    let list: List = serde_json::from_reader(list)?;
    let mut running = BTreeSet::new();
    for suite in list.rust_suites.into_values() {
        for (name, _) in suite.testcases.iter().filter(|(_, case)| !case.ignored) {
            running.extend(name.split("::").map(|word| (suite.package_name.clone(), word.to_owned())));
        }
    }
    Ok(Running(running))
}

impl Running {
    /// Proofs whose test does not run.
    pub fn complaints(&self, proofs: &[Proof]) -> Vec<String> {
        let runs = |proof: &Proof, package: &str| self.0.contains(&(package.to_owned(), proof.test.clone()));
        let idle = proofs.iter().filter(|proof| proof.package.as_ref().is_some_and(|package| !runs(proof, package)));
        idle.map(|proof| format!("{}: {} does not run, so it proves nothing", proof.file, proof.test)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_is_ignored_or_gone_proves_nothing() {
        let list = r#"{"rust-suites": {"benhan::it": {"package-name": "benhan", "testcases": {
            "roles::opens::on_sqlite": {"ignored": false}, "roles::later": {"ignored": true}}}}}"#;
        let running = read(list.as_bytes()).unwrap();
        let proof = |package: Option<&str>, test: &str| Proof {
            file: "a".to_owned(),
            package: package.map(str::to_owned),
            test: test.to_owned(),
            clauses: Vec::new(),
        };
        let ours = Some("benhan");
        assert!(running.complaints(&[proof(ours, "opens"), proof(None, "of the web app")]).is_empty());
        let idle = [proof(ours, "later"), proof(ours, "gone"), proof(Some("benhan-store"), "opens")];
        assert_eq!(running.complaints(&idle).len(), 3, "nor does one of that name in another package");
    }
}
