//! Whatever is done to a sealed XML file, it is answered, and where it still holds another reader finds the same in it.
#![no_main]

mod edited;
mod facility;

use benhan_sign::xades::{sign_enveloped, verify_xml, without_signature};
use edited::edited;
use facility::{Facility, NOW};
use libfuzzer_sys::fuzz_target;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::sync::LazyLock;

const RECORD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<HoSoBenhAn>\n  <hoten>Nguyễn Thị Hương &amp; con</hoten>\n  <mach>88</mach>\n  <trong/>\n</HoSoBenhAn>\n";

static FACILITY: LazyLock<Facility> = LazyLock::new(Facility::open);
static SEALED: LazyLock<Vec<u8>> =
    LazyLock::new(|| sign_enveloped(RECORD.as_bytes(), &FACILITY.signer(), NOW).expect("it is sealed"));

fuzz_target!(|input: &[u8]| {
    // As it comes, and as what somebody did to a good one.
    assert!(!verify_xml(input, &FACILITY.anchors, NOW).trusted(), "nobody knows the key");
    let changed = edited(&SEALED, input);
    if verify_xml(&changed, &FACILITY.anchors, NOW).trusted() {
        let content = without_signature(&changed);
        assert!(content.is_none_or(|content| said(&String::from_utf8(content).expect("text")) == said(RECORD)));
    }
});

/// Tags and text in their order. The declaration, space around the root, and how an empty element or a character is written
/// are no part of what is said, and not signed.
fn said(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let (mut said, mut depth) = (vec![String::new()], 0);
    loop {
        let text = match reader.read_event().expect("it was read before") {
            Event::Start(tag) => {
                depth += 1;
                assert_eq!(tag.attributes().count(), 0, "none was signed");
                said.extend([format!("<{}>", tag.name().as_ref()), String::new()]);
                continue;
            }
            Event::End(tag) => {
                depth -= 1;
                said.extend([format!("</{}>", tag.name().as_ref()), String::new()]);
                continue;
            }
            Event::Text(text) => text.to_string(),
            Event::GeneralRef(name) => {
                quick_xml::escape::unescape(&format!("&{};", &*name)).expect("a character").into_owned()
            }
            Event::Decl(_) => continue,
            Event::Eof => return said,
            other => panic!("{other:?}"),
        };
        if depth > 0 {
            said.last_mut().expect("there is one").push_str(&text);
        }
    }
}
