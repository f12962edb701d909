use proptest::prelude::*;

use super::canonical::canonical;
use super::{XmlProblem, add_stamp, request_stamp, sign_enveloped, tree, verify_xml, without_signature};
use crate::cms::{Level, SignError};
use crate::finding::{Finding, Severity};
use crate::instant::{DAY, MINUTE};
use crate::problem::CertificateProblem;
use crate::story::{Hospital, NOW};
use crate::{KeyKind, Verdict, verify_file};

const RECORD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<HoSoBenhAn>\n  <hoten>Nguyễn &lt;Thị&gt; Hương &amp; con</hoten>\n  <mach>88</mach>\n  <trong/>\n</HoSoBenhAn>\n";

/// The record, signed by the facility's seal and stamped by its clock.
fn signed(hospital: &Hospital) -> String {
    let (seal, clock) = (hospital.seal(), hospital.clock());
    let evidence = hospital.evidence(&seal, NOW).unwrap();
    let signed = sign_enveloped(RECORD.as_bytes(), &seal.signer(&evidence), NOW).unwrap();
    let stamp = hospital.stamp(&clock, &request_stamp(&signed).unwrap(), NOW + MINUTE);
    let of_clock = stamp.evidence(&[], &hospital.crls, &hospital.authority.anchors(), NOW + MINUTE).unwrap();
    String::from_utf8(add_stamp(&signed, &stamp, &of_clock).unwrap()).unwrap()
}

fn found(hospital: &Hospital, xml: &str) -> Vec<Finding> {
    verify_xml(xml.as_bytes(), &hospital.authority.anchors(), NOW + 400 * DAY).findings
}

fn exclusive(xml: &str) -> String {
    String::from_utf8(canonical(&tree::read(xml.as_bytes()).unwrap(), None)).unwrap()
}

// Clauses: SIG-11, SIG-14, SIG-15, SIG-16
#[test]
fn a_sealed_and_stamped_record_is_proven_for_good() {
    let hospital = Hospital::open();
    let xml = signed(&hospital);
    let report = verify_xml(xml.as_bytes(), &hospital.authority.anchors(), NOW + 400 * DAY);
    assert_eq!((report.findings.as_slice(), report.level), (&[][..], Some(Level::LongTerm)));
    assert_eq!((report.signing_time, report.proven_time()), (Some(NOW), Some(NOW + MINUTE)));
    assert_eq!(report.signer.unwrap().organization_identifier.as_deref(), Some("01234"));
    assert_eq!(without_signature(xml.as_bytes()).as_deref(), Some(RECORD.as_bytes()));
    let said = verify_file(xml.as_bytes(), hospital.authority.root().to_pem().as_bytes(), NOW + DAY).unwrap();
    assert_eq!(said.verdict, Verdict::Holds);
    assert!(said.to_text().contains("HỢP LỆ") && said.to_text().contains("B-LT"), "{}", said.to_text());

    let stranger = Hospital::open();
    let report = verify_xml(xml.as_bytes(), &stranger.authority.anchors(), NOW + DAY);
    assert!(report.intact() && !report.trusted(), "{report:?}");
}

// Clauses: SIG-16
#[test]
fn a_signature_by_rsa_is_read_and_one_by_sha_1_is_refused() {
    let hospital = Hospital::open();
    let doctor = hospital.person("Trần Văn Minh", KeyKind::Rsa2048);
    let evidence = hospital.evidence(&doctor, NOW).unwrap();
    let signed = sign_enveloped(RECORD.as_bytes(), &doctor.signer(&evidence), NOW).unwrap();
    let report = verify_xml(&signed, &hospital.authority.anchors(), NOW);
    assert_eq!((report.findings.as_slice(), report.level), (&[][..], Some(Level::Basic)));

    let text = String::from_utf8(signed).unwrap();
    for (from, to) in [
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
    ] {
        let weak = found(&hospital, &text.replace(from, to));
        assert_eq!(weak, [Finding::Unsupported(to.into())]);
        assert!(weak[0].vietnamese().contains("không hỗ trợ"));
    }
}

// Clauses: SIG-7, SIG-10
#[test]
fn what_the_signer_was_when_the_stamp_was_made_counts() {
    let mut hospital = Hospital::open();
    let seal = hospital.seal();
    let evidence = hospital.evidence(&seal, NOW).unwrap();
    hospital.revoke(&seal, NOW - MINUTE);
    let careless = crate::Evidence { crls: hospital.crls.iter().map(|l| l.der().to_vec()).collect(), ..evidence };
    let signed = sign_enveloped(RECORD.as_bytes(), &seal.signer(&careless), NOW).unwrap();
    let report = verify_xml(&signed, &hospital.authority.anchors(), NOW);
    assert!(
        matches!(report.findings.as_slice(), [Finding::Certificate(CertificateProblem::Revoked { .. })]),
        "{report:?}"
    );
}

#[test]
fn a_signed_file_is_not_signed_again_and_a_strange_one_not_at_all() {
    let hospital = Hospital::open();
    let seal = hospital.seal();
    let evidence = hospital.evidence(&seal, NOW).unwrap();
    let xml = signed(&hospital);
    for refused in [xml.as_str(), "<a/>", "<a><!-- --></a>", "<!DOCTYPE a><a></a>", "no xml"] {
        let signed = sign_enveloped(refused.as_bytes(), &seal.signer(&evidence), NOW);
        assert!(matches!(signed, Err(SignError::NotASignature)), "{refused}");
    }
    let other = hospital.stamp(&hospital.clock(), &crate::StampRequest::new(b"another").unwrap(), NOW);
    assert!(matches!(add_stamp(xml.as_bytes(), &other, &evidence), Err(SignError::OtherStamp)));
}

/// What somebody does to a signed file, and the sentence that it earns.
// Clauses: SIG-15
#[test]
fn wrapped_moved_and_widened_signatures_are_refused() {
    let hospital = Hospital::open();
    let xml = signed(&hospital);
    let whole = |open: &str, close: &str| {
        let (_, rest) = xml.split_once(open).unwrap();
        format!("{open}{}{close}", rest.split_once(close).unwrap().0)
    };
    let signature = &whole("<ds:Signature ", "</ds:Signature>");
    let at = |from: &str, to: &str| {
        assert!(xml.contains(from), "{from}");
        xml.replacen(from, to, 1)
    };
    let without = xml.replace(signature, "");
    let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>not(self::mach)</ds:XPath></ds:Transform>";
    let xslt = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"></ds:Transform>";
    let properties = &whole("<xades:SignedProperties", "</xades:SignedProperties>");
    let cases = [
        ("changed", at("<mach>88<", "<mach>19<"), Finding::ContentChanged),
        ("added", at("<trong/>", "<trong/><dung/>"), Finding::ContentChanged),
        (
            "moved",
            at("<trong/>", &format!("<trong>{signature}</trong>")).replacen(&format!("{signature}</HoSo"), "</HoSo", 1),
            XmlProblem::Moved.into(),
        ),
        (
            "twice",
            at("<trong/>", &format!("<trong>{}</trong>", signature.replace(" Id=\"", " Id=\"x"))),
            XmlProblem::SignedTwice.into(),
        ),
        ("same Id", at("<mach>", "<mach Id=\"thuoc-tinh\">"), XmlProblem::IdTwice("thuoc-tinh".into()).into()),
        (
            "wrapped",
            format!(
                "<x>{}</x>",
                without.split_once("?>\n").unwrap().1.replace("</HoSoBenhAn>", &format!("{signature}</HoSoBenhAn>"))
            ),
            XmlProblem::Moved.into(),
        ),
        (
            "other properties",
            at(properties, &format!("{}{}", properties.replace("thuoc-tinh", "khac"), properties)),
            XmlProblem::Structure.into(),
        ),
        ("no enveloped", at(transform, ""), XmlProblem::Reference.into()),
        ("xpath", at(transform, &format!("{transform}{xpath}")), XmlProblem::Reference.into()),
        ("xslt", at(transform, &format!("{transform}{xslt}")), XmlProblem::Reference.into()),
        (
            "only a part",
            at("Id=\"noi-dung\" URI=\"\"", "Id=\"noi-dung\" URI=\"#chu-ky\""),
            XmlProblem::Reference.into(),
        ),
        (
            "elsewhere",
            at("Id=\"noi-dung\" URI=\"\"", "Id=\"noi-dung\" URI=\"http://example.org/a.xml\""),
            XmlProblem::Reference.into(),
        ),
        ("comment", at("<mach>88<", "<mach>8<!-- -->8<"), XmlProblem::Comment.into()),
        ("cdata", at("<mach>88<", "<mach><![CDATA[88]]><"), XmlProblem::Instruction.into()),
        ("instruction", at("<mach>", "<?go?><mach>"), XmlProblem::Instruction.into()),
        ("unsigned", without.clone(), XmlProblem::NotSigned.into()),
        ("time", at("<xades:SigningTime>2026", "<xades:SigningTime>2025"), Finding::SignatureWrong),
        (
            "another pin",
            at(
                "<xades:Cert>",
                "<xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>AAAA</ds:DigestValue></xades:CertDigest></xades:Cert><xades:Cert>",
            ),
            Finding::CertificateExchanged,
        ),
    ];
    for (what, changed, finding) in cases {
        let found = found(&hospital, &changed);
        assert!(found.contains(&finding), "{what}: {found:?}");
        assert!(found.iter().any(|finding| finding.severity() > Severity::Note), "{what}");
    }
}

#[test]
fn bombs_and_files_from_elsewhere_are_not_read() {
    let hospital = Hospital::open();
    let xml = signed(&hospital);
    let (declaration, rest) = xml.split_once('\n').unwrap();
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    for (before, problem) in [
        (bomb, XmlProblem::DocumentType),
        ("<!DOCTYPE a SYSTEM \"http://example.org/a.dtd\">", XmlProblem::DocumentType),
        ("<!-- -->", XmlProblem::Comment),
        ("<?xml-stylesheet href=\"a.xsl\"?>", XmlProblem::Instruction),
        ("<?xml version=\"1.0\"?>", XmlProblem::Malformed),
        ("<b/>", XmlProblem::Malformed),
        ("b", XmlProblem::Malformed),
    ] {
        assert_eq!(found(&hospital, &format!("{declaration}\n{before}{rest}")), [problem.into()], "{before}");
    }
    let entity = xml.replacen("<mach>88<", "<mach>&lol;<", 1);
    assert_eq!(found(&hospital, &entity), [XmlProblem::Entity.into()]);
    let latin = xml.replacen("UTF-8", "ISO-8859-1", 1);
    assert_eq!(found(&hospital, &latin), [XmlProblem::Malformed.into()]);
    let deep = "<a>".repeat(40) + &"</a>".repeat(40);
    assert_eq!(found(&hospital, &deep), [XmlProblem::TooLarge.into()]);
    assert_eq!(found(&hospital, "\u{feff}<a></a>"), [XmlProblem::Malformed.into()]);
    for refused in
        ["<a", "<a>", "<a></b>", "<a x='1' x='2'></a>", "<p:a></p:a>", "<a>&#0;</a>", "<a>]]></a>", "<a>\r</a>"]
    {
        let report = verify_xml(refused.as_bytes(), &hospital.authority.anchors(), NOW);
        assert_eq!(report.findings, [XmlProblem::Malformed.into()], "{refused}");
        assert!(report.findings[0].vietnamese().contains("sai cú pháp"));
    }
}

/// Cases of the recommendation, with the bytes that others make of them.
#[test]
fn canonical_bytes_are_those_of_the_recommendation() {
    for (xml, canonical) in [
        ("<a/>", "<a></a>"),
        (
            "<?xml version='1.0'?>\n<a  b='2' a=\"1\" >\n x &#13;&gt;&quot; </a>\n",
            "<a a=\"1\" b=\"2\">\n x &#xD;&gt;\" </a>",
        ),
        (
            "<a xmlns='u' xmlns:p='v' xmlns:q='w'><p:b q:z='1' y='2' p:x='&#9;&lt;&#10;\"'/></a>"
                .replace("\"'", "&quot;'")
                .leak(),
            "<a xmlns=\"u\"><p:b xmlns:p=\"v\" xmlns:q=\"w\" y=\"2\" p:x=\"&#x9;&lt;&#xA;&quot;\" q:z=\"1\"></p:b></a>",
        ),
        ("<a xmlns='u'><b xmlns=''><c xmlns='u'/></b></a>", "<a xmlns=\"u\"><b xmlns=\"\"><c xmlns=\"u\"></c></b></a>"),
        (
            "<p:a xmlns:p='u'><p:a xmlns:p='v' xml:lang='vi'/><p:a/></p:a>",
            "<p:a xmlns:p=\"u\"><p:a xmlns:p=\"v\" xml:lang=\"vi\"></p:a><p:a></p:a></p:a>",
        ),
    ] {
        assert_eq!(exclusive(xml), canonical);
    }
    let inner = tree::read(b"<a xmlns='u' xmlns:p='v' p:x='1'><p:b><c>1</c></p:b></a>").unwrap();
    let below = String::from_utf8(canonical(inner.elements().next().unwrap(), None)).unwrap();
    assert_eq!(below, "<p:b xmlns:p=\"v\"><c xmlns=\"u\">1</c></p:b>", "as if it stood alone");
}

// Clauses: SIG-15
#[test]
fn no_flipped_bit_of_a_signed_file_keeps_it_whole() {
    let hospital = Hospital::open();
    let xml = signed(&hospital).into_bytes();
    let anchors = hospital.authority.anchors();
    let mut accepted = Vec::new();
    for at in (0..xml.len()).step_by(3) {
        let mut changed = xml.clone();
        changed[at] ^= 1 << (at / 3 % 7);
        // A holder of the package compares what is left with what the signed bodies say, to the byte.
        if verify_xml(&changed, &anchors, NOW + DAY).trusted()
            && without_signature(&changed).as_deref() == Some(RECORD.as_bytes())
        {
            accepted.push(at);
        }
    }
    assert!(accepted.is_empty(), "{accepted:?} of {}", xml.len());
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just('&'),
            Just('<'),
            Just('>'),
            Just('"'),
            Just('\n'),
            Just('\t'),
            Just('\r'),
            Just('ữ'),
            any::<char>()
        ],
        0..20,
    )
    .prop_map(|text| {
        text.into_iter()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\r'))
            .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
            .collect()
    })
}

proptest! {
    #[test]
    fn canonical_bytes_are_a_fixed_point(inside in text(), value in text()) {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\r', "&#13;").replace('>', "&gt;");
        let quoted = escaped(&value).replace('\n', "&#10;").replace('\t', "&#9;");
        let once = exclusive(&format!("<a b=\"{quoted}\">{}</a>", escaped(&inside)));
        prop_assert_eq!(&exclusive(&once), &once);
        let read = tree::read(once.as_bytes()).unwrap();
        prop_assert_eq!(read.text().unwrap(), inside);
        prop_assert_eq!(read.attribute("b").unwrap(), value);
    }

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let hospital_knows_nobody = crate::Anchors::default();
        prop_assert!(!verify_xml(&bytes, &hospital_knows_nobody, NOW).trusted());
    }
}
