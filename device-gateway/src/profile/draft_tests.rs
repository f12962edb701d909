//! A draft is a profile that can be used, whatever the device sent.

use super::*;
use crate::profile::{Level, Profile, lint};
use proptest::prelude::*;
use std::sync::Arc;

const SESSION: &str = "MSH|^~\\&|HEMAX 330|Acme|||20261130080000+0700||ORU^R01|1|P|2.3.1\rPID|1||BN1\rOBR|1||TUBE-7\r\
    OBX|1|NM|WBC^Bạch cầu||6.1|10^9/L|4-10|N|||F\rOBX|2|NM|ZZZ||1.2|furlong|||||F\rOBX|3|NM|PLT||over|10^9/L|||||F\r";

fn errors(text: &str) -> Vec<String> {
    lint(text, &[]).into_iter().filter(|finding| finding.level == Level::Error).map(|finding| finding.what).collect()
}

#[test]
fn a_draft_passes_the_linter_and_reads_its_own_session() {
    let text = draft(SESSION.as_bytes(), "").unwrap();
    assert_eq!(errors(&text), Vec::<String>::new(), "{text}");
    let profile = Arc::new(Profile::parse(&text).unwrap());
    assert_eq!(profile.id, "acme-hemax-330");
    for part in [
        "\"OBR-3.1\"",
        "6690-2",
        "# not_a_value = [\"over\"]",
        "# \"furlong\" = ",
        "Chưa biết LOINC (máy gửi đơn vị furlong)",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let read = Capture::read(SESSION.as_bytes(), None, vec![profile]);
    let message = &read.messages[0];
    assert_eq!(message.profile.as_ref().unwrap().id, "acme-hemax-330", "its own header is recognised");
    assert_eq!(message.delivery.groups[0].specimens, ["TUBE-7"]);
    assert_eq!(message.delivery.groups[0].readings[0].loinc.as_deref(), Some("6690-2"));
}

#[test]
fn an_astm_session_gives_a_draft_with_its_places() {
    let session = "H|\\^&|||NewLab^N9^1.0\rP|1\rO|1||^^   S-9|^^^GLU\rR|1|^^^GLU|5.4|mmol/L||N||F\rL|1|N\r";
    let text = draft(session.as_bytes(), "may-n9").unwrap();
    assert_eq!(errors(&text), Vec::<String>::new(), "{text}");
    assert!(text.contains("\"O-4.3\"") && text.contains("14749-6"), "{text}");
    let read = Capture::read(session.as_bytes(), Some(Arc::new(Profile::parse(&text).unwrap())), Vec::new());
    assert_eq!(read.messages[0].delivery.groups[0].specimens, ["S-9"]);
}

#[test]
fn what_holds_no_message_gives_no_draft() {
    for bytes in [&b""[..], b"hello", b"code;value\nWBC;5\n", b"\x0bhello\x1c\r"] {
        assert_eq!(draft(bytes, "x"), Err(DraftError::NoMessage), "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn any_session_gives_a_draft_that_the_linter_takes(
        application in "[ -{}~à-ỹ]{0,20}",
        rows in proptest::collection::vec(("[ -{}~à-ỹ]{1,12}", "[ -{}~à-ỹ]{0,8}", "[ -{}~à-ỹ]{0,8}"), 0..8)
    ) {
        let rows: String = rows.iter().map(|(code, value, unit)| format!("OBX|1|NM|{code}||{value}|{unit}|||||F\r")).collect();
        let session = format!("MSH|^~\\&|{application}|LAB|||20261130||ORU^R01|1|P|2.3.1\rOBR|1||S\r{rows}");
        let text = draft(session.as_bytes(), "x").unwrap();
        prop_assert_eq!(errors(&text), Vec::<String>::new(), "{}", text);
    }
}
