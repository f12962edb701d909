//! A thousand changes to a package, drawn by a seed: each is found, and the file that was changed is named.
//!
//! Three kinds of hands: one that changes a file; one that also mends the manifest; and one that holds the facility's
//! seal itself and seals the lie. The last is found by what others signed, by the trail, and by what is derived. The seal
//! inside the XML files has changes of its own.

use super::{Dice, Files, exported, packed, treated, unpacked};
use benhan_package::{Report, verify};
use benhan_sign::cms::sign_detached;
use benhan_sign::{Anchors, Certificate, Crl, Evidence, Signer, SigningKey, Verdict};
use benhan_tests::{Kind, TestHospital};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Cursor;

/// By each of the hands.
const CHANGES: usize = 334;
const SEED: u64 = 20_261_128;

/// What the verifier and a forger have of the hospital.
pub(super) struct Desk {
    anchors: Anchors,
    key: SigningKey,
    seal: Certificate,
    evidence: Evidence,
    now: i64,
}

impl Desk {
    pub(super) fn of(hospital: &TestHospital) -> Self {
        let read = |name: &str| fs::read(hospital.data(name)).unwrap();
        let anchors = Anchors::from_pem(&read("trust/ca.pem")).unwrap();
        let seal = Certificate::from_pem(&read("trust/seal.pem")).unwrap();
        let pool = Certificate::list_from_pem(&read("trust/issuing.pem")).unwrap();
        let lists = Crl::list_from_pem(&read("trust/revoked.pem")).unwrap();
        let now = jiff::Timestamp::now().as_microsecond();
        let evidence = Evidence::gather(&seal, &pool, &lists, &anchors, now).unwrap();
        Self { anchors, key: SigningKey::from_pkcs8(&read("secrets/seal.pk8")).unwrap(), seal, evidence, now }
    }

    pub(super) fn judge(&self, files: &Files) -> Report {
        verify(Cursor::new(packed(files)), &self.anchors, self.now + 1_000_000)
    }

    /// Lists every file as it is now.
    pub(super) fn mend(&self, files: &mut Files, and_seal: bool) {
        let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        let listed = files.iter().filter(|(name, _)| !name.starts_with("manifest.json")).map(|(name, content)| {
            json!({ "path": name, "size": content.len(), "sha256": hex::encode(Sha256::digest(content)) })
        });
        manifest["files"] = Value::Array(listed.collect());
        let manifest = benhan_store::audit::canonical(&manifest).unwrap().into_bytes();
        if and_seal {
            let signer = Signer::new(&self.key, &self.seal, &self.evidence).unwrap();
            files.insert("manifest.json.p7s".into(), sign_detached(&manifest, &signer, self.now).unwrap());
        }
        files.insert("manifest.json".into(), manifest);
    }
}

/// Changes one file somehow; its name.
fn spoilt(files: &mut Files, dice: &mut Dice) -> String {
    let names: Vec<String> = files.keys().cloned().collect();
    let name = names[dice.roll(names.len())].clone();
    let sibling = names[dice.roll(names.len())].clone();
    let other = files[&sibling].clone();
    let content = files.get_mut(&name).unwrap();
    let at = dice.roll(content.len());
    match dice.roll(8) {
        0 => drop(content.remove(at)),
        1 => content.insert(at, b'0'),
        2 => content.truncate(at),
        3 => content.extend_from_slice(b"\n"),
        4 if sibling != name => *content = other,
        5 if !name.starts_with("manifest") => drop(files.remove(&name)),
        6 => {
            let added = format!("them/{}.json", dice.roll(1_000));
            files.insert(added.clone(), b"{}".to_vec());
            return added;
        }
        _ => content[at] ^= 1 << dice.roll(8),
    }
    name
}

/// Flips one bit of what something other than the manifest answers for.
fn flipped(files: &mut Files, dice: &mut Dice) -> String {
    let answered = |name: &&String| {
        let evidence = name.ends_with(".bang-chung.json");
        let kinds = ["phieu/", "du-lieu/", "chu-ky/", "nhat-ky/", "HoSoBenhAn.", "TomTat"];
        !evidence && kinds.iter().any(|kind| name.starts_with(kind))
    };
    let names: Vec<String> = files.keys().filter(answered).cloned().collect();
    let name = names[dice.roll(names.len())].clone();
    let content = files.get_mut(&name).unwrap();
    let at = dice.roll(content.len());
    content[at] ^= 1 << dice.roll(8);
    name
}

/// Flips one bit of the seal inside an XML file: its value, its time stamp, its certificates or lists.
fn flipped_in_seal(files: &mut Files, dice: &mut Dice) -> String {
    let name = ["HoSoBenhAn.xml", "TomTatHoSoBenhAn.xml"][dice.roll(2)].to_owned();
    let content = files.get_mut(&name).unwrap();
    let tag = b"<ds:Signature ";
    let start = content.windows(tag.len()).position(|window| window == tag).expect("it is sealed");
    let closing = b"</ds:Signature>";
    let end = content.windows(closing.len()).position(|window| window == closing).expect("it ends") + closing.len();
    let at = start + dice.roll(end - start);
    content[at] ^= 1 << dice.roll(8);
    name
}

/// What is wrong with the report on one change, if anything.
fn missed(desk: &Desk, whole: &Files, hand: usize, turn: usize) -> Option<String> {
    let seed = SEED.wrapping_add(u64::try_from(4 * turn + hand).unwrap());
    let (mut dice, mut files) = (Dice(seed), whole.clone());
    let name = match hand {
        2 => flipped(&mut files, &mut dice),
        3 => flipped_in_seal(&mut files, &mut dice),
        _ => spoilt(&mut files, &mut dice),
    };
    if files == *whole {
        return None;
    }
    let of_manifest = name.starts_with("manifest.json");
    if hand > 0 && !of_manifest {
        desk.mend(&mut files, hand >= 2);
    }
    let report = desk.judge(&files);
    let named = |file: &str| report.findings.iter().any(|found| found.place.starts_with(file));
    let found = report.verdict != Verdict::Holds
        && match hand {
            0 => named(&name) || (of_manifest && !report.findings.is_empty()),
            1 => named("manifest.json") || named("ZIP"),
            _ => named(&name),
        };
    (!found).then(|| format!("seed {seed}, hand {hand}, {name}: {:?}\n{}", report.verdict, report.to_text()))
}

// Clauses: SIG-15, C46-8.2b, CV-III.1.2b
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_file_is_found_and_named() {
    all_are_found(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manifest_mended_after_a_change_is_found() {
    all_are_found(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_the_facilitys_seal_covers_is_found_and_named() {
    all_are_found(2).await;
}

// Clauses: SIG-15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_seal_inside_an_xml_file_is_found_and_named() {
    all_are_found(3).await;
}

// Clauses: SIG-15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seal_taken_out_and_a_file_named_twice_are_found() {
    let (desk, whole) = sealed().await;
    let found = |files: &Files| {
        desk.judge(files).findings.iter().map(|f| (f.place.clone(), f.finding.code())).collect::<Vec<_>>()
    };
    let mut without = whole.clone();
    let xml = without.get_mut("HoSoBenhAn.xml").unwrap();
    *xml = benhan_sign::xades::without_signature(xml).expect("it is sealed");
    desk.mend(&mut without, true);
    assert_eq!(found(&without), [("HoSoBenhAn.xml".to_owned(), "xml-not-signed")]);

    // A time stamp under another name is one no more, and nothing else signs what lies beside a signature.
    let mut renamed = whole.clone();
    let stamp = [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];
    let at = |content: &[u8]| content.windows(stamp.len()).position(|window| window == stamp);
    let mut stamped = renamed.iter_mut().filter(|(name, _)| name.starts_with("chu-ky/") && name.ends_with(".p7s"));
    let (file, content) = stamped.find(|(_, content)| at(content).is_some()).expect("a stamped signature");
    let (file, from) = (file.clone(), at(content).expect("its stamp"));
    content[from + 2] ^= 2;
    desk.mend(&mut renamed, true);
    assert_eq!(desk.judge(&renamed).verdict, Verdict::Tampered);
    assert_eq!(found(&renamed), [(file, "unknown-attribute")]);

    let mut twice = whole.clone();
    let mut facts: Value = serde_json::from_slice(&twice["ho-so.json"]).unwrap();
    let entry = facts["entries"][0].clone();
    let file = entry["file"].as_str().unwrap().to_owned();
    facts["entries"].as_array_mut().unwrap().push(entry);
    twice.insert("ho-so.json".into(), benhan_store::audit::canonical(&facts).unwrap().into_bytes());
    desk.mend(&mut twice, true);
    assert!(found(&twice).contains(&(file, "named-twice")), "{:?}", found(&twice));
}

/// A package of a record with one of everything, and what a forger has.
async fn sealed() -> (Desk, Files) {
    let mut hospital = TestHospital::open(Kind::Sqlite).await.expect("SQLite is always there");
    let patient = treated(&hospital, "G10").await;
    hospital.stop().await;
    let package = exported(&hospital, &patient.number, "package.zip").await;
    (Desk::of(&hospital), unpacked(&fs::read(package).unwrap()))
}

async fn all_are_found(hand: usize) {
    let (desk, whole) = sealed().await;
    let untouched = desk.judge(&whole);
    assert_eq!(untouched.verdict, Verdict::Holds, "{}", untouched.to_text());
    let mut sealed_again = whole.clone();
    desk.mend(&mut sealed_again, true);
    assert_eq!(desk.judge(&sealed_again).verdict, Verdict::Holds, "a forger with the seal seals as we do");

    let (desk, whole) = (&desk, &whole);
    let turns = |part: usize| (0..CHANGES).filter(move |turn| turn % 2 == part);
    let missed: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = [0, 1]
            .map(|part| {
                scope.spawn(move || turns(part).filter_map(|turn| missed(desk, whole, hand, turn)).collect::<Vec<_>>())
            })
            .into();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    assert!(missed.is_empty(), "{} of {CHANGES} were missed:\n{}", missed.len(), missed.join("\n"));
}
