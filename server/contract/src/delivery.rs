//! One message from a device: as it was received, and as the gateway read it.

use crate::{Micros, Reading};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Given when the raw bytes are committed to the spool; the server applies one id once, however often it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeliveryId(pub Uuid);

/// A message kept by the gateway, with its reading. `raw` is what decides when a reading was wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceDelivery {
    pub id: DeliveryId,
    /// Place in the spool: deliveries of one device are applied in this order.
    pub sequence: i64,
    pub sender: Sender,
    pub protocol: Protocol,
    pub received_at: Micros,
    /// The device's own clock when it sent (MSH-7, H-14); with `received_at` it gives the skew.
    pub message_at: Option<Micros>,
    pub processing: Processing,
    /// MSH-10, or nothing for ASTM. Never an identity: some analyzers send a constant.
    pub control_id: Option<String>,
    /// HL7 `ORU^R01`; for ASTM the kind that H-11 names, if any.
    pub message_type: String,
    /// The bytes as received, base64.
    pub raw: String,
    /// Hex SHA-256 of the bytes as received.
    pub raw_sha256: String,
    pub patient: Option<SenderPatient>,
    pub location: Option<SenderLocation>,
    pub groups: Vec<ResultGroup>,
    /// What was read but must not reach a chart, and why.
    pub set_aside: Vec<SetAside>,
}

/// Who sent it, as far as the wire tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sender {
    /// The listener or line it came in on, as configured: `mllp`, `astm`, `serial:xn-1`.
    pub channel: String,
    /// Peer address without its port; empty for a serial line.
    pub address: String,
    /// MSH-3 or H-5.1.
    pub application: String,
    /// MSH-4, or the rest of H-5.
    pub facility: String,
    /// OBX-18 or OBR-3/PV1-3's equipment identifier where one is sent (EUI-64).
    pub equipment: String,
}

/// What the bytes of a message are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    Hl7,
    Astm,
    /// Records of bedside devices, each as its driver had them kept.
    Medibus,
    Dri,
    IntellivueUdp,
    IntellivueSerial,
    /// Glucose meters and other readers that are carried about.
    #[serde(rename = "poct1-a")]
    Poct1A,
    /// Instruments that print.
    #[serde(rename = "sysmex-k1000")]
    SysmexK1000,
    SpotchemEl,
    MiniVidas,
}

const PROTOCOLS: &[(&str, Protocol)] = &[
    ("hl7", Protocol::Hl7),
    ("astm", Protocol::Astm),
    ("medibus", Protocol::Medibus),
    ("dri", Protocol::Dri),
    ("intellivue-udp", Protocol::IntellivueUdp),
    ("intellivue-serial", Protocol::IntellivueSerial),
    ("poct1-a", Protocol::Poct1A),
    ("sysmex-k1000", Protocol::SysmexK1000),
    ("spotchem-el", Protocol::SpotchemEl),
    ("mini-vidas", Protocol::MiniVidas),
];

impl Protocol {
    /// As it stands in JSON, in a spool and in a configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        PROTOCOLS.iter().find(|(_, protocol)| *protocol == self).map_or("", |(name, _)| name)
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        PROTOCOLS.iter().find(|(have, _)| *have == name).map(|(_, protocol)| *protocol)
    }

    /// Only monitors and ventilators speak it: of whoever lies there, whether it has a value just now or not.
    #[must_use]
    pub fn is_bedside_monitor(self) -> bool {
        matches!(self, Self::Medibus | Self::Dri | Self::IntellivueUdp | Self::IntellivueSerial)
    }
}

/// MSH-11, MSH-16 or H-12: only `Production` may reach a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Processing {
    Production,
    Training,
    Debugging,
    QualityControl,
}

/// The patient as the device names them: a cross-check, never by itself an identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderPatient {
    pub ids: Vec<String>,
    pub name: String,
    pub birth_date: String,
    pub sex: String,
}

/// PV1-3 taken apart: point of care, room, bed, and the text as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderLocation {
    pub unit: String,
    pub room: String,
    pub bed: String,
    pub text: String,
}

/// Readings that share a specimen (O record, OBR or SPM) or, for a monitor, an OBR.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResultGroup {
    /// Specimen identifiers that the device may mean, most likely first, trimmed.
    pub specimens: Vec<String>,
    /// OBR-4 or the O record's panel, as sent.
    pub service: String,
    pub readings: Vec<Reading>,
}

/// A value kept for the record that must not be charted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    pub code: String,
    pub value: String,
    /// `sentinel`, `empty`, `demo`, `quality-control`, `deleted`, `alert`, `attachment`, `waveform`, `not-final`.
    pub why: String,
}
