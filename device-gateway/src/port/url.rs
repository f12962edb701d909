//! `PROTOCOL+TRANSPORT://…?key=value`: what a port speaks, and how its bytes come. Pure.
//!
//! `+` and `-` are one here, and so are `tcp` and `dial`; an `s` behind the protocol is TLS. A key that a transport
//! does not know is an error that names it and those that it knows.

use super::{Bedside, Host, LineSettings, Speaks, Via};
use crate::config::ListenConfig;
use benhan_contract::Protocol;
use benhan_device_codec::bedside;
use percent_encoding::percent_decode_str;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UrlError {
    #[error("url cannot be read: {0}")]
    Form(String),
    #[error(
        "{0}:// is not known. Write PROTOCOL+TRANSPORT: mllp or astm (with TLS mllps, astms), and listen, tcp, serial or rfc2217; \
         hl7 or astm, and file, http or https; or a bedside protocol ({names}), and listen, tcp, serial or rfc2217; intellivue+udp",
        names = bedside::Protocol::names().collect::<Vec<_>>().join(", ")
    )]
    Scheme(String),
    #[error("url: {protocol} does not come by {way}; it comes by {known}")]
    Way { protocol: String, way: String, known: &'static str },
    #[error("url: the key {key:?} is not known here; known are {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    Key { key: String, known: Vec<&'static str> },
    #[error("url: {0:?} stands there twice")]
    Twice(String),
    #[error("url: {key}={value} is not right: {want}")]
    Value { key: String, value: String, want: &'static str },
    #[error("url: {0}")]
    Place(&'static str),
}

/// What a URL says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortUrl {
    pub speaks: Speaks,
    pub tls: bool,
    pub via: Via,
    /// Limits of messages and, where it listens, of connections.
    pub bounds: ListenConfig,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Listen,
    Dial,
    Serial,
    Rfc2217,
    Udp,
    File,
}

const MESSAGE: &[&str] = &["max_message_bytes", "message_timeout_s"];
const LISTEN: &[&str] = &["peer", "max_connections", "max_connections_per_address"];
/// Between two askings of a monitor: the board shows it soon enough, and the record is not filled by it.
const ASKED: Duration = Duration::from_secs(30);
const FILE: &[&str] = &["glob", "every_s", "max_message_bytes"];
const LINE: &[&str] = &["baud", "mode", "flow"];

pub fn parse(text: &str) -> Result<PortUrl, UrlError> {
    let url = Url::parse(text.trim()).map_err(|cause| UrlError::Form(cause.to_string()))?;
    let (mut speaks, tls, transport) = scheme(url.scheme())?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(UrlError::Place("user, password and # have no place in it"));
    }
    let mut bounds = ListenConfig::at(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
    let mut line = LineSettings::default();
    let (mut pattern, mut every) = ("*".to_owned(), Duration::from_secs(2));
    let known = transport.keys(speaks);
    let mut seen: Vec<String> = Vec::new();
    for (key, value) in url.query_pairs() {
        if !known.contains(&key.as_ref()) {
            return Err(UrlError::Key { key: key.into_owned(), known });
        }
        if key != "peer" && seen.iter().any(|earlier| *earlier == key) {
            return Err(UrlError::Twice(key.into_owned()));
        }
        match key.as_ref() {
            "glob" => pattern = value.to_string(),
            "every_s" => {
                every = Duration::from_secs(u64::try_from(count(&key, &value)?.min(3600)).unwrap_or(3600));
                if let Speaks::Bedside(device) = &mut speaks {
                    device.every = Some(every);
                }
            }
            _ => set(&mut bounds, &mut line, &key, &value)?,
        }
        seen.push(key.into_owned());
    }
    let via = match transport {
        Transport::Listen => {
            bounds.address = address(&url)?;
            Via::Listen(bounds.clone())
        }
        Transport::Dial => Via::Dial(host(&url)?),
        Transport::Serial => Via::Serial { path: path(&url)?, line },
        Transport::Udp => Via::Udp(host(&url)?),
        Transport::File => Via::Folder { path: path(&url)?, pattern, every },
        Transport::Rfc2217 => Via::Rfc2217 { host: host(&url)?, line },
    };
    Ok(PortUrl { speaks, tls, via, bounds })
}

impl Transport {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "listen" => Self::Listen,
            "dial" | "tcp" => Self::Dial,
            "serial" => Self::Serial,
            "rfc2217" => Self::Rfc2217,
            "udp" => Self::Udp,
            "file" => Self::File,
            _ => return None,
        })
    }

    /// A wire has no TLS, nor has a terminal server's telnet.
    fn may_have_tls(self) -> bool {
        matches!(self, Self::Listen | Self::Dial)
    }

    fn carries(self, protocol: bedside::Protocol) -> bool {
        match protocol {
            bedside::Protocol::IntellivueUdp => self == Self::Udp,
            bedside::Protocol::Poct1 => matches!(self, Self::Listen | Self::Dial),
            _ => !matches!(self, Self::Udp | Self::File),
        }
    }

    fn keys(self, speaks: Speaks) -> Vec<&'static str> {
        let own = match self {
            // A file has no time limit: it is taken when it is there.
            Self::File => return FILE.to_vec(),
            Self::Listen => LISTEN,
            Self::Dial | Self::Udp => &[],
            Self::Serial | Self::Rfc2217 => LINE,
        };
        match speaks {
            // How large a message may be, each protocol says itself; a datagram is one whole.
            Speaks::Bedside(device) => {
                let asked: &[&str] = if device.protocol.is_asked() { &["every_s"] } else { &[] };
                let timed: &[&str] = if self == Self::Udp { &[] } else { &["message_timeout_s"] };
                [own, asked, timed].concat()
            }
            _ => [own, MESSAGE].concat(),
        }
    }
}

fn scheme(text: &str) -> Result<(Speaks, bool, Transport), UrlError> {
    let unknown = || UrlError::Scheme(text.to_owned());
    let (protocol, transport) = text.rsplit_once(['+', '-']).ok_or_else(unknown)?;
    let by_http = |protocol| (Speaks::Post(protocol), transport == "https", Transport::Listen);
    match (protocol, transport) {
        ("hl7", "http" | "https") => return Ok(by_http(Protocol::Hl7)),
        ("astm", "http" | "https") => return Ok(by_http(Protocol::Astm)),
        _ => {}
    }
    let by = Transport::named(transport).ok_or_else(unknown)?;
    if let Some((named, tls)) = bedside(protocol, by) {
        let fits = by.carries(named) && (!tls || by.may_have_tls());
        let way =
            || UrlError::Way { protocol: protocol.to_owned(), way: transport.to_owned(), known: ways(named, tls) };
        return if fits { Ok((Speaks::Bedside(asked(named)), tls, by)) } else { Err(way()) };
    }
    let (speaks, tls) = match protocol {
        "hl7" if by == Transport::File => (Speaks::Hl7, false),
        _ if protocol.starts_with("mllp") && by == Transport::File => return Err(unknown()),
        "mllp" => (Speaks::Hl7, false),
        "mllps" => (Speaks::Hl7, true),
        "astm" => (Speaks::Astm, false),
        "astms" => (Speaks::Astm, true),
        _ => return Err(unknown()),
    };
    if by == Transport::Udp || (tls && !by.may_have_tls()) {
        return Err(unknown());
    }
    Ok((speaks, tls, by))
}

fn asked(protocol: bedside::Protocol) -> Bedside {
    Bedside { protocol, every: protocol.is_asked().then_some(ASKED) }
}

/// The protocol, and whether in TLS. Of IntelliVue's two the way decides.
fn bedside(protocol: &str, by: Transport) -> Option<(bedside::Protocol, bool)> {
    let named = |name: &str| match (name, by) {
        ("intellivue", Transport::Udp) => Some(bedside::Protocol::IntellivueUdp),
        ("intellivue", _) => Some(bedside::Protocol::IntellivueSerial),
        _ => bedside::Protocol::named(name),
    };
    named(protocol).map(|found| (found, false)).or_else(|| Some((named(protocol.strip_suffix('s')?)?, true)))
}

/// By which ways a bedside protocol comes.
fn ways(protocol: bedside::Protocol, tls: bool) -> &'static str {
    match protocol {
        bedside::Protocol::IntellivueUdp => "udp",
        bedside::Protocol::Poct1 => "listen or tcp",
        _ if tls => "listen or tcp",
        _ => "listen, tcp, serial or rfc2217",
    }
}

fn set(bounds: &mut ListenConfig, line: &mut LineSettings, key: &str, value: &str) -> Result<(), UrlError> {
    let wrong = |want| UrlError::Value { key: key.to_owned(), value: value.to_owned(), want };
    let count = || count(key, value);
    match key {
        "peer" => bounds.peers.push(value.to_owned()),
        "max_connections" => bounds.max_connections = count()?,
        "max_connections_per_address" => bounds.max_connections_per_address = count()?,
        "max_message_bytes" => bounds.max_message_bytes = count()?,
        "message_timeout_s" => bounds.message_timeout_s = u64::try_from(count()?).unwrap_or(u64::MAX).min(86_400),
        "baud" => *line = line.with_baud(value).ok_or_else(|| wrong("a speed from 50 to 4000000"))?,
        "mode" => *line = line.with_mode(value).ok_or_else(|| wrong("7 or 8, then N, E or O, then 1 or 2, as 8N1"))?,
        "flow" => *line = line.with_flow(value).ok_or_else(|| wrong("none, rtscts or xonxoff"))?,
        _ => {}
    }
    Ok(())
}

fn count(key: &str, value: &str) -> Result<usize, UrlError> {
    let wrong = || UrlError::Value { key: key.to_owned(), value: value.to_owned(), want: "a number above 0" };
    value.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)
}

/// Where to listen is an address: a name could be another machine's tomorrow.
fn address(url: &Url) -> Result<SocketAddr, UrlError> {
    let host = host(url)?;
    let text = format!("{}:{}", host.name, host.port);
    text.parse().map_err(|_| UrlError::Place("where it listens is an address and a port, as 0.0.0.0:2575"))
}

fn host(url: &Url) -> Result<Host, UrlError> {
    if !matches!(url.path(), "" | "/") {
        return Err(UrlError::Place("nothing stands between port and ?"));
    }
    match (url.host_str(), url.port()) {
        (Some(name), Some(port)) if !name.is_empty() => Ok(Host { name: name.to_owned(), port }),
        _ => Err(UrlError::Place("it needs a host and a port, as 10.0.9.4:4001")),
    }
}

fn path(url: &Url) -> Result<PathBuf, UrlError> {
    let whole = UrlError::Place("the path is written in full behind three strokes, as :///dev/serial/by-id/…");
    if url.host_str().is_some_and(|host| !host.is_empty()) || !url.path().starts_with('/') || url.path().len() < 2 {
        return Err(whole);
    }
    let path = percent_decode_str(url.path()).decode_utf8().map_err(|_| whole)?;
    if path.contains('\0') {
        return Err(UrlError::Place("the path holds a zero byte"));
    }
    Ok(PathBuf::from(path.into_owned()))
}
