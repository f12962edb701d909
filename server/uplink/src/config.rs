//! Where the server is and how patient to be with it.

use crate::backoff::Backoff;
use secrecy::SecretString;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// `[uplink]` of the configuration file. A mistyped key is an error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UplinkConfig {
    /// The server, `https://emr.hospital.lan:8443`. Plain `http` is taken for a loopback address only.
    pub base_url: String,
    /// What people call this gateway or bridge. Empty (the default): as its machine is called.
    #[serde(default)]
    pub name: String,
    /// The shared secret that names this gateway or bridge to the server.
    pub token: SecretString,
    /// The only certificate authority believed for the server, PEM. Needed with `https`.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Connect here instead of asking the name service for the host in `base_url`, which the certificate must
    /// still name: for a server on this very machine. Its port is the one in `base_url`.
    #[serde(default)]
    pub connect_to: Option<SocketAddr>,
    /// Longest time for one request, connection included. Default 30 s.
    #[serde(default = "request_timeout_s")]
    pub request_timeout_s: u64,
    /// First wait after a failure; it doubles from there. Default 1000 ms.
    #[serde(default = "retry_first_ms")]
    pub retry_first_ms: u64,
    /// Longest wait between two tries. Default 300 s.
    #[serde(default = "retry_longest_s")]
    pub retry_longest_s: u64,
    /// Deliveries in one request, at most 500. Default 500.
    #[serde(default = "batch")]
    pub batch: usize,
    /// Bytes of JSON in one request, except that one delivery may be larger. Default 4 MiB.
    #[serde(default = "batch_bytes")]
    pub batch_bytes: usize,
    /// A delivery on which the server itself fails this often, while it takes others, is held for a
    /// person so that it does not stop its device. Default 20.
    #[serde(default = "hold_after")]
    pub hold_after: u32,
    /// Delivered messages are removed from the spool after this many days, never less than 8. Default 30.
    #[serde(default = "keep_delivered_days")]
    pub keep_delivered_days: u32,
}

impl UplinkConfig {
    /// With every default.
    #[must_use]
    pub fn new(base_url: impl Into<String>, token: impl Into<SecretString>) -> Self {
        Self {
            base_url: base_url.into(),
            name: String::new(),
            token: token.into(),
            ca_file: None,
            connect_to: None,
            request_timeout_s: request_timeout_s(),
            retry_first_ms: retry_first_ms(),
            retry_longest_s: retry_longest_s(),
            batch: batch(),
            batch_bytes: batch_bytes(),
            hold_after: hold_after(),
            keep_delivered_days: keep_delivered_days(),
        }
    }

    pub(crate) fn backoff(&self) -> Backoff {
        Backoff {
            first: Duration::from_millis(self.retry_first_ms.max(1)),
            longest: Duration::from_secs(self.retry_longest_s.max(1)),
        }
    }

    pub(crate) fn batch_size(&self) -> usize {
        self.batch.clamp(1, benhan_contract::MAX_BATCH)
    }

    /// A repeat must still find the row it repeats, so the window of repeats (7 days) is kept whole.
    pub(crate) fn keep_delivered(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_delivered_days.max(8)) * 86_400)
    }
}

fn request_timeout_s() -> u64 {
    30
}
fn retry_first_ms() -> u64 {
    1000
}
fn retry_longest_s() -> u64 {
    300
}
fn batch() -> usize {
    benhan_contract::MAX_BATCH
}
fn batch_bytes() -> usize {
    4 << 20
}
fn hold_after() -> u32 {
    20
}
fn keep_delivered_days() -> u32 {
    30
}
