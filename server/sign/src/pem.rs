//! PEM text (RFC 7468) around DER, read leniently: text between blocks is skipped.

use base64::{Engine, engine::general_purpose::STANDARD};

/// The DER of every block with this label.
pub(crate) fn blocks(text: &[u8], label: &str) -> Result<Vec<Vec<u8>>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "PEM text is not UTF-8".to_owned())?;
    let begin = format!("-----BEGIN {label}-----");
    let end = format!("-----END {label}-----");
    let mut found = Vec::new();
    for block in text.split(begin.as_str()).skip(1) {
        let (body, _) = block.split_once(end.as_str()).ok_or_else(|| format!("a {label} block has no end"))?;
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        found.push(STANDARD.decode(body).map_err(|_| format!("a {label} block is not base64"))?);
    }
    Ok(found)
}

pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out.push_str(&format!("\n-----END {label}-----\n"));
    out
}
