//! Any bytes are answered as a package; whatever is done to a sealed one, where it still holds it still says the same.
#![no_main]

mod edited;
mod facility;

use benhan_package::exchange::{self, Bodies};
use benhan_package::{Facts, Origin, PackError, Writer, names, verify};
use benhan_sign::cms::{canonical_json, sign_detached};
use benhan_sign::xades::sign_enveloped;
use benhan_sign::{Verdict, cms};
use edited::edited;
use facility::{CODE, Facility, NOW};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::LazyLock;

static FACILITY: LazyLock<Facility> = LazyLock::new(Facility::open);
static SEALED: LazyLock<Vec<u8>> = LazyLock::new(sealed);
static FILES: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| unpacked(&SEALED));

/// The smallest record that there is: a patient who was admitted.
fn sealed() -> Vec<u8> {
    let at = "2026-11-22T20:31:05Z";
    let facts: Facts = serde_json::from_value(json!({
        "format": "benhan/record-facts/1", "exportedAt": at,
        "facility": { "code": CODE, "name": "Bệnh viện Bến Hàn", "authority": "Sở Y tế" },
        "patient": {
            "id": "p", "code": "BN-1", "name": "Nguyễn Thị Hương", "birthDate": "1980-02-03", "sex": "female",
            "nationalId": null, "insuranceCard": null, "phone": "", "address": "", "allergies": ["Penicillin"],
        },
        "stay": {
            "id": "s", "number": "26-000001", "state": "active", "bed": { "room": "1", "label": "G01" },
            "ward": { "code": "K01", "name": "Nội", "department": "Nội" }, "admittedAt": at, "dischargedAt": null,
            "outcome": null, "diagnosis": "Viêm phổi", "icd10": "J18.9",
        },
        "people": [], "entries": [], "orders": [],
    }))
    .expect("facts");
    let (signer, bodies) = (FACILITY.signer(), Bodies::default());
    let mut zip = Writer::new(Cursor::new(Vec::new()));
    let record = exchange::record(&facts, &bodies);
    let xml =
        |root, node| sign_enveloped(&exchange::to_xml(root, node).expect("XML"), &signer, NOW).expect("sealed XML");
    for (name, content) in [
        (names::FACTS, canonical_json(&facts).expect("JSON")),
        (names::EXCHANGE_XML, xml(exchange::RECORD, &record)),
        (names::EXCHANGE_JSON, exchange::to_json(&record).expect("JSON")),
        (names::SUMMARY, xml(exchange::SUMMARY, &exchange::summary(&facts, &bodies))),
        (names::TRAIL, Vec::new()),
    ] {
        zip.add(name, &content).expect("packed");
    }
    let origin = Origin {
        program: "fuzz".into(),
        created_at: at.into(),
        facility: CODE.into(),
        record: "26-000001".into(),
        patient: "BN-1".into(),
    };
    let seal = |manifest: &[u8]| -> Result<Option<Vec<u8>>, PackError> {
        Ok(Some(sign_detached(manifest, &signer, NOW).map_err(|e: cms::SignError| PackError::from(e))?))
    };
    let bytes = zip.finish(origin, seal).expect("finished").into_inner();
    let report = verify(Cursor::new(&bytes), &FACILITY.anchors, NOW);
    assert_eq!(report.verdict, Verdict::Holds, "{}", report.to_text());
    bytes
}

fn unpacked(package: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(package)).expect("a ZIP file");
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place).expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its content");
        files.insert(entry.name().expect("a name").into_owned(), content);
    }
    files
}

fuzz_target!(|input: &[u8]| {
    assert_ne!(verify(Cursor::new(input), &FACILITY.anchors, NOW).verdict, Verdict::Holds, "nobody knows the key");
    let changed = edited(&SEALED, input);
    if verify(Cursor::new(&changed), &FACILITY.anchors, NOW).verdict == Verdict::Holds {
        assert_eq!(unpacked(&changed), *FILES);
    }
});
