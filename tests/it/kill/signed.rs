//! What the nurses were told is signed: each set, and the sheet that carries its signature.
//!
//! A set, its signature and its sheet are one act. Acknowledged, all three are there once; cut off, all or none.

use benhan_domain::access::{ViewChart, system};
use benhan_domain::id::EncounterId;
use benhan_store::documents;
use benhan_tests::{Actor, TestHospital};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// A document and its version.
type Sheet = (String, i64);

#[derive(Clone, Default)]
pub struct Signed {
    sets: BTreeSet<String>,
    /// Each with the hash of the copy that the nurse took away; none where the power went between "signed" and that.
    sheets: BTreeMap<Sheet, Option<String>>,
}

/// A version of a chart as its own manifest has it: hash of the PDF, and the sets that were signed with it.
struct Manifest {
    pdf: String,
    sets: Vec<String>,
}

fn hash(pdf: &[u8]) -> String {
    hex::encode(Sha256::digest(pdf))
}

impl Signed {
    pub fn set(&mut self, set: String) {
        self.sets.insert(set);
    }

    pub fn sheet(&mut self, document: &str, version: i64) {
        let twice = self.sheets.insert((document.to_owned(), version), None);
        assert_eq!(twice, None, "two rounds were answered with one sheet");
    }

    pub fn copy(&mut self, document: &str, version: i64, pdf: &[u8]) {
        self.sheets.insert((document.to_owned(), version), Some(hash(pdf)));
    }

    pub fn has(&self, set: &str) -> bool {
        self.sets.contains(set)
    }

    /// Signatures, and sheets of which somebody holds a copy.
    pub fn totals(&self) -> [usize; 2] {
        [self.sets.len(), self.sheets.values().flatten().count()]
    }

    /// `ours` are the sets that these nurses entered; the demo signed others before.
    pub async fn assert_kept(&self, viet: &Actor, hospital: &TestHospital, ours: &BTreeSet<&String>) {
        let sheets = manifests(hospital);
        self.signatures(hospital, &sheets, ours);
        for (sheet, copy) in &self.sheets {
            let kept = sheets.get(sheet).unwrap_or_else(|| panic!("the sheet {sheet:?} is gone"));
            let (document, version) = sheet;
            let pdf = viet.get(&format!("/documents/{document}/versions/{version}/pdf")).await.bytes();
            assert_eq!(hash(&pdf), kept.pdf, "{sheet:?} is not the file that was kept with its signatures");
            if let Some(copy) = copy {
                assert_eq!(*copy, kept.pdf, "{sheet:?} is not what the nurse took away");
            }
        }
    }

    fn signatures(&self, hospital: &TestHospital, sheets: &BTreeMap<Sheet, Manifest>, ours: &BTreeSet<&String>) {
        let on = |kind: &str, subject: &str| {
            // A filled form has a place for each who signs it.
            let once = "id NOT IN (SELECT signature_id FROM signed_sheet)";
            let sql = format!("SELECT {subject} FROM signature WHERE subject_kind = '{kind}' AND {once} ORDER BY 1");
            let signed = hospital.database.query(&sql);
            let twice: Vec<_> = signed.windows(2).filter(|two| two[0] == two[1]).map(|two| &two[0]).collect();
            assert!(twice.is_empty(), "signed twice: {twice:?}");
            BTreeSet::from_iter(signed)
        };
        let sets = on("observation-set", "subject_id");
        for set in &self.sets {
            assert!(sets.contains(set), "the signature of {set} is gone");
        }
        let documents = on("document", "subject_id || ' ' || subject_version");
        for (document, version) in sheets.keys() {
            assert!(documents.contains(&format!("{document} {version}")), "{document} {version} is not signed");
        }
        // Also of what nobody was told about: a set is on one sheet if it is signed, else on none.
        let mut on_sheets = BTreeSet::new();
        for set in sheets.values().flat_map(|sheet| &sheet.sets) {
            assert!(on_sheets.insert(set), "{set} was signed onto two sheets");
        }
        for set in ours {
            assert_eq!(sets.contains(*set), on_sheets.contains(set), "{set} is half signed");
        }
    }

    /// The latest of each document has all the others' signatures inside: one process a file.
    pub async fn assert_proved(&self, viet: &Actor, hospital: &TestHospital) {
        let latest: BTreeMap<&String, i64> =
            self.sheets.keys().map(|(document, version)| (document, *version)).collect();
        assert!(!latest.is_empty(), "no sheet was signed");
        for (document, version) in latest {
            let pdf = viet.get(&format!("/documents/{document}/versions/{version}/pdf")).await.bytes();
            let file = hospital.scratch("sheet.pdf");
            fs::write(&file, pdf).unwrap();
            let (code, report) = hospital.verify(&file, &hospital.data("trust/ca.pem")).await;
            assert_eq!(code, 0, "{document} version {version}:\n{report}");
        }
    }
}

/// Every version of every stay's chart of vital signs.
fn manifests(hospital: &TestHospital) -> BTreeMap<Sheet, Manifest> {
    let mut conn = crate::record::reader(hospital);
    let stays = hospital.database.query("SELECT id FROM encounter").into_iter().map(|stay| stay.parse().unwrap());
    let versions = stays.flat_map(|stay: EncounterId| {
        documents::versions_of_stay(&mut conn, &system::<ViewChart>(stay), ("", 0), i64::MAX).unwrap()
    });
    let charts = versions.filter(|version| version.body.contains("\"benhan/vital-chart/1\""));
    let bodies = charts.map(|version| {
        let body: Value = serde_json::from_str(&version.body).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let sets = body["signedNow"].as_array().unwrap().iter().map(|set| text(&set["set"])).collect();
        let sheet = (text(&body["document"]), body["version"].as_i64().unwrap());
        (sheet, Manifest { pdf: text(&body["pdfSha256"]), sets })
    });
    bodies.collect()
}
