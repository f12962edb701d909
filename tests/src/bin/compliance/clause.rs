//! The rows: one a clause, in files by text of law.

use crate::proof::Proof;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How far a clause is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Met,
    Part,
    Unmet,
    /// A duty of somebody else, or history.
    NotOurs,
    /// Nobody here has read the clause itself.
    Unread,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Met, Self::Part, Self::Unmet, Self::NotOurs, Self::Unread];

    pub fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Part => "in part",
            Self::Unmet => "not yet",
            Self::NotOurs => "not ours",
            Self::Unread => "text unread",
        }
    }

    /// Only what is met at all can be proven.
    fn is_proven(self) -> bool {
        matches!(self, Self::Met | Self::Part)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    pub id: String,
    /// In Vietnamese: the dossier that a hospital files is made of it.
    pub demand: String,
    pub state: State,
    #[serde(rename = "where")]
    pub places: Vec<String>,
    #[serde(default)]
    pub reason: String,
}

/// One text of law, or the part of one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub title: String,
    /// Its place on the page.
    pub order: u8,
    #[serde(rename = "clause")]
    pub clauses: Vec<Clause>,
}

/// Every text, in order.
pub fn read_all(folder: &Path) -> anyhow::Result<Vec<Text>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let written = fs::read_to_string(&path)?;
            texts.push(toml::from_str::<Text>(&written).with_context(|| path.display().to_string())?);
        }
    }
    texts.sort_by_key(|text| text.order);
    Ok(texts)
}

/// What is wrong with the rows, and with the proofs that they need.
pub fn complaints(root: &Path, texts: &[Text], proofs: &[Proof]) -> Vec<String> {
    let mut complaints = Vec::new();
    let proven: BTreeSet<&str> = proofs.iter().flat_map(|proof| &proof.clauses).map(String::as_str).collect();
    let mut ids = BTreeSet::new();
    for clause in texts.iter().flat_map(|text| &text.clauses) {
        let id = &clause.id;
        if !ids.insert(id.as_str()) {
            complaints.push(format!("{id} has two rows"));
        }
        if clause.demand.trim().is_empty() {
            complaints.push(format!("{id}: say what it demands"));
        }
        if clause.state != State::Met && clause.reason.trim().is_empty() {
            complaints.push(format!("{id}: {} without a reason", clause.state.words()));
        }
        match (clause.state.is_proven(), proven.contains(id.as_str())) {
            (true, false) => {
                complaints.push(format!("{id}: no test carries it, so it is not {}", clause.state.words()))
            }
            (false, true) => complaints.push(format!("{id}: a test proves it, so it is not {}", clause.state.words())),
            _ => {}
        }
        if clause.state.is_proven() && clause.places.is_empty() {
            complaints.push(format!("{id}: say where it is met"));
        }
        let gone = clause.places.iter().filter(|place| !root.join(place).exists());
        complaints.extend(gone.map(|place| format!("{id}: there is no {place}")));
    }
    let unknown = proven.difference(&ids);
    complaints.extend(unknown.map(|id| format!("{id}: a test carries it, and no row in docs/compliance has it")));
    complaints
}
