//! Stories of signed PDFs, honest and not.

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, Stream, dictionary};
use proptest::prelude::*;

mod long_term;

use super::increment::Increment;
use super::{Coverage, PadesError, PdfReport, PdfSignature, document, sign, verify_pdf};
use crate::Anchors;
use crate::authority::Profile;
use crate::cms::sign_detached;
use crate::finding::{Finding, Severity};
use crate::instant::{DAY, MINUTE};
use crate::key::KeyKind;
use crate::story::{Hospital, NOW, Person};

/// A sheet with one page, in the classic or in the stream form, with files attached.
fn sheet(modern: bool, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let pages = pdf.new_object_id();
    let font = pdf.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier" });
    let text = Content {
        operations: vec![
            Operation::new("BT", vec![]),
            Operation::new("Tf", vec!["F1".into(), 24.into()]),
            Operation::new("Td", vec![100.into(), 600.into()]),
            Operation::new("Tj", vec![Object::string_literal("Phieu theo doi chuc nang song: 37.2")]),
            Operation::new("ET", vec![]),
        ],
    };
    let content = pdf.add_object(Stream::new(dictionary! {}, text.encode().unwrap()));
    let page = pdf.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    pdf.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into());
    let mut names = Vec::new();
    for (name, bytes) in files {
        let stream = pdf.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.to_vec()));
        let specification = pdf.add_object(dictionary! {
            "Type" => "Filespec", "F" => Object::string_literal(*name), "UF" => Object::string_literal(*name),
            "EF" => dictionary! { "F" => stream },
        });
        names.extend([Object::string_literal(*name), specification.into()]);
    }
    let catalog = pdf.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => pages,
        "Names" => dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } },
    });
    pdf.trailer.set("Root", catalog);
    let id = Object::string_literal("0123456789abcdef");
    pdf.trailer.set("ID", vec![id.clone(), id]);
    let mut bytes = Vec::new();
    if modern {
        pdf.save_modern(&mut bytes).unwrap();
    } else {
        pdf.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
        pdf.save_to(&mut bytes).unwrap();
    }
    bytes
}

fn request(at: i64) -> PdfSignature<'static> {
    PdfSignature {
        signing_time: at,
        reason: Some("Ký phiếu theo dõi"),
        location: Some("Khoa Nội"),
        ..Default::default()
    }
}

fn signed_by(hospital: &Hospital, person: &Person, pdf: &[u8], at: i64) -> Vec<u8> {
    let evidence = hospital.evidence(person, at).unwrap();
    sign(pdf, &person.signer(&evidence), &request(at)).unwrap()
}

fn codes(report: &PdfReport) -> Vec<&'static str> {
    let signatures = report.signatures.iter().flat_map(|signature| &signature.cms.findings);
    report.findings.iter().chain(signatures).map(Finding::code).collect()
}

// Clauses: SIG-14, SIG-16
#[test]
fn a_signed_sheet_holds_for_whoever_trusts_the_root() {
    let hospital = Hospital::open();
    for (modern, kind) in [(false, KeyKind::Rsa2048), (true, KeyKind::P256)] {
        let nurse = hospital.person("Nguyễn Thị Hương", kind);
        let pdf = signed_by(&hospital, &nurse, &sheet(modern, &[]), NOW);
        assert!(pdf.starts_with(&sheet(modern, &[])), "the sheet itself is untouched");
        let report = verify_pdf(&pdf, &hospital.authority.anchors(), NOW + 1000 * DAY);
        assert!(codes(&report).is_empty(), "{report:?}");
        let signature = &report.signatures[0];
        assert_eq!(signature.coverage, Coverage::WholeFile);
        assert_eq!(signature.field, "Signature1");
        assert_eq!(signature.reason.as_deref(), Some("Ký phiếu theo dõi"));
        assert_eq!(signature.cms.signing_time, Some(NOW));
        assert_eq!(signature.cms.signer.as_ref().unwrap().name, "Nguyễn Thị Hương");
    }
}

// Clauses: SIG-15
#[test]
fn no_flipped_byte_goes_unseen() {
    let hospital = Hospital::open();
    let original = signed_by(&hospital, &hospital.nurse(), &sheet(false, &[]), NOW);
    let anchors = hospital.authority.anchors();
    assert_eq!(verify_pdf(&original, &anchors, NOW).severity(), Severity::Note);
    // Every bit would take minutes: all of the signature's head, where CMS is loosest, and some bit of
    // each third byte.
    let head = original.windows(11).position(|window| window == b"/Contents <").unwrap();
    let head = (head..head + 140).flat_map(|at| (0..8).map(move |bit| (at, bit)));
    for (at, bit) in (0..original.len()).step_by(3).map(|at| (at, at % 8)).chain(head) {
        let mut changed = original.clone();
        changed[at] ^= 1 << bit;
        let severity = verify_pdf(&changed, &anchors, NOW).severity();
        assert!(severity > Severity::Note, "bit {bit} of byte {at} of {}", original.len());
    }
}

#[test]
fn an_unknown_authority_leaves_the_sheet_intact_but_not_trusted() {
    let (hospital, stranger) = (Hospital::open(), Hospital::open());
    let pdf = signed_by(&hospital, &hospital.nurse(), &sheet(true, &[]), NOW);
    let report = verify_pdf(&pdf, &stranger.authority.anchors(), NOW);
    assert_eq!(report.severity(), Severity::Untrusted);
    assert_eq!(codes(&report), ["unknown-issuer"]);
}

#[test]
fn careless_signatures_are_intact_but_not_trusted() {
    let mut hospital = Hospital::open();
    let machine = hospital.with_profile("máy chủ", KeyKind::P256, Profile::Encipherment, 365);
    let expired = hospital.with_profile("Lê Văn Cũ", KeyKind::P256, Profile::Person, 0);
    let revoked = hospital.nurse();
    hospital.revoke(&revoked, NOW - MINUTE);
    for (person, code) in [(&machine, "wrong-usage"), (&expired, "expired"), (&revoked, "revoked")] {
        let evidence = hospital.unchecked(person);
        let pdf = sign(&sheet(false, &[]), &person.signer(&evidence), &request(NOW)).unwrap();
        let report = verify_pdf(&pdf, &hospital.authority.anchors(), NOW);
        assert_eq!(codes(&report), [code]);
        assert_eq!(report.severity(), Severity::Untrusted);
    }
}

#[test]
fn a_second_signature_leaves_the_first_in_force() {
    let hospital = Hospital::open();
    let (nurse, doctor) = (hospital.nurse(), hospital.person("Trần Đức Thắng", KeyKind::Rsa2048));
    for modern in [false, true] {
        let once = signed_by(&hospital, &nurse, &sheet(modern, &[]), NOW);
        let twice = signed_by(&hospital, &doctor, &once, NOW + MINUTE);
        let thrice = signed_by(&hospital, &nurse, &twice, NOW + 2 * MINUTE);
        assert!(thrice.starts_with(&once));
        let report = verify_pdf(&thrice, &hospital.authority.anchors(), NOW + DAY);
        assert!(codes(&report).is_empty(), "{report:?}");
        let coverage: Vec<_> = report.signatures.iter().map(|signature| signature.coverage).collect();
        assert_eq!(coverage, [Coverage::EarlierRevision, Coverage::EarlierRevision, Coverage::WholeFile]);
        let names: Vec<_> = report.signatures.iter().map(|s| s.cms.signer.clone().unwrap().name).collect();
        assert_eq!(names, ["Nguyễn Thị Hương", "Trần Đức Thắng", "Nguyễn Thị Hương"]);
        assert_eq!(report.signatures[1].covered_bytes, twice.len());
    }
}

/// Appends a revision in which the page shows other content.
fn with_other_content(pdf: &[u8]) -> Vec<u8> {
    let document = document::open(pdf).unwrap();
    let page = document.page_iter().next().unwrap();
    let mut increment = Increment::new(pdf, &document);
    let other = increment.add(&Object::Stream(Stream::new(dictionary! {}, b"BT (36.6) Tj ET".to_vec()))).unwrap();
    let mut changed = document.get_dictionary(page).unwrap().clone();
    changed.set("Contents", other);
    increment.put(page, &Object::Dictionary(changed)).unwrap();
    increment.finish().unwrap().bytes
}

#[test]
fn content_appended_after_the_signature_is_tampering() {
    let hospital = Hospital::open();
    let pdf = signed_by(&hospital, &hospital.nurse(), &sheet(false, &[]), NOW);
    let changed = with_other_content(&pdf);
    let report = verify_pdf(&changed, &hospital.authority.anchors(), NOW);
    assert_eq!(codes(&report), ["appended"]);
    assert_eq!(report.severity(), Severity::Tampered);
    let trailing = [&pdf[..], b"\n% nothing\n"].concat();
    assert_eq!(verify_pdf(&trailing, &hospital.authority.anchors(), NOW).severity(), Severity::Tampered);
}

#[test]
fn evidence_appended_after_the_signature_is_only_noted() {
    let hospital = Hospital::open();
    let pdf = signed_by(&hospital, &hospital.nurse(), &sheet(false, &[]), NOW);
    let append = |content: Option<&[u8]>| {
        let document = document::open(&pdf).unwrap();
        let mut increment = Increment::new(&pdf, &document);
        let list = hospital.crls[0].der().to_vec();
        let list = increment.add(&Object::Stream(Stream::new(dictionary! {}, list))).unwrap();
        let store = document.catalog().unwrap().get(b"DSS").unwrap().as_reference().unwrap();
        let mut grown = document.get_dictionary(store).unwrap().clone();
        grown.set("OCSPs", vec![list.into()]);
        increment.put(store, &Object::Dictionary(grown)).unwrap();
        if let Some(content) = content {
            let page = document.page_iter().next().unwrap();
            let place = document.get_dictionary(page).unwrap().get(b"Contents").unwrap().as_reference().unwrap();
            increment.put(place, &Object::Stream(Stream::new(dictionary! {}, content.to_vec()))).unwrap();
        }
        increment.finish().unwrap().bytes
    };
    let report = verify_pdf(&append(None), &hospital.authority.anchors(), NOW);
    assert_eq!((codes(&report), report.severity()), (vec!["evidence-appended"], Severity::Note));
    let report = verify_pdf(&append(Some(b"BT (36.6) Tj ET")), &hospital.authority.anchors(), NOW);
    assert_eq!(codes(&report), ["appended"]);
}

/// Appends a revision: evidence as a long-term profile would, and what `also` does beside it.
fn with_evidence(hospital: &Hospital, pdf: &[u8], also: impl Fn(&Document, &mut Increment<'_>)) -> Vec<u8> {
    let document = document::open(pdf).unwrap();
    let mut increment = Increment::new(pdf, &document);
    let list = Stream::new(dictionary! {}, hospital.crls[0].der().to_vec());
    let list = increment.add(&Object::Stream(list)).unwrap();
    let store = document.catalog().unwrap().get(b"DSS").unwrap().as_reference().unwrap();
    let mut grown = document.get_dictionary(store).unwrap().clone();
    grown.set("OCSPs", vec![list.into()]);
    increment.put(store, &Object::Dictionary(grown)).unwrap();
    also(&document, &mut increment);
    increment.finish().unwrap().bytes
}

#[test]
fn content_that_poses_as_part_of_the_file_structure_is_tampering() {
    let hospital = Hospital::open();
    for (modern, kind) in [(false, "XRef"), (true, "XRef"), (false, "ObjStm")] {
        let pdf = signed_by(&hospital, &hospital.nurse(), &sheet(modern, &[]), NOW);
        let changed = with_evidence(&hospital, &pdf, |document, increment| {
            let page = document.page_iter().next().unwrap();
            let place = document.get_dictionary(page).unwrap().get(b"Contents").unwrap().as_reference().unwrap();
            let posing =
                Stream::new(dictionary! { "Type" => kind, "N" => 0, "First" => 0 }, b"BT (36.6) Tj ET".to_vec());
            increment.put(place, &Object::Stream(posing)).unwrap();
        });
        let report = verify_pdf(&changed, &hospital.authority.anchors(), NOW);
        assert_eq!(report.severity(), Severity::Tampered, "{kind}: {report:?}");
    }
}

#[test]
fn what_a_page_shows_is_no_evidence_even_where_the_store_names_it() {
    let hospital = Hospital::open();
    let plain = sheet(false, &[]);
    let document = document::open(&plain).unwrap();
    let (page, root) = (document.page_iter().next().unwrap(), document.trailer.get(b"Root").unwrap().as_reference());
    let mut increment = Increment::new(&plain, &document);
    let mut shown = document.get_dictionary(page).unwrap().clone();
    let resources = increment.add(shown.get(b"Resources").unwrap()).unwrap();
    shown.set("Resources", resources);
    increment.put(page, &Object::Dictionary(shown)).unwrap();
    let mut catalog = document.catalog().unwrap().clone();
    let store = dictionary! { "Type" => "DSS", "VRI" => dictionary! { "AA" => resources } };
    let store = increment.add(&Object::Dictionary(store)).unwrap();
    catalog.set("DSS", store);
    increment.put(root.unwrap(), &Object::Dictionary(catalog)).unwrap();
    let prepared = increment.finish().unwrap().bytes;

    let pdf = signed_by(&hospital, &hospital.nurse(), &prepared, NOW);
    let honest = with_evidence(&hospital, &pdf, |_, _| ());
    assert_eq!(codes(&verify_pdf(&honest, &hospital.authority.anchors(), NOW)), ["evidence-appended"]);
    let changed = with_evidence(&hospital, &pdf, |_, increment| {
        let other = dictionary! { "Font" => dictionary! { "F1" => dictionary! { "Type" => "Font" } } };
        increment.put(resources, &Object::Dictionary(other)).unwrap();
    });
    assert_eq!(codes(&verify_pdf(&changed, &hospital.authority.anchors(), NOW)), ["appended"]);
}

#[test]
fn a_note_that_poses_as_a_signature_field_is_tampering() {
    let hospital = Hospital::open();
    let once = signed_by(&hospital, &hospital.nurse(), &sheet(false, &[]), NOW);
    let document = document::open(&once).unwrap();
    let page = document.page_iter().next().unwrap();
    let form = document.catalog().unwrap().get(b"AcroForm").unwrap().as_reference().unwrap();
    let mut increment = Increment::new(&once, &document);
    let note = dictionary! {
        "Type" => "Annot", "Subtype" => "Text", "FT" => "Sig", "T" => Object::string_literal("Note"),
        "Contents" => Object::string_literal("36.6"), "Rect" => vec![Object::from(0); 4],
    };
    let note = increment.add(&Object::Dictionary(note)).unwrap();
    for (id, key) in [(page, "Annots"), (form, "Fields")] {
        let mut changed = document.get_dictionary(id).unwrap().clone();
        let mut items = changed.get(key.as_bytes()).unwrap().as_array().unwrap().clone();
        items.push(note.into());
        changed.set(key, items);
        increment.put(id, &Object::Dictionary(changed)).unwrap();
    }
    let twice = signed_by(&hospital, &hospital.nurse(), &increment.finish().unwrap().bytes, NOW + MINUTE);
    assert_eq!(verify_pdf(&twice, &hospital.authority.anchors(), NOW + DAY).severity(), Severity::Tampered);
}

#[test]
fn content_changed_between_two_signatures_is_tampering() {
    let hospital = Hospital::open();
    let once = signed_by(&hospital, &hospital.nurse(), &sheet(true, &[]), NOW);
    let twice = signed_by(&hospital, &hospital.nurse(), &with_other_content(&once), NOW + MINUTE);
    let report = verify_pdf(&twice, &hospital.authority.anchors(), NOW + DAY);
    assert_eq!(report.severity(), Severity::Tampered);
    assert!(codes(&report).iter().all(|code| *code == "forbidden-change"), "{report:?}");
    assert!(report.findings.iter().any(|finding| finding.english().contains("Page")), "{report:?}");
}

#[test]
fn a_signature_moved_to_another_sheet_does_not_hold() {
    let hospital = Hospital::open();
    let pdf = signed_by(&hospital, &hospital.nurse(), &sheet(false, &[]), NOW);
    let text = b"37.2";
    let at = pdf.windows(4).position(|window| window == text).unwrap();
    let mut other = pdf;
    other[at..at + 4].copy_from_slice(b"36.6");
    let report = verify_pdf(&other, &hospital.authority.anchors(), NOW);
    assert_eq!(codes(&report), ["content-changed"]);
    assert_eq!(report.severity(), Severity::Tampered);
}

#[test]
fn a_hole_larger_than_the_signature_is_tampering() {
    let hospital = Hospital::open();
    let pdf = signed_by(&hospital, &hospital.nurse(), &sheet(false, &[]), NOW);
    let at = pdf.windows(12).position(|window| window == b"/ByteRange [").unwrap();
    let range = String::from_utf8_lossy(&pdf[at + 12..at + 52]).into_owned();
    let numbers: Vec<usize> = range.split([' ', ']']).filter_map(|n| n.parse().ok()).collect();
    let moved = format!("0 {} {} {}]", numbers[1] - 1, numbers[2], numbers[3]);
    let mut changed = pdf;
    changed[at + 12..at + 12 + moved.len()].copy_from_slice(moved.as_bytes());
    let report = verify_pdf(&changed, &hospital.authority.anchors(), NOW);
    assert!(codes(&report).contains(&"range-broken"), "{report:?}");
    assert_eq!(report.severity(), Severity::Tampered);
}

#[test]
fn a_truncated_or_unsigned_file_is_no_proof() {
    let hospital = Hospital::open();
    let pdf = signed_by(&hospital, &hospital.nurse(), &sheet(false, &[]), NOW);
    let anchors = hospital.authority.anchors();
    for keep in [pdf.len() - 10, pdf.len() / 2, 40, 0] {
        assert_eq!(codes(&verify_pdf(&pdf[..keep], &anchors, NOW)), ["unreadable"], "{keep}");
    }
    assert_eq!(codes(&verify_pdf(&sheet(false, &[]), &anchors, NOW)), ["not-signed"]);
}

#[test]
fn attached_sets_are_checked_with_their_signatures() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let set = br#"{"temperature":37.2}"#;
    let cms = sign_detached(set, &nurse.signer(&evidence), NOW).unwrap();
    let anchors = hospital.authority.anchors();

    let honest = sheet(true, &[("set-1.json", set), ("set-1.json.p7s", &cms), ("note.txt", b"x")]);
    let report = verify_pdf(&signed_by(&hospital, &nurse, &honest, NOW), &anchors, NOW);
    assert_eq!(report.severity(), Severity::Note);
    let names: Vec<_> = report.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["note.txt", "set-1.json"]);
    assert!(report.attachments[1].signature.as_ref().unwrap().trusted());

    let other = br#"{"temperature":36.6}"#;
    let forged = sheet(true, &[("set-1.json", other), ("set-1.json.p7s", &cms)]);
    let report = verify_pdf(&signed_by(&hospital, &nurse, &forged, NOW), &anchors, NOW);
    assert_eq!(report.severity(), Severity::Tampered, "the sheet's own signature does not heal it");

    let alone = sheet(true, &[("set-1.json.p7s", &cms)]);
    let report = verify_pdf(&signed_by(&hospital, &nurse, &alone, NOW), &anchors, NOW);
    assert_eq!(report.attachments[0].findings[0].code(), "signature-without-file");
}

#[test]
fn what_is_no_pdf_is_not_signed() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    for bytes in [&b"hello"[..], b"%PDF-1.7\n%%EOF", &[0; 100]] {
        let refused = sign(bytes, &nurse.signer(&evidence), &request(NOW));
        assert!(matches!(refused, Err(PadesError::Unreadable(_))));
    }
}

#[test]
fn a_deeply_nested_or_packed_file_is_refused_and_not_followed() {
    let nested = [b"%PDF-1.7\n1 0 obj\n".to_vec(), vec![b'['; 2_000_000]].concat();
    assert_eq!(codes(&verify_pdf(&nested, &Anchors::default(), NOW)), ["unreadable"]);
    let mut pdf = document::open(&sheet(false, &[])).unwrap();
    // 3 kB that unpack to 33 MiB.
    let mut bomb = Stream::new(
        dictionary! { "Type" => "ObjStm", "N" => 1, "First" => 5 },
        [b"99 0 ".to_vec(), vec![b' '; 33 << 20]].concat(),
    );
    bomb.compress().unwrap();
    let mut increment_base = Vec::new();
    pdf.save_to(&mut increment_base).unwrap();
    let base = document::open(&increment_base).unwrap();
    let mut increment = Increment::new(&increment_base, &base);
    increment.add(&Object::Stream(bomb)).unwrap();
    let bytes = increment.finish().unwrap().bytes;
    assert!(bytes.len() < 100_000);
    let report = verify_pdf(&bytes, &Anchors::default(), NOW);
    assert_eq!(report.findings, [Finding::Unreadable("too large".into())]);
}

#[test]
fn a_table_that_repeats_one_large_object_is_given_up() {
    let mut pdf = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n".to_vec();
    let large = pdf.len();
    pdf.extend(b"2 0 obj\n[".iter().chain(&b"1 ".repeat(100_000)).chain(b"]\nendobj\n"));
    let table = pdf.len();
    pdf.extend(b"xref\n0 5000\n0000000000 65535 f\r\n0000000009 00000 n\r\n");
    pdf.extend(format!("{large:010} 00000 n\r\n").repeat(4998).bytes());
    pdf.extend(format!("trailer\n<</Size 5000/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes());
    let report = verify_pdf(&pdf, &Anchors::default(), NOW);
    assert_eq!(report.findings, [Finding::Unreadable("too large".into())]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let with_header = [b"%PDF-1.7\n", &bytes[..]].concat();
        prop_assert!(verify_pdf(&bytes, &Anchors::default(), NOW).severity() > Severity::Untrusted);
        prop_assert!(verify_pdf(&with_header, &Anchors::default(), NOW).severity() > Severity::Untrusted);
    }

    #[test]
    fn a_damaged_sheet_is_answered(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        thread_local! {
            static SIGNED: (Vec<u8>, Anchors) = {
                let hospital = Hospital::open();
                (signed_by(&hospital, &hospital.nurse(), &sheet(true, &[("a.json", b"{}")]), NOW), hospital.authority.anchors())
            };
        }
        SIGNED.with(|(pdf, anchors)| {
            let mut changed = pdf.clone();
            for (at, byte) in &edits {
                let at = at.index(changed.len());
                changed[at] = *byte;
            }
            let _ = verify_pdf(&changed, anchors, NOW);
            let _ = verify_pdf(&changed[..cut.index(changed.len())], anchors, NOW);
        });
    }
}
