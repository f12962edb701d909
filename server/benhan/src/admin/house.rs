//! `benhan house add`: departments, wards and beds from a small TOML file. What is there already stays as it is.

use crate::cli::Place;
use crate::config;
use crate::data_dir::DataDir;
use anyhow::{Context, ensure};
use benhan_domain::audit::Act;
use benhan_domain::id::FacilityId;
use benhan_store::{StoreError, Tx, audit, places};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

#[derive(clap::Subcommand)]
pub enum What {
    /// Add the departments, wards and beds of a file that are not there yet
    #[command(after_help = "Example: benhan house add wards.toml --data-dir /var/lib/benhan\n\n\
        wards.toml:\n\
        [[department]]\n\
        code = \"NOI\"\n\
        name = \"Khoa Nội tổng hợp\"\n\
        [[department.ward]]\n\
        code = \"NOI\"\n\
        name = \"Khoa Nội tổng hợp\"\n\
        rooms = { 301 = [\"G01\", \"G02\"], 302 = [\"G03\"] }")]
    Add {
        file: PathBuf,
        #[command(flatten)]
        place: Place,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct House {
    #[serde(rename = "department")]
    pub departments: Vec<Department>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub code: String,
    pub name: String,
    #[serde(rename = "ward", default)]
    pub wards: Vec<Ward>,
}

/// Beds stand in walking order, room by room.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ward {
    pub code: String,
    pub name: String,
    pub rooms: toml::Table,
}

/// What was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    pub departments: usize,
    pub wards: usize,
    pub beds: usize,
}

impl Added {
    pub fn json(self) -> Value {
        json!({ "departments": self.departments, "wards": self.wards, "beds": self.beds })
    }
}

pub fn run(what: What) -> anyhow::Result<()> {
    let What::Add { file, place, json } = what;
    let house = House::read(&file)?;
    let config = config::read(&place)?;
    let url = config::existing_database(&place, &config)?;
    let dir = DataDir::open(&place.data_dir)?;
    let added = super::wait(async move {
        let db = super::open(&dir, url)?;
        let facility = db.read::<_, StoreError, _>(places::facility).await?;
        let facility = facility.context("this record holds no hospital yet: `benhan init` makes one")?.id;
        let added = db.write(move |tx| house.furnish(tx, facility)).await?;
        db.close();
        Ok(added)
    })?;
    let text = format!("added {} departments, {} wards, {} beds", added.departments, added.wards, added.beds);
    super::answer(json, &added.json(), &text);
    Ok(())
}

impl House {
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let house: Self = toml::from_str(&text).with_context(|| file.display().to_string())?;
        house.check().with_context(|| file.display().to_string())?;
        Ok(house)
    }

    /// `NOI=Khoa Nội tổng hợp:20`: a ward that is its own department, beds G01 to G20.
    pub fn of_flags(wards: &[String]) -> anyhow::Result<Self> {
        let read = |text: &String| -> anyhow::Result<Department> {
            let (code, rest) = text.split_once('=').context("expected CODE=NAME:BEDS")?;
            let (name, beds) = rest.rsplit_once(':').context("expected CODE=NAME:BEDS")?;
            let beds: u32 = beds.parse().context("BEDS is no number")?;
            ensure!((1..=200).contains(&beds), "a ward has 1 to 200 beds");
            let labels = (1..=beds).map(|n| toml::Value::from(format!("G{n:02}"))).collect::<Vec<_>>();
            let rooms = toml::Table::from_iter([(String::new(), toml::Value::Array(labels))]);
            let (code, name) = (code.trim().to_owned(), name.trim().to_owned());
            Ok(Department { code: code.clone(), name: name.clone(), wards: vec![Ward { code, name, rooms }] })
        };
        let departments = wards.iter().map(|w| read(w).with_context(|| format!("--ward {w}")));
        let house = Self { departments: departments.collect::<anyhow::Result<_>>()? };
        house.check()?;
        Ok(house)
    }

    /// Before anything is written: codes that devices can name, nothing twice.
    fn check(&self) -> anyhow::Result<()> {
        let (mut departments, mut wards) = (HashSet::new(), HashSet::new());
        for department in &self.departments {
            code(&department.code)?;
            ensure!(!department.name.trim().is_empty(), "department {} has no name", department.code);
            ensure!(departments.insert(&department.code), "department {} stands twice", department.code);
            for ward in &department.wards {
                code(&ward.code)?;
                ensure!(!ward.name.trim().is_empty(), "ward {} has no name", ward.code);
                ensure!(wards.insert(&ward.code), "ward {} stands twice", ward.code);
                let (mut beds, listed) = (HashSet::new(), ward.beds()?);
                ensure!(!listed.is_empty(), "ward {} has no beds", ward.code);
                for (_, label) in &listed {
                    code(label).with_context(|| format!("ward {}", ward.code))?;
                    ensure!(beds.insert(label.clone()), "bed {label} stands twice in ward {}", ward.code);
                }
            }
        }
        Ok(())
    }

    pub fn furnish(&self, tx: &mut Tx<'_>, facility: FacilityId) -> Result<Added, StoreError> {
        let mut added = Added::default();
        for department in &self.departments {
            let there = places::departments(tx.conn(), facility)?;
            let of = match there.iter().find(|(code, _)| *code == department.code) {
                Some((_, id)) => *id,
                None => {
                    added.departments += 1;
                    places::add_department(tx, facility, &department.code, &department.name)?
                }
            };
            for ward in &department.wards {
                let there = places::wards(tx.conn())?.into_iter().find(|w| w.code == ward.code);
                let id = match there {
                    Some(there) => there.id,
                    None => {
                        added.wards += 1;
                        places::add_ward(tx, of, &ward.code, &ward.name)?
                    }
                };
                let beds = places::beds(tx.conn(), id)?;
                for (position, (room, label)) in (1_i64..).zip(ward.beds().unwrap_or_default()) {
                    if !beds.iter().any(|b| b.label == label) {
                        added.beds += 1;
                        places::add_bed(tx, id, &label, &room, position)?;
                    }
                }
            }
        }
        let entry = audit::Entry {
            actor: None,
            act: Act::Edit,
            subject_kind: "facility",
            subject_id: facility.to_string(),
            patient: None,
            encounter: None,
            detail: json!({ "added": added.json(), "by": "command line" }),
        };
        audit::append(tx, entry)?;
        Ok(added)
    }

    pub fn wards(&self) -> usize {
        self.departments.iter().map(|d| d.wards.len()).sum()
    }
}

impl Ward {
    /// Room and label of each bed.
    fn beds(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut beds = Vec::new();
        for (room, labels) in &self.rooms {
            let labels =
                labels.as_array().with_context(|| format!("ward {}, room {room}: expected a list", self.code))?;
            for label in labels {
                let label =
                    label.as_str().with_context(|| format!("ward {}, room {room}: a bed is a text", self.code))?;
                beds.push((room.clone(), label.to_owned()));
            }
        }
        Ok(beds)
    }
}

/// What a device can send in PV1-3, whatever its character set.
fn code(text: &str) -> anyhow::Result<()> {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    ensure!(
        plain && (1..=20).contains(&text.len()),
        "{text:?}: a code has 1 to 20 letters, digits, - _ or . without marks"
    );
    Ok(())
}
