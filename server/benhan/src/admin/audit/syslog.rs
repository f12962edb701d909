//! A row of the trail as a line of syslog (RFC 5424): log audit, informational; the hashed body is the message.

use benhan_domain::time::Instant;
use benhan_store::audit::Row;

/// Facility 13 (log audit), severity 6 (informational).
const PRIORITY: u8 = 13 * 8 + 6;

/// HOSTNAME is the facility's code, MSGID the act. `@cee:` tells a collector that JSON follows.
pub fn line(row: &Row, facility: &str) -> String {
    let (at, host) = (Instant(row.at).rfc3339(), if facility.is_empty() { "-" } else { facility });
    format!("<{PRIORITY}>1 {at} {host} benhan - {} - @cee:{}", row.act, row.body)
}
