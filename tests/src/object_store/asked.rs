//! One request as it came over the line.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

pub struct Asked {
    pub method: String,
    /// As it was sent, with its escapes.
    pub path: String,
    /// Decoded, in the order of the request.
    pub query: Vec<(String, String)>,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    /// Nothing when the other side is gone, or when `cut` says that the line breaks with so much of such a body here.
    pub async fn read(line: &mut TcpStream, left: &mut Vec<u8>, cut: impl Fn(usize, usize) -> bool) -> Option<Self> {
        let end = loop {
            if let Some(end) = left.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if line.read_buf(left).await.ok()? == 0 {
                return None;
            }
        };
        let body = left.split_off(end + 4);
        let head = String::from_utf8(std::mem::replace(left, body)).ok()?;
        let mut lines = head.lines();
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (decoded(k), decoded(v)));
        let mut asked = Self { method, path: path.to_owned(), query: query.collect(), headers, body: Vec::new() };
        let length: usize = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while left.len() < length {
            if cut(left.len(), length) || line.read_buf(left).await.ok()? == 0 {
                return None;
            }
        }
        let rest = left.split_off(length);
        asked.body = std::mem::replace(left, rest);
        Some(asked)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `%2F` is a slash.
pub fn decoded(text: &str) -> String {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex: Vec<u8> = bytes.by_ref().take(2).collect();
            let hex = String::from_utf8(hex).expect("hexadecimal");
            out.push(u8::from_str_radix(&hex, 16).expect("hexadecimal"));
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).expect("text")
}
