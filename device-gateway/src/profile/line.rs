//! What a device does otherwise on its line, and is let do: `[line]` of a profile.

use benhan_device_codec::astm::frame::{Form, LONG_FRAME, SHORT_FRAME, Tolerance};
use serde::{Deserialize, Serialize};

/// How strictly MLLP frames are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    #[default]
    Strict,
    /// Messages without a frame are taken, and bytes that only keep the line open.
    Lenient,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgive {
    NoChecksum,
    AnyNumber,
    NoEnquiry,
}

/// `[line]` as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineForm {
    /// HL7: `strict` or `lenient`.
    pub framing: Option<Framing>,
    /// ASTM: `no-checksum`, `any-number`, `no-enquiry`.
    pub forgive: Option<Vec<Forgive>>,
    /// ASTM, of what we send: frames up to 63 993 characters (LIS01-A2) instead of 240.
    pub long_frames: Option<bool>,
    /// ASTM, of what we send: false fills frames across records.
    pub record_a_frame: Option<bool>,
}

/// How bytes go to and fro.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineRules {
    pub framing: Framing,
    pub tolerance: Tolerance,
    pub form: Form,
}

impl LineRules {
    pub(super) fn of(form: &LineForm, base: Self) -> Self {
        let tolerance = form.forgive.as_ref().map_or(base.tolerance, |forgive| Tolerance {
            no_checksum: forgive.contains(&Forgive::NoChecksum),
            any_number: forgive.contains(&Forgive::AnyNumber),
            no_enquiry: forgive.contains(&Forgive::NoEnquiry),
        });
        let text = form.long_frames.map_or(base.form.text, |long| if long { LONG_FRAME } else { SHORT_FRAME });
        let record_a_frame = form.record_a_frame.unwrap_or(base.form.record_a_frame);
        Self { framing: form.framing.unwrap_or(base.framing), tolerance, form: Form { text, record_a_frame } }
    }
}
