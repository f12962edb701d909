//! What we send.

use std::fmt::Write as _;

/// Numbers our documents and stamps them with the device's own time.
#[derive(Debug, Default)]
pub(super) struct Replies {
    sent: u32,
    pub created: String,
}

impl Replies {
    pub fn acknowledge(&mut self, control_id: &str, accepted: bool) -> Vec<u8> {
        let code = if accepted { "AA" } else { "AE" };
        let body = format!("<ACK><ACK.type_cd V=\"{code}\"/><ACK.ack_control_id V=\"{}\"/></ACK>", escaped(control_id));
        self.document("ACK.R01", &body)
    }

    pub fn request_observations(&mut self) -> Vec<u8> {
        self.document("REQ.R01", "<REQ><REQ.request_cd V=\"ROBS\"/></REQ>")
    }

    pub fn start_continuous(&mut self) -> Vec<u8> {
        self.document("DTV.R01", "<DTV><DTV.command_cd V=\"START_CONTINUOUS\"/></DTV>")
    }

    pub fn keep_alive(&mut self) -> Vec<u8> {
        self.document("KPA.R01", "")
    }

    pub fn end(&mut self) -> Vec<u8> {
        self.document("END.R01", "<TRM><TRM.reason_cd V=\"NRM\"/></TRM>")
    }

    fn document(&mut self, name: &str, body: &str) -> Vec<u8> {
        self.sent = self.sent.wrapping_add(1);
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "<{name}><HDR><HDR.message_type V=\"{name}\"/><HDR.control_id V=\"{}\"/><HDR.version_id V=\"POCT1\"/>\
             <HDR.creation_dttm V=\"{}\"/></HDR>{body}</{name}>",
            self.sent,
            escaped(&self.created)
        );
        text.into_bytes()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
