//! What the driver must know of a document.

use super::document::Element;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Hello,
    Status,
    /// Results, of patients or controls.
    Observations,
    Events,
    EndOfTopic,
    KeepAlive,
    Acknowledgement {
        accepted: bool,
    },
    /// The device ends the conversation.
    End,
    Other,
}

/// A document with its head read.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub kind: Kind,
    /// What an acknowledgement must name.
    pub control_id: String,
    /// The device's time, which goes back in what we send: we have no clock.
    pub created: String,
    root: Element,
}

/// No control id is longer; a longer one is cut, and its sender asks again.
const LONGEST_ID: usize = 64;

impl Message {
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let root = Element::parse(bytes).ok()?;
        let kind = match root.name.as_str() {
            "HEL.R01" => Kind::Hello,
            "DST.R01" => Kind::Status,
            "OBS.R01" | "OBS.R02" => Kind::Observations,
            "EVS.R01" => Kind::Events,
            "EOT.R01" => Kind::EndOfTopic,
            "KPA.R01" => Kind::KeepAlive,
            "END.R01" => Kind::End,
            "ACK.R01" => {
                let code = root.child("ACK").and_then(|ack| ack.value("ACK.type_cd"));
                Kind::Acknowledgement { accepted: code == Some("AA") }
            }
            _ => Kind::Other,
        };
        let header = root.child("HDR")?;
        let text = |field| header.value(field).unwrap_or_default().chars().take(LONGEST_ID).collect();
        let (control_id, created) = (text("HDR.control_id"), text("HDR.creation_dttm"));
        Some(Self { kind, control_id, created, root })
    }

    /// Results that wait on the device; unknown is taken for some.
    pub fn has_results(&self) -> bool {
        let quantity = self.root.child("DST").and_then(|status| status.value("DST.new_observations_qty"));
        quantity != Some("0")
    }

    fn device(&self) -> Option<&Element> {
        self.root.child("DEV")
    }

    /// After so long without a message the device gives up.
    pub fn timeout(&self) -> Option<Duration> {
        let seconds: f32 = self.device()?.child("DCP")?.value("DCP.application_timeout")?.parse().ok()?;
        Duration::try_from_secs_f32(seconds).ok()
    }

    pub fn can_stay(&self) -> bool {
        let mut capabilities = self.device().and_then(|device| device.child("DSC")).into_iter();
        capabilities.any(|static_ones| {
            let mut directives = static_ones.children("DSC.directives_supported_cd");
            directives.any(|directive| directive.attribute("V") == Some("START_CONTINUOUS"))
        })
    }
}
