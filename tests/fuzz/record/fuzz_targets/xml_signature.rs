//! Whatever is done to a sealed XML file, it is answered, and where it still holds it still says the same.
#![no_main]

mod facility;

use benhan_sign::xades::{sign_enveloped, verify_xml, without_signature};
use facility::{Facility, NOW, edited};
use libfuzzer_sys::fuzz_target;
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
        assert!(without_signature(&changed).is_none_or(|content| content == RECORD.as_bytes()));
    }
});
