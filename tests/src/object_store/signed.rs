//! AWS Signature Version 4 in the query, computed from what the specification says.

use super::asked::Asked;
use sha2::{Digest, Sha256};

/// Why a request is refused, by S3's own word.
pub fn refusal(asked: &Asked, access_key: &str, secret_key: &str, now: jiff::Timestamp) -> Option<&'static str> {
    let of = |name: &str| asked.query(name).unwrap_or_default();
    if of("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" {
        return Some("AccessDenied");
    }
    let scope: Vec<&str> = of("X-Amz-Credential").split('/').collect();
    let [key, day, region, "s3", "aws4_request"] = scope[..] else { return Some("AuthorizationQueryParametersError") };
    if key != access_key {
        return Some("InvalidAccessKeyId");
    }
    let stamp = of("X-Amz-Date");
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    let age = now.as_second() - at.timestamp().as_second();
    let expires: i64 = of("X-Amz-Expires").parse().unwrap_or(0);
    if !stamp.starts_with(day) || !(-900..=expires.min(604_800)).contains(&age) {
        return Some("RequestTimeTooSkewed");
    }
    let signed: Vec<&str> = of("X-Amz-SignedHeaders").split(';').collect();
    // What says what the store shall do must not be added or taken away on the way.
    let must =
        |name: &str| name == "host" || name == "content-md5" || name.starts_with("if-") || name.starts_with("x-amz-");
    if asked.headers.iter().any(|(name, _)| must(name) && !signed.contains(&name.as_str())) {
        return Some("AccessDenied");
    }
    let mut query: Vec<String> = asked
        .query
        .iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    query.sort();
    let headers: String =
        signed.iter().map(|name| format!("{name}:{}\n", asked.header(name).unwrap_or_default())).collect();
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{}\nUNSIGNED-PAYLOAD",
        asked.method,
        asked.path,
        query.join("&"),
        signed.join(";")
    );
    let hashed = hex::encode(Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{day}/{region}/s3/aws4_request\n{hashed}");
    let mut with = format!("AWS4{secret_key}").into_bytes();
    for step in [day, region, "s3", "aws4_request"] {
        with = hmac(&with, step.as_bytes());
    }
    (hex::encode(hmac(&with, to_sign.as_bytes())) != of("X-Amz-Signature")).then_some("SignatureDoesNotMatch")
}

/// RFC 2104 over SHA-256.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut padded = if key.len() > BLOCK { Sha256::digest(key).to_vec() } else { key.to_vec() };
    padded.resize(BLOCK, 0);
    let with = |pad: u8| padded.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = Sha256::digest([with(0x36), text.to_vec()].concat());
    Sha256::digest([with(0x5c), inner.to_vec()].concat()).to_vec()
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the service's own documentation computes.
    #[test]
    fn the_published_example_is_accepted_and_no_other_signature() {
        let path = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
            &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=";
        let right = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        let (path, query) = path.split_once('?').expect("a query");
        let told = |signature: &str| {
            let query = format!("{query}{signature}");
            let pairs = query.split('&').map(|pair| pair.split_once('=').expect("a pair"));
            let asked = Asked {
                method: "GET".into(),
                path: path.into(),
                query: pairs.map(|(k, v)| (super::super::asked::decoded(k), super::super::asked::decoded(v))).collect(),
                headers: vec![("host".into(), "examplebucket.s3.amazonaws.com".into())],
                body: Vec::new(),
            };
            let now = jiff::Timestamp::from_second(1_369_353_700).expect("a time");
            refusal(&asked, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", now)
        };
        assert_eq!(told(right), None);
        assert_eq!(told(&right.replace('a', "b")), Some("SignatureDoesNotMatch"));
    }
}
