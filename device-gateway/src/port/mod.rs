//! The ports of the gateway, one list: what the configuration names in `[[gateway.port]]`, and the listeners and
//! serial lines of the older keys. Each is a conversation (`Speaks`) by a way (`Via`); all start alike.

mod line;
mod url;

pub use line::{Flow, LineSettings, Parity};
pub use url::UrlError;

use crate::config::{DeviceEntry, GatewayConfig, ListenConfig, SerialLine};
use crate::driver;
use crate::profile::Framing;
use benhan_contract::Protocol;
use benhan_device_codec::bedside;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

/// One way in for devices, as it is configured.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PortEntry {
    /// Its channel, by which lists and `[[gateway.device]]` know it: letters, digits, `-`, `_` and `.`, at most 40.
    pub name: String,
    /// `PROTOCOL+TRANSPORT://…`, as in `mllp+listen://0.0.0.0:2575?peer=10.0.9.0/24`.
    pub url: String,
    /// Id of a profile for what comes in here; empty: found by sender.
    #[serde(default)]
    pub profile: String,
    /// Charset of the device when it does not send UTF-8.
    #[serde(default)]
    pub charset: String,
    /// Zone of its clock.
    #[serde(default)]
    pub time_zone: String,
    /// Of a bedside device that does not say it: where its line ends, `UNIT^ROOM^BED`.
    #[serde(default)]
    pub place: String,
    /// HL7: `strict` or `lenient` frames; nothing: as `profile` says.
    #[serde(default)]
    pub framing: Option<Framing>,
    /// With TLS: our certificate and the ones between it and its authority, PEM.
    #[serde(default)]
    pub certificate: PathBuf,
    /// With TLS: the key of that certificate.
    #[serde(default)]
    pub key: PathBuf,
    /// With TLS: the authority that the device's certificate must be from. Who listens may leave it out.
    #[serde(default)]
    pub ca: PathBuf,
}

/// Why the list cannot stand.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PortError {
    #[error("gateway.port: {0:?} is no name: letters, digits, - _ and . are, at most 40 of them")]
    Name(String),
    #[error("two ports are called {0:?}")]
    Twice(String),
    #[error("gateway.port {name:?}: {cause}")]
    Url { name: String, cause: UrlError },
    #[error("gateway.port {name:?}: {what}")]
    Place { name: String, what: &'static str },
    #[error("gateway.port {name:?}: {what}")]
    Tls { name: String, what: &'static str },
    #[error("gateway.serial {name:?}: {what}")]
    Serial { name: String, what: &'static str },
}

/// Which conversation a port holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// HL7; on a line in MLLP frames.
    Hl7,
    /// ASTM; on a line frame by frame.
    Astm,
    /// A bedside protocol, by its driver.
    Bedside(Bedside),
    /// HTTP, one message a request.
    Post(Protocol),
}

impl Speaks {
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Hl7 => Protocol::Hl7,
            Self::Astm => Protocol::Astm,
            Self::Bedside(device) => driver::bedside::called(device.protocol),
            Self::Post(protocol) => protocol,
        }
    }
}

/// A bedside device, and how often it is to be heard where it is asked; else as its protocol usually does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bedside {
    pub protocol: bedside::Protocol,
    pub every: Option<Duration>,
}

/// How the bytes of a port come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    Listen(ListenConfig),
    Dial(Host),
    Serial {
        path: PathBuf,
        line: LineSettings,
    },
    /// A serial line behind a terminal server that is set from here.
    Rfc2217 {
        host: Host,
        line: LineSettings,
    },
    /// Datagrams of one peer.
    Udp(Host),
    /// Files that are dropped into a folder.
    Folder {
        path: PathBuf,
        pattern: String,
        every: Duration,
    },
}

/// Whom to call: an address or a name, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    pub name: String,
    pub port: u16,
}

/// Files of a port's TLS; empty paths are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub ca: PathBuf,
}

/// A port, ready to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    pub channel: String,
    pub speaks: Speaks,
    pub via: Via,
    pub tls: Option<TlsFiles>,
    /// Largest message in bytes.
    pub limit: usize,
    /// A message begun must end within this time.
    pub message_timeout: Duration,
    pub framing: Option<Framing>,
}

/// Every port of a configuration.
///
/// # Errors
/// The first entry that cannot stand.
pub fn all(config: &GatewayConfig) -> Result<Vec<Port>, PortError> {
    let listeners = [("mllp", Speaks::Hl7, &config.mllp), ("astm", Speaks::Astm, &config.astm)];
    let mut ports: Vec<Port> = listeners
        .into_iter()
        .filter(|(.., listen)| listen.enabled)
        .map(|(channel, speaks, listen)| Port::listening(channel, speaks, listen.clone()))
        .collect();
    for line in &config.serial {
        ports.push(Port::of_line(line, &config.astm)?);
    }
    for entry in &config.port {
        ports.push(Port::of(entry)?);
    }
    named_once(ports.iter().map(|port| port.channel.as_str()))?;
    Ok(ports)
}

/// Can these entries stand? Looks at what they say, and opens nothing.
///
/// # Errors
/// The first that cannot.
pub fn check_ports(entries: &[PortEntry]) -> Result<(), PortError> {
    entries.iter().try_for_each(|entry| Port::of(entry).map(drop))?;
    named_once(["mllp", "astm"].into_iter().chain(entries.iter().map(|entry| entry.name.as_str())))
}

fn named_once<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<(), PortError> {
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(again) => Err(PortError::Twice(again.to_owned())),
        None => Ok(()),
    }
}

/// What the ports say of their devices, as entries that stand behind those of `[[gateway.device]]`.
pub fn devices(ports: &[PortEntry]) -> Vec<DeviceEntry> {
    let says = |port: &&PortEntry| {
        [&port.profile, &port.charset, &port.time_zone, &port.place].iter().any(|key| !key.is_empty())
    };
    ports
        .iter()
        .filter(says)
        .map(|port| DeviceEntry {
            channel: port.name.clone(),
            profile: port.profile.clone(),
            charset: port.charset.clone(),
            time_zone: port.time_zone.clone(),
            place: port.place.clone(),
            ..DeviceEntry::default()
        })
        .collect()
}

impl Port {
    fn listening(channel: &str, speaks: Speaks, listen: ListenConfig) -> Self {
        Self {
            channel: channel.to_owned(),
            speaks,
            limit: listen.message_limit(),
            message_timeout: Duration::from_secs(listen.message_timeout_s.max(1)),
            via: Via::Listen(listen),
            tls: None,
            framing: None,
        }
    }

    fn of_line(line: &SerialLine, astm: &ListenConfig) -> Result<Self, PortError> {
        let settings = LineSettings::of(line).map_err(|what| PortError::Serial { name: line.name.clone(), what })?;
        let bounds = ListenConfig { max_message_bytes: line.max_message_bytes, ..astm.clone() };
        let port = Self::listening(&format!("serial:{}", line.name), Speaks::Astm, bounds);
        Ok(Self { via: Via::Serial { path: line.path.clone(), line: settings }, ..port })
    }

    fn of(entry: &PortEntry) -> Result<Self, PortError> {
        let name = entry.name.clone();
        if !is_name(&name) {
            return Err(PortError::Name(name));
        }
        let read = match url::parse(&entry.url) {
            Ok(read) => read,
            Err(cause) => return Err(PortError::Url { name, cause }),
        };
        has_place(entry, &read).map_err(|what| PortError::Place { name: name.clone(), what })?;
        let tls = tls_files(entry, &read).map_err(|what| PortError::Tls { name: name.clone(), what })?;
        let bounds = Self::listening(&name, read.speaks, read.bounds);
        Ok(Self { via: read.via, tls, framing: entry.framing, ..bounds })
    }
}

fn is_name(name: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=40).contains(&name.len()) && name.bytes().all(sign)
}

/// HL7 says where its sender stands, and an analyzer stands nowhere that matters.
fn has_place(entry: &PortEntry, read: &url::PortUrl) -> Result<(), &'static str> {
    let parts: Vec<&str> = entry.place.split('^').map(str::trim).collect();
    match (parts.as_slice(), read.speaks) {
        ([""], Speaks::Bedside(Bedside { protocol: bedside::Protocol::Medibus | bedside::Protocol::Dri, .. })) => {
            Err("the device does not say where it stands: place = \"UNIT^ROOM^BED\" is missing")
        }
        ([""], _) => Ok(()),
        (_, Speaks::Hl7 | Speaks::Astm | Speaks::Post(_)) => Err("place is for bedside protocols alone"),
        ([_, _, bed], _) if !bed.is_empty() => Ok(()),
        _ => Err("place is UNIT^ROOM^BED, as HSTC^P2^G05; what is not known stays empty, but not the bed"),
    }
}

fn tls_files(entry: &PortEntry, read: &url::PortUrl) -> Result<Option<TlsFiles>, &'static str> {
    let [certificate, key, ca] = [&entry.certificate, &entry.key, &entry.ca].map(|path| !path.as_os_str().is_empty());
    if !read.tls {
        let named = certificate || key || ca;
        return if named {
            Err("certificate, key and ca are for ports with TLS alone: mllps, astms, https, poct1-as")
        } else {
            Ok(None)
        };
    }
    if certificate != key {
        return Err("certificate and key belong together");
    }
    match read.via {
        Via::Listen(_) if !certificate => return Err("TLS needs certificate and key"),
        Via::Dial(_) if !ca => return Err("TLS needs ca, the authority of the device's certificate"),
        _ => {}
    }
    let (certificate, key, ca) = (entry.certificate.clone(), entry.key.clone(), entry.ca.clone());
    Ok(Some(TlsFiles { certificate, key, ca }))
}

#[cfg(test)]
mod tests;
