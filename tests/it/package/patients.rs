//! What a patient signed, in the package: bound to its sheet, under the witness's signature, and more than a picture.

use super::tampered_files::Desk;
use super::{Files, exported, treated, unpacked};
use benhan_sign::Verdict;
use benhan_tests::{Kind, TestHospital};
use serde_json::{Value, json};
use std::fs;

fn evidence_of(files: &Files) -> String {
    let evidence = files.keys().find(|name| name.starts_with("du-lieu/nguoi-benh-ky-")).expect("a patient signed");
    evidence.clone()
}

/// The evidence with something else in it, and the index that names its hash mended.
fn rewritten(files: &mut Files, change: impl FnOnce(&mut Value)) {
    let name = evidence_of(files);
    let mut evidence: Value = serde_json::from_slice(&files[&name]).unwrap();
    change(&mut evidence);
    let content = benhan_store::audit::canonical(&evidence).unwrap().into_bytes();
    let hash = |content: &[u8]| hex::encode(<sha2::Sha256 as sha2::Digest>::digest(content));
    let index = String::from_utf8(files["ho-so.json"].clone()).unwrap();
    let index = index.replace(&hash(&files[&name]), &hash(&content));
    files.insert("ho-so.json".into(), index.into_bytes());
    files.insert(name, content);
}

// Clauses: C13-3, SIG-11, SIG-15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patients_evidence_is_bound_to_its_sheet_and_each_change_is_named() {
    let mut hospital = TestHospital::open(Kind::Sqlite).await.expect("SQLite is always there");
    let patient = treated(&hospital, "G01").await;
    hospital.stop().await;
    let whole = unpacked(&fs::read(exported(&hospital, &patient.number, "nguoi-benh.zip").await).unwrap());
    let desk = Desk::of(&hospital);
    let report = desk.judge(&whole);
    assert_eq!(report.verdict, Verdict::Holds, "{}", report.to_text());
    let evidence: Value = serde_json::from_slice(&whole[&evidence_of(&whole)]).unwrap();
    assert_eq!(evidence["signer"]["representative"]["relation"], "child");
    assert!(evidence["proof"]["drawing"]["strokes"][0].as_array().unwrap().len() == 80);

    // By somebody who holds the facility's seal, and seals the lie.
    let told = |change: &dyn Fn(&mut Files)| {
        let mut files = whole.clone();
        change(&mut files);
        desk.mend(&mut files, true);
        let found = desk.judge(&files).findings;
        let codes = found.iter().filter(|f| f.place.starts_with("du-lieu/nguoi-benh-ky-"));
        codes.map(|f| f.finding.code().to_owned()).collect::<Vec<_>>()
    };
    let other_sheet = told(&|files| rewritten(files, |e| e["documentSha256"] = json!("00".repeat(32))));
    assert!(other_sheet.contains(&"of-other-bytes".to_owned()), "{other_sheet:?}");
    assert!(other_sheet.len() > 1, "and the witness's signature does not fit either: {other_sheet:?}");
    let no_ink = told(&|files| rewritten(files, |e| e["proof"]["drawing"]["strokes"] = json!([[[1, 1, 0, 0]]])));
    assert!(no_ink.contains(&"no-ink".to_owned()), "{no_ink:?}");
    let other_witness = told(&|files| rewritten(files, |e| e["witness"]["id"] = json!("0")));
    assert!(other_witness.contains(&"other-witness".to_owned()), "{other_witness:?}");
    let unsigned = told(&|files| {
        let about = |content: &Vec<u8>| content.windows(19).any(|w| w == b"\"patient-signature\"");
        let id = files.iter().find(|(name, content)| name.starts_with("chu-ky/") && about(content)).unwrap().0;
        let id = id.trim_end_matches(".json").to_owned();
        files.retain(|name, _| !name.starts_with(&id));
    });
    assert_eq!(unsigned, ["no-witness"]);
}
